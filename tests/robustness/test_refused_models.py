"""What the config of a model's folder and the headers of its weights tell is told before torch takes its memory."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from safetensors.numpy import save_file

SAID = """
import contextlib, io, json, os, sys
import transformers.models.auto.auto_mappings
from fute_core import cli
from fute_core.embedding import fulfil, opening
from fute_core.models import kinds
from fute_core.templates import loading

for line in sys.stdin:
    if not os.fork():
        told = io.StringIO()
        try:
            with contextlib.redirect_stderr(told):
                cli.main(json.loads(line))
        except SystemExit as ended:
            print(json.dumps([ended.code, "torch" in sys.modules, told.getvalue()]), flush=True)
        finally:
            os._exit(0)
    os.wait()
"""
CONFIG = {"model_type": "bert", "architectures": ["BertForSequenceClassification"], "num_labels": 2}


def folder_of(path, **said):
    path.mkdir()
    (path / "config.json").write_text(json.dumps({**CONFIG, **said}), "utf-8")
    (path / "tokenizer.json").write_text("{}", "utf-8")
    save_file({"w": np.zeros((64, 64), np.float32)}, path / "model.safetensors")
    return path


@pytest.fixture(scope="module")
def process(tmp_path_factory):
    """One that has loaded what every command loads, and carries out each in a copy of itself."""
    home = tmp_path_factory.mktemp("home")
    running = subprocess.Popen(
        [sys.executable, "-c", SAID], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "FUTE_HOME": str(home)},
    )  # fmt: skip
    with running:
        yield running
        running.stdin.close()


@pytest.fixture
def refused(process):
    def assert_refused(told, *command):
        """In a sentence, and before what takes the most memory is there."""
        print(json.dumps([str(part) for part in command]), file=process.stdin, flush=True)
        code, torch_is_there, said = json.loads(process.stdout.readline())
        assert told in said
        assert (code, torch_is_there) == (2, False)

    return assert_refused


def cut_short(path):
    weights = path / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])


def a_part_lost(path):
    (path / "model.safetensors").rename(path / "model-00001-of-00002.safetensors")
    of = {"w": "model-00001-of-00002.safetensors", "v": "model-00002-of-00002.safetensors"}
    (path / "model.safetensors.index.json").write_text(json.dumps({"weight_map": of}), "utf-8")


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
        ({"vocab_size": 10_000_000, "hidden_size": 768}, None, "asks for 7,680,000,000 numbers for its words alone"),
        ({}, a_part_lost, "lacks model-00002-of-00002.safetensors, which model.safetensors.index.json names"),
        ({"model_type": "homemade"}, None, "is of a model type that transformers does not know"),
        ({"model_type": "mamba"}, None, "is a mamba model, which classifies no texts"),
        ({"model_type": ["bert"]}, None, "config.json names no model_type"),
    ],
)
def test_a_folder_that_cannot_be_used_is_refused_without_torch(said, harm, told, refused, tmp_path):
    folder = folder_of(tmp_path / "m", **said)
    if harm is not None:
        harm(folder)
    refused(told, "embed", "model", folder)


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("homemade", "is of a model type that transformers does not know"),
        ("vit", "is a vit model, which generates no text"),
        ("mamba", "is a mamba model, whose state no two answers can share"),
    ],
)
def test_what_no_prompt_can_be_asked_of_is_refused_without_torch(kind, told, refused, tmp_path):
    folder = folder_of(tmp_path / "m", model_type=kind)
    refused(told, "embed", "prompt", "sentiment-01-review-question", "--model", folder)


@pytest.mark.parametrize("kind", ["homemade", "mamba"])
def test_what_is_no_encoder_is_refused_without_torch(kind, refused, tmp_path):
    folder = folder_of(tmp_path / "m", model_type=kind)
    refused(f"is a {kind} model, which is no encoder", "embed", "dataset", "sst2", "--surrogate", folder)
