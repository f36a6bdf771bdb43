"""Of many pairs at once, how many pairs known to do different jobs are as alike: the calibrated scale of a matrix."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fute_core.space.meaning import Meaning
from fute_core.vectors import TaskEmbedding


def shares(
    meaning: Meaning,
    rows: Sequence[TaskEmbedding],
    columns: Sequence[TaskEmbedding],
    cosines: NDArray[np.floating],
) -> NDArray[np.float32]:
    """Give `Meaning.share` of every pair of a row and a column.

    Parameters
    ----------
    meaning : Meaning
        Of the space that the items are in.
    rows : sequence of TaskEmbedding, length n
        The one side.
    columns : sequence of TaskEmbedding, length m
        The other side.
    cosines : ndarray of float, shape (n, m)
        Their similarities.

    Returns
    -------
    ndarray of float32, shape (n, m)
        From 0 to 1, small for what is alike; NaN where too few pairs of strangers are known.
    """
    found = np.full(cosines.shape, np.nan, np.float32)
    across = _alike(meaning, columns)
    for down in _alike(meaning, rows):
        for along in across:
            known = meaning.strangers(rows[down[0]], columns[along[0]])
            if len(known):
                part = np.ix_(down, along)
                found[part] = (1 + len(known) - np.searchsorted(known, cosines[part], side="left")) / (1 + len(known))
    return found


def _alike(meaning: Meaning, items: Sequence[TaskEmbedding]) -> list[list[int]]:
    """Positions of the items that are held against the same strangers: of one kind, and all new or none."""
    groups: dict[tuple[str, bool], list[int]] = defaultdict(list)
    for n, item in enumerate(items):
        groups[item.kind, meaning.is_new(item)].append(n)
    return list(groups.values())
