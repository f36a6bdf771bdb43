"""Prefix, LoRA and text embeddings on tiny encoders of real architectures."""

import copy
import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_models import FAMILIES, LAYERS, tiny_surrogate

from fute_core.errors import BadInput, Cancelled
from fute_core.methods import Method, Observations, training
from fute_core.methods.lora import Lora
from fute_core.methods.prefix import SUPPORTED, Prefix, PrefixedEncoder
from fute_core.methods.rewiring import attention_modules, shared_copy
from fute_core.methods.text import TextEmb
from fute_core.methods.training import Schedule, train

TEXTS = (
    "a gripping film",
    "the plot is thin and the jokes are thinner than the paper they were written on",
    "yes",
    "who wrote this and why would anyone read it twice",
    "an honest , moving portrait",
    "no",
    "it never finds its feet",
    "one of the best of the year , and the funniest by far",
    "dull",
    "bright , quick and kind",
    "i left before the end",
    "see it twice",
)
TRAINED = [Prefix, Lora]


def observations(k: int = 3, n: int = len(TEXTS), **changed) -> Observations:
    targets = np.random.default_rng(k).dirichlet(np.full(k, 0.3), n).astype(np.float32)
    return Observations(**{"texts": TEXTS[:n], "targets": targets} | changed)


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    return float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))


@pytest.fixture(scope="module", params=SUPPORTED)
def any_family(request, tmp_path_factory):
    return tiny_surrogate(request.param, tmp_path_factory.mktemp(request.param))


@pytest.fixture(scope="module", params=FAMILIES)
def surrogate(request, tmp_path_factory):
    return tiny_surrogate(request.param, tmp_path_factory.mktemp(request.param))


@pytest.fixture(scope="module")
def bert(tmp_path_factory):
    return tiny_surrogate("bert", tmp_path_factory.mktemp("bert"))


# The prefixed encoder


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


# What becomes of the tensors


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


# Contract of a method


@pytest.mark.parametrize("method", [*TRAINED, TextEmb])
def test_blocks_tile_the_vector_whose_length_knows_neither_labels_nor_texts(surrogate, method):
    lengths = set()
    for given in (observations(2), observations(5), observations(3, 4), observations(1, regression=True)):
        fitted = method().fit(surrogate, given)
        assert isinstance(method(), Method)
        assert fitted.vector.dtype == np.float32
        assert np.isfinite(fitted.vector).all()
        edges = [0] + [b.stop for b in fitted.blocks]
        assert [b.start for b in fitted.blocks] == edges[:-1]
        assert edges[-1] == len(fitted.vector)
        assert all(b.part == method.name for b in fitted.blocks)
        lengths.add(len(fitted.vector))
    assert len(lengths) == 1


@pytest.mark.parametrize("method", TRAINED)
def test_same_seed_gives_the_same_bytes_and_another_seed_does_not(bert, method):
    torch.manual_seed(1)
    first = method().fit(bert, observations()).vector
    torch.manual_seed(2)
    state = torch.get_rng_state()
    second = method().fit(bert, observations()).vector
    assert first.tobytes() == second.tobytes()
    assert torch.equal(torch.get_rng_state(), state)
    slow = method(patience=0, batch_size=6, learning_rate=1e-3)
    to_the_end = [slow.fit(bert, observations(seed=seed)).vector for seed in (0, 1)]
    assert to_the_end[0].tobytes() != to_the_end[1].tobytes()
    assert cosine(*to_the_end) > 0.3


def test_another_process_gives_the_same_bytes(bert, tmp_path):
    program = (
        "import sys; sys.path[:0] = sys.argv[1].split(';')\n"
        "from pathlib import Path\n"
        "import test_trained as t\n"
        "surrogate = t.tiny_surrogate('bert', Path(sys.argv[2]))\n"
        "for method in t.TRAINED: print(method().fit(surrogate, t.observations()).vector.tobytes().hex())\n"
    )
    here = Path(__file__)
    done = subprocess.run(
        [sys.executable, "-c", program, f"{here.parents[2] / 'support'};{here.parent}", str(tmp_path)],
        capture_output=True, text=True, check=True,
        env={**os.environ, "OMP_NUM_THREADS": str(torch.get_num_threads())},  # sums are split over the threads
    )  # fmt: skip
    assert done.stdout.split() == [m().fit(bert, observations()).vector.tobytes().hex() for m in TRAINED]


@pytest.mark.parametrize("method", TRAINED)
def test_order_of_labels_does_not_move_the_vector(surrogate, method):
    given = observations(4)
    permuted = observations(4, targets=np.ascontiguousarray(given.targets[:, [2, 0, 3, 1]]))
    vectors = [method(weight_decay=0.0).fit(surrogate, o).vector for o in (given, permuted)]
    assert cosine(*vectors) > 0.9999
    assert cosine(vectors[0], method(weight_decay=0.0).fit(surrogate, observations(4, seed=1)).vector) < 0.9999


@pytest.mark.parametrize("method", TRAINED)
def test_other_targets_on_the_same_texts_give_another_vector(bert, method):
    given = observations(3)
    hard = np.eye(3, dtype=np.float32)[given.targets.argmax(1)]
    vectors = [method(weight_decay=0.0).fit(bert, o).vector for o in (given, observations(targets=hard))]
    assert cosine(*vectors) < 0.9999
    shuffled = np.ascontiguousarray(given.targets[::-1])
    far = method(weight_decay=0.0).fit(bert, observations(targets=shuffled)).vector
    assert cosine(vectors[0], far) < cosine(*vectors)


@pytest.mark.parametrize("method", [*TRAINED, TextEmb])
def test_second_text_of_a_pair_counts(surrogate, method):
    one = observations(texts=tuple((text, "yes") for text in TEXTS))
    two = observations(texts=tuple((text, other) for text, other in zip(TEXTS, TEXTS[::-1], strict=True)))
    vectors = [method().fit(surrogate, o).vector for o in (one, two)]
    assert vectors[0].shape == vectors[1].shape
    assert not np.allclose(*vectors)


@pytest.mark.parametrize("method", TRAINED)
def test_unit_of_regression_scores_does_not_matter(bert, method):
    scores = np.linspace(0, 1, len(TEXTS), dtype=np.float32)[:, None]
    vectors = [
        method(weight_decay=0.0).fit(bert, observations(targets=targets, regression=True)).vector
        for targets in (scores, 64 * scores + 8, np.roll(scores, 5, 0))
    ]
    assert cosine(vectors[0], vectors[1]) > 0.999
    assert cosine(vectors[0], vectors[2]) < 0.9


@pytest.mark.parametrize("method", [*TRAINED, TextEmb])
def test_no_texts_are_refused(bert, method):
    with pytest.raises(BadInput, match="give at least one"):
        method().fit(bert, Observations((), np.zeros((0, 2), np.float32)))


# The surrogate stays as it was


def anatomy(model) -> list:
    return [
        (name, type(m), len(m._forward_hooks), len(m._forward_pre_hooks), sorted(vars(m)), m.training)
        for name, m in model.named_modules()
    ] + [(n, p.requires_grad, p.grad) for n, p in model.named_parameters()]


@pytest.mark.parametrize("method", TRAINED)
@pytest.mark.parametrize("stops", [None, Cancelled("stopped"), MemoryError()])
def test_surrogate_is_bit_equal_afterwards_even_when_training_is_broken_off(surrogate, method, stops, monkeypatch):
    before, parts, config = surrogate.features(TEXTS), anatomy(surrogate.model), surrogate.model.config.to_dict()
    batches, calls = surrogate.batches, []

    def breaking(*args):
        calls.append(args)
        if stops is not None and len(calls) > 3:
            raise stops
        return batches(*args)

    monkeypatch.setattr(surrogate, "batches", breaking)
    if stops is None:
        method().fit(surrogate, observations())
    else:
        with pytest.raises(type(stops)):
            method().fit(surrogate, observations())
    monkeypatch.undo()
    assert surrogate.features(TEXTS).tobytes() == before.tobytes()
    assert anatomy(surrogate.model) == parts
    assert surrogate.model.config.to_dict() == config
    assert surrogate.model.config._attn_implementation in ("sdpa", "eager")


def test_a_shared_copy_has_new_modules_and_the_same_weights(surrogate):
    twin = shared_copy(surrogate.model)
    assert twin is not surrogate.model
    assert twin.config is not surrogate.model.config
    ours = dict(surrogate.model.named_parameters(remove_duplicate=False))
    assert {n: id(p) for n, p in twin.named_parameters(remove_duplicate=False)} == {n: id(p) for n, p in ours.items()}
    assert not set(map(id, twin.modules())) & set(map(id, surrogate.model.modules()))
    assert [name for name, _ in attention_modules(twin)] == [name for name, _ in attention_modules(surrogate.model)]


# Options


@pytest.mark.parametrize("method", TRAINED)
def test_params_rebuild_the_method_and_leave_out_the_preset(method):
    for preset in ("cheap", "paper"):
        params = method(preset).params()
        assert "preset" not in params
        assert None not in params.values()
        assert method(**params).params() == params
    assert method("cheap").params() != method("paper").params()
    assert method("paper", epochs=7).params() == method("paper").params() | {"epochs": 7}


def test_paper_preset_has_the_published_settings():
    paper = Prefix("paper")
    assert (paper.prefix_length, paper.dropout, paper.pooling) == (16, 0.15, "layers")
    assert paper.schedule(observations()) == Schedule(1e-2, 120, 32, 4, 0.01, 0.05, 1.0)
    asked = observations(probe_index=np.arange(len(TEXTS)))
    assert paper.schedule(asked) == Schedule(1e-3, 1, 128, 0, 0.01, 0.05, 1.0)


@pytest.mark.parametrize(
    ("method", "options", "message"),
    [
        (Prefix, {"preset": "fast"}, "no preset 'fast'; choose one of cheap, paper"),
        (Prefix, {"pooling": "max"}, "no pooling 'max'; choose one of none, tokens, layers, both"),
        (Prefix, {"prefix_length": 0}, "prefix_length must be at least 1, not 0"),
        (Lora, {"pooling": "tokens"}, "no pooling 'tokens'"),
        (Lora, {"rank": 0}, "rank must be at least 1, not 0"),
        (Lora, {"epochs": 0}, "epochs must be at least 1, not 0"),
    ],
)
def test_bad_options_are_refused_by_name(method, options, message):
    with pytest.raises(BadInput, match=message):
        method(**options)


# The training loop


def test_best_epoch_is_restored_after_early_stopping(bert):
    encoder = PrefixedEncoder(bert)
    prefix = encoder.initial_prefix(4, 0).requires_grad_()
    snapshots = []

    def encode(batch, training):
        if not training:
            snapshots.append(prefix.detach().clone())
        return encoder.hidden(batch, prefix)

    details = train(bert, observations(), encode, [prefix], Schedule(0.3, 50, 4, patience=2))
    assert details["epochs"] == details["best_epoch"] + 2 < 50
    assert len(snapshots) == details["epochs"]
    assert torch.equal(prefix.detach(), snapshots[details["best_epoch"] - 1])


def test_parts_of_a_batch_add_up_to_its_gradient(bert, monkeypatch):
    method = Prefix(dropout=0.0, weight_decay=0.0)
    whole = method.fit(bert, observations()).vector
    monkeypatch.setattr(training, "TOKENS_PER_PASS", 1)
    assert cosine(whole, method.fit(bert, observations()).vector) > 0.9999


def test_learning_rate_warms_up_and_decays_linearly_without_a_lost_step():
    factors = [training._factor(step, 100, 0.05) for step in range(101)]
    assert factors[:6] == pytest.approx([1 / 6, 2 / 6, 3 / 6, 4 / 6, 5 / 6, 1.0])
    assert factors[5:] == pytest.approx([(100 - step) / 95 for step in range(5, 101)])
    assert training._factor(0, 1, 0.05) == 1.0


# TextEmb


def test_text_embedding_is_the_mean_feature_and_blind_to_labels(surrogate):
    fitted = TextEmb().fit(surrogate, observations(2))
    assert np.allclose(fitted.vector, surrogate.features(TEXTS).mean(0), atol=1e-6)
    assert TextEmb().fit(surrogate, observations(5)).vector.tobytes() == fitted.vector.tobytes()
