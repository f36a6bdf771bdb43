"""The second half of calibration: means taken away, and the parts weighed against one another."""

from collections.abc import Mapping, Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from fute_core.space.beside import BesideShelf
from fute_core.space.blocks import SILENT, block_norms, scale_blocks, speaking, spread
from fute_core.space.centres import Centres
from fute_core.space.placed import Placed
from fute_core.space.scaling import Whitened, speaks_beside
from fute_core.space.strata import share_there
from fute_core.vectors import Block, TaskEmbedding

MEANS_AT_ONCE = 1024
"""Items that lose their means at once: their products with all references take a few megabytes."""
AT_ONCE = 8
"""Items whose values are calibrated at once: they stay in the processor's cache."""
NOTHING_LEFT = 1e-6
"""Squared norm of a Gram matrix without its mean below which only rounding is left."""


def place_items(
    embeddings: Sequence[TaskEmbedding], whitened: Whitened, base: NDArray[np.float64], few: NDArray[np.bool_],
    centres: Centres,
) -> Placed:  # fmt: skip
    """Take means away and weigh parts.

    Parameters
    ----------
    embeddings : sequence of n TaskEmbeddings
        Of one space.
    whitened : Whitened
        Their factors.
    base : ndarray of float64, shape (n, g)
        How much of each group's mean an item loses.
    few : ndarray of bool, shape (n,)
        Items that lose a mean only as far as it is in them, see `calibration`.
    centres : Centres
        The means.

    Returns
    -------
    Placed
        The n items.
    """
    against = np.empty((len(embeddings), centres.averages.shape[1]), whitened.columns.dtype)
    taken, squared = np.empty_like(against), np.empty(len(embeddings))
    ends = np.append(whitened.starts, len(whitened.columns))
    for at in range(0, len(embeddings), MEANS_AT_ONCE):
        chunk = slice(at, at + MEANS_AT_ONCE)
        own = whitened.starts[chunk]
        columns = whitened.columns[own[0] : ends[at + len(own)]]
        against[chunk] = found = centres.against(columns, own - own[0])
        taken[chunk] = lost = centres.taken(base[chunk], few[chunk], found)
        squared[chunk] = 1.0 + (lost * (lost @ centres.products - 2.0 * found)).sum(1)
    norms = np.where(whitened.answers & (squared > NOTHING_LEFT), np.sqrt(np.maximum(squared, NOTHING_LEFT)), 0.0)
    scale = np.where(norms > 0, 1.0 / np.where(norms > 0, norms, 1.0), 0.0)
    weight = (norms > 0).astype(np.float64)
    beside = [i for i, item in enumerate(embeddings) if speaks_beside(item)]
    rows = np.full(len(norms), -1, np.intp)
    values, count = BesideShelf(len(beside), len(embeddings[0].values)), 0
    for _, alike in groupby(beside, key=lambda i: embeddings[i].blocks):
        indexes = list(alike)
        for at in range(0, len(indexes), AT_ONCE):
            some = indexes[at : at + AT_ONCE]
            items, loses = [embeddings[i] for i in some], (base[some], few[some])
            telling, weight[some], found = _beside(items, loses, norms[some], weight[some], centres)
            rows[np.array(some)[telling]] = count + np.arange(len(found))
            values.add(found)
            count += len(found)
    return Placed(
        whitened.columns, whitened.starts, against, taken, scale, weight, values.rows(), rows, centres,
    )  # fmt: skip


def _beside(
    items: Sequence[TaskEmbedding], loses: tuple[NDArray[np.float64], NDArray[np.bool_]], norms: NDArray[np.float64],
    weight: NDArray[np.float64], centres: Centres,
) -> tuple[NDArray[np.bool_], NDArray[np.float64], NDArray[np.float64]]:  # fmt: skip
    """What lies beside the Gram matrices of n items with the same blocks, centred and weighted.

    Given what they lose, the norms of their Gram matrices and the weights that these have without anything beside.

    Returns
    -------
    telling : ndarray of bool, shape (n,)
        Which of them say something there.
    weight : ndarray of float64, shape (n,)
        Of their Gram matrices.
    values : ndarray of float64, shape (m, v)
        Of those that say something.
    """
    (base, few), blocks, gram = loses, items[0].value_blocks, items[0].gram_block
    scaled = scale_blocks(np.stack([item.values for item in items]), blocks)
    means = base @ centres.values if len(centres.values) else np.zeros_like(scaled)
    for late in np.flatnonzero(few):
        means[late] = value_share(means[late], scaled[late], blocks)
    centred = np.where(speaking(scaled, blocks), scaled - means, 0.0)
    own = block_norms(centred, blocks)
    telling, weight, shares = np.zeros(len(items), bool), weight.copy(), np.zeros((len(items), len(blocks)))
    for i, norm in enumerate(norms):
        parts = _norms_of_parts(own[i], blocks)
        telling[i] = max(parts.values()) > SILENT
        if telling[i]:
            weights = part_weights({**({gram.part: float(norm)} if gram else {}), **parts}, items[0].blocks)
            weight[i] = weights.get(gram.part, 0.0) if gram else 0.0
            shares[i] = [weights[b.part] / parts[b.part] if b.part in weights else 0.0 for b in blocks]
    centred *= spread(shares, blocks)
    return telling, weight, centred[telling]


def value_share(mean: NDArray[np.float64], scaled: NDArray[np.float64], blocks: Sequence[Block]) -> NDArray[np.float64]:
    """Give the mean, in blocks that are not logarithms only as far as it is in an item.

    Parameters
    ----------
    mean, scaled : ndarray of float64, shape (v,)
        The mean, and the item.
    blocks : sequence of Block
        Slices of both.

    Returns
    -------
    ndarray of float64, shape (v,)
        What the item loses.
    """
    out = mean.copy()
    for block in blocks:
        part = slice(block.start, block.stop)
        if not block.log:
            out[part] *= share_there(scaled[part] @ mean[part], mean[part] @ mean[part])
    return out


def part_weights(norms: Mapping[str, float], blocks: Sequence[Block]) -> dict[str, float]:
    """Weigh the parts that have a direction of their own.

    Parameters
    ----------
    norms : mapping of str to float
        Norm of each part.
    blocks : sequence of Block
        Where the weights w stand.

    Returns
    -------
    dict of str to float
        sqrt(w / sum of w over these parts), by which a part of unit norm is multiplied.
    """
    weights = {block.part: block.weight for block in blocks}
    total = sum(weights[part] for part, norm in norms.items() if norm > SILENT)
    return {part: float(np.sqrt(weights[part] / total)) for part, norm in norms.items() if norm > SILENT}


def _norms_of_parts(norms: NDArray[np.float64], blocks: Sequence[Block]) -> dict[str, float]:
    """Norm of each part, from those of its blocks."""
    squares: dict[str, float] = {}
    for block, norm in zip(blocks, norms, strict=True):
        squares[block.part] = squares.get(block.part, 0.0) + float(norm) ** 2
    return {part: float(np.sqrt(square)) for part, square in squares.items()}
