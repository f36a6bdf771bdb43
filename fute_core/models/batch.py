"""Texts that an encoder reads together."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Batch:
    """Some of the given texts, tokenised together.

    Parameters
    ----------
    index : ndarray of int, shape (b,)
        Which of the given texts these rows are.
    inputs : dict of str to Tensor
        What the encoder takes: token ids and mask, each of shape (b, t).
    mask : Tensor of float32, shape (b, t)
        1 at real tokens, 0 at padding.
    """

    index: NDArray[np.intp]
    inputs: dict[str, "torch.Tensor"]
    mask: "torch.Tensor"


def lengths_of(encoded: dict[str, list[list[int]]]) -> NDArray[np.intp]:
    """Count the tokens of texts.

    Parameters
    ----------
    encoded : dict of str to list of list of int
        As a tokenizer gives them.

    Returns
    -------
    ndarray of int, shape (n,)
        With special tokens.
    """
    return np.array([len(ids) for ids in encoded["input_ids"]], np.intp)


def alike(lengths: NDArray[np.intp], most: int) -> Iterator[NDArray[np.intp]]:
    """Put texts of similar length together, so that little is padded.

    Parameters
    ----------
    lengths : ndarray of int, shape (n,)
        Tokens of each text.
    most : int
        Tokens of a batch with padding; a longer text is a batch by itself.

    Yields
    ------
    ndarray of int
        Positions of the texts in one batch; every text is in exactly one.
    """
    order = np.argsort(lengths, kind="stable")
    start = 0
    while start < len(order):
        stop = start + 1
        while stop < len(order) and (stop + 1 - start) * lengths[order[stop]] <= most:
            stop += 1
        yield order[start:stop]
        start = stop
