"""The first half of calibration, item by item: factors whitened and at unit norm, values scaled block by block."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fute_core.errors import BadInput, Incomparable
from fute_core.space.blocks import scale_blocks
from fute_core.space.factors import gram_norms
from fute_core.space.shelf import Shelf
from fute_core.vectors import TaskEmbedding, all_finite, is_shared_silence

CHUNK = 1024
"""Items whitened at once: their products stay in the processor's cache."""


@dataclass(frozen=True)
class Whitened:
    """Factors of n Gram matrices after whitening.

    Parameters
    ----------
    columns : ndarray of float32 or float64, shape (K, r)
        Their columns as rows, item after item; an item without answers has one row of zeros.
    starts : ndarray of int, shape (n,)
        Where each item begins.
    answers : ndarray of bool, shape (n,)
        Whether an item has answers that differ; the Gram matrix of such a one has unit norm.
    """

    columns: NDArray[np.floating]
    starts: NDArray[np.intp]
    answers: NDArray[np.bool_]


def check_usable(embeddings: Sequence[TaskEmbedding], space: Mapping[str, Any]) -> None:
    """Check that calibration can use what embeddings hold.

    Parameters
    ----------
    embeddings : sequence of TaskEmbedding
        Of any space.
    space : mapping
        What `space()` of each has to be.

    Raises
    ------
    Incomparable
        For an embedding of another space.
    BadInput
        For numbers that are not finite, or negative where a logarithm is due.
    """
    for item in embeddings:
        if differ := [field for field, value in item.space().items() if value != space[field]]:
            raise Incomparable(f"{item.name!r} is not in the space of the calibration: its {', '.join(differ)} differ.")
        if not all_finite(item.values, item.factor):
            raise BadInput(f"The embedding of {item.name!r} has values that are not finite numbers; compute it again.")
        below = item.values.size and not is_shared_silence(item.values) and item.values.min() < 0
        if below and any(b.log and item.values[b.start : b.stop].min() < 0 for b in item.value_blocks):
            raise BadInput(
                f"The embedding of {item.name!r} has negative values where a logarithm is due; compute it again."
            )


def whiten(
    embeddings: Sequence[TaskEmbedding], whitening: NDArray[np.float64] | None, r: int,
    precision: type[np.floating] = np.float64,
) -> Whitened:  # fmt: skip
    """Whiten factors and bring them to unit norm.

    Parameters
    ----------
    embeddings : sequence of n TaskEmbeddings
        Of one space.
    whitening : ndarray of float64, shape (r, r), optional
        A: a Gram matrix G becomes A G A.
    r : int
        Rows of the factors; 0 where the method has none.
    precision : type, default float64
        Of the columns, and of the products that they come from.

    Returns
    -------
    Whitened
        Of all n.
    """
    whitening = None if whitening is None else whitening.astype(precision)

    blank = np.zeros((r, 1), np.float32)
    factors = [e.factor if e.factor is not None and e.factor.shape[1] else blank for e in embeddings]
    widths = np.array([f.shape[1] for f in factors], np.intp)
    starts = np.cumsum(widths) - widths
    columns, norms = Shelf(int(widths.sum()), r, precision), np.zeros(len(factors))
    for i in range(0, len(factors), CHUNK):  # straight to their place: beside it, only a chunk takes room
        chunk = slice(i, min(i + CHUNK, len(factors)))
        wide = np.concatenate(factors[chunk], 1).T.astype(precision)
        wide = wide if whitening is None else wide @ whitening
        own = starts[chunk] - starts[i]
        norms[chunk] = gram_norms(wide, own, widths[chunk])
        wide /= np.sqrt(np.where(norms[chunk] > 0, norms[chunk], 1.0)).repeat(widths[chunk])[:, None]
        columns.add(wide)
    return Whitened(columns.array(), starts, norms > 0)


def scaled_values(item: TaskEmbedding) -> NDArray[np.float64] | None:
    """Scale what lies beside the Gram matrix.

    Parameters
    ----------
    item : TaskEmbedding
        Any.

    Returns
    -------
    ndarray of float64, shape (v,), or None
        See `blocks.scale_blocks`; None where nothing is there.
    """
    return scale_blocks(item.values, item.value_blocks) if speaks_beside(item) else None


def speaks_beside(item: TaskEmbedding) -> bool:
    """Tell whether anything lies beside the Gram matrix.

    Parameters
    ----------
    item : TaskEmbedding
        Any.

    Returns
    -------
    bool
        False for zeros.
    """
    return not is_shared_silence(item.values) and bool(item.values.any())
