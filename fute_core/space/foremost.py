"""The few that lead, of very many."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fute_core.tasks import Kind

DECIMALS = 6
"""Rounding keeps the last bit of a sum from deciding between equals."""


@dataclass(frozen=True)
class Neighbour:
    """One of the nearest.

    Parameters
    ----------
    name : str
        Its name.
    kind : str
        Its kind.
    family : str or None
        The job that it does, as far as known.
    similarity : float
        Calibrated cosine, -1 to 1.
    rank : int
        From 1.
    """

    name: str
    kind: Kind
    family: str | None
    similarity: float
    rank: int


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
