"""Coverage over rows as a result, by kind of what a dataset is compared with."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from fute_core.atlas.gallery import Gallery
from fute_core.evaluation.coverage.rows import SaidOverRows, said_by_both, said_by_rows, two_halves
from fute_core.evaluation.coverage.spread import KINDS, spread_over
from fute_core.evaluation.estimates import Estimate, estimate
from fute_core.evaluation.parts.reference import fit_reference
from fute_core.evaluation.results import ResultTable
from fute_core.space.calibration import Calibrator
from fute_core.space.resampling import INTERVAL_DRAWS

if TYPE_CHECKING:
    from fute_core.store.store import Store

Told = tuple[str, list[SaidOverRows], list[SaidOverRows], int]
"""The families of a dataset and an item, what both halves say over rows and over both, and which item it is."""
COLUMNS = ("compared with", "pairs", "over rows: held", "spread seen / spread said", "median half width",
           "over both: held", "spread seen / spread said", "median half width")  # fmt: skip
NOTE = "Wanted are 0.95 and a ratio of 1. The families of the datasets had no part in the whitening."
DEVIATIONS_OF_95 = 1.96
QUICK_DATASETS, QUICK_DRAWS = 2, 40


def rows_measures(
    gallery: Gallery, a_kind: int, store: "Store", quick: bool = False, tell: Callable[[str], None] = lambda m: None
) -> tuple[dict[str, Estimate], ResultTable]:
    """Judge the intervals of shipped datasets over their rows, and over rows and probe texts.

    Parameters
    ----------
    gallery : Gallery
        Items with answers.
    a_kind : int
        Datasets that are halved, and items of each kind that they are compared with, at most.
    store : Store
        Keeps what is computed of the halves.
    quick : bool, default False
        Two datasets, few rows and few draws.
    tell : callable
        Hears the name of each dataset.

    Returns
    -------
    dict of str to Estimate
        Share of similarities whose interval held, by kind: `rows_held_model`, `both_held_model`.
    ResultTable
        A row a kind.
    """
    halved = spread_over(gallery, "dataset", QUICK_DATASETS if quick else a_kind)
    beside = [gallery.items[i] for kind in KINDS for i in spread_over(gallery, kind, a_kind)]
    parts = np.split(np.random.default_rng(0).permutation(len(gallery.basis)), 2)
    draws = QUICK_DRAWS if quick else INTERVAL_DRAWS
    told: dict[str, list[Told]] = {}
    for i in halved:
        whole = gallery.items[i].embedding
        tell(f"{whole.name}: intervals on halves of its rows")
        others = [item for item in beside if whole.name not in (item.embedding.name, item.facts.get("dataset"))]
        pair = two_halves(whole.name, store, quick)
        calibrator = _without_family(gallery, whole.family)
        placed = calibrator.place([item.embedding for item in others])
        rows = [said_by_rows(half, gallery, calibrator, placed) for half in pair]
        both = [
            said_by_both(half, gallery, calibrator, others, np.sort(texts), draws)
            for half, texts in zip(pair, parts, strict=True)
        ]
        for at, item in enumerate(others):
            families = " ".join(sorted((whole.family or whole.name, item.embedding.family or item.embedding.name)))
            told.setdefault(item.embedding.kind, []).append((families, rows, both, at))
    shares, table = {}, []
    for kind in sorted(told):
        groups = [families for families, *_ in told[kind]] * 2
        rows_held, both_held = (
            [bool(said[one].holds(said[1 - one])[at]) for one in (0, 1) for said, at in _of(told[kind], which)]
            for which in (0, 1)
        )
        shares[f"rows_held_{kind}"] = estimate(rows_held, None, groups)
        shares[f"both_held_{kind}"] = estimate(both_held, None, groups)
        table.append((kind, len(told[kind]), shares[f"rows_held_{kind}"].value, *_beside(told[kind], 0),
                      shares[f"both_held_{kind}"].value, *_beside(told[kind], 1)))  # fmt: skip
    return shares, ResultTable("95 % intervals of datasets over their rows", COLUMNS, tuple(table), NOTE)


def _of(told: list[Told], which: int) -> list[tuple[list[SaidOverRows], int]]:
    return [((rows, both)[which], at) for _, rows, both, at in told]


def _beside(told: list[Told], which: int) -> tuple[float, float]:
    """How far halves differ by how far they are said to, and half of the median width."""
    pairs = _of(told, which)
    off = [(said[0].value - said[1].value)[at] ** 2 for said, at in pairs]
    half = np.array([[(one.high - one.low)[at] / 2 for one in said] for said, at in pairs])
    return float(np.sqrt(np.mean(off) / np.mean((half / DEVIATIONS_OF_95) ** 2) / 2)), float(np.median(half))


def _without_family(gallery: Gallery, family: str | None) -> Calibrator:
    """The space whose whitening no item of that family has taught, centred as it ships."""
    others = [item for item in gallery.items if family is None or item.embedding.family != family]
    return fit_reference(others, gallery.basis, [item.embedding for item in gallery.items])
