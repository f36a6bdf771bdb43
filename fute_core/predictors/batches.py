"""Token sequences as rectangles: which go together in a batch, and how they are padded."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import torch

TOKENS_PER_BATCH = 2048
TOKENS_PER_PACK = 512
"""Tokens that are read at once without padding: enough for fast products, and few enough for a processor's cache."""
BUSY_TOKENS = 256
"""From so many tokens on, a batch keeps the cores of a processor busy."""
MAX_PADDED = 1.2
"""Tokens with padding by tokens without it, in a batch of BUSY_TOKENS or more."""
CACHED_PER_BATCH = 8192
"""Tokens of shared prefix and prompt together that a batch holds keys and values of, at least."""


def batches(prompts: list[list[int]], n_shared: int, most: int | None = None) -> Iterator[NDArray[np.intp]]:
    """Put sequences of similar length together.

    What is big enough to keep the cores of a processor busy is padded little, see `MAX_PADDED`.

    Parameters
    ----------
    prompts : list of list of int
        Token ids of each sequence.
    n_shared : int
        Tokens of the shared prefix that stand before each of them in the cache.
    most : int, optional
        Tokens of a batch with padding; by default `TOKENS_PER_BATCH`.

    Yields
    ------
    ndarray of int
        Positions of the sequences in one batch; every sequence is in exactly one.
    """
    most = TOKENS_PER_BATCH if most is None else most
    lengths = np.array([len(ids) for ids in prompts], int)
    order = np.argsort(lengths, kind="stable")
    start = 0
    while start < len(order):
        stop, real = start + 1, lengths[order[start]]
        while stop < len(order) and _fits(stop + 1 - start, lengths[order[stop]], real, n_shared, most):
            real += lengths[order[stop]]
            stop += 1
        yield order[start:stop]
        start = stop


def packs(
    lengths: NDArray[np.intp], before: NDArray[np.intp], workers: int = 1, most: int | None = None
) -> list[NDArray[np.intp]]:
    """Put sequences together that are read without padding, those of equal length beside each other.

    Packs hold about as many tokens as each other.

    Parameters
    ----------
    lengths : ndarray of int, shape (n,)
        Tokens of one sequence or more.
    before : ndarray of int, shape (n,)
        Tokens that stand before each of them in a cache.
    workers : int, default 1
        How many packs are read at once; there is work for all of them.
    most : int, optional
        Tokens of a pack, up to part of a sequence more; by default `TOKENS_PER_PACK`.

    Returns
    -------
    list of ndarray of int
        For every pack the positions of its sequences, sorted by length; every sequence is in exactly one.
    """
    most = TOKENS_PER_PACK if most is None else most
    order = np.lexsort((before, lengths))
    lengths = lengths[order]
    total = int(lengths.sum())
    count = max(-(-total // most), -(-(total + int(before.sum())) // cached_at_once(most)))
    count = -(-count // workers) * workers
    pack = (2 * lengths.cumsum() - lengths) * count // (2 * total)
    return np.split(order, np.flatnonzero(np.diff(pack)) + 1)


def cached_at_once(most: int) -> int:
    """Tell of how many tokens keys and values are held in a batch: it bounds memory.

    Parameters
    ----------
    most : int
        Tokens of a batch.

    Returns
    -------
    int
        `CACHED_PER_BATCH`, or more for a device that reads much at once.
    """
    return max(CACHED_PER_BATCH, 4 * most)


def _fits(n: int, longest: int, real_before: int, n_shared: int, most: int) -> bool:
    """Whether a row of `longest` tokens may join n - 1 others that have `real_before` tokens together."""
    small = n * longest <= most and n * (longest + n_shared) <= cached_at_once(most)
    return small and (real_before < BUSY_TOKENS or n * longest <= MAX_PADDED * (real_before + longest))


def left_padded(
    rests: list[list[int]], n_before: int, device: "torch.device | None" = None
) -> tuple["torch.Tensor", "torch.Tensor", "torch.Tensor"]:
    """Put sequences into one rectangle in which all end together.

    Parameters
    ----------
    rests : list of list of int
        Token ids of each sequence, without the shared prefix.
    n_before : int
        Tokens of the shared prefix that stand before each of them in the cache.
    device : torch.device, optional
        Where the model is that reads them; by default the processor.

    Returns
    -------
    tuple of Tensor
        Token ids (n, longest), attention mask (n, n_before + longest), and positions (n, longest).
    """
    import torch

    n, longest = len(rests), max(map(len, rests))
    ids = torch.zeros((n, longest), dtype=torch.long)
    mask = torch.zeros((n, n_before + longest), dtype=torch.long)
    mask[:, :n_before] = 1
    for row, rest in enumerate(rests):
        ids[row, longest - len(rest) :] = torch.tensor(rest)
        mask[row, n_before + longest - len(rest) :] = 1
    positions = (mask.cumsum(1) - 1).clamp(min=0)[:, n_before:]
    return ids.to(device), mask.to(device), positions.to(device)
