"""Deterministic linear heads on standardised surrogate features: no SGD, no seed.

How strongly the head is regularised decides more than anything else whether datasets and models that do the same
job end up near one another, so `C` is always counted on unit-variance features.
"""

import warnings
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_array

THREADS = 4
"""A step of a fit is so small that more threads wait for one another: with 16, a head took three times as long."""


@dataclass(frozen=True)
class Head:
    """A linear head: logits = (x - mean) / scale @ weight.T + bias.

    Parameters
    ----------
    mean, scale : ndarray of float32, shape (d,)
        Of the features that it was fitted on.
    weight : ndarray of float32, shape (k, d)
        One row a label.
    bias : ndarray of float32, shape (k,)
        One value a label.
    """

    mean: NDArray[np.float32]
    scale: NDArray[np.float32]
    weight: NDArray[np.float32]
    bias: NDArray[np.float32]

    def logits(self, features: NDArray[np.floating]) -> NDArray[np.float32]:
        """Answer features.

        Parameters
        ----------
        features : ndarray of float, shape (n, d)
            Pooled features of n texts.

        Returns
        -------
        ndarray of float32, shape (n, k)
            Logits, or predicted scores (n, 1) of a regression head.
        """
        return np.asarray((features - self.mean) / self.scale @ self.weight.T + self.bias, np.float32)


def fit_head(
    features: NDArray[np.float32], targets: NDArray[np.floating], *, C: float, regression: bool = False
) -> Head:
    """Fit multinomial logistic regression on soft or hard targets, or ridge regression.

    Parameters
    ----------
    features : ndarray of float32, shape (n, d)
        Pooled features of n texts.
    targets : ndarray of float, shape (n, k)
        Rows that sum to 1; (n, 1) scores for regression.
    C : float
        Inverse L2 strength, as in scikit-learn, on unit-variance features: more follows the rows more closely.
    regression : bool, default False
        Targets are scores.

    Returns
    -------
    Head
        The same for the same input: neither SGD nor seed.
    """
    mean = features.mean(0)
    scale = features.std(0)
    scale = np.where(scale > 1e-6 * max(float(scale.max(initial=0.0)), 1e-12), scale, 1.0).astype(np.float32)
    x = ((features - mean) / scale).astype(np.float64)
    weight, bias = (ridge if regression else softmax_regression)(x, targets.astype(np.float64), C)
    return Head(mean.astype(np.float32), scale, weight.astype(np.float32), bias.astype(np.float32))


def standardised(scores: NDArray[np.floating]) -> NDArray[np.float32]:
    """Give the scores of a regression mean 0 and variance 1.

    Parameters
    ----------
    scores : ndarray of float, shape (n, 1)
        Scores in any unit.

    Returns
    -------
    ndarray of float32, shape (n, 1)
        Equal scores become zeros.
    """
    scores = scores.astype(np.float64)
    return np.asarray((scores - scores.mean(0)) / (scores.std(0) or 1.0), np.float32)


def ridge(
    x: "NDArray[np.float64] | csr_array", targets: NDArray[np.float64], C: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fit ridge regression of scores.

    Parameters
    ----------
    x : ndarray of float64 or csr_array, shape (n, d)
        Rows.
    targets : ndarray of float64, shape (n, 1)
        Scores.
    C : float
        Inverse L2 strength; scikit-learn's alpha is 1 / (2 C).

    Returns
    -------
    tuple of (ndarray, ndarray)
        weight (1, d) and bias (1,), float64.
    """
    from sklearn.linear_model import Ridge

    model = Ridge(alpha=1.0 / (2.0 * C)).fit(x, targets[:, 0])
    return model.coef_[None, :], np.array([model.intercept_])


def softmax_regression(
    x: "NDArray[np.float64] | csr_array", targets: NDArray[np.float64], C: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fit scikit-learn's multinomial logistic regression, each soft row entered once a label with its probability.

    Parameters
    ----------
    x : ndarray of float64 or csr_array, shape (n, d)
        Rows.
    targets : ndarray of float64, shape (n, k)
        Rows that sum to 1.
    C : float
        Inverse L2 strength.

    Returns
    -------
    tuple of (ndarray, ndarray)
        weight (k, d) and bias (k,), float64; a label without a row has the bias -30.
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
    with warnings.catch_warnings(), _few_threads():
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


def _few_threads() -> AbstractContextManager[Any]:
    """Hold the libraries of linear algebra to `THREADS`, and leave them alone where they have no more."""
    libraries = _libraries()
    if all(library.num_threads <= THREADS for library in libraries.lib_controllers):
        return nullcontext()
    limited: AbstractContextManager[Any] = libraries.limit(limits=THREADS)
    return limited


@cache
def _libraries() -> Any:
    """Find the libraries once, since looking for them takes as long as a small fit."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController().select(user_api="blas")
