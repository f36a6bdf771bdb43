"""What stability measures on answers alone: figures that good and bad items must have."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fute_core.embedding.recipe import Recipe
from fute_core.evaluation.prompts.paraphrases import Paraphrases, paraphrase_measures
from fute_core.evaluation.stability.answers import (
    SPOILT,
    answer_measures,
    probe_halves,
    spoilt_similarities,
    uninformed_predictors,
)
from fute_core.evaluation.stability.functional_space import FunctionalSpace, ItemAnswers
from fute_core.evaluation.stability.halves import Halves, compare_halves
from fute_core.evaluation.stability.probe_counts import probe_measures
from fute_core.evaluation.stability.row_report import row_measures
from fute_core.evaluation.stability.rows import Draws
from fute_core.evaluation.stability.study import _compared
from fute_core.methods.functional import centre

M, TASKS = 300, 6


@pytest.fixture(scope="module")
def space() -> FunctionalSpace:
    """Six tasks, each a dataset and two accurate models whose answers follow one direction of the features."""
    draw = np.random.default_rng(0)
    features = draw.normal(size=(M, 12))
    directions = np.linalg.qr(draw.normal(size=(12, TASKS)))[0].T
    items = []
    for t, direction in enumerate(directions):
        place = (Path("data"), f"task-{t}")
        for kind, names, noise in (("dataset", [""], 0.2), ("model", [" a", " b"], 0.4)):
            for name in names:
                score = features @ direction + noise * draw.normal(size=M)
                answers = centre(np.column_stack([score, -score]))
                items.append(ItemAnswers(f"task-{t}{name}", kind, f"family-{t}", place, answers, 0.8))
    return FunctionalSpace(tuple(items), features, False)


def test_figures_of_a_good_space_are_good(space):
    found = answer_measures(space)
    assert found["spoilt_answers_monotone"].value == 1.0
    assert found["uninformed_stay_away"].value == 1.0
    assert found["probe_halves_spearman"].value > 0.3
    assert found["spoilt_answers_monotone"].n == 2 * TASKS
    assert all(figure.value == 1.0 for figure in probe_measures(space).values())


def test_similarity_falls_as_answers_are_spoilt_and_stays_where_they_are_not(space):
    similarities = spoilt_similarities(space, space.items[1])
    assert similarities[0] == pytest.approx(1.0, abs=1e-5)
    assert similarities == sorted(similarities, reverse=True)
    assert len(similarities) == len(SPOILT)
    assert similarities[-1] < 0.3


def test_constant_and_random_predictors_are_less_alike_to_any_model_than_models_of_one_dataset(space):
    away, highest, level = uninformed_predictors(space, [item for item in space.items if item.kind == "model"])
    assert set(away) == {1.0}
    assert highest[0] == 0.0, "constant answers have no direction"
    assert max(highest) < level < 1.0


def test_models_that_agree_on_nothing_do_not_make_uninformed_ones_look_far(space):
    draw = np.random.default_rng(2)
    noise = [replace(item, answers=centre(draw.normal(size=(M, 2)))) for item in space.items if item.kind == "model"]
    away, _, level = uninformed_predictors(space, noise)
    assert level < 0.2
    assert np.mean(away) < 0.5


def test_probe_halves_disagree_where_answers_are_noise():
    draw = np.random.default_rng(1)
    items = [
        ItemAnswers(f"noise-{i}", "model", None, (Path("data"), str(i)), centre(draw.normal(size=(M, 2))))
        for i in range(12)
    ]
    noise = FunctionalSpace(tuple(items), draw.normal(size=(M, 12)), False)
    assert abs(np.mean(probe_halves(noise, noise.items))) < 0.3


def test_measures_of_some_items_are_of_those_alone(space):
    mine = space.items[:3]
    assert answer_measures(space, mine)["probe_halves_spearman"].n == 3


def test_paraphrases_are_nearest_where_the_model_understands_them():
    families = np.array(["a"] * 3 + ["b"] * 3)
    alike = np.where(families[:, None] == families[None, :], 0.9, 0.1)
    alike[5] = alike[:, 5] = [0.5, 0.2, 0.2, 0.1, 0.1, 1.0]
    skill = np.array([0.5, 0.6, 0.4, 0.5, 0.5, 0.0])
    found = paraphrase_measures(Paraphrases(tuple("abcdef"), families, alike, skill))
    assert found["paraphrase_nearest"].value == pytest.approx(5 / 6)
    assert found["skilled_paraphrase_nearest"].value == 1.0
    assert found["skilled_paraphrase_nearest"].n == 5
    assert found["paraphrase_nearest"].chance == pytest.approx(2 / 5)


def test_a_half_nearest_to_another_dataset_of_its_family_is_told_apart_from_a_miss():
    """Datasets a, b (films) and c (spam): a finds itself, b's halves both find a, c's second half finds a film set."""
    similar = np.zeros((6, 6))
    for i, j, alike in ((0, 3, 0.9), (1, 0, 0.6), (4, 3, 0.7), (1, 4, 0.5), (2, 5, 0.3), (5, 1, 0.4)):
        similar[i, j] = similar[j, i] = alike
    found = compare_halves(similar, [0, 1, 2], [3, 4, 5], [40] * 3, ["a", "b", "c"], ["films", "films", "spam"])
    assert [h.mutual for h in found] == [True, False, False]
    assert [h.family for h in found] == [1.0, 1.0, 0.5]
    assert [h.nearest for h in found] == [("a", "a"), ("a", "a"), ("c", "b")]
    assert [h.similarity for h in found] == pytest.approx([0.9, 0.5, 0.3])
    assert [h.others for h in found] == pytest.approx([0.0, 0.4 / 4, 0.4 / 8])


def test_row_measures_are_means_over_datasets():
    halves = [Halves(40, 0.9, 0.1, ("a", "a"), True, 1.0), Halves(40, 0.1, float("nan"), ("a", "c"), False, 0.5)]
    draws = {
        (Path("data"), name): Draws("films", half, halves[0], {25: halves[0]}, 0.2, {25: name == "a"})
        for name, half in zip("ab", halves, strict=True)
    }
    found = row_measures(draws, 2)
    assert found["halves_mutual_nearest"].value == 0.5
    assert found["halves_mutual_nearest"].chance == pytest.approx(1 / 3)
    assert found["halves_family_nearest"].value == 0.75
    assert found["halves_family_nearest"].chance == 1.0
    assert found["halves_mutual_nearest_as_shipped"].value == found["halves_25_mutual_nearest"].value == 1.0
    assert found["shuffled_below_halves"].value == 0.5
    assert found["rows_first_25"].value == 0.5
    assert (found["halves_other_families"].value, found["halves_other_families"].n) == (0.1, 1)


def test_what_ships_is_said_to_have_whitened_halves_of_its_own_method_alone():
    assert "whitening learnt without its family" in _compared(Recipe())
    assert "not whitened" in _compared(Recipe("functional"))
