"""Where prompts land, judged by where they end: each shipped prompt lands again from its answers to the first texts."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fute_core.atlas.gallery import Gallery
from fute_core.atlas.landing import LANDING_DRAWS, STAGES
from fute_core.atlas.region import inside, region, spread_of_90
from fute_core.evaluation.coverage.halves import drawn_similarities
from fute_core.evaluation.estimates import Estimate, estimate
from fute_core.evaluation.results import ResultTable
from fute_core.maps.placing import place_among

COLUMNS = ("texts", "prompts", "last place within", "median longer half axis", "median shorter",
           "similarity to items held", "to the nearest dataset", "falls until the end by")  # fmt: skip
NOTE = (
    "Each prompt is left out of the map on which it lands. Wanted is 0.9 for the place, and for the 90 % interval of a "
    "similarity that it holds the one on all texts. That to the nearest dataset is near by choice and falls."
)


def landing_measures(gallery: Gallery, stages: Sequence[int] = STAGES) -> tuple[dict[str, Estimate], ResultTable]:
    """Land each prompt of a gallery after some texts, and look where it lies after all.

    Parameters
    ----------
    gallery : Gallery
        Items with answers and their places.
    stages : sequence of int
        Numbers of texts; those that are not below all are left out.

    Returns
    -------
    dict of str to Estimate
        `region_held_N`: the share of prompts whose last place lies within the region told after N texts.
    ResultTable
        A row a number of texts.
    """
    pair = gallery.items[0].embedding.provenance.pair
    m, everything = len(gallery.basis), np.arange(len(gallery.items))
    kinds = np.array([item.embedding.kind for item in gallery.items])
    prompts = np.flatnonzero(kinds == "prompt").tolist()
    last = drawn_similarities(gallery, everything.tolist(), np.arange(m), np.ones((1, m), np.intp))
    ends = [_places(gallery, last[:, p], p)[0] for p in prompts]
    found, rows = {}, []
    for n in (n for n in stages if n < m):
        draws = np.random.default_rng(0).multinomial(n, np.full(n, 1 / n), LANDING_DRAWS)
        told = drawn_similarities(gallery, everything.tolist(), np.arange(n), np.vstack([np.ones(n, np.intp), draws]))
        held, axes, other, nearest, fall = [], [], [], [], []
        for p, end in zip(prompts, ends, strict=True):
            place, *drawn = _places(gallery, told[:, p], p)
            ellipse = region(place, np.array(drawn), n, pair)
            held.append(inside(place, ellipse, end))
            axes.append(ellipse[:2])
            off = last[0, p] - told[0, p]
            within = np.abs(off) <= spread_of_90(told[1:, p], n, pair)
            other.append(within[everything != p].mean())
            nearest.append(within[np.where(kinds == "dataset", told[0, p], -np.inf).argmax()])
            fall.append(-off[everything != p].mean())
        found[f"region_held_{n}"] = estimate(held)
        beside = (*np.median(axes, 0), np.mean(other), np.mean(nearest), np.mean(fall))
        rows.append((n, len(prompts), float(np.mean(held)), *(float(value) for value in beside)))
    return found, ResultTable("Landing after some of the texts", COLUMNS, tuple(rows), NOTE)


def _places(gallery: Gallery, similarity: NDArray[np.float64], own: int) -> NDArray[np.float64]:
    """Places (draws, 2) of an item by its similarities (draws, n) to all others."""
    others = np.arange(len(gallery.items)) != own
    return np.array([place_among(row[others], gallery.coordinates[others]).coordinates for row in similarity], float)
