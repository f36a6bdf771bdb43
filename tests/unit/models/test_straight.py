"""Weights that are read straight to where they compute, and models whose layers lie in several places."""

import shutil

import numpy as np
import pytest
from film_prompts import TEXTS, template
from tiny_language_models import CAUSAL, SEQ2SEQ, saved

from fute_core.errors import Unavailable
from fute_core.models import room, straight
from fute_core.models.device import computing_on
from fute_core.models.language import read_language_model
from fute_core.models.memory import tokens_at_once
from fute_core.models.place import lies_apart, where
from fute_core.models.straight import where_to
from fute_core.predictors.prompted_lm import PromptedLM
from fute_core.predictors.written_here import WrittenHere


@pytest.fixture
def room_for(monkeypatch):
    """Says how many bytes of main memory a model that is spread may take; the rest of it stays in its file."""

    def say(n):
        monkeypatch.setattr(straight, "room_for_weights", lambda: {"cpu": n})

    return say


def read(folder, arithmetic="float32", spread=True):
    with computing_on("spread" if spread else "cpu"):
        return read_language_model(str(folder), arithmetic)


def answers(lm):
    prompted = PromptedLM(template(), lm)
    return [prompted.score(TEXTS), *([prompted.surprise(TEXTS)] if lm.kind == "causal" else [])]


@pytest.mark.parametrize("arithmetic", ["float32", "bfloat16"])
@pytest.mark.parametrize("family", [*CAUSAL, *SEQ2SEQ])
def test_a_model_with_layers_in_its_file_answers_as_a_whole_one(family, arithmetic, tmp_path, room_for):
    folder = saved(tmp_path, family)
    whole = read(folder, arithmetic, spread=False)
    room_for(int(0.6 * room.size_of(read(folder, spread=False).model)))
    apart = read(folder, arithmetic)
    assert "disk" in apart.model.hf_device_map.values()
    assert lies_apart(apart.model)
    assert not lies_apart(whole.model)
    assert apart.device.type == "cpu"
    assert apart.packed is None
    # A Llama that is read as a whole is read without padding, which rounds in another order.
    for a, b in zip(answers(apart), answers(whole), strict=True):
        np.testing.assert_allclose(
            a, b, rtol=1e-6, atol=0.02 if family == "llama" and arithmetic == "bfloat16" else 1e-5
        )


def test_a_model_writes_the_same_words_wherever_its_layers_lie(tmp_path, room_for):
    folder = saved(tmp_path, "gpt2")
    said = [WrittenHere(template(), read(folder, spread=False), max_tokens=5).words(TEXTS)]
    room_for(0)
    apart = read(folder)
    assert set(apart.model.hf_device_map.values()) == {"disk"}
    assert where(apart.model).type == "cpu"
    assert tokens_at_once(apart.model, 7) > 1000, "each batch costs one reading of the file"
    assert said == [WrittenHere(template(), apart, max_tokens=5).words(TEXTS)]


def test_a_model_that_has_room_is_read_as_any_other(tmp_path, room_for):
    room_for(10**9)
    lm = read(saved(tmp_path, "llama"))
    assert not lies_apart(lm.model)
    assert lm.packed is not None


def test_a_model_that_lies_apart_is_not_moved(tmp_path, room_for):
    room_for(0)
    model = read(saved(tmp_path, "gpt2")).model
    assert room.put_model(model, "cuda:0") is model
    assert lies_apart(model)


def test_a_model_whose_file_is_replaced_ends_in_a_sentence(tmp_path, room_for, monkeypatch):
    folder = saved(tmp_path / "lm", "gpt2")
    room_for(0)
    monkeypatch.chdir(tmp_path)
    prompted = PromptedLM(template(), read("./lm"))
    monkeypatch.chdir("/")
    before = prompted.score(TEXTS)
    shutil.copy(folder / "model.safetensors", tmp_path / "kept")
    saved(folder, "gpt2", seed=1)
    with pytest.raises(Unavailable, match=r"^The weights of lm in .* were replaced while it was reading them; ask it"):
        prompted.score(TEXTS)
    np.testing.assert_array_equal(PromptedLM(template(), read(folder, spread=False)).score(TEXTS) == before, False)


def test_an_adapter_is_joined_before_anything_is_spread(tmp_path, room_for):
    from peft import LoraConfig, get_peft_model
    from tiny_language_models import tiny_language_model

    base = saved(tmp_path / "base", "gpt2")
    bytes_of_base = (base / "model.safetensors").read_bytes()
    lm = tiny_language_model("gpt2")
    adapted = get_peft_model(
        lm.model, LoraConfig(init_lora_weights=False, target_modules=["c_attn"], fan_in_fan_out=True)
    )
    adapted.peft_config["default"].base_model_name_or_path = str(base)
    adapted.save_pretrained(tmp_path / "adapter")
    whole = answers(read(tmp_path / "adapter", spread=False))
    room_for(0)
    spread = read(tmp_path / "adapter")
    assert not lies_apart(spread.model), "it was joined in main memory, and there is no accelerator"
    for a, b in zip(answers(spread), whole, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)
    assert (base / "model.safetensors").read_bytes() == bytes_of_base


# what a device has room for ------------------------------------------------------------------------------------------


@pytest.fixture
def free(monkeypatch):
    monkeypatch.setattr(room, "said_of", lambda device: device)

    def say(**bytes_of):
        monkeypatch.setattr(room, "free_memory", lambda device: bytes_of.get(device.replace(":", "")))

    return say


def test_a_model_without_room_is_told_before_anything_of_it_is_read(tmp_path, free):
    import torch

    folder = saved(tmp_path, "gpt2")
    size = sum(file.stat().st_size for file in folder.glob("*.safetensors"))
    free(cuda0=size // 2)
    with pytest.raises(Unavailable, match=r"^tiny needs 0\.0 GB, and cuda:0 has 0\.0 GB free; choose cpu"):
        where_to(folder, "cuda:0", False, torch.float32, "tiny")
    free(cuda0=size)
    assert where_to(folder, "cuda:0", False, torch.float32, "tiny") == {"device_map": {"": "cuda:0"}}
    assert where_to(folder, "cpu", False, torch.float32, "tiny") == {}


def test_what_is_stored_wider_than_it_computes_comes_by_way_of_main_memory(tmp_path, free):
    free(cuda0=10**9)
    folder = saved(tmp_path, "gpt2")
    assert where_to(folder, "cuda:0", False, "auto", "tiny") == {}
    half = read_language_model(str(folder), "float32").model.half()
    half.save_pretrained(folder)
    assert where_to(folder, "cuda:0", False, "auto", "tiny") == {"device_map": {"": "cuda:0"}}


def test_numbers_of_half_a_size_are_counted_as_what_they_become(tmp_path, free):
    import torch

    folder = saved(tmp_path, "gpt2")
    model = read_language_model(str(folder), "float32").model.half()
    model.save_pretrained(folder, max_shard_size=4000)
    assert len(list(folder.glob("model-*-of-*.safetensors"))) > 1
    (folder / "model.safetensors").unlink(missing_ok=True)
    weights = room.size_of(model)
    free(cuda0=int(1.5 * weights))
    assert where_to(folder, "cuda:0", False, None, "tiny")
    with pytest.raises(Unavailable, match=r"^tiny needs"):
        where_to(folder, "cuda:0", False, torch.float32, "tiny")


def test_something_is_left_free_on_every_accelerator(free, monkeypatch):
    from fute_core.models import device

    monkeypatch.setattr(device, "count_devices", lambda kind: 2 * (kind == "cuda"))
    free(cuda0=100e9, cuda1=10e9, cpu=50e9)
    assert room.room_for_weights() == {0: 90e9, 1: 7e9, "cpu": 45e9}
    with computing_on("spread"):
        assert device.chosen_device() == "cuda:0"
        assert device.spreads()
    assert not device.spreads()


def test_a_device_that_is_full_while_weights_come_is_told():
    with (
        pytest.raises(Unavailable, match=r"^tiny has no room where it is read to; choose cpu"),
        straight.telling_of_room("tiny"),
    ):
        raise RuntimeError("CUDA out of memory. Tried to allocate 2 GiB")
    with pytest.raises(RuntimeError, match="driver"), straight.telling_of_room("tiny"):
        raise RuntimeError("driver too old")
