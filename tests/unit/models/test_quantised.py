"""Checkpoints whose weights are quantised: read where their library is installed, else told which one is needed."""

import json

import pytest
import torch
from film_prompts import TEXTS, template
from tiny_language_models import saved, tiny_language_model

from fute_core.errors import Unavailable
from fute_core.models.precision import multiply_in_bf16
from fute_core.predictors.prompted_lm import PromptedLM


@pytest.mark.parametrize(
    ("config", "library"),
    [
        ({"quant_method": "gptq", "bits": 4, "group_size": 128, "desc_act": False}, "optimum"),
        ({"quant_method": "awq", "bits": 4, "group_size": 128, "zero_point": True}, "gptqmodel"),
        ({"quant_method": "bitsandbytes", "load_in_4bit": True}, "bitsandbytes"),
        ({"quant_method": "compressed-tensors", "format": "pack-quantized", "config_groups": {}}, "compressed-tensors"),
    ],
)
def test_a_quantised_checkpoint_names_the_library_that_it_needs(config, library, tmp_path):
    folder = saved(tmp_path / "lm", "llama")
    file = folder / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"quantization_config": config}))
    with pytest.raises(Unavailable, match=rf"needs a library that is not installed \(ImportError: .*{library}") as told:
        PromptedLM(template(), str(folder)).score(TEXTS)
    assert str(told.value).endswith("; install it, or use the model's weights unquantised.")


class _Quantised(torch.nn.Linear):
    """A layer as those of other libraries: a linear one that computes in its own way."""


def test_a_layer_that_is_quantised_keeps_its_numbers():
    model = tiny_language_model("llama").model
    own = _Quantised(16, 16, dtype=torch.float16)
    model.model.layers[0].self_attn.o_proj = own
    multiply_in_bf16(model)
    assert own.weight.dtype == torch.float16
    assert model.model.layers[1].self_attn.o_proj.weight.dtype == torch.bfloat16
    assert model.model.norm.weight.dtype == torch.float32
