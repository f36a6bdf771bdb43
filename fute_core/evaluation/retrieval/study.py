"""The whole retrieval evaluation: both arities, the shipped data and one's own, beside the cheap baselines.

Datasets from elsewhere (`--data`) are judged in the shipped space as it is, among the shipped datasets.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fute_core.embedding.recipe import Recipe
from fute_core.evaluation.parts.boxes import ARCHITECTURES
from fute_core.evaluation.retrieval.items import collect
from fute_core.evaluation.retrieval.ranks import RankedModel, architecture_triples, figures, rank_datasets
from fute_core.evaluation.retrieval.similarities import ComparedItems, compare

if TYPE_CHECKING:
    from fute_core.store.store import Store

HEADLINES = ("dte_family_mrr", "skilled_own_top1", "skilled_family_first", "weak_family_first", "mte_own_mrr",
             "architecture_share")  # fmt: skip


def retrieval(
    store: "Store",
    recipe: Recipe | None = None,
    data: Path | None = None,
    names: Sequence[str] | None = None,
    told: Callable[[str], None] = print,
    architectures: Sequence[str] = ARCHITECTURES,
    afresh: bool = False,
) -> dict[str, Any]:
    """Measure whether models lie near their own dataset.

    Parameters
    ----------
    store : Store
        Has what was computed before.
    recipe : Recipe, optional
        How items are embedded; by default as users embed.
    data : Path, optional
        Folder with `datasets.json` and `datasets/NAME.jsonl`, reported apart.
    names : sequence of str, optional
        Only these shipped datasets.
    told : callable
        Hears a sentence of each dataset that is embedded.
    architectures : sequence of str
        Of the black boxes.
    afresh : bool
        See `collect`.

    Returns
    -------
    dict of str to object
        JSON values: the headline figures; under "by_family", "rows" and "baselines" what is behind them; under "data"
        the same of one's own datasets.
    """
    recipe = recipe or Recipe()
    shipped, theirs, agreeing, textual = _Tally(), _Tally(), _Tally(), _Tally()
    for pair in (False, True):
        items = collect(store, recipe, pair, names=names, told=told, architectures=architectures, afresh=afresh)
        extra = [] if data is None else collect(store, recipe, pair, data, None, told, architectures)
        if not items:
            continue
        compared = compare(items, recipe, store, extra)
        inside = range(len(items))
        shipped.add(compared, inside, inside)
        agreeing.add(replace(compared, similarity=compared.agreement), inside, inside)
        texts = [k for k in inside if items[k].embedding.kind == "dataset"]
        textual.add(replace(compared, similarity=compared.text), texts, texts)
        theirs.add(compared, range(len(items), len(compared.items)), range(len(compared.items)))
    report = shipped.report()
    report["baselines"] = {
        name: {key: value for key, value in tally.report().items() if key in HEADLINES}
        for name, tally in (("prediction agreement", agreeing), ("mean text features", textual))
    }
    if data is not None:
        report["data"] = theirs.report()
    return report


class _Tally:
    """Sums up both arities."""

    def __init__(self) -> None:
        self.models: list[RankedModel] = []
        self.reciprocal: list[float] = []
        self.triples: list[tuple[str, bool]] = []

    def add(self, compared: ComparedItems, members: Sequence[int], among: Sequence[int]) -> None:
        models, reciprocal = rank_datasets(compared, members, among)
        self.models += models
        self.reciprocal += reciprocal
        self.triples += architecture_triples(compared, members)

    def report(self) -> dict[str, Any]:
        families = sorted({r.family for r in self.models})
        return {
            **figures(self.models, self.reciprocal, self.triples),
            "by_family": {f: figures([r for r in self.models if r.family == f], []) for f in families},
            "rows": [vars(r) for r in self.models],
        }
