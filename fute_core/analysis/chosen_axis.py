"""An axis of one's own: from one end to another, which are families or single items."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fute_core.analysis.skill import is_weak
from fute_core.atlas.newcomers import is_tuned
from fute_core.errors import BadInput

if TYPE_CHECKING:
    from fute_core.atlas.gallery import Item
    from fute_core.space.rows import Rows

LEAST_LEFT = 1e-6
"""Squared length below which members point nowhere together, so that nothing is like their centre."""


@dataclass(frozen=True)
class ChosenAxis:
    """Where items lie between two ends.

    Parameters
    ----------
    start, end : ndarray of float64, shape (n,)
        Similarity of each item to the one end and to the other, -1 to 1.
    """

    start: NDArray[np.float64]
    end: NDArray[np.float64]

    @property
    def along(self) -> NDArray[np.float64]:
        """By how much an item is more like the end than like the start, (n,), -2 to 2."""
        return self.end - self.start

    @property
    def nearer(self) -> NDArray[np.float64]:
        """Similarity to the nearer of both, (n,): what is low here lies between the ends for having to do with none."""
        return np.maximum(self.start, self.end)

    @property
    def coordinates(self) -> NDArray[np.float32]:
        """A map's places, (n, 2): along the axis, and by how near the nearer end is."""
        return np.column_stack([self.along, self.nearer]).astype(np.float32)


def families_of(items: Sequence["Item"]) -> tuple[str, ...]:
    """List the families that can be an end.

    Parameters
    ----------
    items : sequence of Item
        Of the atlas.

    Returns
    -------
    tuple of str
        By name.
    """
    return tuple(sorted({item.embedding.family for item in items if item.embedding.family}))


def end_members(items: Sequence["Item"], end: str) -> NDArray[np.intp]:
    """Find the items that make an end.

    Parameters
    ----------
    items : sequence of Item
        Of the atlas.
    end : str
        An item as "kind:name", or a family as "family:name".

    Returns
    -------
    ndarray of int
        Positions. Of a family, those that are not known to be close to guessing, whose places mean little; all of them
        where none is left. Fine-tuned models that ship shape no end.

    Raises
    ------
    BadInput
        Where there is no such family and no such item.
    """
    kind, _, name = end.partition(":")
    if kind == "family":
        family = [i for i, item in enumerate(items) if item.embedding.family == name and not is_tuned(item)]
        found = [i for i in family if not is_weak(items[i].facts)] or family
    else:
        found = [i for i, item in enumerate(items) if (item.embedding.kind, item.embedding.name) == (kind, name)]
    if not found:
        raise BadInput(f"{end!r} is neither a family nor an item of this atlas; choose another end of the axis.")
    return np.array(found, np.intp)


def chosen_axis(rows: "Rows", start: NDArray[np.intp], end: NDArray[np.intp]) -> ChosenAxis:
    """Place all items between two ends.

    The similarity to an end of several items is the cosine to the mean of their vectors, which needs no vectors: the
    mean similarity to them, over the root of their mean similarity among themselves. An item that belongs to an end is
    held against the others of it, so that none is near an end for being a part of it.

    Parameters
    ----------
    rows : Rows
        n items of a space, such as `TaskSpace.placed`.
    start, end : ndarray of int
        Positions of the items of each end, at least one; not the same.

    Returns
    -------
    ChosenAxis
        An item that is an end by itself has similarity 1 to it, and by that no item is nearer.

    Raises
    ------
    BadInput
        For two equal ends.
    """
    if set(start.tolist()) == set(end.tolist()):
        raise BadInput("Both ends of the axis are the same; choose another one of them.")
    return ChosenAxis(_to_centre(rows, start), _to_centre(rows, end))


def _to_centre(rows: "Rows", members: NDArray[np.intp]) -> NDArray[np.float64]:
    known = rows.take(members)
    cosines = rows.cosines(known).astype(np.float64)
    cosines[members, np.arange(len(members))] = 1.0
    if len(members) == 1:
        alone: NDArray[np.float64] = cosines[:, 0]
        return alone
    among = cosines[members]
    summed, many = cosines.sum(1), np.full(len(rows), float(len(members)))
    squared = np.full(len(rows), among.sum())
    # Without itself: its row and its column go from the sum over all pairs, and its similarity of 1 from its own sum.
    squared[members] -= 2 * among.sum(1) - 1
    summed[members] -= 1
    many[members] -= 1
    norm = np.sqrt(np.maximum(squared, 0)) / many
    found = np.divide(summed / many, norm, out=np.zeros(len(rows)), where=norm**2 > LEAST_LEFT)
    clipped: NDArray[np.float64] = np.clip(found, -1.0, 1.0)
    return clipped
