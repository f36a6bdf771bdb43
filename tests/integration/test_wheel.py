"""The wheel, built and installed as a stranger would, in an environment that has nothing else and no checkout near."""

import json
import os
import subprocess
import sys
import time
import venv
import zipfile
from pathlib import Path

import psutil
import pytest

from fute_core.datasets.probes import load_probes

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
ABSENT = ("torch", "transformers", "streamlit", "umap", "plotly")


def told(*command: object, **how) -> str:
    """What a command prints; its complaint is the failure's message."""
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=280, **how)
    assert done.returncode == 0, done.stderr or done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder with an environment `env` that holds the wheel and what it depends on."""
    folder = tmp_path_factory.mktemp("installed")
    told(sys.executable, "-m", "build", "--wheel", "--outdir", folder / "dist", ROOT)
    (wheel,) = (folder / "dist").glob("*.whl")
    venv.create(folder / "env")
    into = ("--python", folder / "env/bin/python")  # a pip from outside installs the same in a third of the time
    told(sys.executable, "-m", "pip", *into, "install", "-q", "--no-compile", wheel)
    return folder


@pytest.fixture
def run(installed, tmp_path):
    """Runs a program of that environment, in an empty folder and with a home of its own."""
    not_theirs = ("PYTHONPATH", "FUTE_HOME", "PYTHONDONTWRITEBYTECODE")  # the last would have each run compile all anew
    surroundings = {k: v for k, v in os.environ.items() if k not in not_theirs}

    def run(program: str, *arguments: object) -> str:
        env = {**surroundings, "FUTE_HOME": str(tmp_path / "home")}
        return told(installed / "env/bin" / program, *arguments, cwd=tmp_path, env=env)

    return run


def test_the_wheel_carries_what_the_pages_and_the_atlas_read(installed):
    (wheel,) = (installed / "dist").glob("*.whl")
    tracked = told("git", "ls-files", "dashboard", "data", "docs/results", cwd=ROOT).split("\n")
    moved = {"data/": "fute_core/_data/", "docs/results/": "fute_core/_data/results/"}
    wanted = {
        next((new + name.removeprefix(old) for old, new in moved.items() if name.startswith(old)), name)
        for name in tracked
        if name
    }
    wanted.add("fute_core/py.typed")
    assert "dashboard/.streamlit/config.toml" in wanted
    assert wanted <= set(zipfile.ZipFile(wheel).namelist())


def test_a_bare_installation_has_no_library_of_an_extra(run):
    script = f"from importlib.util import find_spec; print([n for n in {ABSENT} if find_spec(n)])"
    assert run("python", "-c", script).strip() == "[]"


def test_neighbours_of_what_ships_are_found(run):
    found = json.loads(run("fute", "neighbours", "sst2", "--json"))
    assert {"mr", "sst2 · logistic"} <= {row["name"] for row in found["neighbours"]}


def test_a_file_of_outputs_lands_near_the_datasets_of_its_job(run, tmp_path):
    cheerful = ("good", "love", "great", "best", "thank", "happy", "nice")
    lines = ["id,positive,negative"]
    for key, text in zip(load_probes(False).ids, load_probes(False).texts, strict=True):
        share = 0.9 if any(word in text.lower() for word in cheerful) else 0.1
        lines.append(f"{key},{share},{1 - share:.1f}")
    (tmp_path / "answers.csv").write_text("\n".join(lines))
    found = json.loads(run("fute", "embed", "outputs", "answers.csv", "--json"))
    assert "sentiment" in json.dumps(found)


def test_the_front_door_opens_the_atlas_and_answers_neighbours(run):
    script = """
import sys
import fute_core as fute
atlas = fute.open_atlas()
nearest = atlas.nearest("sst2", k=5)
assert list(nearest.columns)[3:] == ["similarity", "closer_than", "pairs", "low", "high", "interval"]
print(nearest.name.tolist(), "torch" in sys.modules)
"""
    found = run("python", "-c", script)
    assert "sst2 · logistic" in found
    assert found.strip().endswith("False")


FIVE_LINES = """
import fute_core as fute
mine = fute.Dataset(["a fine film", "good fun", "a dull film", "bad and long"] * 5, [1, 1, 0, 0] * 5, name="mine")
atlas = fute.open_atlas()
nearest = atlas.nearest(fute.embed(mine))
print(list(nearest.columns))
"""


def test_the_five_lines_of_the_front_door_find_what_is_near(installed, tmp_path):
    """Files of the wheel, and libraries of this environment, which has those of every extra."""
    (wheel,) = (installed / "dist").glob("*.whl")
    zipfile.ZipFile(wheel).extractall(tmp_path / "unpacked")
    env = {**os.environ, "FUTE_HOME": str(tmp_path / "home"), "PYTHONPATH": str(tmp_path / "unpacked")}
    assert "'closer_than'" in told(sys.executable, "-c", FIVE_LINES, cwd=tmp_path, env=env)


def test_without_the_extra_they_end_in_one_sentence_and_answers_from_elsewhere_are_placed(installed, tmp_path):
    env = {**os.environ, "FUTE_HOME": str(tmp_path / "home")}
    python = str(installed / "env/bin/python")
    done = subprocess.run(
        [python, "-c", FIVE_LINES], capture_output=True, text=True, cwd=tmp_path, env=env, timeout=100
    )
    last = done.stderr.strip().splitlines()[-1]
    assert "Unavailable" in last
    assert "pip install 'task-atlas[llm]'" in last
    lines = [f"{key},{0.9 if i % 3 else 0.2},{0.1 if i % 3 else 0.8}" for i, key in enumerate(load_probes(False).ids)]
    (tmp_path / "answers.csv").write_text("\n".join(["id,a,b", *lines]))
    script = """
import fute_core as fute
print(len(fute.open_atlas().nearest(fute.embed("answers.csv", kind="outputs"), k=3)))
"""
    assert told(python, "-c", script, cwd=tmp_path, env=env).strip() == "3"


def test_what_needs_an_extra_says_which(installed, tmp_path):
    (tmp_path / "mine.csv").write_text("text,label\n" + "a fine day,good\na bad day,bad\n" * 4)
    env = {**os.environ, "FUTE_HOME": str(tmp_path / "home")}
    for arguments, extra in ((("embed", "dataset", "mine.csv"), "llm"), (("dashboard",), "dashboard")):
        command = [str(installed / "env/bin/fute"), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=env, timeout=100)
        assert done.returncode == 2, done.stderr
        assert f"pip install 'task-atlas[{extra}]'" in done.stderr
        assert "Traceback" not in done.stderr


def test_the_dashboard_of_the_wheel_listens_on_this_machine_alone(installed, tmp_path):
    """Its files alone, without a checkout, from an empty folder; libraries are those of this environment."""
    (wheel,) = (installed / "dist").glob("*.whl")
    zipfile.ZipFile(wheel).extractall(tmp_path / "unpacked")
    (tmp_path / "here").mkdir()
    open_to_all = {"STREAMLIT_SERVER_ADDRESS": "0.0.0.0", "STREAMLIT_SERVER_ENABLE_CORS": "false"}
    surroundings = {k: v for k, v in os.environ.items() if k != "FUTE_PASSWORD"}
    process = subprocess.Popen(
        [sys.executable, "-m", "dashboard", "--port", "0"], cwd=tmp_path / "here", stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={**surroundings, **open_to_all, "FUTE_HOME": str(tmp_path / "home"), "HOME": str(tmp_path),
             "PYTHONPATH": str(tmp_path / "unpacked")},
    )  # fmt: skip
    try:
        found = set()
        while not found:
            assert process.poll() is None
            connections = psutil.Process(process.pid).net_connections()
            found = {c.laddr.ip for c in connections if c.status == psutil.CONN_LISTEN}
            time.sleep(0.1)
        assert found == {"127.0.0.1"}
    finally:
        process.terminate()
        process.wait()
