"""The short form of `make torture`: nothing lost, nothing wrong; and it would notice if there were."""

import hashlib
import importlib.util
import json
import random
import subprocess
import sys
from pathlib import Path

from faulty_run import faulty_servers, run

import fute_core.store.index as index
from fute_core.store.store import Store

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "benchmarks" / "torture.py"


def loaded():
    spec = importlib.util.spec_from_file_location("torture", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules["torture"] = module  # its dataclasses look there
    spec.loader.exec_module(module)
    return module


def test_nothing_is_lost_and_nothing_is_wrong():
    counts = {"kills": 3, "damaged": 20, "servers": 16, "inputs": 80, "sessions": 11}
    command = [
        sys.executable,
        SCRIPT,
        "--json",
        *(word for name, n in counts.items() for word in (f"--{name}", str(n))),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout)
    assert found["ratio"] == 1.0
    assert [(p["name"], p["tried"], p["lost"], p["wrong"]) for p in found["parts"]] == [
        (name, tried, 0, 0) for name, tried in counts.items()
    ]


def test_values_that_are_taken_without_their_seal_are_noticed(tmp_path, monkeypatch):
    sealed = index.unpack

    def without(value, key):
        body = value[:-16]
        return sealed(body + hashlib.blake2b(body, digest_size=16).digest(), key)

    monkeypatch.setattr(index, "unpack", without)
    _, _, wrong = loaded().damaged(tmp_path, 40, random.Random(0))
    assert wrong > 0


def found_of(folder, name):
    """What is left of a run whose server fails in a certain way, at the seventh of twelve texts."""
    with faulty_servers(random.Random(0)) as kinds:
        (fault,) = (f for f in kinds if f.name == name)
        return run(folder, fault, "chat", random.Random(0))


def test_a_number_that_is_taken_for_a_log_probability_is_noticed(tmp_path, monkeypatch):
    name = "a log-probability, positive"
    found = found_of(tmp_path / "sound", name)
    assert (found.lost, found.wrong) == (0, 0)
    assert "no more than 0" in found.ended
    monkeypatch.setattr("fute_core.predictors.replies.log_probability", lambda value, where: -abs(value))
    assert found_of(tmp_path / "unsound", name).wrong > 0


def test_answers_that_are_not_kept_are_noticed(tmp_path, monkeypatch):
    assert found_of(tmp_path / "sound", "status 401").lost == 0
    monkeypatch.setattr(Store, "put_answers", lambda *given: None)
    assert found_of(tmp_path / "unsound", "status 401").lost > 0
