"""One worked example of the method from a space itself, and its calibrated scale: what the About page draws."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fute_core.analysis.evidence import text_shares
from fute_core.methods.functional import symmetric

if TYPE_CHECKING:
    from fute_core.atlas.atlas import Atlas, Item

TILES = 32
TEXTS = 5
STRONG = 0.98
SCALE_PAIRS = (("dataset", "dataset"), ("dataset", "model"), ("dataset", "prompt"))


@dataclass(frozen=True)
class Example:
    """A dataset, what lies nearest to it, and a dataset of another job.

    items : the dataset first, the one of another job last where there is one. texts : positions of the probe texts that
        make the first two alike most; none where their answers are not known. pictures : see `gram_pictures`.
    similarity : of each with the first, in the calibrated space.
    """

    items: tuple["Item", ...]
    texts: tuple[int, ...]
    pictures: tuple[np.ndarray, ...]
    similarity: tuple[float, ...]


@dataclass(frozen=True)
class Strip:
    """Similarities of pairs of two kinds. same, different : sorted, of pairs known to do one job or two.

    pairs : names of the `same` ones. above : share of them that lie above 95 % of the different ones; None without any.
    """

    kinds: tuple[str, str]
    same: np.ndarray
    different: np.ndarray
    pairs: tuple[tuple[str, str], ...]
    above: float | None


def clearest(atlas: "Atlas") -> int | None:
    """Position of the dataset to whose nearest models, one of each kind there is, the weakest tie is the strongest.

    Those whose nearest models belong to other families come last. None where there is no dataset with a model.
    """
    kinds = np.array([i.embedding.kind for i in atlas.items])
    models = [k for k in ("model", "prompt") if (kinds == k).any()]
    datasets = np.flatnonzero(kinds == "dataset")
    if not models or not len(datasets):
        return None

    cosines = atlas.space.vectors[datasets] @ atlas.space.vectors.T

    def tie(at: int) -> tuple[int, float]:
        near = _nearest(atlas, cosines[at], models)
        family = atlas.items[datasets[at]].embedding.family
        own = sum(bool(family) and atlas.items[j].embedding.family == family for j in near)
        return own, float(cosines[at][near].min())

    return int(datasets[max(range(len(datasets)), key=tie)])


def example(atlas: "Atlas", start: int) -> Example | None:
    """The example of the dataset at `start`; None where the probe texts' basis is not known, or there is no model."""
    kinds = {i.embedding.kind for i in atlas.items}
    models = [k for k in ("model", "prompt") if k in kinds]
    if atlas.gallery is None or not models:
        return None
    cosines = atlas.space.vectors @ atlas.space.vectors[start]
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
        shares = text_shares(items[0].answers, items[1].answers)
        texts = tuple(int(p) for p in np.argsort(-shares, kind="stable")[:TEXTS] if shares[p] > 0)
    block = next(b for b in items[0].embedding.blocks if b.name == "gram")
    parts = [atlas.space.vectors[i][block.start : block.stop] for i in chosen]
    return Example(items, texts, tuple(gram_pictures(parts, atlas.gallery.basis)), tuple(map(float, cosines[chosen])))


def gram_pictures(parts: Sequence[np.ndarray], basis: np.ndarray, tiles: int = TILES) -> list[np.ndarray]:
    """Calibrated Gram parts as matrices of the probe texts, float64 (t, t) in [-1, 1], t at most `tiles`.

    Positive where two groups of texts are answered alike. The texts (m) stand in the order of the first item's leading
    direction, the same for all, and are averaged in t groups; each picture is scaled to its own strong values.

    parts : upper triangles, float32 (r (r + 1) / 2,). basis : (m, r), see `methods.functional.probe_basis`.
    """
    m, r = basis.shape
    reduced = [symmetric(part.astype(np.float64), r) for part in parts]
    leading = np.linalg.eigh(reduced[0])[1][:, -1]
    groups = np.array_split(np.argsort(basis @ leading, kind="stable"), min(tiles, m))
    means = np.stack([basis[g].mean(0) for g in groups]).astype(np.float64)
    pictures = [means @ matrix @ means.T for matrix in reduced]
    return [np.clip(p / max(float(np.quantile(np.abs(p), STRONG)), 1e-12), -1, 1) for p in pictures]


def _nearest(atlas: "Atlas", cosines: np.ndarray, kinds: Sequence[str]) -> list[int]:
    """Position of the item of each kind that has the largest cosine."""
    there = [[i for i, item in enumerate(atlas.items) if item.embedding.kind == k] for k in kinds]
    return [max(of, key=lambda i: cosines[i]) for of in there]


def strips(atlas: "Atlas") -> list[Strip]:
    """The calibrated scale for datasets against each kind, from all pairs whose two families are known."""
    items = [i.embedding for i in atlas.items]
    cosines = atlas.space.vectors @ atlas.space.vectors.T
    found = []
    for kinds in SCALE_PAIRS:
        pairs = [
            (i, j)
            for i, one in enumerate(items)
            for j, other in enumerate(items)
            if (one.kind, other.kind) == kinds and one.family and other.family and (kinds[0] != kinds[1] or j > i)
        ]
        pairs.sort(key=lambda p: cosines[p])
        same = [p for p in pairs if items[p[0]].family == items[p[1]].family]
        different = np.array([cosines[i, j] for i, j in pairs if items[i].family != items[j].family])
        values = np.array([cosines[p] for p in same])
        above = float((values > np.quantile(different, 0.95)).mean()) if len(values) and len(different) else None
        if pairs:
            names = tuple((items[i].name, items[j].name) for i, j in same)
            found.append(Strip(kinds, values, different, names, above))
    return found
