"""Which texts first: an order that tells known families apart with few texts, tried against the shipped one."""

from collections.abc import Collection
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from fute_core.atlas.gallery import Gallery
from fute_core.evaluation.claims import SKILLED
from fute_core.methods.functional import log_odds

FIRST = 32
"""The shipped first texts stay first: of a single text all Gram matrices are alike, so nothing can be chosen by."""
STEP = 16


def greedy_order(gallery: Gallery, families: Collection[str]) -> NDArray[np.intp]:
    """Order the probe texts by how much each adds to what separates some families.

    Parameters
    ----------
    gallery : Gallery
        With answers.
    families : collection of str
        Those that the order may know.

    Returns
    -------
    ndarray of int, shape (m,)
        Positions of all texts: the first `FIRST` as they are, then `STEP` at a time those with which items of one
        family are most alike beside items of different ones.
    """
    items = [
        i for i in gallery.items if i.embedding.family in families and i.facts.get("skill", 1.0) >= SKILLED
    ]  # fmt: skip
    answers = [log_odds(item.answers) for item in items if item.answers is not None]
    starts = np.cumsum([0, *(a.shape[1] for a in answers)])[:-1]
    rows = np.concatenate([(a - a.mean(0)) / np.linalg.norm(a - a.mean(0)) for a in answers], 1)
    names = np.array([item.embedding.family for item in items])
    upper = np.triu(np.ones((len(items), len(items)), bool), 1)
    alike = (names[:, None] == names) & upper
    order = list(range(FIRST))
    while len(order) < len(rows):
        chosen = rows[order].T @ rows[order]
        left = [t for t in range(len(rows)) if t not in set(order)]
        scores = [_separation(chosen, rows[t], starts, alike, upper & ~alike) for t in left]
        order += [left[i] for i in np.argsort(-np.array(scores), kind="stable")[:STEP]]
    return np.array(order, np.intp)


def reordered(gallery: Gallery, order: NDArray[np.intp]) -> Gallery:
    """Put the probe texts of a gallery into another order.

    Parameters
    ----------
    gallery : Gallery
        With answers.
    order : ndarray of int, shape (m,)
        Positions of all texts.

    Returns
    -------
    Gallery
        Answers and basis in that order; the vectors of all texts do not depend on it.
    """
    items = tuple(replace(i, answers=None if i.answers is None else i.answers[order]) for i in gallery.items)
    return replace(gallery, items=items, basis=gallery.basis[order])


def _separation(
    chosen: NDArray[np.float64], row: NDArray[np.float64], starts: NDArray[np.intp], alike: NDArray[np.bool_],
    apart: NDArray[np.bool_],
) -> float:  # fmt: skip
    """Mean cosine of items of one family minus that of others, with a text more than was chosen."""
    squares = (chosen + np.outer(row, row)) ** 2
    inner = np.add.reduceat(np.add.reduceat(squares, starts, 0), starts, 1)
    norms = np.sqrt(np.diag(inner))
    cosines = inner / norms / norms[:, None]
    return float(cosines[alike].mean() - cosines[apart].mean())
