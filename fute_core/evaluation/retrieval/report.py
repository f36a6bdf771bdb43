"""The retrieval evaluation as tables."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fute_core.analysis.skill import WEAK
from fute_core.embedding.recipe import Recipe
from fute_core.evaluation.parts.boxes import ARCHITECTURES
from fute_core.evaluation.results import ESTIMATE_COLUMNS, Result, ResultTable
from fute_core.evaluation.retrieval.ranks import SKILLED
from fute_core.evaluation.retrieval.study import HEADLINES, retrieval

if TYPE_CHECKING:
    from fute_core.store.store import Store


def retrieval_result(
    store: "Store", data: Path | None, tell: Callable[[str], None], recipe: Recipe | None = None,
    names: Sequence[str] | None = None, architectures: Sequence[str] = ARCHITECTURES,
    afresh: bool = False,
) -> Result:  # fmt: skip
    """Measure retrieval and lay the figures out.

    Parameters
    ----------
    store : Store
        Has what was computed before.
    data : Path or None
        Folder of datasets of one's own, reported apart.
    tell : callable
        Hears a sentence of each dataset that is embedded.
    recipe : Recipe, optional
        How items are embedded; by default as users embed.
    names : sequence of str, optional
        Only these shipped datasets.
    architectures : sequence of str
        Of the black boxes.
    afresh : bool
        Compute also what the shipped gallery has under the same key.

    Returns
    -------
    Result
        Values and tables.
    """
    report = retrieval(store, recipe, data, names, tell, architectures, afresh)
    tables = [_headlines("Shipped datasets", report)]
    tables += [_headlines(f"Baseline: {name}", figures) for name, figures in report["baselines"].items()]
    tables += [_families(report["by_family"]), _misses(report["rows"])]
    if "data" in report:
        tables.insert(1, _headlines("Your datasets, among the shipped ones", report["data"]))
    remarks = (
        f"Skilled: skill of {SKILLED} or more; weak: from {WEAK}. Skill is (accuracy - 1/k) / (1 - 1/k).",
        "Whitening is learnt anew for each family from the other families alone; means are those of the whole space.",
        "Intervals are 95 % bootstrap intervals that draw whole datasets, each with all models trained on it; where "
        "all cases are right, Wilson's for as many cases as there are datasets.",
        "Not run here: the published recipe (prefix, averaged over layers, raw cosine), at minutes a vector.",
    )
    return Result("retrieval", "Do models lie near their own dataset?", report, tuple(tables), remarks)


def _headlines(title: str, figures: Mapping[str, Any]) -> ResultTable:
    shown = [(name, figures[name]) for name in HEADLINES if figures[name]["n"]]
    rows = [(name.replace("_", " "), *(f[c] for c in ESTIMATE_COLUMNS[1:])) for name, f in shown]
    return ResultTable(title, ESTIMATE_COLUMNS, tuple(rows))


def _families(by_family: Mapping[str, Any]) -> ResultTable:
    columns = ("family", "skilled", "own first", "family first", "weak", "weak: family first", "own MRR, all")
    rows = [
        (family, f["skilled_own_top1"]["n"], f["skilled_own_top1"]["value"], f["skilled_family_first"]["value"],
         f["weak_family_first"]["n"], f["weak_family_first"]["value"], f["mte_own_mrr"]["value"])
        for family, f in by_family.items()
    ]  # fmt: skip
    return ResultTable("By family", columns, tuple(rows))


def _misses(rows: Sequence[Mapping[str, Any]]) -> ResultTable:
    found = [
        (r["name"], round(r["accuracy"], 2), round(r["skill"], 2), r["first"], r["own_rank"])
        for r in rows
        if r["skill"] >= WEAK and r["own_rank"] > 1
    ]
    columns = ("model", "accuracy", "skill", "nearest dataset", "rank of its own")
    return ResultTable("Models of some skill whose own dataset is not the nearest", columns, tuple(found))
