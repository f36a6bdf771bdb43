"""Options of the trained methods, and the loop that trains them."""

import numpy as np
import pytest
import torch
from film_texts import TEXTS, TRAINED, cosine, observations

from fute_core.errors import BadInput
from fute_core.methods import training
from fute_core.methods.lora import Lora
from fute_core.methods.prefix import Prefix, PrefixedEncoder
from fute_core.methods.training import Schedule, train


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


def test_best_epoch_is_restored_after_early_stopping(bert):
    encoder = PrefixedEncoder(bert)
    prefix = encoder.initial_prefix(4, 0).requires_grad_()
    snapshots = []

    def encode(batch, training):
        if not training:
            snapshots.append(prefix.detach().clone())
        return encoder.hidden(batch, prefix)

    details, _ = train(bert, observations(), encode, [prefix], Schedule(0.3, 50, 4, patience=2))
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
