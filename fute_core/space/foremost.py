"""The few that lead, of very many."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fute_core.errors import BadInput
from fute_core.space.placed import EXACT, Placed
from fute_core.tasks import Kind

DECIMALS = 6
"""Rounding keeps the last bit of a sum from deciding between equals."""
BOUND_ERROR = 1e-5
"""Room for rounding, in single precision, between a similarity and its bound."""
WORTH = 0.02
"""Share of the items up to which it is faster to pick them out and look at them alone."""


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


def check_count(k: int) -> None:
    """Refuse a number of neighbours that is none.

    Parameters
    ----------
    k : int
        How many are wanted.

    Raises
    ------
    BadInput
        For k below 1 and for what is no whole number.
    """
    if not isinstance(k, int) or k < 1:
        raise BadInput(f"k is {k!r}; give a whole number of at least 1.")


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


def cosines_to(target: Placed, items: Placed, members: NDArray[np.intp], k: int) -> NDArray[np.float32]:
    """Compare one item with all, exactly where they may be among the k most similar members.

    What lies beside the answers is tens of thousands of numbers an item, and bounded without a look at them. So of many
    items only those are looked at that can still be among the first.

    Parameters
    ----------
    target : Placed
        One item.
    items : Placed
        n items under the same calibration.
    members : ndarray of int, shape (m,)
        Positions among which the most similar are sought.
    k : int
        How many.

    Returns
    -------
    ndarray of float32, shape (n,)
        Similarities; of items that cannot be among the first, more than they have and less than the first have.
    """
    if len(items) <= EXACT or target.row[0] < 0 or k >= len(members):
        return np.asarray(items.cosines(target)[:, 0])
    cosines, room = items.cosines(target, beside=False)[:, 0], items.beside_at_most(target)[:, 0]
    most, least = cosines + room, cosines - room
    likely = members[np.argpartition(-most[members], k - 1)[:k]]
    least[likely] = items.take(likely).cosines(target)[:, 0]
    bar = np.partition(least[members], len(members) - k)[len(members) - k] - BOUND_ERROR
    near = members[most[members] >= bar]
    if len(near) > len(items) * WORTH:
        return np.asarray(items.cosines(target)[:, 0])
    most[near] = items.take(near).cosines(target)[:, 0]
    return most
