"""LEEP, on answers of which it is known what they tell."""

import numpy as np
import pytest

from fute_core.evaluation.parts.leep import leep

TARGETS = np.eye(2)[[0, 0, 1, 1, 0, 1]]


def test_answers_that_tell_the_labels_under_any_names_give_nothing_away():
    assert leep(TARGETS, TARGETS) == pytest.approx(0.0)
    assert leep(TARGETS[:, ::-1], TARGETS) == pytest.approx(0.0)
    of_three = np.hstack([TARGETS[:, :1] / 2, TARGETS[:, :1] / 2, TARGETS[:, 1:]])
    assert leep(of_three, TARGETS) == pytest.approx(0.0)


def test_answers_that_tell_nothing_give_the_entropy_of_the_labels():
    assert leep(np.full((6, 3), 1 / 3), TARGETS) == pytest.approx(-np.log(2))
    assert leep(np.eye(3)[[0] * 6], TARGETS) == pytest.approx(-np.log(2))


def test_it_is_the_mean_log_likelihood_written_out():
    generator = np.random.default_rng(0)
    answers, targets = generator.dirichlet(np.ones(4), 30), np.eye(3)[generator.integers(0, 3, 30)]
    joint = sum(np.outer(y, theta) for y, theta in zip(targets, answers, strict=True)) / 30
    by_hand = [np.log(sum(joint[y.argmax(), z] / joint[:, z].sum() * theta[z] for z in range(4)))
               for y, theta in zip(targets, answers, strict=True)]  # fmt: skip
    assert leep(answers, targets) == pytest.approx(np.mean(by_hand))
