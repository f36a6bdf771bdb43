"""What many prompts begin with in common, as a tree: each part is read once, and all that begin with it continue."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEAST_TOKENS = 4
"""Tokens of a common start that are worth a step of their own."""
LEAST_SAVED = 32
"""Tokens that a common start must spare the others from reading."""


@dataclass(frozen=True)
class Start:
    """Tokens that several prompts have in common.

    Parameters
    ----------
    parent : int
        Which start they follow; -1 for none.
    ids : list of int
        The tokens.
    """

    parent: int
    ids: list[int]


def common_starts(prompts: list[list[int]]) -> tuple[list[Start], NDArray[np.intp], NDArray[np.intp]]:
    """Find what is worth reading once for several prompts.

    Parameters
    ----------
    prompts : list of list of int
        Token ids of n prompts.

    Returns
    -------
    tuple of (list of Start, ndarray of int, ndarray of int)
        Starts, each after its parent; and of every prompt which start it continues, -1 for none, and how many of its
        tokens that and its parents hold. At least one token of every prompt is left.
    """
    order = sorted(range(len(prompts)), key=prompts.__getitem__)
    starts: list[Start] = []
    parents, covered = np.full(len(prompts), -1, np.intp), np.zeros(len(prompts), np.intp)
    # Runs of sorted prompts that have `same` tokens in common, of which `held` are in `parent` and what it follows.
    todo = [(0, len(order), 0, -1, 0)]
    while todo:
        lo, hi, same, parent, held = todo.pop()
        first, last = prompts[order[lo]], prompts[order[hi - 1]]
        same = _same(first, last, same)
        if same - held >= LEAST_TOKENS and (same - held) * (hi - lo - 1) >= LEAST_SAVED:
            starts.append(Start(parent, first[held:same]))
            parent, held = len(starts) - 1, same
        for i in order[lo:hi]:
            parents[i], covered[i] = parent, held
        todo += [(*part, same, parent, held) for part in _parts(prompts, order, lo, hi, same)]
    return _worthwhile(starts, parents, covered)


def _worthwhile(
    starts: list[Start], parents: NDArray[np.intp], covered: NDArray[np.intp]
) -> tuple[list[Start], NDArray[np.intp], NDArray[np.intp]]:
    """Without starts that spare little: those few that continue one of them read its tokens themselves."""
    users = np.bincount(parents[parents >= 0], minlength=len(starts))
    for start in starts:
        if start.parent >= 0:
            users[start.parent] += 1
    stays = np.zeros(len(starts), bool)
    for i in reversed(range(len(starts))):
        stays[i] = len(starts[i].ids) * (users[i] - 1) >= LEAST_SAVED
        if not stays[i] and starts[i].parent >= 0:
            users[starts[i].parent] += users[i] - 1
    # What each start is called from now on, or the nearest that stays before it; and what it lacks to be a whole.
    name, left = np.full(len(starts) + 1, -1, np.intp), np.zeros(len(starts) + 1, np.intp)
    found: list[Start] = []
    open_ids: list[list[int]] = []
    for i, start in enumerate(starts):
        before = open_ids[start.parent] if start.parent >= 0 else []
        ids = before + start.ids
        if stays[i]:
            found.append(Start(int(name[start.parent]), ids))
        name[i] = len(found) - 1 if stays[i] else name[start.parent]
        open_ids.append([] if stays[i] else ids)
        left[i] = len(open_ids[i])
    return found, name[parents], covered - left[parents]


def _same(first: list[int], last: list[int], known: int) -> int:
    """How many tokens two prompts begin with in common, one of each left over; `known` are known to be."""
    most = min(len(first), len(last)) - 1
    return next((i for i in range(known, most) if first[i] != last[i]), max(most, known))


def _parts(prompts: list[list[int]], order: list[int], lo: int, hi: int, same: int) -> list[tuple[int, int]]:
    """Runs of two or more that go on alike after `same` tokens; those that end there go on in no way."""
    parts, start = [], lo
    while start < hi and len(prompts[order[start]]) <= same + 1:
        start += 1
    while start < hi:
        stop = start + 1
        while stop < hi and prompts[order[stop]][same] == prompts[order[start]][same]:
            stop += 1
        if stop - start > 1:
            parts.append((start, stop))
        start = stop
    return parts
