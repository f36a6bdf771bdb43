"""Which texts a black box is surest of, where it hesitates, and where it would say something else."""

import numpy as np

from fute_core.analysis.margins import least_sure, most_outside, surest

PROBA = np.array([[0.9, 0.1, 0.0], [0.2, 0.7, 0.1], [0.5, 0.45, 0.05], [0.99, 0.0, 0.01]])


def test_the_surest_of_each_label_come_first_and_a_label_never_given_has_none():
    assert surest(PROBA, 2) == [[3, 0], [1], []]


def test_the_least_sure_has_its_two_likeliest_labels_closest():
    assert least_sure(PROBA, 2) == [2, 1]
    assert least_sure(PROBA, 9) == [2, 1, 0, 3]


def test_only_texts_with_most_of_their_probability_elsewhere_are_told():
    assert most_outside(np.array([0.4, 0.9, 0.51, 0.5]), 5) == [1, 2]
