"""Gram matrices of answers as vectors: compressed in a basis, unfolded, and folded again."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray


def compress(answers: NDArray[np.float64], basis: NDArray[np.float64]) -> tuple[NDArray[np.float32], float]:
    """Write a Gram matrix of answers in a basis: the upper triangle of Q^T Z Z^T Q at unit norm.

    Off-diagonal entries are multiplied by sqrt 2, so that dot products are those of the matrices.

    Parameters
    ----------
    answers : ndarray of float64, shape (m, k)
        Z, centred answers.
    basis : ndarray of float64, shape (m, r)
        Q, see `probe_basis`.

    Returns
    -------
    tuple of (ndarray, float)
        float32 (r (r + 1) / 2,), and the share of the squared norm of Z Z^T that is lost.
    """
    z = basis.T @ answers
    gram = z @ z.T
    vector = upper_triangle(gram)
    norm, total = float(np.linalg.norm(vector)), float(np.linalg.norm(answers.T @ answers))
    if norm <= 1e-12 * max(total, 1.0):
        return np.zeros(len(vector), np.float32), 0.0
    return (vector / norm).astype(np.float32), float(1.0 - (norm / total) ** 2)


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


def symmetric(triangle: NDArray[np.floating], r: int) -> NDArray[np.float64]:
    """Fold what `upper_triangle` unfolded.

    Parameters
    ----------
    triangle : ndarray of float, shape (r (r + 1) / 2,)
        The unfolded matrix.
    r : int
        Rows of the matrix.

    Returns
    -------
    ndarray of float64, shape (r, r)
        The matrix.
    """
    places, factors = _triangle(r)
    half = np.zeros((r, r))
    half.ravel()[places] = triangle / (factors * np.where(factors == 1.0, 2.0, 1.0))
    return half + half.T


@lru_cache(maxsize=4)
def _triangle(r: int) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Places of an upper triangle in the flat matrix (r, r), and the factors of its entries."""
    rows, columns = np.triu_indices(r)
    return rows * r + columns, np.where(rows == columns, 1.0, np.sqrt(2.0))
