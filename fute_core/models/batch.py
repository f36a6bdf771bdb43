"""Texts that an encoder reads together."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

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


def padded(encoded: dict[str, list[list[int]]], index: NDArray[np.intp], tokenizer: Any) -> "dict[str, torch.Tensor]":
    """Put texts into rectangles, as the tokenizer's own `pad` does, which takes longer than a small encoder reads.

    Parameters
    ----------
    encoded : dict of str to list of list of int
        As the tokenizer gives them.
    index : ndarray of int, shape (b,)
        Which of the texts.
    tokenizer : transformers.PreTrainedTokenizerBase
        What says with which numbers to fill, and on which side.

    Returns
    -------
    dict of str to Tensor
        Of each name (b, longest), int64, on the processor.
    """
    import torch

    fill = {"input_ids": tokenizer.pad_token_id, "token_type_ids": tokenizer.pad_token_type_id, "attention_mask": 0}
    if not set(encoded) <= set(fill):
        rows = {name: [ids[i] for i in index] for name, ids in encoded.items()}
        return dict(tokenizer.pad(rows, return_tensors="pt"))
    left = tokenizer.padding_side == "left"
    longest = max(len(encoded["input_ids"][i]) for i in index)
    found = {}
    for name, ids in encoded.items():
        filled = np.full((len(index), longest), fill[name], np.int64)
        for row, i in zip(filled, index, strict=True):
            row[longest - len(ids[i]) if left else 0 :][: len(ids[i])] = ids[i]
        found[name] = torch.from_numpy(filled)
    return found
