"""Skill with its interval, and from where on a place means little."""

import math

import pytest
from scipy.stats import binomtest

from fute_core.analysis.skill import WEAK, is_weak, skill_of, wilson
from fute_core.datasets.catalog import shipped_datasets


@pytest.mark.parametrize(("right", "n"), [(0, 10), (10, 10), (54, 100), (150, 250)])
def test_the_interval_is_wilsons(right, n):
    by_scipy = binomtest(right, n).proportion_ci(method="wilson")
    assert wilson(right / n, n) == pytest.approx((by_scipy.low, by_scipy.high), abs=1e-9)


def test_a_prompt_has_the_rows_that_stand_beside_its_accuracy():
    known = {"skill": 0.1, "accuracy": 0.4, "accuracies": {"a": {"accuracy": 0.3, "rows": 40},
                                                          "b": {"accuracy": 0.4, "rows": 100}}}  # fmt: skip
    found = skill_of(known)
    assert found.rows == 100
    assert found.low < 0.4 < found.high
    assert found.weak


def test_a_shipped_classifier_was_measured_on_the_test_rows_of_its_dataset():
    name, card = next(iter(shipped_datasets().items()))
    known = {"skill": 0.6, "accuracy": 0.8, "dataset": name}
    assert skill_of({**known, "shipped": True}).rows == card["test"]
    mine = skill_of(known)  # of another's classifier nobody knows on what it was measured
    assert mine.rows == 0
    assert math.isnan(mine.low)
    assert not mine.weak


def test_what_was_not_measured_is_not_called_weak():
    assert skill_of({}) is None
    assert not is_weak({})
    assert not is_weak({"skill": WEAK})
    assert is_weak({"skill": -0.1})
