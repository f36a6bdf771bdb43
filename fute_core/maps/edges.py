"""The nearest neighbours of every item as edges of a graph, found in the original space."""

import numpy as np
from numpy.typing import NDArray

from fute_core.errors import BadInput
from fute_core.space.all_pairs import nearest_of_all
from fute_core.space.rows import Rows


def nearest_edges(rows: Rows, k: int) -> NDArray[np.int32]:
    """Join every item to its nearest.

    Parameters
    ----------
    rows : Rows
        n items of a space. Memory grows with n, time with n^2.
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
    near, _ = nearest_of_all(rows, k)
    ends = np.stack([np.repeat(np.arange(len(near)), near.shape[1]), near.ravel()], 1)
    return np.unique(np.sort(ends, axis=1), axis=0).astype(np.int32)
