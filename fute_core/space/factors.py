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
    def of(cls, factors: Sequence[NDArray[np.float64]], whitening: NDArray[np.float64] | None = None) -> "Factors":
        """Put factors side by side, each scaled so that its Gram matrix has unit norm.

        Parameters
        ----------
        factors : sequence of n ndarrays of float64, shape (r, k)
            k may differ and is at least 1; zeros stay zeros.
        whitening : ndarray of float64, shape (r, r), optional
            What each is multiplied by before it is scaled.

        Returns
        -------
        Factors
            Of the same n items.
        """
        widths = np.array([f.shape[1] for f in factors], np.intp)
        starts = np.cumsum(widths) - widths
        columns = np.concatenate(factors, 1)
        columns = columns if whitening is None else whitening @ columns
        norms = gram_norms(columns.T, starts, widths)
        columns /= np.sqrt(np.where(norms > 0, norms, 1.0)).repeat(widths)
        return cls(columns, starts)

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


def gram_norms(
    columns: NDArray[np.floating], starts: NDArray[np.intp], widths: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Find the norm of each item's Gram matrix: of all items of one width at once.

    Parameters
    ----------
    columns : ndarray of float, shape (K, r)
        The factors' columns as rows, item after item.
    starts, widths : ndarray of int, shape (n,)
        Where each item begins, and how many it has.

    Returns
    -------
    ndarray of float64, shape (n,)
        Frobenius norms.
    """
    norms = np.zeros(len(starts))
    for width in np.unique(widths):
        members = np.flatnonzero(widths == width)
        own = columns[starts[members][:, None] + np.arange(width)]
        norms[members] = np.linalg.norm(own @ own.transpose(0, 2, 1), axis=(1, 2))
    return norms


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
    known: dict[bytes, int] = {}  # all items of a kind lose the same mean, which is compared once
    of = np.array([known.setdefault(row.tobytes(), len(known)) for row in weights], np.intp)
    means = weights[np.unique(of, return_index=True)[1]]
    taken = (means @ to_reference.T)[of]
    centred = kernel - taken - taken.T + (means @ reference @ means.T)[np.ix_(of, of)]
    norms = np.sqrt(np.maximum(np.diag(centred), 0.0))
    scale = np.where(norms > NOTHING_LEFT, norms, np.inf)
    return np.asarray(centred / scale[:, None] / scale[None, :])


NOTHING_LEFT = 1e-6
"""Norm below which only rounding is left of an item."""
