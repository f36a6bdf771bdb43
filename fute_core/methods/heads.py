"""Deterministic linear heads on standardised surrogate features: no SGD, no seed.

How strongly the head is regularised decides more than anything else whether datasets and models that do the same
job end up near one another, so `C` is always counted on unit-variance features.
"""

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csr_array


@dataclass(frozen=True)
class Head:
    """logits = (x - mean) / scale @ weight.T + bias.

    mean, scale : float32 (d,). weight : float32 (k, d). bias : float32 (k,).
    """

    mean: np.ndarray
    scale: np.ndarray
    weight: np.ndarray
    bias: np.ndarray

    def logits(self, features: np.ndarray) -> np.ndarray:
        """float32 (n, k) logits, or predicted scores (n, 1) of a regression head."""
        return ((features - self.mean) / self.scale @ self.weight.T + self.bias).astype(np.float32)


def fit_head(features: np.ndarray, targets: np.ndarray, *, C: float, regression: bool = False) -> Head:
    """Multinomial logistic regression on soft or hard targets, or ridge regression.

    features : float32 (n, d). targets : float32 (n, k), rows sum to 1; (n, 1) scores for regression.
    C : inverse L2 strength, as in scikit-learn, on unit-variance features.
    """
    mean = features.mean(0)
    scale = features.std(0)
    scale = np.where(scale > 1e-6 * max(float(scale.max(initial=0.0)), 1e-12), scale, 1.0).astype(np.float32)
    x = ((features - mean) / scale).astype(np.float64)
    weight, bias = (ridge if regression else softmax_regression)(x, targets.astype(np.float64), C)
    return Head(mean.astype(np.float32), scale, weight.astype(np.float32), bias.astype(np.float32))


def standardised(scores: np.ndarray) -> np.ndarray:
    """Scores (n, 1) of a regression with mean 0 and variance 1, float32; equal scores become zeros."""
    scores = scores.astype(np.float64)
    return ((scores - scores.mean(0)) / (scores.std(0) or 1.0)).astype(np.float32)


def ridge(x: "np.ndarray | csr_array", targets: np.ndarray, C: float) -> tuple[np.ndarray, np.ndarray]:
    """(weight (1, d), bias (1,)) for scores (n, 1) of rows x (n, d)."""
    from sklearn.linear_model import Ridge

    model = Ridge(alpha=1.0 / (2.0 * C)).fit(x, targets[:, 0])
    return model.coef_[None, :], np.array([model.intercept_])


def softmax_regression(x: "np.ndarray | csr_array", targets: np.ndarray, C: float) -> tuple[np.ndarray, np.ndarray]:
    """(weight (k, d), bias (k,)) for targets (n, k) of rows x (n, d), dense or sparse.

    scikit-learn's multinomial fit, with each soft row entered once a label and weighted by its probability.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    k = targets.shape[1]
    weight, bias = np.zeros((k, x.shape[1])), np.full(k, -30.0)
    rows, columns = np.nonzero(targets > 1e-4)
    used = np.unique(columns)
    if len(used) < 2:  # a constant answer: nothing separates the texts
        bias[used] = 0.0
        return weight, bias
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = LogisticRegression(C=C, tol=1e-6, max_iter=500).fit(
            x[rows], columns, sample_weight=targets[rows, columns]
        )
    if len(used) == 2:  # scikit-learn keeps one row of a two-class problem: symmetric softmax form
        weight[used[0]], weight[used[1]] = -model.coef_[0] / 2, model.coef_[0] / 2
        bias[used[0]], bias[used[1]] = -model.intercept_[0] / 2, model.intercept_[0] / 2
    else:
        weight[used], bias[used] = model.coef_, model.intercept_
    return weight, bias
