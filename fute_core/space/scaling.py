"""The first half of calibration, item by item: factors whitened and at unit norm, values scaled block by block."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fute_core.errors import BadInput, Incomparable
from fute_core.space.blocks import scale_blocks
from fute_core.space.factors import segment_sums
from fute_core.vectors import TaskEmbedding, all_finite

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
    against : ndarray of float64, shape (n, g)
        Inner products with the matrices that were asked for.
    """

    columns: NDArray[np.floating]
    starts: NDArray[np.intp]
    answers: NDArray[np.bool_]
    against: NDArray[np.float64]


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
        below = item.values.size and item.values.min() < 0
        if below and any(b.log and item.values[b.start : b.stop].min() < 0 for b in item.value_blocks):
            raise BadInput(
                f"The embedding of {item.name!r} has negative values where a logarithm is due; compute it again."
            )


def whiten(
    embeddings: Sequence[TaskEmbedding], whitening: NDArray[np.float64] | None, r: int,
    grams: NDArray[np.float64] | None = None, precision: type[np.floating] = np.float64,
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
    grams : ndarray of float64, shape (g, r, r), optional
        Matrices whose inner products with the items are wanted.
    precision : type, default float64
        Of the columns.

    Returns
    -------
    Whitened
        Of all n.
    """
    grams = np.zeros((0, r, r)) if grams is None else grams
    parts = [
        _whiten(embeddings[i : i + CHUNK], whitening, r, grams, precision) for i in range(0, len(embeddings), CHUNK)
    ]
    shifts = np.cumsum([0, *(len(p.columns) for p in parts)])[:-1]
    return Whitened(
        np.concatenate([p.columns for p in parts]),
        np.concatenate([p.starts + shift for p, shift in zip(parts, shifts, strict=True)]),
        np.concatenate([p.answers for p in parts]),
        np.concatenate([p.against for p in parts]),
    )


def _whiten(
    embeddings: Sequence[TaskEmbedding],
    whitening: NDArray[np.float64] | None,
    r: int,
    grams: NDArray[np.float64],
    precision: type[np.floating],
) -> Whitened:
    blank = np.zeros((r, 1), np.float32)
    factors = [e.factor if e.factor is not None and e.factor.shape[1] else blank for e in embeddings]
    widths = np.array([f.shape[1] for f in factors], np.intp)
    starts = np.cumsum(widths) - widths
    columns = np.concatenate(factors, 1).T.astype(np.float64)
    if whitening is not None:
        columns = columns @ whitening
    norms = _norms(columns, starts, widths)
    columns /= np.sqrt(np.where(norms > 0, norms, 1.0)).repeat(widths)[:, None]
    against = (
        np.stack([segment_sums(((columns @ g) * columns).sum(1), starts, 0) for g in grams], 1)
        if len(grams)
        else np.zeros((len(factors), 0))
    )
    return Whitened(np.ascontiguousarray(columns, precision), starts, norms > 0, against)


def _norms(columns: NDArray[np.float64], starts: NDArray[np.intp], widths: NDArray[np.intp]) -> NDArray[np.float64]:
    """Norm of each item's Gram matrix, (n,): all items of one width at once."""
    norms = np.zeros(len(starts))
    for width in np.unique(widths):
        members = np.flatnonzero(widths == width)
        own = columns[starts[members][:, None] + np.arange(width)]
        norms[members] = np.linalg.norm(own @ own.transpose(0, 2, 1), axis=(1, 2))
    return norms


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
    if not item.values.any():
        return None
    return scale_blocks(item.values, item.value_blocks)
