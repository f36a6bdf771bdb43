"""What candidates say together is heard label by label, whoever is asked about left out."""

import numpy as np
import pytest

from fute_core.analysis.consensus import agreement_with_others

DRAWS, RANK = 3, 5


def answers(k: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(DRAWS, RANK, k))


def cosine(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return (a * b).sum((1, 2)) / np.linalg.norm(a, axis=(1, 2)) / np.linalg.norm(b, axis=(1, 2))


def test_each_is_compared_with_the_sum_of_the_others_by_the_names_of_labels():
    one, two, three = (answers(2, seed) for seed in range(3))
    found = agreement_with_others(
        [one, two[..., ::-1], three], [("no", "yes"), ("Yes", " no"), ("no", "yes")], np.ones(3, bool)
    )
    np.testing.assert_allclose(found, [cosine(one, two + three), cosine(two, one + three), cosine(three, one + two)])


def test_who_is_not_heard_is_still_told_how_far_it_agrees():
    one, two, three = (answers(2, seed) for seed in range(3))
    found = agreement_with_others([one, two, three], [("no", "yes")] * 3, np.array([True, True, False]))
    np.testing.assert_allclose(found, [cosine(one, two), cosine(two, one), cosine(three, one + two)])


@pytest.mark.parametrize("labels", [[("a", "b"), ("c", "d")], [("a", "b"), ("a", "c")], [(), ()], [("a", "b"), ()]])
def test_where_fewer_than_two_labels_are_shared_nothing_is_told(labels):
    assert np.isnan(agreement_with_others([answers(2, 0), answers(2, 1)], labels, np.ones(2, bool))).all()


def test_one_alone_has_no_others():
    assert np.isnan(agreement_with_others([answers(2, 0)], [("a", "b")], np.ones(1, bool))).all()


def test_constant_answers_agree_with_nobody():
    found = agreement_with_others([answers(2, 0), np.zeros((DRAWS, RANK, 2))], [("a", "b")] * 2, np.ones(2, bool))
    np.testing.assert_array_equal(found, 0.0)


def test_a_label_that_others_lack_counts_against_agreement():
    two, three = answers(2, 0), np.concatenate([answers(2, 0), answers(1, 1)], axis=2)
    found = agreement_with_others([two, three], [("a", "b"), ("a", "b", "c")], np.ones(2, bool))
    assert (found[0] < 1 - 1e-3).all()
    np.testing.assert_allclose(found[0], found[1])
