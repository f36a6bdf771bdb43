"""The nearest neighbours of every item as edges of a graph, found in the original space."""

import numpy as np

from fute_core.errors import BadInput

CHUNK = 512


def nearest_edges(vectors: np.ndarray, k: int) -> np.ndarray:
    """Join every item to its nearest.

    Parameters
    ----------
    vectors : ndarray of float32, shape (n, d)
        Calibrated, so that inner products are similarities. Memory grows with n, time with n^2.
    k : int
        How many nearest neighbours of each item.

    Returns
    -------
    ndarray of int32, shape (m, 2)
        Each pair once, the smaller position first: i and j where one is among the k most similar to the other.

    Raises
    ------
    BadInput
        For k below 1.
    """
    if k < 1:
        raise BadInput(f"{k} nearest neighbours make no edges; give 1 or more.")
    n = len(vectors)
    k = min(k, n - 1)
    if k < 1:
        return np.zeros((0, 2), np.int32)
    ends = []
    for start in range(0, n, CHUNK):
        rows = np.arange(start, min(start + CHUNK, n))
        similar = vectors[rows] @ vectors.T
        similar[np.arange(len(rows)), rows] = -np.inf
        near = np.argpartition(-similar, k - 1, axis=1)[:, :k]
        ends.append(np.stack([np.repeat(rows, k), near.ravel()], 1))
    return np.unique(np.sort(np.concatenate(ends), axis=1), axis=0).astype(np.int32)
