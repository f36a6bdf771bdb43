"""The installation as a whole: doctor, dashboard, help, FUTE_HOME, a terminal, an interrupt."""

import os
import pty
import re
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest
from command_line import SMALL, fute, fute_process

ROOT = Path(__file__).parents[2]


def test_doctor_knows_versions_models_cores_and_the_store(atlas):
    report = fute("doctor", "--json").json
    assert report["problems"] == []
    assert report["home"] == str(atlas)
    assert report["cores"] == os.cpu_count()
    assert report["bf16"] in (True, False)
    assert report["devices"][0]["name"] == "cpu"
    assert report["devices"][0]["precisions"][0] == "float32"
    assert report["embeddings"] == 4
    assert report["versions"]["torch"].startswith("2.13.0")
    assert {m["name"]: m["installed"] for m in report["models"]}["bge-small"] is True
    table = fute("doctor")
    assert table.code == 0
    assert "bge-small" in table.out


def test_doctor_tells_what_is_wrong_with_exit_code_2(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("mine")
    monkeypatch.setenv("FUTE_HOME", str(tmp_path / "file"))
    done = fute("doctor", "--json")
    assert done.code == 2
    assert "a file is in the way" in done.json["problems"][0]


def test_everything_is_written_to_fute_home_and_nowhere_else(tmp_path):
    (tmp_path / "user").mkdir()
    (tmp_path / "here").mkdir()
    env = {"FUTE_HOME": str(tmp_path / "fute"), "HOME": str(tmp_path / "user"), "XDG_DATA_HOME": str(tmp_path / "user")}
    done = fute_process("embed", "dataset", "sst2", "--limit", 8, "--method", "text", env=env, cwd=tmp_path / "here")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "fute" / "cache").is_dir()
    assert list((tmp_path / "user").rglob("*")) == []
    assert list((tmp_path / "here").rglob("*")) == []


def test_without_fute_home_the_users_data_folder_is_used(tmp_path, monkeypatch):
    monkeypatch.delenv("FUTE_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert str(tmp_path) in fute("doctor", "--json").json["home"]


def test_every_command_explains_itself():
    import click

    from fute_core.cli import main

    def walk(command, path):
        shown = fute(*path, "--help")
        assert shown.code == 0
        assert shown.out.startswith("Usage:")
        assert command.help, f"{' '.join(path)} has no help"
        for option in command.params:
            assert isinstance(option, click.Argument) or option.help or option.name in COLUMNS, (path, option.name)
        for name, child in getattr(command, "commands", {}).items():
            walk(child, (*path, name))

    COLUMNS = {"seed", "min_dist", "dim"}
    walk(main, ())


def test_the_entry_point_is_what_pyproject_says():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["scripts"] == {"fute": "fute_core.__main__:main"}
    assert fute("--version").out == f"fute, version {project['version']}\n"


def test_the_dashboard_is_started_from_its_own_folder(monkeypatch, tmp_path):
    started = []
    monkeypatch.setattr(os, "execv", lambda program, arguments: started.append((program, arguments, Path.cwd())))
    monkeypatch.setenv("FUTE_HOME", "relative/home")
    monkeypatch.chdir(tmp_path)
    assert fute("dashboard", "--port", 8777, "--host", "127.0.0.2").code == 0
    ((program, arguments, folder),) = started
    assert program == sys.executable
    assert arguments[1:] == ["-m", "dashboard", "--host", "127.0.0.2", "--port", "8777"]
    assert folder == ROOT
    assert os.environ["FUTE_HOME"] == str(tmp_path / "relative" / "home")


def on_a_terminal(arguments, until=None, seconds=120):
    """What a command shows on a terminal, and its exit code; `until`: interrupt when that is seen."""
    controller, terminal = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-m", "fute_core.cli", *arguments], stdin=terminal, stdout=terminal, stderr=terminal,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "120"}, start_new_session=True,
    )  # fmt: skip
    os.close(terminal)
    shown, deadline = b"", time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            piece = os.read(controller, 65536)
        except OSError:
            break
        if not piece:
            break
        shown += piece
        if until is not None and until in shown:
            child.send_signal(signal.SIGINT)
            until = None
    os.close(controller)
    return shown.decode("utf-8", "replace"), child.wait(timeout=10)


def test_a_terminal_sees_progress_and_a_pipe_does_not(own_atlas):
    arguments = ["embed", "dataset", "ag_news", "subj", *SMALL, "--limit", "40", "--method", "text"]
    shown, code = on_a_terminal(arguments)
    assert code == 0
    assert "ag_news (1 of 2)" in shown
    assert "━" in shown
    piped = fute_process(*arguments, "--seed", 1)
    assert piped.returncode == 0
    assert "━" not in piped.stdout + piped.stderr
    assert "\x1b" not in piped.stdout + piped.stderr


@pytest.mark.skipif(not hasattr(signal, "SIGINT"), reason="needs signals")
def test_an_interrupt_keeps_what_is_finished_and_says_so(own_atlas):
    arguments = ["embed", "dataset", "clickbait", "subj", "ag_news", "sms_spam", "cola", *SMALL]
    shown, code = on_a_terminal(arguments, until=b"subj (2 of 5)")
    assert code == 130, shown
    assert re.search(r"Stopped; what was finished before is\s+kept", shown)
    assert "Traceback" not in shown
    listed = {row["name"] for row in fute("list", "embeddings", "--json").json}
    assert "clickbait" in listed
    assert "cola" not in listed


def test_doctor_lists_what_the_installation_is_made_of():
    listed = fute("doctor", "--materials", "--json").json
    packages = {p["name"]: p for p in listed["packages"]}
    assert {"task-atlas", "torch", "numpy"} <= packages.keys()
    assert "pytest" not in packages
    assert all(p["version"] and p["licence"] for p in listed["packages"])
    assert len({m["name"]: m for m in listed["models"]}["minilm"]["sha256"]["model.safetensors"]) == 64
    assert all(d["licence"] for d in listed["data"])
    assert "sha256" in fute("doctor", "--materials").out
