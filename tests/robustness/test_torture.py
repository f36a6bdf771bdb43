"""The short form of `make torture`: nothing lost, nothing wrong; and it would notice if there were."""

import hashlib
import importlib.util
import json
import random
import subprocess
import sys
from pathlib import Path

import fute_core.store.index as index

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "benchmarks" / "torture.py"


def loaded():
    spec = importlib.util.spec_from_file_location("torture", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules["torture"] = module  # its dataclasses look there
    spec.loader.exec_module(module)
    return module


def test_nothing_is_lost_and_nothing_is_wrong():
    command = [
        sys.executable,
        SCRIPT,
        "--kills",
        "3",
        "--damaged",
        "20",
        "--inputs",
        "80",
        "--sessions",
        "11",
        "--json",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout)
    assert found["ratio"] == 1.0
    assert [(p["name"], p["tried"], p["lost"], p["wrong"]) for p in found["parts"]] == [
        ("kills", 3, 0, 0), ("damaged", 20, 0, 0), ("inputs", 80, 0, 0), ("sessions", 11, 0, 0),
    ]  # fmt: skip


def test_values_that_are_taken_without_their_seal_are_noticed(tmp_path, monkeypatch):
    sealed = index.unpack

    def without(value, key):
        body = value[:-16]
        return sealed(body + hashlib.blake2b(body, digest_size=16).digest(), key)

    monkeypatch.setattr(index, "unpack", without)
    _, _, wrong = loaded().damaged(tmp_path, 40, random.Random(0))
    assert wrong > 0
