"""The few that lead, of very many."""

import numpy as np
from numpy.typing import NDArray

DECIMALS = 6
"""Rounding keeps the last bit of a sum from deciding between equals."""


def foremost(cosines: NDArray[np.floating], members: NDArray[np.intp], k: int) -> NDArray[np.intp]:
    """Choose the most similar, with all that are as similar as the last of them.

    Parameters
    ----------
    cosines : ndarray of float, shape (n,)
        Similarities of all items.
    members : ndarray of int, shape (m,)
        Positions to choose from.
    k : int
        How many at least, if there are as many.

    Returns
    -------
    ndarray of int, shape (k or more,)
        Positions, in no order.
    """
    if k >= len(members):
        return members
    values = cosines[members].astype(np.float64).round(DECIMALS)
    return np.asarray(members[values >= np.partition(values, len(values) - k)[len(values) - k]])
