"""The baselines of prompt selection against cases computed by hand."""

import numpy as np
import pytest

from fute_core.analysis import zero_label


def test_kappa_is_agreement_beyond_chance_and_nothing_where_there_is_one_label():
    assert zero_label.kappa(np.array([0, 0, 1, 1]), np.array([0, 0, 1, 0])) == pytest.approx(0.5)
    assert zero_label.kappa(np.array([2, 2, 2]), np.array([2, 2, 2])) == 0
    assert zero_label.kappa(np.array([0, 0, 0]), np.array([1, 1, 1])) == 0


def test_only_the_surer_half_of_the_prompts_has_a_vote():
    sure, unsure = np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([[0.45, 0.55], [0.55, 0.45]])
    assert zero_label.plurality([sure, sure, unsure, unsure]) == pytest.approx([1, 1, 0, 0])
    mixed = np.array([[0.9, 0.1], [0.55, 0.45]])
    assert zero_label.plurality([sure, sure, mixed]) == pytest.approx([1, 1, 0.5])


def test_answers_that_differ_from_text_to_text_and_are_sure_carry_most_information():
    apart, same = np.eye(2), np.array([[1.0, 0.0], [1.0, 0.0]])
    assert zero_label.mutual_information(apart) == pytest.approx(np.log(2))
    assert zero_label.mutual_information(same) == zero_label.global_entropy(same) == pytest.approx(0, abs=1e-9)
    assert zero_label.global_entropy(apart) == pytest.approx(np.log(2))
