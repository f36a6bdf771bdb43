"""The few items that stand for the rest."""

from itertools import combinations

import numpy as np
import pytest

from fute_core.analysis.cover import cover, random_coverage, rank_agreement, reached_by_lot, redundant
from fute_core.errors import BadInput


def similarities(n: int = 12, seed: int = 0, d: int = 4) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(n, d))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors @ vectors.T


def test_one_of_each_group_is_chosen():
    sims = np.kron(np.eye(3), np.full((3, 3), 0.9)) + 0.1 * np.eye(9)
    found = cover(sims, 3)
    assert sorted(i // 3 for i in found.chosen) == [0, 1, 2]
    assert [found.represents[i] // 3 for i in range(9)] == [0, 0, 0, 1, 1, 1, 2, 2, 2]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("k", [1, 2, 4])
def test_of_few_items_the_best_set_is_found(k, seed):
    sims = similarities(seed=seed)
    best = max(sims[:, list(chosen)].max(1).sum() for chosen in combinations(range(len(sims)), k))
    assert cover(sims, k).similarity.sum() == pytest.approx(best)


def test_of_many_items_the_set_beats_hundreds_of_random_ones():
    sims = similarities(80)
    draw = np.random.default_rng(3)
    random = [sims[:, draw.choice(80, 6, replace=False)].max(1).mean() for _ in range(500)]
    assert cover(sims, 6).coverage > max(random)


def test_all_items_stand_for_themselves_when_all_are_chosen():
    found = cover(similarities(5), 5)
    assert found.coverage == pytest.approx(1.0)
    assert list(found.represents) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("k", [0, 6])
def test_a_number_that_cannot_be_chosen_is_refused(k):
    with pytest.raises(BadInput, match="from 1 to 5"):
        cover(similarities(5), k)


def test_redundant_items_repeat_one_that_is_kept():
    sims = np.eye(4)
    sims[0, 1] = sims[1, 0] = sims[1, 2] = sims[2, 1] = 0.8
    assert redundant(sims, 0.6) == [(0, 1), (2, 1)]
    assert redundant(sims, 0.9) == []
    assert redundant(sims, 0.6, first=[0]) == [(1, 0)]


def test_models_ranked_on_all_datasets_agree_with_themselves():
    accuracies = np.random.default_rng(2).random((6, 5))
    assert rank_agreement(accuracies, [range(5)]) == pytest.approx([1.0])


def test_a_dataset_that_ranks_models_the_other_way_stands_for_none():
    usual = np.array([0.5, 0.6, 0.7, 0.8])
    accuracies = np.column_stack([usual, usual + 0.1, usual, 1 - usual])
    assert rank_agreement(accuracies, [[0], [3]]) == pytest.approx([1.0, -1.0])


def test_agreement_is_spearmans_correlation_of_the_mean_standardised_accuracies():
    from scipy.stats import spearmanr

    accuracies = np.random.default_rng(4).random((9, 6)).round(1)
    z = (accuracies - accuracies.mean(0)) / accuracies.std(0)
    sets = [(0, 1, 2), (3, 4, 5)]
    expected = [spearmanr(z.mean(1), z[:, list(s)].mean(1)).statistic for s in sets]
    assert rank_agreement(accuracies, sets) == pytest.approx(expected)
    assert rank_agreement(np.ones((4, 3)), [(0, 1)]) == pytest.approx([0.0])


def test_a_cover_that_agrees_beats_random_sets_with_an_interval():
    from fute_core.evaluation.cover_check import cover_measures, random_sets

    draw = np.random.default_rng(0)
    quality = draw.normal(size=20)
    skill = np.column_stack([quality + 0.1 * draw.normal(size=20)] * 2 + [draw.normal(size=20) for _ in range(4)])
    sets = random_sets(6, 2)
    assert len(sets) == 15
    good = cover_measures(skill, (0, 1), sets)
    bad = cover_measures(skill, (4, 5), sets)
    for found in (good, bad):
        for figure in found.values():
            assert figure.low <= figure.value <= figure.high
    assert good["better_than_random"].value > bad["better_than_random"].value


@pytest.mark.parametrize("k", [1, 3, 6])
def test_choosing_by_lot_is_the_mean_over_all_choices(k):
    sims = similarities(6)
    every = [sims[:, list(chosen)].max(1).mean() for chosen in combinations(range(6), k)]
    assert random_coverage(sims, k) == pytest.approx(np.mean(every))
    alike = sims > 0.1
    reached = [alike[:, list(chosen)].any(1).sum() for chosen in combinations(range(6), k)]
    assert reached_by_lot(alike, k) == pytest.approx(np.mean(reached))
