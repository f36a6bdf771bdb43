"""The nearest neighbours of every item as edges of a graph, found in the original space."""

import numpy as np

from fute_core.errors import BadInput

CHUNK = 512


def nearest_edges(vectors: np.ndarray, k: int) -> np.ndarray:
    """int32 (m, 2), each pair once, smaller position first: i and j where j is among the k most similar to i.

    vectors : float32 (n, d), calibrated, of which inner products are similarities. Memory grows with n, time with n^2.
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
