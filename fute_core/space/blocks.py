"""What calibration does within one vector: each block to one scale. Blocks tile their vector, one after the other."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from fute_core.vectors import Block

RELATIVE_EPS = 1e-6
SILENT = 1e-6
"""Root mean square of centred logs, or norm of a centred part, below which only rounding is left."""


def scale_blocks(vectors: NDArray[np.floating], blocks: Sequence[Block]) -> NDArray[np.float64]:
    """Bring each block to unit norm, after a centred logarithm where it asks for one: u of calibration.

    Parameters
    ----------
    vectors : ndarray, shape (d,) or (n, d)
        Raw values.
    blocks : sequence of Block
        Slices of a vector.

    Returns
    -------
    ndarray of float64, same shape
        Zeros in a block that says nothing.
    """
    starts, sizes, logs = _layout(tuple(blocks))
    values = vectors.astype(np.float64)
    largest = np.maximum.reduceat(values, starts, -1)
    due = logs & (largest > 0)
    if due.any():
        values += np.repeat(np.where(due, RELATIVE_EPS * largest, 0.0), sizes, -1)
        np.log(values, out=values, where=np.repeat(due, sizes, -1))
        values -= np.repeat(np.where(due, np.add.reduceat(values, starts, -1) / sizes, 0.0), sizes, -1)
    squares = np.add.reduceat(values**2, starts, -1)
    silent = np.where(due, np.sqrt(squares / sizes) < SILENT, squares <= 0)
    values *= np.repeat(np.where(silent, 0.0, 1.0 / np.sqrt(np.where(squares > 0, squares, 1.0))), sizes, -1)
    return values


def block_norms(vectors: NDArray[np.float64], blocks: Sequence[Block]) -> NDArray[np.float64]:
    """Measure each block.

    Parameters
    ----------
    vectors : ndarray of float64, shape (d,) or (n, d)
        Any.
    blocks : sequence of Block, length b
        Slices of a vector.

    Returns
    -------
    ndarray of float64, shape (b,) or (n, b)
        Their norms.
    """
    return np.asarray(np.sqrt(np.add.reduceat(vectors**2, _layout(tuple(blocks))[0], -1)))


def spread(numbers: NDArray[np.generic], blocks: Sequence[Block]) -> NDArray[np.generic]:
    """Give every number of a vector what its block has.

    Parameters
    ----------
    numbers : ndarray, shape (b,) or (n, b)
        One for each block.
    blocks : sequence of Block, length b
        Slices of a vector.

    Returns
    -------
    ndarray, shape (d,) or (n, d)
        Of the same type.
    """
    return np.repeat(numbers, _layout(tuple(blocks))[1], -1)


def speaking(scaled: NDArray[np.float64], blocks: Sequence[Block]) -> NDArray[np.bool_]:
    """Tell for each number whether its block says something.

    Parameters
    ----------
    scaled : ndarray of float64, shape (d,) or (n, d)
        Blocks as `scale_blocks` returns them.
    blocks : sequence of Block
        Slices of a vector.

    Returns
    -------
    ndarray of bool, same shape
        True where the block has any number that is not zero.
    """
    return np.asarray(spread(block_norms(scaled, blocks) > 0, blocks), bool)


@lru_cache(maxsize=64)
def _layout(blocks: tuple[Block, ...]) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.bool_]]:
    """Starts, sizes and logarithms of blocks."""
    starts = np.array([b.start for b in blocks], np.intp)
    return starts, np.array([b.stop for b in blocks], np.intp) - starts, np.array([b.log for b in blocks], bool)
