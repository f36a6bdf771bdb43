"""Whitening of answers, with scatters small enough to work out by hand."""

import numpy as np
import pytest

from fute_core.methods.gram import symmetric, upper_triangle
from fute_core.space.whitening import low_rank_factor, whiten_gram, within_task_whitening

TASKS = [[[[3.0], [5.0]], [[1.0], [5.0]]], [[[7.0], [2.0]], [[7.0], [-2.0]]]]
"""Two tasks, two items each: items differ by 1 from their mean along the first axis here, by 2 along the second there,
so W is diag(2, 8) / 4. How far the tasks lie apart does not enter."""


def tasks(turn=None):
    return [[(np.eye(2) if turn is None else turn) @ np.array(item) for item in items] for items in TASKS]


@pytest.mark.parametrize(
    ("shrinkage", "scatter"), [(0.0, [0.5, 2.0]), (0.3, [0.725, 1.775]), (1.0, [1.25, 1.25])], ids=str
)
def test_whitening_is_the_inverse_root_of_the_scatter_within_tasks(shrinkage, scatter):
    roots = np.array(scatter) ** -0.5
    assert within_task_whitening(tasks(), shrinkage) == pytest.approx(np.diag(roots / roots.mean()), abs=1e-12)


def test_without_shrinkage_the_numbers_are_four_thirds_and_two_thirds():
    assert within_task_whitening(tasks(), 0.0) == pytest.approx(np.diag([4 / 3, 2 / 3]), abs=1e-12)


def test_whitening_turns_with_the_answers():
    turn = np.array([[0.6, -0.8], [0.8, 0.6]])
    assert within_task_whitening(tasks(turn)) == pytest.approx(turn @ within_task_whitening(tasks()) @ turn.T)


def test_a_whitened_gram_matrix_is_multiplied_on_both_sides_and_has_unit_norm():
    gram = np.array([[2.0, 1.0], [1.0, 2.0]])
    whitened = whiten_gram(upper_triangle(gram), np.diag([2.0, 1.0]))
    assert symmetric(whitened, 2) == pytest.approx(np.array([[8.0, 2.0], [2.0, 2.0]]) / np.sqrt(76))


def test_a_whitening_that_is_not_diagonal_is_the_plain_product():
    rng = np.random.default_rng(0)
    answers, whitening = rng.normal(size=(6, 2)), rng.normal(size=(6, 6))
    whitening = whitening @ whitening.T
    product = whitening @ answers @ answers.T @ whitening
    whitened = whiten_gram(upper_triangle(answers @ answers.T), whitening)
    assert symmetric(whitened, 6) == pytest.approx(product / np.linalg.norm(product), abs=1e-9)


def test_no_answers_stay_no_answers():
    assert whiten_gram(np.zeros(6), np.eye(3)).tolist() == [0.0] * 6


def test_a_factor_has_a_column_for_each_direction_and_no_more():
    answers = np.random.default_rng(1).normal(size=(7, 3)) * [[0.1], [1], [5], [2], [0.3], [9], [1]]
    factor = low_rank_factor(answers @ answers.T)
    assert factor.shape == (7, 3)
    assert factor @ factor.T == pytest.approx(answers @ answers.T, abs=1e-9)


@pytest.mark.parametrize(
    ("diagonal", "columns"), [([1.0, 1e-3], 2), ([1.0, 1e-8], 1), ([1e-8, 1.0], 1), ([1e-9, 1e-9], 2), ([0.0, 0.0], 0)]
)
def test_rounding_beside_the_largest_entry_is_no_direction(diagonal, columns):
    assert low_rank_factor(np.diag(diagonal)).shape == (2, columns)
