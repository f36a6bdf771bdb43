"""What similarities pairs of one job and pairs of two jobs have: the calibrated scale, as the About page draws it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from fute_core.atlas.atlas import Atlas

SCALE_PAIRS = (("dataset", "dataset"), ("dataset", "model"), ("dataset", "prompt"))


@dataclass(frozen=True)
class Strip:
    """Similarities of all pairs of two kinds whose families are known.

    Parameters
    ----------
    kinds : tuple of (str, str)
        The two kinds.
    same : ndarray of float, shape (n,)
        Similarities of pairs of one family, rising.
    different : ndarray of float
        Similarities of pairs of two families, rising.
    pairs : tuple of (str, str), length n
        Names of the pairs in `same`.
    above : float or None
        Share of `same` above 95 % of `different`, 0 to 1; None where one of them is empty.
    """

    kinds: tuple[str, str]
    same: NDArray[np.float32]
    different: NDArray[np.float32]
    pairs: tuple[tuple[str, str], ...]
    above: float | None


def scale_strips(atlas: "Atlas") -> list[Strip]:
    """Gather the calibrated scale for datasets against each kind.

    Parameters
    ----------
    atlas : Atlas
        The space.

    Returns
    -------
    list of Strip
        Of the `SCALE_PAIRS` that have a pair of items with two known families.
    """
    items = [i.embedding for i in atlas.items]
    cosines = atlas.space.cosines()
    found = []
    for kinds in SCALE_PAIRS:
        pairs = [
            (i, j)
            for i, one in enumerate(items)
            for j, other in enumerate(items)
            if (one.kind, other.kind) == kinds and one.family and other.family and (kinds[0] != kinds[1] or j > i)
        ]
        pairs.sort(key=lambda p: cosines[p])
        same = [p for p in pairs if items[p[0]].family == items[p[1]].family]
        different = np.array([cosines[i, j] for i, j in pairs if items[i].family != items[j].family])
        values = np.array([cosines[p] for p in same])
        above = float((values > np.quantile(different, 0.95)).mean()) if len(values) and len(different) else None
        if pairs:
            names = tuple((items[i].name, items[j].name) for i, j in same)
            found.append(Strip(kinds, values, different, names, above))
    return found
