"""Intermediate-task transfer: the tuner on a tiny encoder, and how rankings of sources are judged."""

import numpy as np
import pytest
from tiny_models import tiny_surrogate

from fute_core.errors import BadInput
from fute_core.evaluation.parts.rows import even, held_out, train_part
from fute_core.evaluation.parts.tuning import Tuner, Tuning
from fute_core.evaluation.transfer import ranking_measures

SMALL = Tuning(source_rows=40, test_rows=30, source_steps=3, layers=1, tokens=16)


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    return tiny_surrogate("bert", tmp_path_factory.mktemp("bert"))


@pytest.mark.parametrize("layers", [1, 2])
def test_layers_that_were_not_tuned_give_the_surrogates_own_features(encoder, layers):
    tuner = Tuner(encoder, Tuning(test_rows=12, tokens=encoder.max_length, layers=layers))
    texts = tuner._known("sms_spam", "test")
    found = tuner._features(tuner._top, texts, np.arange(12))
    assert found == pytest.approx(encoder.features(held_out("sms_spam", 12).texts), abs=1e-5)


def test_a_transfer_is_an_accuracy_and_the_same_each_time(encoder):
    values = [Tuner(encoder, SMALL).transfer("sst2", "sms_spam", 20, 2, 0) for _ in range(2)]
    assert 0 <= values[0] <= 1
    assert values[0] == values[1]


def test_tuning_moves_the_copy_and_never_the_surrogate(encoder):
    before = {name: weight.clone() for name, weight in encoder.model.state_dict().items()}
    tuner = Tuner(encoder, SMALL)
    tuner.transfer("sst2", "sms_spam", 20, 2, 0)
    assert all((weight == before[name]).all() for name, weight in encoder.model.state_dict().items())
    tuned = tuner._tuned["sst2", 0]
    assert any((tuned[name] != weight).any() for name, weight in tuner._top.state_dict().items())


def test_encoders_of_another_build_are_refused(tmp_path):
    with pytest.raises(BadInput, match=r"bert, .*\(t5\) is none"):
        Tuner(tiny_surrogate("t5", tmp_path), SMALL)


def test_few_rows_are_even_over_labels_and_part_of_more():
    few, more = train_part("trec", 30), train_part("trec", 60)
    counts = few.targets.sum(0)
    assert counts.max() - counts.min() <= 1
    assert set(few.texts) <= set(more.texts)
    assert len(even(np.eye(3)[[0] * 8 + [1, 2]], 5)) == 5


def test_a_ranking_by_the_truth_has_no_regret_and_one_against_it_has_all():
    truth = np.random.default_rng(0).random((6, 6)) * 100
    best, worst = ranking_measures(truth, truth), ranking_measures(truth, -truth)
    assert [best[m].value for m in ("rho", "spearman", "regret_at_1")] == pytest.approx([1.0, 1.0, 0.0])
    assert [worst[m].value for m in ("rho", "spearman")] == pytest.approx([5.0, -1.0])
    off = [np.delete(truth[:, t], t) for t in range(6)]
    assert worst["regret_at_1"].value == pytest.approx(np.mean([c.max() - c.min() for c in off]))
    assert best["rho"].chance == 3.0
