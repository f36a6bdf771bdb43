"""What becomes of the trained tensors: every block is trained, and pooling takes means."""

import numpy as np
import pytest
from film_texts import observations
from tiny_models import FAMILIES, LAYERS, tiny_surrogate

from fute_core.methods.lora import Lora
from fute_core.methods.prefix import Prefix


def test_every_position_of_every_prefix_block_is_trained(any_family):
    method = Prefix(pooling="none", prefix_length=4, weight_decay=0.0, dropout=0.0, epochs=3, patience=0)
    change = method.fit(any_family, observations()).vector.reshape(LAYERS, 2, 4, -1)
    assert (np.abs(change).max(-1) > 1e-4).all()


@pytest.mark.parametrize("family", [*FAMILIES, "albert", "umt5"])
def test_every_adapter_block_is_trained(family, tmp_path):
    fitted = Lora(weight_decay=0.0, epochs=3, patience=0).fit(tiny_surrogate(family, tmp_path), observations())
    assert len(fitted.blocks) == 4 * (1 if family == "albert" else LAYERS)
    for block in fitted.blocks:
        assert np.abs(fitted.vector[block.start : block.stop]).max() > 1e-4, block.name


@pytest.mark.parametrize(
    ("pooling", "blocks", "length"),
    [
        ("none", ["layer00.key", "layer00.value", "layer01.key", "layer01.value"], 4 * 5 * 16),
        ("tokens", ["layer00.key", "layer00.value", "layer01.key", "layer01.value"], 4 * 16),
        ("layers", ["key", "value"], 2 * 5 * 16),
        ("both", ["key", "value"], 2 * 16),
    ],
)
def test_pooled_prefix_is_the_mean_of_the_flat_one(bert, pooling, blocks, length):
    flat = Prefix(pooling="none", prefix_length=5).fit(bert, observations()).vector.reshape(LAYERS, 2, 5, 16)
    axes = {"none": (), "tokens": (2,), "layers": (0,), "both": (0, 2)}[pooling]
    fitted = Prefix(pooling=pooling, prefix_length=5).fit(bert, observations())
    assert [b.name for b in fitted.blocks] == blocks
    assert fitted.vector.shape == (length,)
    assert np.allclose(fitted.vector, flat.mean(axes).ravel(), atol=1e-7)


def test_pooled_adapters_are_the_mean_over_layers(bert):
    flat = Lora().fit(bert, observations())
    pooled = Lora(pooling="layers").fit(bert, observations())
    assert [b.name for b in pooled.blocks] == ["query.A", "query.B", "value.A", "value.B"]
    parts = {b.name: flat.vector[b.start : b.stop] for b in flat.blocks}
    block = pooled.blocks[3]
    mean = (parts["layer00.value.B"] + parts["layer01.value.B"]) / 2
    assert np.allclose(pooled.vector[block.start : block.stop], mean, atol=1e-7)
