"""Effects of tables whose truth is known."""

import numpy as np
import pytest

from fute_core.analysis.two_way import two_way

PROMPTS = np.array([0.15, 0.05, 0.0, -0.05, -0.15])
MODELS = np.array([0.06, -0.06])
ADDED = 0.7 + PROMPTS[:, None] + MODELS


def full(table, rows=100):
    return two_way(table, np.full(table.shape, float(rows)))


def measured(truth, rows, rng):
    """What is measured on so many rows of models that are right as often as `truth` says."""
    return rng.binomial(rows, truth) / rows


def test_effects_of_a_table_without_chance_are_exact():
    found = full(ADDED, rows=10**9)
    assert found.prompt_effects == pytest.approx(PROMPTS)
    assert found.model_effects == pytest.approx(MODELS)
    assert found.models.typical == pytest.approx(0.12)  # of two models it is their difference
    differences = [(a - b) ** 2 for i, a in enumerate(PROMPTS) for j, b in enumerate(PROMPTS) if i != j]
    assert found.prompts.typical == pytest.approx(np.sqrt(np.mean(differences)), abs=1e-4)
    assert found.rest.typical < 1e-3


def test_the_rest_is_how_far_a_lead_changes_from_model_to_model():
    crossed = np.array([[0.9, 0.5], [0.6, 0.8]])  # the first is 30 points ahead on the one, 30 behind on the other
    assert full(crossed, rows=10**9).rest.typical == pytest.approx(0.6, abs=1e-4)


def test_missing_cells_stay_missing_and_the_others_tell():
    table = ADDED.copy()
    table[[0, 3], [1, 0]] = np.nan
    found = two_way(table, np.where(np.isnan(table), 0.0, 1e9))
    assert found.prompt_effects == pytest.approx(PROMPTS)
    assert found.model_effects == pytest.approx(MODELS)


def test_parts_without_a_prompt_in_common_tell_nothing():
    table = np.array([[0.9, np.nan], [0.8, np.nan], [np.nan, 0.7], [np.nan, 0.6]])
    found = two_way(table, np.where(np.isnan(table), 0.0, 100.0))
    assert (found.prompts, found.models, found.rest) == (None, None, None)
    assert np.isnan(found.prompt_effects).all()


def test_one_model_tells_of_prompts_alone_and_an_empty_table_of_nothing():
    found = full(ADDED[:, :1])
    assert found.prompts.sure
    assert (found.models, found.rest) == (None, None)
    assert full(np.full((2, 2), np.nan)).prompts is None
    assert full(np.array([[0.5]])).prompts is None


def test_as_many_effects_as_cells_leave_no_rest():
    table = np.array([[0.9, 0.8], [0.7, np.nan]])
    found = two_way(table, np.where(np.isnan(table), 0.0, 100.0))
    assert found.rest is None
    assert found.models is not None


@pytest.mark.parametrize("rows", [100, 400])
def test_intervals_hold_the_truth_about_as_often_as_they_say(rows):
    rng = np.random.default_rng(1)
    truth = full(ADDED, rows=10**9)
    held = {"prompts": 0, "models": 0}
    trials = 300
    for _ in range(trials):
        found = full(measured(ADDED, rows, rng), rows)
        for name in held:
            effect = getattr(found, name)
            held[name] += effect.low <= getattr(truth, name).typical <= effect.high
    assert all(0.92 <= n / trials <= 0.99 for n in held.values()), held


def test_where_nothing_differs_hardly_an_effect_is_called_sure():
    rng = np.random.default_rng(2)
    same = np.full((8, 2), 0.7)
    trials = 300
    found = [full(measured(same, 100, rng)) for _ in range(trials)]
    for name in ("prompts", "models", "rest"):
        effects = [getattr(f, name) for f in found]
        assert np.mean([e.sure for e in effects]) <= 0.05
        assert np.median([e.typical for e in effects]) < 0.03


def test_a_table_quieter_than_chance_still_leaves_room_for_an_effect():
    assert full(ADDED).rest.typical == 0.0
    assert full(ADDED).rest.high > 0.05
