"""One worked example of the method, taken from a space itself: what the About page draws."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fute_core.analysis.evidence import split_similarity, telling_texts

if TYPE_CHECKING:
    from fute_core.atlas.atlas import Atlas
    from fute_core.atlas.gallery import Item

TILES = 32
"""Groups of probe texts along each side of a picture."""
TEXTS = 5
STRONG = 0.98
"""Quantile of a picture's absolute values that is drawn at full strength."""


@dataclass(frozen=True)
class Example:
    """A dataset, what lies nearest to it, and a dataset of another job.

    Parameters
    ----------
    items : tuple of Item
        The dataset, the nearest model of each kind, and last the dataset of another job, where there is one.
    texts : tuple of int
        Positions of the probe texts that make the first two alike most; empty where their answers are not known.
    pictures : tuple of ndarray
        One for each item, see `gram_pictures`.
    similarity : tuple of float
        Of each item with the first, in the calibrated space, -1 to 1.
    """

    items: tuple["Item", ...]
    texts: tuple[int, ...]
    pictures: tuple[NDArray[np.float64], ...]
    similarity: tuple[float, ...]


def clearest(atlas: "Atlas") -> int | None:
    """Find the dataset that shows best what lies near a dataset.

    Of each dataset the nearest classifier and the nearest prompt are looked at, as far as there are any. The dataset is
    taken for which most of them are of its own family; of equal ones, that for which the less similar of them is most
    similar.

    Parameters
    ----------
    atlas : Atlas
        The space.

    Returns
    -------
    int or None
        Position in `atlas.items`; None where there is no dataset, or nothing else.
    """
    kinds = np.array([i.embedding.kind for i in atlas.items])
    models = [k for k in ("model", "prompt") if (kinds == k).any()]
    datasets = np.flatnonzero(kinds == "dataset")
    if not models or not len(datasets):
        return None

    cosines = atlas.space.cosines(datasets)

    def tie(at: int) -> tuple[int, float]:
        near = _nearest(atlas, cosines[at], models)
        family = atlas.items[datasets[at]].embedding.family
        own = sum(bool(family) and atlas.items[j].embedding.family == family for j in near)
        return own, float(cosines[at][near].min())

    return int(datasets[max(range(len(datasets)), key=tie)])


def example(atlas: "Atlas", start: int) -> Example | None:
    """Make the worked example of one dataset.

    Parameters
    ----------
    atlas : Atlas
        The space.
    start : int
        Position of the dataset in `atlas.items`.

    Returns
    -------
    Example or None
        None without a gallery, whose basis it needs, or where there is no classifier and no prompt.
    """
    kinds = {i.embedding.kind for i in atlas.items}
    models = [k for k in ("model", "prompt") if k in kinds]
    if atlas.gallery is None or not models:
        return None
    cosines = atlas.space.cosines([start])[0]
    family = atlas.items[start].embedding.family
    others = [
        i
        for i, item in enumerate(atlas.items)
        if item.embedding.kind == "dataset" and family and item.embedding.family not in (family, None)
    ]
    chosen = [start, *_nearest(atlas, cosines, models)]
    chosen += [min(others, key=lambda i: cosines[i])] if others else []
    items = tuple(atlas.items[i] for i in chosen)
    texts: tuple[int, ...] = ()
    if items[0].answers is not None and items[1].answers is not None:
        split = split_similarity(atlas.space.calibrator, atlas.gallery.basis, items[0], items[1])
        _, texts = telling_texts(split.texts, TEXTS)
    grams = atlas.space.placed.take(chosen).grams()
    return Example(items, texts, tuple(gram_pictures(grams, atlas.gallery.basis)), tuple(map(float, cosines[chosen])))


def gram_pictures(
    grams: NDArray[np.float64], basis: NDArray[np.float64], tiles: int = TILES
) -> list[NDArray[np.float64]]:
    """Draw calibrated Gram parts as matrices of probe texts against probe texts.

    The texts stand in the order of the first item's leading eigenvector, the same for all pictures, and are averaged in
    t groups. Each picture is scaled so that its own strong values have full strength.

    Parameters
    ----------
    grams : ndarray of float64, shape (n, r, r)
        Calibrated Gram matrices in the basis.
    basis : ndarray of float64, shape (m, r)
        Of the probe texts, see `methods.functional.probe_basis`.
    tiles : int, default `TILES`
        Number of groups t; at most m are made.

    Returns
    -------
    list of ndarray of float64, shape (t, t)
        n of them, -1 to 1; positive where two groups of texts are answered alike.
    """
    leading = np.linalg.eigh(grams[0])[1][:, -1]
    groups = np.array_split(np.argsort(basis @ leading, kind="stable"), min(tiles, len(basis)))
    means = np.stack([basis[g].mean(0) for g in groups]).astype(np.float64)
    pictures = [means @ matrix @ means.T for matrix in grams]
    return [np.clip(p / max(float(np.quantile(np.abs(p), STRONG)), 1e-12), -1, 1) for p in pictures]


def _nearest(atlas: "Atlas", cosines: NDArray[np.float32], kinds: Sequence[str]) -> list[int]:
    """Position of the item of each kind that has the largest cosine."""
    there = [[i for i, item in enumerate(atlas.items) if item.embedding.kind == k] for k in kinds]
    return [max(of, key=lambda i: cosines[i]) for of in there]
