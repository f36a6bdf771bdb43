"""Local means local: with the network cut off every command works, as long as no Hub id or endpoint is named."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

# Loaded by every Python process that is started with it on its path, workers of jobs included.
GUARD = """
import os, socket

def refuse(what):
    def refused(self, *arguments, **_):
        address = arguments[0] if isinstance(self, socket.socket) else self
        if isinstance(self, socket.socket) and self.family == socket.AF_UNIX:
            return what(self, *arguments)
        with open(os.environ["ATTEMPTS"], "a") as file:
            file.write(f"{what.__name__} {address!r}\\n")
        raise OSError(101, "Network is unreachable")
    return refused

socket.socket.connect = refuse(socket.socket.connect)
socket.socket.connect_ex = refuse(socket.socket.connect_ex)
socket.socket.sendto = refuse(socket.socket.sendto)
socket.getaddrinfo = refuse(socket.getaddrinfo)
socket.create_connection = refuse(socket.create_connection)
socket.gethostbyname = refuse(socket.gethostbyname)
"""

RUN = """
import json, sys
from fute_core.cli import main

for arguments in json.loads(sys.argv[1]):
    try:
        main(arguments)
    except SystemExit as ended:
        if ended.code:
            sys.exit(f"fute {' '.join(arguments)} ended with {ended.code}")
"""


@pytest.fixture
def cut_off(tmp_path):
    """Runs a list of commands in a process that cannot reach anything; gives it, and what it tried to reach."""
    (tmp_path / "guard").mkdir()
    (tmp_path / "guard" / "sitecustomize.py").write_text(GUARD)
    attempts = tmp_path / "attempts"
    attempts.touch()
    root = Path(__file__).parents[2]
    path = os.pathsep.join(map(str, (tmp_path / "guard", root, root / "tests" / "unit")))
    env = {k: v for k, v in os.environ.items() if not k.startswith(("HF_", "TRANSFORMERS_"))}
    env |= {"PYTHONPATH": path, "ATTEMPTS": str(attempts), "HOME": str(tmp_path)}

    def run(commands):
        command = [sys.executable, "-c", RUN, json.dumps([list(map(str, c)) for c in commands])]
        done = subprocess.run(command, capture_output=True, text=True, timeout=280, env=env, cwd=tmp_path)
        return done, attempts.read_text()

    return run


def test_no_command_asks_for_the_network_unless_a_hub_id_or_endpoint_is_named(cut_off, tmp_path):
    from tiny_language_models import tiny_language_model

    lm = tiny_language_model("gpt2")
    lm.model.save_pretrained(tmp_path / "lm")
    lm.tokenizer.save_pretrained(tmp_path / "lm")
    (tmp_path / "mine.csv").write_text("text,label\n" + "".join(f"word {i},{'ab'[i % 2]}\n" for i in range(12)))
    (tmp_path / "prompt.yaml").write_text(
        "choices: {no: [bad], yes: [good]}\nprompts: [{name: mine, template: '{{ text }} good or bad?'}]\n"
    )
    (tmp_path / "answers.csv").write_text(
        "id,no,yes\n" + "".join(f"s{i:04d},{0.2 if i % 2 else 0.7},{0.8 if i % 2 else 0.3}\n" for i in range(1, 33))
    )
    small, functional = ("--probes", "32"), ("--method", "functional")
    done, attempts = cut_off(
        [
            ("doctor",),
            ("list", "datasets"), ("list", "models"), ("list", "prompts"),
            ("embed", "dataset", "sst2", "mine.csv", "--limit", "8", *small),
            ("embed", "dataset", "mrpc", "sst2", "mine.csv", "--limit", "8", *small, *functional),
            ("embed", "dataset", "mr", "trec", "--limit", "12", "--method", "text", "--jobs", "2"),
            ("embed", "prompt", "prompt.yaml", "--model", "lm", *small, *functional),
            ("embed", "outputs", "answers.csv", *small, *functional),
            ("probes", "export", "probes.jsonl"), ("probes", "export", "pairs.csv", "--pairs"),
            ("prompts", "check", "prompt.yaml"),
            ("list", "embeddings"), ("neighbours", "sst2", *functional), ("similarity", "sst2", "mine", *functional),
            ("map", "--out", "map.html", "--projection", "pca"), ("map", "--out", "map.csv", "--projection", "pca"),
            ("export", "--out", "atlas.parquet"), ("export", "--out", "projector"),
            ("cache", "info"), ("cache", "verify"), ("cache", "export", "all.zip"), ("cache", "import", "all.zip"),
            ("jobs", "list"),
        ]
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert attempts == ""


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("embed", "dataset", "someone/something"), "could not be fetched from the Hub"),
        (("embed", "dataset", "sst2", "--surrogate", "someone/something"), "could not be fetched from the Hub"),
    ],
)
def test_a_hub_id_that_is_named_is_asked_for_and_its_absence_is_one_sentence(cut_off, arguments, says):
    done, attempts = cut_off([arguments])
    assert done.returncode == 1
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert "huggingface.co" in attempts


def test_importing_the_library_reaches_for_nothing(cut_off, tmp_path):
    done, attempts = cut_off([["--version"]])
    assert done.returncode == 0, done.stderr
    assert attempts == ""


def test_without_any_network_interface(tmp_path):
    """In a network namespace of its own, where not even a name of this machine can be looked up."""
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-rn", "true"], capture_output=True).returncode:
        pytest.skip("network namespaces cannot be made here")
    command = ["unshare", "-rn", sys.executable, "-c", RUN]
    method = ["--method", "text"]
    commands = [["embed", "dataset", "sst2", "--limit", "8", *method], ["doctor"], ["neighbours", "sst2", *method]]
    done = subprocess.run([*command, json.dumps(commands)], capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
