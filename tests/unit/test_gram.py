"""Gram matrices as factors: what is kept, what is dropped, and the unfolded form."""

import numpy as np
import pytest

from fute_core.gram import factor_of, gram_factor, symmetric, triangle_length, upper_triangle


def test_answers_of_k_labels_have_k_less_one_directions_and_keep_their_gram_matrix():
    rng = np.random.default_rng(0)
    answers, basis = rng.normal(size=(40, 4)), np.linalg.qr(rng.normal(size=(40, 9)))[0]
    answers -= answers.mean(1, keepdims=True)
    factor, loss = gram_factor(answers, basis)
    gram = basis.T @ answers @ answers.T @ basis
    assert factor.shape == (9, 3)
    assert factor.dtype == np.float32
    assert factor @ factor.T == pytest.approx(gram / np.linalg.norm(gram), abs=1e-6)
    assert loss == pytest.approx(1 - (np.linalg.norm(gram) / np.linalg.norm(answers @ answers.T)) ** 2)


def test_answers_that_are_all_alike_have_no_direction():
    assert gram_factor(np.zeros((5, 2)), np.eye(5, 3))[0].shape == (3, 0)


def test_a_direction_that_changes_no_similarity_is_dropped():
    answers = np.diag([1.0, 1e-2, 1e-5])
    assert gram_factor(answers, np.eye(3))[0].shape == (3, 2)


def test_a_factor_has_a_column_for_each_direction_and_no_more():
    answers = np.random.default_rng(1).normal(size=(7, 3)) * [[0.1], [1], [5], [2], [0.3], [9], [1]]
    factor = factor_of(answers @ answers.T)
    assert factor.shape == (7, 3)
    assert factor @ factor.T == pytest.approx(answers @ answers.T, abs=1e-9)


@pytest.mark.parametrize(
    ("diagonal", "columns"), [([1.0, 1e-3], 2), ([1.0, 1e-8], 1), ([1e-8, 1.0], 1), ([1e-9, 1e-9], 2), ([0.0, 0.0], 0)]
)
def test_rounding_beside_the_largest_entry_is_no_direction(diagonal, columns):
    assert factor_of(np.diag(diagonal)).shape == (2, columns)


def test_unfolding_keeps_inner_products_and_can_be_undone():
    one, other = (a + a.T for a in np.random.default_rng(2).normal(size=(2, 5, 5)))
    flat = upper_triangle(one)
    assert len(flat) == triangle_length(5) == 15
    assert flat @ upper_triangle(other) == pytest.approx((one * other).sum())
    assert symmetric(flat) == pytest.approx(one)
