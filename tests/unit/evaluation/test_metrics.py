"""Ranking metrics against cases computed by hand."""

import numpy as np
import pytest

from fute_core.analysis.skill import wilson
from fute_core.errors import BadInput
from fute_core.evaluation import gains, metrics
from fute_core.evaluation.estimates import estimate
from fute_core.evaluation.parts.matching import accuracy

GOLD, PREDICTED = (3, 2, 1), (0.5, 0.4, 0.9)


def test_ndcg_and_its_published_form_differ_as_computed_by_hand():
    assert gains.ndcg(GOLD, PREDICTED) == pytest.approx(0.7364, abs=5e-5)
    assert gains.ndcg_published(GOLD, PREDICTED) == pytest.approx(0.7592, abs=5e-5)


def test_a_perfect_order_is_best_in_every_metric():
    assert gains.ndcg(GOLD, GOLD) == gains.ndcg_published(GOLD, GOLD) == pytest.approx(1.0)
    assert metrics.rank_of_best(GOLD, GOLD) == 1
    assert metrics.regret_at(GOLD, GOLD) == 0
    assert metrics.spearman(GOLD, GOLD) == metrics.kendall(GOLD, GOLD) == pytest.approx(1.0)


def test_equal_predictions_share_their_places():
    assert metrics.rank_of_best(GOLD, (1, 1, 0)) == 1.5
    assert metrics.regret_at(GOLD, (1, 1, 1)) == pytest.approx(1.0)
    assert metrics.regret_at(GOLD, (1, 1, 1), k=2) == pytest.approx(1 / 3)
    assert gains.ndcg(GOLD, (1, 1, 1)) == pytest.approx(gains.ndcg_references(GOLD)["random"])
    assert gains.ndcg_published(GOLD, (1, 1, 1)) == 0
    assert metrics.spearman(GOLD, (1, 1, 1)) == 0


def test_regret_counts_the_best_of_the_first_k():
    assert metrics.regret_at(GOLD, PREDICTED, 1) == 2
    assert metrics.regret_at(GOLD, PREDICTED, 2) == 0
    assert metrics.regret_at(GOLD, PREDICTED, 9) == 0


def test_of_several_equally_best_the_earliest_counts():
    assert metrics.rank_of_best((5, 5, 1), (0, 2, 1)) == 1


def test_references_of_ndcg_are_the_mean_and_the_worst_of_all_orders():
    from itertools import permutations

    gold = (71, 74, 78, 70)
    values = [gains.ndcg(gold, order) for order in permutations(range(4))]
    references = gains.ndcg_references(gold)
    assert references["random"] == pytest.approx(np.mean(values))
    assert references["worst"] == pytest.approx(min(values))


def test_a_random_ranking_places_the_best_in_the_middle():
    draw = np.random.default_rng(0)
    places = [metrics.rank_of_best(draw.random(10), draw.random(10)) for _ in range(2000)]
    assert abs(np.mean(places) - 5.5) < 3 * np.std(places) / np.sqrt(len(places))


def test_large_units_do_not_overflow():
    assert gains.ndcg((5000, 4000), (1, 0)) == pytest.approx(1.0)


def test_intervals_cover_the_mean_and_widen_where_values_come_in_groups():
    values = np.repeat(np.random.default_rng(1).random(12), 10)
    alone = estimate(values)
    grouped = estimate(values, groups=np.repeat(np.arange(12), 10))
    assert alone.low < alone.value < alone.high
    assert grouped.high - grouped.low > 2 * (alone.high - alone.low)
    assert estimate([]).as_json() == {"value": None, "low": None, "high": None, "chance": None, "n": 0}


def test_cases_that_are_all_right_leave_room_for_one_that_is_not():
    found = estimate([1.0] * 47)
    assert (found.value, found.high) == (1.0, pytest.approx(1.0))
    assert found.low == pytest.approx(47 / (47 + 1.959964**2), abs=1e-6)
    assert estimate([0.0] * 47).high == pytest.approx(1 - found.low)
    assert estimate([True] * 8 + [False] * 2).low == pytest.approx(0.4902, abs=5e-5)


def test_groups_that_are_all_right_count_as_one_case_each():
    grouped = estimate([1.0] * 40, groups=np.repeat(np.arange(10), 4))
    assert grouped.low == pytest.approx(wilson(1.0, 10)[0])
    assert grouped.n == 40
    assert estimate([0.5] * 40).low == 0.5, "a mean of values that are no cases"


def test_intervals_of_a_share_hold_the_true_one_as_often_as_they_say():
    draw = np.random.default_rng(0)
    found = [estimate(draw.random(30) < 0.95) for _ in range(1000)]
    assert 0.93 <= np.mean([e.low <= 0.95 <= e.high for e in found]) <= 0.99


def test_balanced_accuracy_counts_every_label_alike():
    always_the_first = np.tile([0.9, 0.1], (4, 1))
    assert accuracy(always_the_first, np.array([0, 0, 0, 1])) == 0.5


@pytest.mark.parametrize(("gold", "predicted"), [((1, 2), (1,)), ((), ()), ((1, np.nan), (1, 2))])
def test_values_that_cannot_be_ranked_are_refused(gold, predicted):
    with pytest.raises(BadInput):
        metrics.spearman(gold, predicted)
