"""The nearest of every item among all, exactly, in blocks of products."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from fute_core.space.rows import Rows

BLOCK = 512
"""Items compared at once with as many others: their products stay in the processor's cache."""
AHEAD = 4
"""Products that wait, at most, for each thread."""


def nearest_of_all(rows: Rows, k: int, threads: int = 2) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Find the k most similar others of every item.

    Each pair is compared once. Time grows with n^2, memory with n k.

    Parameters
    ----------
    rows : Rows
        n items, such as `Placed`.
    k : int
        How many; at most n - 1 are found.
    threads : int, default 2
        Blocks compared at once.

    Returns
    -------
    near : ndarray of int32, shape (n, k)
        Positions, the most similar first; of equal ones which are found is not said.
    cosines : ndarray of float32, shape (n, k)
        Their similarities.
    """
    n = len(rows)
    k = min(k, n - 1)
    if k < 1:
        return np.zeros((n, 0), np.int32), np.zeros((n, 0), np.float32)
    starts = list(range(0, n, BLOCK))
    blocks = [rows.take(np.arange(start, min(start + BLOCK, n))) for start in starts]
    best = [_Best.none(start, len(block), k) for start, block in zip(starts, blocks, strict=True)]

    def compare(at: tuple[int, int]) -> NDArray[np.float32]:
        return blocks[at[0]].cosines(blocks[at[1]])

    with ThreadPoolExecutor(threads) as pool, threadpool_limits(1):
        # Along the diagonals every block meets others early, so that later ones are mostly dismissed by one comparison.
        pairs = [(i, i + step) for step in range(len(blocks)) for i in range(len(blocks) - step)]
        for chunk in _chunks(pairs, threads * AHEAD):
            for (i, j), cosines in zip(chunk, pool.map(compare, chunk), strict=True):
                if i == j:
                    np.fill_diagonal(cosines, -np.inf)
                else:
                    best[j].offer(starts[i], cosines.T)
                best[i].offer(starts[j], cosines)
    return np.concatenate([b.near for b in best]), np.concatenate([b.cosines for b in best])


@dataclass(frozen=True)
class _Best:
    """The best k so far of the items of a block, (b, k) each, sorted."""

    near: NDArray[np.int32]
    cosines: NDArray[np.float32]

    @classmethod
    def none(cls, start: int, size: int, k: int) -> "_Best":
        return cls(np.full((size, k), np.iinfo(np.int32).max, np.int32), np.full((size, k), -np.inf, np.float32))

    def offer(self, start: int, cosines: NDArray[np.float32]) -> None:
        """Take what is better than the worst of the best so far; `cosines` (b, others) are of items from `start` on."""
        rows = np.flatnonzero((cosines > self.cosines[:, -1:]).any(1))
        own, k = cosines[rows], self.near.shape[1]
        found = np.argpartition(-own, k - 1, axis=1)[:, :k] if own.shape[1] > k else np.indices(own.shape)[1]
        near = np.hstack([self.near[rows], (found + start).astype(np.int32)])
        values = np.hstack([self.cosines[rows], np.take_along_axis(own, found, 1)])
        order = np.lexsort((near, -values), axis=-1)[:, :k]
        self.near[rows] = np.take_along_axis(near, order, 1)
        self.cosines[rows] = np.take_along_axis(values, order, 1)


def _chunks(pairs: list[tuple[int, int]], size: int) -> Iterator[list[tuple[int, int]]]:
    for start in range(0, len(pairs), size):
        yield pairs[start : start + size]
