"""Coverage as a result: how often intervals over probe texts hold, by pair of kinds, and regions of landings."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING, Any

import numpy as np

from fute_core.atlas.gallery import Gallery, load_gallery
from fute_core.atlas.landing import STAGES
from fute_core.evaluation.coverage.halves import Judged, judged_halves
from fute_core.evaluation.coverage.landings import landing_measures
from fute_core.evaluation.coverage.row_report import rows_measures
from fute_core.evaluation.coverage.spread import KINDS, spread_over
from fute_core.evaluation.estimates import Estimate, estimate
from fute_core.evaluation.results import Result, ResultTable, estimates_table

if TYPE_CHECKING:
    from fute_core.store.store import Store

A_KIND, CUTS = 21, 2
"""Items of each kind, spread evenly over those that ship, and cuts of the probe texts into halves."""
QUICK_A_KIND, QUICK_CUTS, QUICK_DRAWS, QUICK_STAGES = 5, 1, 40, (64,)
COLUMNS = ("kinds", "pairs", "held", "spread seen / spread said", "median deviation")


def coverage_result(store: "Store", quick: bool = False, tell: Callable[[str], None] = lambda message: None) -> Result:
    """Judge the intervals of shipped items, single texts and text pairs.

    Parameters
    ----------
    store : Store
        Keeps what is computed of halves of datasets' rows.
    quick : bool, default False
        Few items and draws; rows over single texts only.
    tell : callable
        Hears a sentence of each step.

    Returns
    -------
    Result
        Coverage by pair of kinds and by numbers of texts.
    """
    shares: dict[str, Estimate] = {}
    tables: list[ResultTable] = []
    for pair in (False, True):
        if (gallery := load_gallery(pair)) is None:
            continue
        what, prefix = ("text pairs", "pairs_") if pair else ("single texts", "")
        tell(f"{what}: intervals on halves of the probe texts")
        found, table = halves_measures(gallery, quick)
        shares |= {prefix + name: value for name, value in found.items()}
        tell(f"{what}: landing after some of the texts")
        regions, landings = landing_measures(gallery, QUICK_STAGES if quick else STAGES)
        shares |= {prefix + name: value for name, value in regions.items()}
        made = [table, landings]
        if not (pair and quick):
            over_rows, rows = rows_measures(gallery, QUICK_A_KIND if quick else A_KIND, store, quick, tell)
            shares |= {prefix + name: value for name, value in over_rows.items()}
            made.insert(1, rows)
        tables += [replace(one, title=f"{one.title}, {what}") for one in made]
    remarks = (
        f"{CUTS} cuts of the probe texts into halves that share none, {A_KIND} items of each kind at most. Each half "
        "has an interval by halves of its own texts, as intervals are made for all texts.",
        "The difference of two independent halves varies twice as much as one of them, so the interval of one, widened "
        "by the root of two about its similarity, should hold the similarity of the other in 0.95 of cases.",
        "Intervals of the shares draw pairs of families, since pairs of the same two families are alike.",
        "Over rows, a dataset's rows are cut into halves as well, and the similarity of each half to the same item is "
        "held against the interval of the other, widened likewise; over both, each half of the rows is judged on its "
        "half of the texts. Between two datasets both Fisher parts take part.",
        "Nothing is asked of a model: answers ship.",
    )
    return Result("coverage", "Coverage of intervals and regions", shares,
                  (estimates_table("Measures", shares), *tables), remarks)  # fmt: skip


def halves_measures(gallery: Gallery, quick: bool = False) -> tuple[Mapping[str, Estimate], ResultTable]:
    """Judge the 95 % intervals over probe texts of a gallery's items.

    Parameters
    ----------
    gallery : Gallery
        Items with answers.
    quick : bool, default False
        Few items and draws.

    Returns
    -------
    mapping of str to Estimate
        Share of pairs whose interval held, by pair of kinds: `interval_held_dataset_model`.
    ResultTable
        A row a pair of kinds.
    """
    a_kind, cuts, draws = (QUICK_A_KIND, QUICK_CUTS, {"draws": QUICK_DRAWS}) if quick else (A_KIND, CUTS, {})
    chosen = np.concatenate([spread_over(gallery, kind, a_kind) for kind in KINDS])
    halves = [judged_halves(gallery, chosen.tolist(), seed, **draws) for seed in range(cuts)]
    ways = [(one, other) for one, two in halves for one, other in ((one, two), (two, one))]
    embeddings = [gallery.items[i].embedding for i in chosen]
    kinds, families = np.array([e.kind for e in embeddings]), [e.family or e.name for e in embeddings]
    upper = np.triu(np.ones((len(chosen), len(chosen)), bool), 1)
    found, rows = {}, []
    for a, b in combinations_with_replacement(KINDS, 2):
        where = np.nonzero(upper & (kinds[:, None] == a) & (kinds == b))
        groups = [" ".join(sorted((families[i], families[j]))) for i, j in zip(*where, strict=True)]
        if not groups:
            continue
        held = estimate(np.concatenate([x.holds(y.value)[where] for x, y in ways]), None, groups * len(ways))
        found[f"interval_held_{a}_{b}"] = held
        rows.append((f"{a}, {b}", len(groups), held.value, *_beside(ways, where)))
    return found, ResultTable("95 % intervals", COLUMNS, tuple(rows), "Wanted are 0.95 and a ratio of 1.")


def _beside(ways: list[tuple[Judged, Judged]], where: Any) -> tuple[float, ...]:
    """The other columns of `COLUMNS`."""
    seen = np.mean([(one.value - other.value)[where] ** 2 for one, other in ways])
    said = np.mean([2 * one.spread[where] ** 2 for one, _ in ways])
    return float(np.sqrt(seen / said)), float(np.median([one.spread[where] for one, _ in ways]))
