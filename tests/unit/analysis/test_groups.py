"""Groups of a ranking where the truth is known: who may be the best, and how often equals are told apart."""

import numpy as np
import pytest

from fute_core.analysis.groups import rank_groups, surely_behind

DRAWS = 300


def seen(draw, truth, spread):
    """One look at items of this truth, ranked, and draws that spread as such looks do."""
    values = truth + draw.normal(size=len(truth)) * spread
    order = np.argsort(-values)
    values, spread = values[order], np.asarray(spread)[order]
    return order, values, values[:, None] + draw.normal(size=(len(truth), DRAWS)) * spread[:, None]


def rate(trials, found):
    return sum(found(np.random.default_rng(trial)) for trial in range(trials)) / trials


@pytest.mark.parametrize("n", [2, 5, 20])
@pytest.mark.parametrize("spreads", ["all the same", "one wide"])
def test_equals_are_told_apart_in_at_most_one_look_in_twenty(n, spreads):
    spread = np.full(n, 1.0 if spreads == "all the same" else 0.2)
    spread[0] = 1.0

    def apart(draw):
        return rank_groups(*seen(draw, np.zeros(n), spread)[1:])[-1] > 1

    assert rate(300, apart) <= 0.05


def test_a_third_that_may_be_the_best_keeps_the_first_from_being_the_winner():
    # The first is surely better than the second; the third does as well as the first, but less is known of it.
    truth, spread = np.array([1.0, 0.8, 1.0]), np.array([0.02, 0.02, 0.5])

    def false_winner(draw):
        _, *ranked = seen(draw, truth, spread)
        return rank_groups(*ranked).tolist().count(1) == 1

    assert rate(200, false_winner) <= 0.05


def test_one_that_is_clearly_better_than_many_equals_is_the_winner():
    def wins(draw):
        order, *ranked = seen(draw, np.array([8.0, *[0.0] * 19]), np.ones(20))
        return order[0] == 0 and rank_groups(*ranked).tolist().count(1) == 1

    assert rate(100, wins) >= 0.95


def test_with_two_items_the_lead_must_be_more_than_two_standard_errors():
    draws = np.random.default_rng(0).normal(size=(2, 4000)) / np.sqrt(2)
    assert not surely_behind(np.array([2.1, 0.0]), draws).any()
    assert surely_behind(np.array([2.4, 0.0]), draws).tolist() == [False, True]


def test_items_between_the_first_and_one_that_may_be_as_good_are_of_its_group():
    chance = np.random.default_rng(1).normal(size=(4, DRAWS)) * np.array([[0.01], [0.01], [1.0], [0.01]])
    values = np.array([1.0, 0.9, 0.8, -9.0])
    assert surely_behind(values, chance).tolist() == [False, True, False, True]
    assert rank_groups(values, chance).tolist() == [1, 1, 1, 2]


def test_where_draws_lie_makes_no_difference():
    draw = np.random.default_rng(2)
    _, values, samples = seen(draw, np.array([3.0, 2.0, 1.0, 0.0]), np.full(4, 0.5))
    moved = samples + draw.normal(size=(4, 1))
    assert rank_groups(values, moved).tolist() == rank_groups(values, samples).tolist()


def test_twins_are_of_one_group_and_a_tier_ends_a_group():
    samples = np.tile(np.random.default_rng(3).normal(size=(1, DRAWS)), (3, 1))
    values = np.array([1.0, 1.0, 1.0])
    assert rank_groups(values, samples).tolist() == [1, 1, 1]
    assert rank_groups(values, samples, np.array([0, 0, 1])).tolist() == [1, 1, 2]
