"""Linear heads against what can be worked out by hand, or from the gradient that must vanish at their optimum."""

import numpy as np
import pytest

from fute_core.methods.heads import Head, fit_head, ridge, softmax_regression, standardised


def softmax(logits):
    p = np.exp(logits - logits.max(1, keepdims=True))
    return p / p.sum(1, keepdims=True)


def test_logits_are_of_standardised_features():
    head = Head(*(np.array(a, np.float32) for a in ([1, 2], [2, 4], [[1, 1], [2, -1]], [0.5, 0])))
    logits = head.logits(np.array([[3.0, 10.0], [1.0, 2.0]]))
    assert logits.tolist() == [[3.5, 0.0], [0.5, 0.0]]
    assert logits.dtype == np.float32


def test_a_feature_that_is_everywhere_the_same_is_not_divided_by_nothing():
    head = fit_head(np.array([[0, 5], [4, 5]], np.float32), np.eye(2), C=1.0)
    assert head.mean.tolist() == [2, 5]
    assert head.scale.tolist() == [2, 1]
    assert np.isfinite(head.logits(np.array([[1.0, 9.0]]))).all()


@pytest.mark.parametrize("regression", [False, True])
def test_unit_and_origin_of_the_features_do_not_matter(regression):
    rng = np.random.default_rng(0)
    x, targets = rng.normal(size=(20, 4)).astype(np.float32), rng.dirichlet(np.ones(3), 20)
    targets = targets[:, :1] if regression else targets
    other = x * np.array([1, 10, 100, 1000], np.float32) + 7
    one = fit_head(x, targets, C=0.1, regression=regression).logits(x)
    assert fit_head(other, targets, C=0.1, regression=regression).logits(other) == pytest.approx(one, abs=1e-3)


def test_ridge_is_the_closed_form():
    # x'y = 2, x'x = 2, alpha = 1 / (2 C) = 2: half of the slope that fits exactly; the mean is not shrunk.
    weight, bias = ridge(np.array([[-1.0], [1.0]]), np.array([[0.0], [2.0]]), 0.25)
    assert weight == pytest.approx(np.array([[0.5]]))
    assert bias == pytest.approx([1.0])


def test_a_head_of_scores_predicts_as_ridge_does():
    head = fit_head(np.array([[0], [4]], np.float32), np.array([[0.0], [2.0]]), C=0.25, regression=True)
    assert head.logits(np.array([[6.0], [2.0]])) == pytest.approx(np.array([[2.0], [1.0]]))


@pytest.mark.parametrize("k", [2, 3, 5])
@pytest.mark.parametrize("C", [0.01, 1.0])
def test_at_the_optimum_of_soft_targets_the_gradient_vanishes(k, C):
    rng = np.random.default_rng(k)
    x, targets = rng.normal(size=(30, 4)), rng.dirichlet(np.ones(k), 30)
    targets = np.maximum(targets, 1e-3) / np.maximum(targets, 1e-3).sum(1, keepdims=True)
    weight, bias = softmax_regression(x, targets, C)
    missing = targets - softmax(x @ weight.T + bias)
    pull = C * missing.T @ x
    if k == 2:  # one weight vector is shrunk, which the two rows halve between them
        pull = pull / 2
    assert weight == pytest.approx(pull, abs=1e-3)
    assert missing.sum(0) == pytest.approx(np.zeros(k), abs=1e-2)
    assert np.abs(weight).max() > 0.05 * C


def test_a_label_without_a_row_is_never_the_answer_and_changes_nothing_for_the_others():
    x, targets = np.array([[-1.0], [1.0], [2.0]]), np.eye(2)[[0, 1, 1]]
    weight, bias = softmax_regression(x, np.insert(targets, 1, 0.0, axis=1), 1.0)
    expected_weight, expected_bias = softmax_regression(x, targets, 1.0)
    assert (weight[1].tolist(), bias[1]) == ([0.0], -30.0)
    assert weight[[0, 2]].tolist() == expected_weight.tolist()
    assert bias[[0, 2]].tolist() == expected_bias.tolist()


def test_one_answer_to_everything_needs_no_features():
    weight, bias = softmax_regression(np.array([[1.0], [2.0]]), np.array([[0.0, 1.0, 0.0]] * 2), 1.0)
    assert not weight.any()
    assert bias.tolist() == [-30.0, 0.0, -30.0]


def test_scores_are_standardised_whatever_their_unit():
    assert standardised(np.array([[10.0], [30.0]])).tolist() == [[-1.0], [1.0]]
    assert standardised(np.array([[4.0], [4.0]])).tolist() == [[0.0], [0.0]]
