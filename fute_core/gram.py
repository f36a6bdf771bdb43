"""Gram matrices of answers as factors: k labels are k - 1 directions of r numbers, not r (r + 1) / 2 numbers.

G = F F^T, with F (r, k - 1). Unfolded, G is its upper triangle with off-diagonal entries times sqrt 2, so that dot
products are those of the matrices.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

NEGLIGIBLE = 1e-7
"""Directions whose eigenvalue is below this share of the largest change no similarity by more than that."""
TOLERANCE = 1e-6
"""Unfolded matrices are stored as float32, so below this share of the largest entry there is only rounding."""


def gram_factor(answers: NDArray[np.float64], basis: NDArray[np.float64]) -> tuple[NDArray[np.float32], float]:
    """Write a Gram matrix of answers in a basis: the factor of Q^T Z Z^T Q at unit norm, in as few columns as it has.

    Parameters
    ----------
    answers : ndarray of float64, shape (m, k)
        Z, centred answers.
    basis : ndarray of float64, shape (m, r)
        Q, see `methods.functional.probe_basis`.

    Returns
    -------
    tuple of (ndarray, float)
        float32 (r, k'), k' at most k - 1 for centred answers and 0 where they are all alike; and the share of the
        squared norm of Z Z^T that is lost.
    """
    z = basis.T @ answers
    values, vectors = np.linalg.eigh(z.T @ z)
    norm, total = float(np.linalg.norm(values)), float(np.linalg.norm(answers.T @ answers))
    if norm <= 1e-12 * max(total, 1.0):
        return np.zeros((len(z), 0), np.float32), 0.0
    kept = np.flatnonzero(values > NEGLIGIBLE * values[-1])[::-1]
    return (z @ vectors[:, kept] / np.sqrt(norm)).astype(np.float32), float(1.0 - (norm / total) ** 2)


def factor_of(gram: NDArray[np.float64]) -> NDArray[np.float64]:
    """Factor a Gram matrix by Cholesky with pivots.

    Parameters
    ----------
    gram : ndarray of float64, shape (r, r)
        G, positive semidefinite.

    Returns
    -------
    ndarray of float64, shape (r, k)
        L with L L^T = G to `TOLERANCE` of its largest entry; no columns for zeros.
    """
    from scipy.linalg.lapack import dpstrf

    largest = np.diag(gram).max(initial=0.0)
    if largest <= 0:
        return np.zeros((len(gram), 0))
    lower, pivots, rank, _ = dpstrf(gram, tol=TOLERANCE * largest, lower=1)
    out = np.empty((len(gram), rank))
    out[pivots - 1] = np.tril(lower[:, :rank])
    return out


def triangle_length(r: int) -> int:
    """Count the numbers of an unfolded symmetric matrix.

    Parameters
    ----------
    r : int
        Rows of the matrix.

    Returns
    -------
    int
        r (r + 1) / 2.
    """
    return r * (r + 1) // 2


def upper_triangle(gram: NDArray[np.float64]) -> NDArray[np.float64]:
    """Unfold a symmetric matrix.

    Parameters
    ----------
    gram : ndarray of float64, shape (r, r)
        Symmetric.

    Returns
    -------
    ndarray of float64, shape (r (r + 1) / 2,)
        Its upper triangle, off-diagonal entries times sqrt 2, so that dot products stay.
    """
    places, factors = _triangle(len(gram))
    return np.asarray(gram.ravel()[places] * factors)


def symmetric(triangle: NDArray[np.floating]) -> NDArray[np.float64]:
    """Fold what `upper_triangle` unfolded.

    Parameters
    ----------
    triangle : ndarray of float, shape (r (r + 1) / 2,)
        The unfolded matrix.

    Returns
    -------
    ndarray of float64, shape (r, r)
        The matrix.
    """
    r = int((np.sqrt(8 * len(triangle) + 1) - 1) / 2)
    places, factors = _triangle(r)
    half = np.zeros((r, r))
    half.ravel()[places] = triangle / (factors * np.where(factors == 1.0, 2.0, 1.0))
    return half + half.T


@lru_cache(maxsize=4)
def _triangle(r: int) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Places of an upper triangle in the flat matrix (r, r), and the factors of its entries."""
    rows, columns = np.triu_indices(r)
    return rows * r + columns, np.where(rows == columns, 1.0, np.sqrt(2.0))


def joined_vector(factor: NDArray[np.floating] | None, values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Make one vector of a Gram matrix and what lies beside it.

    Parameters
    ----------
    factor : ndarray of float, shape (r, k), or None
        F of the Gram matrix F F^T.
    values : ndarray of float32, shape (v,)
        The other numbers.

    Returns
    -------
    ndarray of float32, shape (r (r + 1) / 2 + v,)
        The unfolded Gram matrix, then the values; the values alone without a factor.
    """
    if factor is None:
        return values
    wide = factor.astype(np.float64)
    return np.concatenate([upper_triangle(wide @ wide.T).astype(np.float32), values])
