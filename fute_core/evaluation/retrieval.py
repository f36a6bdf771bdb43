"""Does a model lie near its own dataset? Black boxes of known skill against all DTEs, with chance and cheap baselines.

Whitening is learnt anew for each family from the other families alone, so no figure rests on a task that shaped the
space; the means are those of the whole space, as users see it. Datasets from elsewhere (`--data`) are judged in the
shipped space as it is, among the shipped datasets.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from fute_core.atlas.gallery import Item, load_gallery
from fute_core.atlas.gallery_writing import rebuilt
from fute_core.datasets.catalog import shipped_datasets
from fute_core.embedding.pipelines import Recipe, dataset_key
from fute_core.evaluation.gallery_build import box_items, dataset_item
from fute_core.evaluation.metrics import estimate
from fute_core.evaluation.parts.boxes import ARCHITECTURES, dataset_parts
from fute_core.evaluation.parts.reference import basis_of, fit_reference, left_out_similarity
from fute_core.home import DATA
from fute_core.models.encoder import Surrogate, load_surrogate
from fute_core.space.calibration import Calibrator
from fute_core.space.space import TaskSpace

if TYPE_CHECKING:
    from fute_core.store.store import Store

SKILLED, WEAK = 0.5, 0.3
BEATS_CHANCE = 0.1
HEADLINES = ("dte_family_mrr", "skilled_own_top1", "skilled_family_first", "weak_family_first", "mte_own_mrr",
             "architecture_share")  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One black box: rank of its own dataset, and whether the first dataset is of its family. chance : of the same."""

    name: str
    dataset: str
    family: str
    architecture: str
    accuracy: float
    skill: float
    own_rank: int
    family_first: bool
    first: str
    n_datasets: int
    family_share: float


@dataclass(frozen=True)
class Arity:
    """Items of one arity and, for each item, its similarities to all: float64 (n, n), each row in its own space.

    agreement, text : the same by two cheap baselines: linear CKA of the answers as they are, and for datasets the
        cosine of their centred mean text features (TextEmb); NaN for models, which have no texts of their own.
    """

    items: tuple[Item, ...]
    similarity: np.ndarray
    agreement: np.ndarray
    text: np.ndarray


def collect(
    store: "Store",
    recipe: Recipe,
    pair: bool,
    folder: Path = DATA,
    names: Sequence[str] | None = None,
    told: Callable[[str], None] = print,
    architectures: Sequence[str] = ARCHITECTURES,
    afresh: bool = False,
) -> list[Item]:
    """DTEs and black boxes' MTEs of every dataset (of those in `names`) of a folder with that arity.

    afresh : compute what the shipped gallery has under the same key, too.
    """
    items: list[Item] = []
    known = {} if afresh or folder != DATA else _shipped(pair, architectures)
    for name, card in shipped_datasets(folder).items():
        if bool(card.get("pair")) == pair and (names is None or name in names):
            if name in known and known[name][0].embedding.key == dataset_key(dataset_parts(name).dte, recipe):
                items += known[name]
                continue
            boxes = box_items(name, store, recipe, folder, architectures)
            items += [dataset_item(name, store, recipe, folder), *boxes]
            told(f"{name}: {len(items)} items")
    return items


def _shipped(pair: bool, architectures: Sequence[str]) -> dict[str, list[Item]]:
    """Dataset to its DTE and its black boxes' MTEs in the shipped gallery."""
    gallery = load_gallery(pair)
    found: dict[str, list[Item]] = {}
    for item in gallery.items if gallery else ():
        if item.embedding.kind == "dataset":
            found.setdefault(item.embedding.name, []).insert(0, item)
        elif item.facts.get("architecture") in architectures:
            found.setdefault(item.facts["dataset"], []).append(item)
    return {name: items for name, items in found.items() if len(items) == 1 + len(architectures)}


def spaces(items: Sequence[Item], recipe: Recipe, store: "Store", extra: Sequence[Item] = ()) -> Arity:
    """Similarities of all items; each family's rows with whitening learnt without that family.

    extra : items from elsewhere, which shape neither whitening nor means.
    """
    basis = basis_of(recipe, items[0].embedding.provenance.pair, store)
    items = rebuilt(items, basis)
    everything = (*items, *rebuilt(extra, basis))
    out = np.zeros((len(everything), len(everything)))
    out[: len(items), : len(items)] = left_out_similarity(items, basis)
    if extra:
        rows = list(range(len(items), len(everything)))
        out[rows] = _cosines(everything, fit_reference(items, basis), rows)
    agreement = Calibrator("none").fit([i.embedding for i in everything])
    return Arity(
        everything,
        out,
        _cosines(everything, agreement, slice(None)),
        _text_similarity(everything, load_surrogate(recipe.surrogate)),
    )


def _text_similarity(items: Sequence[Item], surrogate: Surrogate) -> np.ndarray:
    means = np.full((len(items), surrogate.hidden_size), np.nan)
    for k, item in enumerate(items):
        if item.embedding.kind == "dataset":
            folder = Path(item.facts["folder"]) if "folder" in item.facts else DATA
            means[k] = surrogate.features(dataset_parts(item.embedding.name, folder).dte.texts).mean(0)
    means -= np.nanmean(means, 0)
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    return means @ means.T


def _cosines(items: Sequence[Item], calibrator: Calibrator, rows: Sequence[int] | slice) -> np.ndarray:
    vectors = TaskSpace([i.embedding for i in items], calibrator=calibrator).vectors.astype(np.float64)
    return vectors[rows] @ vectors.T


def judge(arity: Arity, members: Sequence[int], among: Sequence[int]) -> tuple[list[Row], list[float]]:
    """Rows of the black boxes among `members`, and reciprocal ranks of the DTEs among them that have relatives.

    among : the items whose DTEs are candidates.
    """
    datasets = [k for k in among if arity.items[k].embedding.kind == "dataset"]
    names = [arity.items[k].embedding.name for k in datasets]
    families = np.array([arity.items[k].embedding.family for k in datasets])
    rows, reciprocal = [], []
    for k in members:
        item = arity.items[k]
        similar = arity.similarity[k, datasets]
        if item.embedding.kind == "model":
            order = np.argsort(-similar, kind="stable")
            own = names.index(item.facts["dataset"])
            family = item.embedding.family
            rows.append(
                Row(
                    item.embedding.name, item.facts["dataset"], family, item.facts["architecture"],
                    item.facts["accuracy"], item.facts["skill"], int(np.flatnonzero(order == own)[0]) + 1,
                    bool(families[order[0]] == family), names[order[0]], len(names),
                    float((families == family).mean()),
                )
            )  # fmt: skip
        elif item.embedding.kind == "dataset":
            others = [d for d in range(len(datasets)) if datasets[d] != k]
            order = sorted(others, key=lambda d: -similar[d])
            found = [rank for rank, d in enumerate(order, 1) if families[d] == item.embedding.family]
            if found:
                reciprocal.append(1.0 / found[0])
    return rows, reciprocal


def architecture_triples(arity: Arity, members: Sequence[int]) -> list[tuple[str, bool]]:
    """For each (model, same task by another architecture, other task by the same one): is the first pair nearer?

    Each with the dataset of its first model, since triples that share models are not independent.
    """
    models = [k for k in members if arity.items[k].embedding.kind == "model"]
    models = [k for k in models if _beats_chance(arity.items[k])]
    facts = {k: arity.items[k].facts for k in models}
    return [
        (facts[a]["dataset"], bool(arity.similarity[a, b] > arity.similarity[a, c]))
        for a in models
        for b in models
        if facts[a]["dataset"] == facts[b]["dataset"] and a != b
        for c in models
        if facts[c]["architecture"] == facts[a]["architecture"]
        and arity.items[c].embedding.family != arity.items[a].embedding.family
    ]


def _beats_chance(item: Item) -> bool:
    return item.facts["accuracy"] - 1 / len(item.facts["labels"]) >= BEATS_CHANCE


def figures(
    rows: Sequence[Row], reciprocal: Sequence[float], triples: Sequence[tuple[str, bool]] = ()
) -> dict[str, dict[str, Any]]:
    """The headline figures, each an object with value, low, high, chance and n.

    95 % bootstrap intervals draw whole datasets with all models trained on them.
    """
    skilled = [r for r in rows if r.skill >= SKILLED]
    weak = [r for r in rows if WEAK <= r.skill < SKILLED]
    harmonic = [np.mean(1 / np.arange(1, r.n_datasets + 1)) for r in rows]
    return {
        "dte_family_mrr": estimate(reciprocal).as_json(),
        "skilled_own_top1": _of(skilled, [r.own_rank == 1 for r in skilled], [1 / r.n_datasets for r in skilled]),
        "skilled_family_first": _of(skilled, [r.family_first for r in skilled], [r.family_share for r in skilled]),
        "weak_family_first": _of(weak, [r.family_first for r in weak], [r.family_share for r in weak]),
        "mte_own_mrr": _of(rows, [1 / r.own_rank for r in rows], harmonic),
        "architecture_share": estimate([won for _, won in triples], 0.5, [of for of, _ in triples]).as_json(),
    }


def _of(rows: Sequence[Row], values: Sequence[float], chance: Sequence[float]) -> dict[str, Any]:
    return estimate(values, float(np.mean(chance)) if rows else None, [r.dataset for r in rows]).as_json()


def retrieval(
    store: "Store",
    recipe: Recipe | None = None,
    data: Path | None = None,
    names: Sequence[str] | None = None,
    told: Callable[[str], None] = print,
    architectures: Sequence[str] = ARCHITECTURES,
    afresh: bool = False,
) -> dict[str, Any]:
    """The whole evaluation as JSON values: headline figures, and under "by_family", "rows", "baselines" what is behind.

    names : only these shipped datasets. architectures : only black boxes of these.
    data : a folder with `datasets.json` and `datasets/NAME.jsonl`, reported apart under "data".
    afresh : see `collect`.
    """
    recipe = recipe or Recipe()
    shipped, theirs, agreeing, textual = _Tally(), _Tally(), _Tally(), _Tally()
    for pair in (False, True):
        items = collect(store, recipe, pair, names=names, told=told, architectures=architectures, afresh=afresh)
        extra = [] if data is None else collect(store, recipe, pair, data, None, told, architectures)
        if not items:
            continue
        arity = spaces(items, recipe, store, extra)
        inside = range(len(items))
        shipped.add(arity, inside, inside)
        agreeing.add(replace(arity, similarity=arity.agreement), inside, inside)
        texts = [k for k in inside if items[k].embedding.kind == "dataset"]
        textual.add(replace(arity, similarity=arity.text), texts, texts)
        theirs.add(arity, range(len(items), len(arity.items)), range(len(arity.items)))
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

    def __init__(self):
        self.rows: list[Row] = []
        self.reciprocal: list[float] = []
        self.triples: list[tuple[str, bool]] = []

    def add(self, arity: Arity, members: Sequence[int], among: Sequence[int]) -> None:
        rows, reciprocal = judge(arity, members, among)
        self.rows += rows
        self.reciprocal += reciprocal
        self.triples += architecture_triples(arity, members)

    def report(self) -> dict[str, Any]:
        families = sorted({r.family for r in self.rows})
        return {
            **figures(self.rows, self.reciprocal, self.triples),
            "by_family": {f: figures([r for r in self.rows if r.family == f], []) for f in families},
            "rows": [vars(r) for r in self.rows],
        }
