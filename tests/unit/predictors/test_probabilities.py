"""Rows that a black box gives: what is a distribution, and what is wrong with the rest."""

import numpy as np
import pytest

from fute_core.errors import BadInput
from fute_core.predictors.probabilities import checked_rows, normalised, row_fault


def test_rows_that_nearly_sum_to_one_are_scaled():
    rows = checked_rows([[0.333, 0.333, 0.333], [1, 0, 0]], 2, ["a", "b", "c"], "It")
    assert rows.dtype == np.float32
    np.testing.assert_allclose(rows, [[1 / 3] * 3, [1, 0, 0]])


def test_scores_may_come_as_a_column_or_without_one():
    assert checked_rows([3.5, -2], 2, [], "It").tolist() == [[3.5], [-2]]
    assert checked_rows([[3.5], [-2]], 2, [], "It").tolist() == [[3.5], [-2]]


def test_a_row_of_zeros_becomes_even():
    np.testing.assert_allclose(normalised(np.array([[0.0, 0, 0, 0], [1, 1, 2, 0]])), [[0.25] * 4, [0.25, 0.25, 0.5, 0]])


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([[0.5, 0.5]], r"gave numbers of shape \(1, 2\) for 2 texts; give 2 rows of 2"),
        ([["x", "y"]] * 2, "gave no rows of numbers"),
        ([[0.5, 0.5], [np.nan, 1]], "It, text 2: nan is no finite number"),
        ([[0.5, 0.5], [-0.5, 1.5]], "It, text 2: -0.5 is negative"),
        ([[0.5, 0.5], [0.5, 0.52]], "It, text 2: the probabilities sum to 1.02 instead of 1; give"),
        ([[50, 50], [60, 40]], r"text 1: the probabilities sum to 100 .*\(percentages must be divided by 100\)"),
    ],
)
def test_what_is_no_distribution_is_told_with_its_text(rows, sentence):
    with pytest.raises(BadInput, match=sentence):
        checked_rows(rows, 2, ["a", "b"], "It")


def test_a_score_need_only_be_finite():
    assert row_fault(np.array([-7.0]), regression=True) is None
    assert "inf is no finite number" in row_fault(np.array([np.inf]), regression=True)
