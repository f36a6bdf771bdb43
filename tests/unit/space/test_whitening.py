"""Whitening of answers, with scatters small enough to work out by hand."""

import numpy as np
import pytest

from fute_core.space.whitening import within_task_whitening

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
