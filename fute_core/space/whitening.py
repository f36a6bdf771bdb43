"""Within-task whitening: which differences between answers say nothing about the task.

Black boxes trained on one dataset, and the dataset's own head, should answer the probe texts alike; where they differ
is what architecture, sample and noise do. The scatter of those differences, W, is learnt once from reference tasks, and
answers are compared after multiplication by W^(-1/2), as speaker recognition does with within-class covariance (Hatch
et al. 2006). It carries over to tasks that had no part in it, see docs/unified-space.md.
"""

from collections.abc import Sequence

import numpy as np

from fute_core.methods.gram import symmetric, upper_triangle

SHRINKAGE = 0.3
TOLERANCE = 1e-6
"""Stored vectors are float32, so below this share of the largest entry there is only rounding."""


def within_task_whitening(tasks: Sequence[Sequence[np.ndarray]], shrinkage: float = SHRINKAGE) -> np.ndarray:
    """Learn W^(-1/2) from reference tasks.

    Parameters
    ----------
    tasks : sequence of sequence of ndarray of float64, shape (r, k)
        For each task the answers of its items as unit-norm factors, with the same labels in the same order.
    shrinkage : float, default 0.3
        Share of the mean eigenvalue's identity mixed into W, between 0 and 1.

    Returns
    -------
    ndarray of float64, shape (r, r)
        Symmetric, scaled to unit mean eigenvalue.
    """
    columns, count = [], 0
    for items in tasks:
        mean = np.mean(items, axis=0)
        columns += [item - mean for item in items]
        count += len(items)
    stacked = np.concatenate(columns, 1)
    scatter = stacked @ stacked.T / count
    r = len(scatter)
    values, vectors = np.linalg.eigh((1 - shrinkage) * scatter + shrinkage * np.trace(scatter) / r * np.eye(r))
    roots = values**-0.5
    return np.asarray((vectors * (roots / roots.mean())) @ vectors.T)


def whiten_gram(vector: np.ndarray, whitening: np.ndarray) -> np.ndarray:
    """Whiten a Gram matrix G: A G A at unit norm.

    Parameters
    ----------
    vector : ndarray of float, shape (r (r + 1) / 2,)
        G unfolded, see `methods.gram.upper_triangle`.
    whitening : ndarray of float64, shape (r, r)
        A.

    Returns
    -------
    ndarray of float64, shape (r (r + 1) / 2,)
        Unfolded again; zeros stay zeros.
    """
    factor = whitening @ low_rank_factor(symmetric(vector, len(whitening)))
    out = upper_triangle(factor @ factor.T)
    norm = np.linalg.norm(out)
    return out / norm if norm > 0 else out


def low_rank_factor(gram: np.ndarray) -> np.ndarray:
    """Factor a Gram matrix by Cholesky with pivots.

    A Gram matrix of answers has as many directions as there are labels, so this saves two products of (r, r).

    Parameters
    ----------
    gram : ndarray of float64, shape (r, r)
        G, positive semidefinite.

    Returns
    -------
    ndarray of float64, shape (r, k)
        L with L L^T = G to `TOLERANCE` of its largest entry; k is the labels less one.
    """
    from scipy.linalg.lapack import dpstrf

    largest = np.diag(gram).max(initial=0.0)
    if largest <= 0:
        return np.zeros((len(gram), 0))
    lower, pivots, rank, _ = dpstrf(gram, tol=TOLERANCE * largest, lower=1)
    out = np.empty((len(gram), rank))
    out[pivots - 1] = np.tril(lower[:, :rank])
    return out
