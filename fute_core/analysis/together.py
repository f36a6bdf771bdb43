"""What a group of items has in common: its middle, how alike its members are, and the texts that set it apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fute_core.analysis.skill import skill_of
from fute_core.errors import BadInput

if TYPE_CHECKING:
    from fute_core.atlas.gallery import Item
    from fute_core.space.space import TaskSpace

FEWEST = 3
"""Items that make a group."""
MOST = 1000
"""Items that are compared all with all; of more, so many evenly drawn."""


@dataclass(frozen=True)
class Together:
    """A group in numbers.

    Parameters
    ----------
    middle : int
        Position in the atlas of the item that is most similar to the others on average (the medoid).
    within : float
        Mean similarity of two of the group, -1 to 1.
    skill : float or None
        Median skill of those it was measured for; None for none.
    measured : int
        How many those are.
    """

    middle: int
    within: float
    skill: float | None
    measured: int


def together(space: "TaskSpace", items: Sequence["Item"], members: Sequence[int]) -> Together:
    """Describe some items of an atlas as a group.

    Parameters
    ----------
    space : TaskSpace
        Of the atlas.
    items : sequence of Item
        All of it.
    members : sequence of int
        Positions of the group, each once.

    Returns
    -------
    Together
        Its middle, and how alike and how skilled its members are.

    Raises
    ------
    BadInput
        For fewer than three.
    """
    if len(members) < FEWEST:
        raise BadInput(f"A group has {FEWEST} items or more; this one has {len(members)}.")
    drawn = np.unique(np.linspace(0, len(members) - 1, min(len(members), MOST)).round().astype(int))
    looked = [members[at] for at in drawn]
    cosines = np.array(space.cosines(looked, looked), np.float64)
    np.fill_diagonal(cosines, 0.0)
    means = cosines.sum(1) / (len(looked) - 1)
    known = [found.skill for i in members if (found := skill_of(items[i].facts)) is not None]
    return Together(looked[int(np.argmax(means))], float(means.mean()), median(known) if known else None, len(known))


def setting_apart(
    inside: Sequence[NDArray[np.float64]], outside: Sequence[NDArray[np.float64]], k: int
) -> tuple[int, ...]:
    """Find the probe texts that make a group's middle like its members, and not like what lies near it outside.

    Parameters
    ----------
    inside, outside : sequence of ndarray of float64, shape (m,)
        What each text adds to the similarity of the middle with a member, and with an item that is none; see
        `evidence.text_shares`. At least one of each.
    k : int
        How many texts at most.

    Returns
    -------
    tuple of int
        Positions of texts, the one that tells most first; all add more inside than outside.
    """
    more = np.mean(inside, 0) - np.mean(outside, 0)
    return tuple(int(p) for p in np.argsort(-more, kind="stable")[:k] if more[p] > 0)
