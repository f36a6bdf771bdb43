"""What the config of a model's folder and the headers of its weights tell is told before torch takes its memory."""

import json
import subprocess
import sys

import numpy as np
import pytest
from safetensors.numpy import save_file

SAID = """
import sys
from fute_core.cli import main

try:
    main(["embed", "model", sys.argv[1]])
except SystemExit as ended:
    print(ended.code, "torch" in sys.modules)
"""
CONFIG = {"model_type": "bert", "architectures": ["BertForSequenceClassification"], "num_labels": 2}


def folder_of(path, **said):
    path.mkdir()
    (path / "config.json").write_text(json.dumps({**CONFIG, **said}), "utf-8")
    (path / "tokenizer.json").write_text("{}", "utf-8")
    save_file({"w": np.zeros((64, 64), np.float32)}, path / "model.safetensors")
    return path


def cut_short(path):
    weights = path / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])


def of_rubbish(path):
    (path / "model.safetensors").write_bytes(b"\xff" * 2000)


@pytest.mark.parametrize(
    ("said", "harm", "told"),
    [
        ({}, cut_short, "cannot be loaded (SafetensorError"),
        ({}, of_rubbish, "cannot be loaded (SafetensorError"),
        ({"num_hidden_layers": 10_000_000}, None, "its config asks for 10,000,000 layers"),
        ({"architectures": ["BertForTokenClassification"]}, None, "gives no label to a whole text"),
        ({"num_labels": 10_000_000}, None, "its config asks for 10,000,000 labels"),
    ],
)
def test_a_folder_that_cannot_be_used_is_refused_without_torch(said, harm, told, tmp_path):
    folder = folder_of(tmp_path / "m", **said)
    if harm is not None:
        harm(folder)
    found = subprocess.run(
        [sys.executable, "-c", SAID, folder], capture_output=True, text=True, check=False, timeout=60
    )
    assert told in found.stderr
    assert found.stdout.split() == ["2", "False"]
