"""What calibration does within one vector: each block to one scale."""

from collections.abc import Sequence

import numpy as np

from fute_core.vectors import Block

RELATIVE_EPS = 1e-6
SILENT = 1e-6
"""Root mean square of centred logs, or norm of a centred part, below which only rounding is left."""


def scale_blocks(vector: np.ndarray, blocks: Sequence[Block]) -> np.ndarray:
    """Bring each block to unit norm, after a centred logarithm where it asks for one: u of calibration.

    Parameters
    ----------
    vector : ndarray, shape (d,)
        Raw values.
    blocks : sequence of Block
        Slices of the vector.

    Returns
    -------
    ndarray of float64, shape (d,)
        Zeros in a block that says nothing.
    """
    out = np.zeros(len(vector))
    for block in blocks:
        values = vector[block.start : block.stop].astype(np.float64)
        largest = values.max(initial=0.0)
        if block.log and largest > 0:
            values = np.log(values + RELATIVE_EPS * largest)
            values -= values.mean()
            if np.sqrt(np.mean(values**2)) < SILENT:
                continue
        norm = np.linalg.norm(values)
        if norm > 0:
            out[block.start : block.stop] = values / norm
    return out


def speaking(scaled: np.ndarray, blocks: Sequence[Block]) -> np.ndarray:
    """Tell for each number whether its block says something.

    Parameters
    ----------
    scaled : ndarray, shape (d,)
        Blocks as `scale_blocks` returns them.
    blocks : sequence of Block
        Slices of the vector.

    Returns
    -------
    ndarray of bool, shape (d,)
        True where the block has any number that is not zero.
    """
    mask = np.zeros(len(scaled), bool)
    for block in blocks:
        mask[block.start : block.stop] = scaled[block.start : block.stop].any()
    return mask
