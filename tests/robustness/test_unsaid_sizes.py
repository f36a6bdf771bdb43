"""A config.json that leaves sizes to the library's defaults is judged by those, and refused in little memory."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from fute_core.errors import BadInput
from fute_core.models.claimed import check_defaults

MOST_MB = 300
REFUSE = """
import sys
from fute_core.cli import main

def peak():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))

idle = peak()
try:
    main(sys.argv[1:])
except SystemExit as ended:
    print(ended.code, (peak() - idle) // 1024)
"""
PROMPT = ("embed", "prompt", "sentiment-01-review-question", "--model")


def folder_of(path, **said):
    (path / "config.json").write_text(json.dumps(said), "utf-8")
    (path / "tokenizer.json").write_text("{}", "utf-8")
    save_file({"w": np.zeros((64, 64), np.float32)}, path / "model.safetensors")
    return path


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read from /proc")
@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("embed", "model"), {"model_type": "bert"}),
        (("embed", "dataset", "sst2", "--surrogate"), {"model_type": "bert", "vocab_size": 100}),
        (PROMPT, {"model_type": "llama"}),
    ],
)
def test_sizes_that_are_left_out_take_little_memory_to_refuse(tmp_path, command, said):
    folder = folder_of(tmp_path, **said)
    done = subprocess.run([sys.executable, "-c", REFUSE, *command, folder], capture_output=True, text=True, check=True)
    code, peak = map(int, done.stdout.split())
    assert code == 2
    assert "its files are too short for them" in done.stderr
    assert peak < MOST_MB


@pytest.mark.parametrize("kind", ["bert", "gpt2", "t5", "distilbert", "roberta", "llama", "qwen2"])
def test_a_model_by_the_defaults_has_as_many_weights_as_it_is_taken_to_have(tmp_path, kind):
    import torch
    from transformers import AutoConfig, AutoModel

    folder = folder_of(tmp_path, model_type=kind)
    with pytest.raises(BadInput, match="asks for at least") as told:
        check_defaults(folder)
    least = int(str(told.value).split("at least ")[1].split()[0].replace(",", ""))
    with torch.device("meta"):
        model = AutoModel.from_config(AutoConfig.for_model(kind))
    assert least <= sum(weights.numel() for weights in model.parameters())


def test_a_config_that_says_its_sizes_is_left_to_others(tmp_path, monkeypatch):
    import transformers

    monkeypatch.setattr(transformers, "AutoConfig", None)
    check_defaults(folder_of(tmp_path, model_type="bert", vocab_size=10, hidden_size=8, num_hidden_layers=2))
