"""Similarities of parts of a space: computed once, whole where that is cheap, and shared by all sessions."""

import numpy as np

from dashboard.reads import data
from dashboard.reads.moments import kept

MOST_WHOLE = 2000
"""Items up to which all similarities are kept: 16 MB, and some seconds once."""


def between(pair: bool, rows: list[int], columns: list[int]) -> np.ndarray:
    """Similarities (n_rows, n_columns), float32, of the items at these positions of the atlas."""
    stamp = data.stamp()
    if len(data.atlas(pair).items) <= MOST_WHOLE:
        return _whole(pair, stamp)[np.ix_(rows, columns)]
    return _part(pair, stamp, tuple(rows), tuple(columns))


def shares(pair: bool, rows: list[int], columns: list[int]) -> np.ndarray:
    """Of the pairs known to do different jobs, how many are as alike, (n_rows, n_columns), float32; see `closer_than`.

    NaN where too few are known, and where an item would be held against itself.
    """
    from fute_core.analysis.shares import shares

    atlas = data.atlas(pair)
    down, along = ([atlas.items[i].embedding for i in axis] for axis in (rows, columns))
    found = shares(atlas.meaning, down, along, between(pair, rows, columns))
    found[np.equal.outer(rows, columns)] = np.nan
    return found


@kept(2, "Comparing")
def _whole(pair: bool, stamp: str) -> np.ndarray:
    return data.atlas(pair, stamp).space.cosines()


@kept(4, "Comparing")
def _part(pair: bool, stamp: str, rows: tuple[int, ...], columns: tuple[int, ...]) -> np.ndarray:
    return data.atlas(pair, stamp).space.cosines(rows, columns)
