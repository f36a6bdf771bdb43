"""An encoder with prefixes against attention that is written out by hand, on tiny encoders of real architectures."""

import copy
import math

import numpy as np
import pytest
import torch
from film_texts import TEXTS, observations
from tiny_models import LAYERS, tiny_surrogate

from fute_core.errors import BadInput
from fute_core.methods.prefix import Prefix, PrefixedEncoder


@torch.no_grad()
def test_a_prefix_of_no_length_leaves_the_encoder_as_it_is(any_family):
    encoder = PrefixedEncoder(any_family)
    none = encoder.initial_prefix(4, 0)[:, :, :0]
    (batch,) = any_family.batches(TEXTS)
    real = batch.mask.bool()
    assert torch.allclose(encoder.hidden(batch, none)[real], any_family.hidden(batch)[real], atol=5e-5)


@torch.no_grad()
def test_every_layer_attends_to_its_prefix_as_a_hand_written_attention_does(any_family):
    encoder = PrefixedEncoder(any_family)
    prefix = 5 * encoder.initial_prefix(3, 0)
    (batch,) = any_family.batches(TEXTS[:3])
    seen = {}
    for number, layer in enumerate(encoder.layers):
        layer.register_forward_hook(
            lambda module, args, kwargs, output, number=number: seen.update({number: (module, args, kwargs, output)}),
            with_kwargs=True,
        )
    encoder.hidden(batch, prefix)
    assert sorted(seen) == list(range(LAYERS))
    for number, (module, args, kwargs, output) in seen.items():
        states = (args[0] if args else kwargs["hidden_states"]).double().numpy()
        bias = position_bias(encoder.model, number, states.shape[1])
        for row in range(len(states)):
            real = int(batch.mask[row].sum())
            expected = reference_attention(module, states[row, :real], prefix[number].double().numpy(), bias)
            assert np.abs(output[0][row, :real].numpy() - expected).max() < 1e-4 * np.abs(expected).max()


def position_bias(model, layer: int, length: int) -> np.ndarray | None:
    """(heads, t, t) relative position bias of a layer, by the model's own table; None without one."""
    encoder = model.encoder if hasattr(model, "encoder") else model
    if model.config.model_type == "mpnet":
        return encoder.compute_position_bias(torch.zeros(1, length, 1))[0].numpy()
    if "t5" not in model.config.model_type:
        return None
    owner = layer if model.config.model_type == "umt5" else 0
    return encoder.block[owner].layer[0].SelfAttention.compute_bias(length, length)[0].numpy()


def reference_attention(module, states, prefix, bias):
    """Output (t, out) of one attention module for one text (t, in), head by head in float64."""
    children = dict(module.named_children())
    linears = {}
    for part, names in {
        "q": ("query", "q", "q_lin"), "k": ("key", "k", "k_lin"), "v": ("value", "v", "v_lin"), "o": ("o", "out_lin")
    }.items():  # fmt: skip
        linears[part] = next((children[name] for name in names if name in children), None)

    def apply(linear, x):
        y = x @ linear.weight.double().numpy().T
        return y if linear.bias is None else y + linear.bias.double().numpy()

    q, k, v = (apply(linears[part], states) for part in "qkv")
    k, v = np.concatenate([prefix[0], k]), np.concatenate([prefix[1], v])
    heads = getattr(module, "num_attention_heads", None) or module.n_heads
    size = q.shape[1] // heads
    scale = 1.0 if bias is not None and "T5" in type(module).__name__ else 1 / math.sqrt(size)
    out = np.zeros_like(q)
    for head in range(heads):
        part = slice(head * size, (head + 1) * size)
        scores = scale * q[:, part] @ k[:, part].T
        if bias is not None:
            scores[:, len(prefix[0]) :] += bias[head, : len(q), : len(q)]
        weights = np.exp(scores - scores.max(1, keepdims=True))
        out[:, part] = weights / weights.sum(1, keepdims=True) @ v[:, part]
    return out if linears["o"] is None else apply(linears["o"], out)


@torch.no_grad()
def test_padding_does_not_change_what_a_prefixed_encoder_says(any_family):
    exact = copy.deepcopy(any_family)  # in float64: unscaled attention, as in T5, makes much of float32's rounding
    exact.model.double()
    encoder = PrefixedEncoder(exact)
    prefix = encoder.initial_prefix(4, 0).double()
    (together,) = any_family.batches(TEXTS)
    hidden = encoder.hidden(together, prefix)
    for i, text in enumerate(TEXTS):
        (alone,) = any_family.batches([text])
        row = int(np.flatnonzero(together.index == i)[0])
        length = int(alone.mask.sum())
        assert torch.allclose(hidden[row, :length], encoder.hidden(alone, prefix)[0], rtol=0, atol=1e-12)


def test_initial_prefix_depends_on_shapes_and_init_seed_alone(surrogate):
    encoder = PrefixedEncoder(surrogate)
    first = encoder.initial_prefix(4, 0)
    torch.manual_seed(99)
    assert torch.equal(first, encoder.initial_prefix(4, 0))
    assert not torch.equal(first, encoder.initial_prefix(4, 1))
    assert first.shape == (LAYERS, 2, 4, encoder.width)


def test_shared_layers_have_no_room_for_prefixes_and_the_refusal_names_families(tmp_path):
    with pytest.raises(BadInput, match=r"albert model.*bert, camembert, distilbert"):
        Prefix().fit(tiny_surrogate("albert", tmp_path), observations())
