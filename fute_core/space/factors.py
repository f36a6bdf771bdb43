"""Gram matrices of answers as factors: an item of k labels is k - 1 directions, not r (r + 1) / 2 numbers.

With G = F F^T everything that a space asks of a Gram matrix follows from its factor: <G_i, G_j> = ||F_i^T F_j||^2, and
the inner product with a mean of items is the mean of theirs. Centred on means of reference items, with the weights w_i
that each item gives them,

    <G_i - sum_p w_ip G_p, G_j - sum_q w_jq G_q> = K_ij - sum_p w_ip K_pj - sum_q w_jq K_iq + sum_pq w_ip K_pq w_jq

so that a kernel K between items is all that calibration needs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T", bound=np.floating)


@dataclass(frozen=True)
class Factors:
    """Factors of n Gram matrices, side by side.

    Parameters
    ----------
    columns : ndarray of float64, shape (r, K)
        The factors' columns, K in all.
    starts : ndarray of int, shape (n,)
        Where each item's columns begin; every item has one at least.
    """

    columns: NDArray[np.float64]
    starts: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.starts)

    @classmethod
    def of(cls, factors: Sequence[NDArray[np.float64]]) -> "Factors":
        """Put factors side by side, each scaled so that its Gram matrix has unit norm.

        Parameters
        ----------
        factors : sequence of n ndarrays of float64, shape (r, k)
            k may differ and is at least 1; zeros stay zeros.

        Returns
        -------
        Factors
            Of the same n items.
        """
        starts = np.cumsum([0, *(f.shape[1] for f in factors)])[:-1]
        columns = np.concatenate([_unit(f) for f in factors], 1)
        return cls(columns, starts.astype(np.intp))

    def inner(self, other: "Factors") -> NDArray[np.float64]:
        """Compare all Gram matrices with all others'.

        Parameters
        ----------
        other : Factors
            m items of the same r.

        Returns
        -------
        ndarray of float64, shape (n, m)
            <G_i, G_j>, at most 1.
        """
        squares = (self.columns.T @ other.columns) ** 2
        return segment_sums(segment_sums(squares, self.starts, 0), other.starts, 1)


def segment_sums(values: NDArray[T], starts: NDArray[np.intp], axis: int) -> NDArray[T]:
    """Sum stretches of an axis.

    Parameters
    ----------
    values : ndarray of float, shape (K,) or (K, m) or (m, K)
        What to sum.
    starts : ndarray of int, shape (n,)
        Where each stretch begins, rising from 0; each has one number at least.
    axis : {0, 1}
        The axis of length K.

    Returns
    -------
    ndarray of float, shape (n,), (n, m) or (m, n)
        The sums; the same array where every stretch is a single number.
    """
    from scipy.sparse import csr_array

    n, k = len(starts), values.shape[axis]
    if n == k:
        return values
    ends = np.append(starts, k)
    sums = csr_array((np.ones(k, values.dtype), np.arange(k), ends), shape=(n, k))  # ten times as fast as reduceat
    if axis == 0:
        return np.asarray(sums @ values)
    return np.asarray((sums @ np.ascontiguousarray(values.T)).T)


def centred_cosines(
    kernel: NDArray[np.float64],
    weights: NDArray[np.float64],
    to_reference: NDArray[np.float64],
    reference: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Compare items after each has lost its own mean of reference items.

    Parameters
    ----------
    kernel : ndarray of float64, shape (n, n)
        Inner products of the items.
    weights : ndarray of float64, shape (n, p)
        What each item's mean consists of; zeros take nothing away.
    to_reference : ndarray of float64, shape (n, p)
        Inner products of the items with the reference items.
    reference : ndarray of float64, shape (p, p)
        Inner products of the reference items.

    Returns
    -------
    ndarray of float64, shape (n, n)
        Cosines; 0 for an item of which nothing is left.
    """
    taken = weights @ to_reference.T
    centred = kernel - taken - taken.T + weights @ reference @ weights.T
    norms = np.sqrt(np.maximum(np.diag(centred), 0.0))
    scale = np.where(norms > NOTHING_LEFT, norms, np.inf)
    return np.asarray(centred / scale[:, None] / scale[None, :])


NOTHING_LEFT = 1e-6
"""Norm below which only rounding is left of an item."""


def _unit(factor: NDArray[np.float64]) -> NDArray[np.float64]:
    norm = np.linalg.norm(factor.T @ factor)
    return factor / np.sqrt(norm) if norm > 0 else factor
