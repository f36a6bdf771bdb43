"""Do fine-tuned language models land as the shipped black boxes do: the paper's own kind of model, as newcomers.

They are trained on the half of a dataset that trains its shipped black boxes, and take no part in whitening, means or
scales. Figures are those of `retrieval`, over single texts, beside those of the shipped four kinds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fute_core.analysis.skill import WEAK
from fute_core.atlas.gallery import Gallery, Item, load_gallery
from fute_core.atlas.newcomers import load_newcomers
from fute_core.errors import BadInput
from fute_core.evaluation.parts.boxes import ARCHITECTURES, TRAINERS
from fute_core.evaluation.parts.fine_tuned_items import FINE_TUNINGS
from fute_core.evaluation.parts.reference import left_out_similarity
from fute_core.evaluation.results import ESTIMATE_COLUMNS, Result, ResultTable
from fute_core.evaluation.retrieval.ranks import SKILLED, architecture_triples, figures, rank_datasets
from fute_core.evaluation.retrieval.similarities import ComparedItems
from fute_core.space.calibration import Calibrator
from fute_core.space.space import TaskSpace
from fute_core.vectors import TaskEmbedding

SHOWN = ("skilled_own_top1", "skilled_family_first", "weak_family_first", "mte_own_mrr", "architecture_share")
QUICK_FAMILIES = 3


def fine_tuned_result(quick: bool = False) -> Result:
    """Measure where the fine-tuned models that ship land; none is trained.

    Parameters
    ----------
    quick : bool, default False
        A few families only.

    Returns
    -------
    Result
        Figures of each kind of model in the space, and of prediction agreement.

    Raises
    ------
    BadInput
        Where no gallery ships, or no fine-tuned models do.
    """
    gallery = load_gallery(False)
    newcomers = () if gallery is None else load_newcomers(gallery)
    if gallery is None or not newcomers:
        raise BadInput(
            "No fine-tuned models ship with this installation; build them with `fute gallery build --part fine-tuned`."
        )
    families = list(dict.fromkeys(i.embedding.family for i in newcomers))[: QUICK_FAMILIES if quick else None]
    items = [i for i in gallery.items if i.embedding.kind in ("dataset", "model")]
    return _result(gallery, *([i for i in some if i.embedding.family in families or not quick]
                              for some in (items, newcomers)))  # fmt: skip


def _result(gallery: Gallery, shipped: Sequence[Item], newcomers: Sequence[Item]) -> Result:
    items = (*shipped, *newcomers)
    embeddings = [i.embedding for i in items]
    plain = _cosines(embeddings, Calibrator("none").fit(embeddings))
    compared = ComparedItems(items, left_out_similarity(shipped, gallery.basis, newcomers), plain, plain)
    values = _measures(compared, len(shipped))
    values["baselines"] = {"prediction agreement": _measures(replace(compared, similarity=plain), len(shipped))}
    known = replace(compared, similarity=_cosines(embeddings, gallery.calibrator))
    taking_part = replace(compared, similarity=left_out_similarity(items, gallery.basis))
    spaces = {"as_shipped": known, "as_references": taking_part}
    values["spaces"] = {name: _measures(space, len(shipped)) for name, space in spaces.items()}
    values["kinds"] = {
        kind: _landed(compared, members, len(shipped), len(items if kind in FINE_TUNINGS else shipped))
        for kind, members in _by_kind(compared, len(shipped)).items()
    }
    values |= _by_partner(compared, len(shipped))
    values["rows"] = _rows(compared, len(shipped))
    return Result("fine-tuned", "Do fine-tuned language models land near their own dataset?", values, _tables(values),
                  _remarks(values))  # fmt: skip


def _cosines(embeddings: Sequence[TaskEmbedding], calibrator: Calibrator) -> NDArray[np.float64]:
    return TaskSpace(embeddings, calibrator=calibrator).cosines().astype(np.float64)


def _measures(compared: ComparedItems, n_shipped: int) -> dict[str, Any]:
    """Figures of all fine-tuned models, and the share by architecture with and without them."""
    n = len(compared.items)
    values = _landed(compared, range(n_shipped, n), n_shipped, n)
    for which, members in (("shipped_kinds", range(n_shipped)), ("all_kinds", range(n))):
        triples = architecture_triples(compared, members)
        values[f"architecture_share_{which}"] = figures([], [], triples)["architecture_share"]
    return values


def _landed(compared: ComparedItems, members: Sequence[int], n_shipped: int, among: int) -> dict[str, Any]:
    """Figures of some models: their place among shipped datasets, and triples of the first so many items."""
    models, _ = rank_datasets(compared, members, range(n_shipped))
    found = figures(models, [], architecture_triples(compared, range(among), members))
    return {name: found[name] for name in SHOWN}


def _by_partner(compared: ComparedItems, n_shipped: int) -> dict[str, Any]:
    """The share by architecture of fine-tuned models, by what the other model of the task reads with."""
    kind = [item.facts.get("architecture") for item in compared.items]
    partners = {"words": TRAINERS, "language_models": ("encoder", *FINE_TUNINGS)}
    shares = {}
    for what, others in partners.items():
        triples = []
        for own in FINE_TUNINGS:
            first = [k for k in range(n_shipped, len(kind)) if kind[k] == own]
            members = [*first, *(k for k, of in enumerate(kind) if of in others and of != own)]
            triples += architecture_triples(compared, members, first)
        shares[f"architecture_share_beside_{what}"] = figures([], [], triples)["architecture_share"]
    return shares


def _by_kind(compared: ComparedItems, n_shipped: int) -> dict[str, list[int]]:
    """Positions of the models of each kind, of the datasets that any fine-tuned model was trained on."""
    facts = [item.facts for item in compared.items]
    tuned = {of["dataset"] for of in facts[n_shipped:]}
    found: dict[str, list[int]] = {}
    for kind in (*ARCHITECTURES, *FINE_TUNINGS):
        found[kind] = [k for k, of in enumerate(facts) if of.get("architecture") == kind and of["dataset"] in tuned]
    return {kind: members for kind, members in found.items() if members}


def _rows(compared: ComparedItems, n_shipped: int) -> list[dict[str, Any]]:
    """Each fine-tuned model, where its own dataset stands, and the best shipped model of the dataset."""
    models, _ = rank_datasets(compared, range(n_shipped, len(compared.items)), range(n_shipped))
    best: dict[str, float] = {}
    for item in compared.items[:n_shipped]:
        if item.embedding.kind == "model":
            name = item.facts["dataset"]
            best[name] = max(best.get(name, 0.0), item.facts["accuracy"])
    sure = [float(np.median(item.answers.max(1))) for item in compared.items[n_shipped:] if item.answers is not None]
    return [
        {**vars(model), "best_shipped_accuracy": best[model.dataset], "median_confidence": confidence}
        for model, confidence in zip(models, sure, strict=True)
    ]


def _tables(values: Mapping[str, Any]) -> tuple[ResultTable, ...]:
    columns = ("kind of model", "n", "skilled", "own first", "family first", "weak", "weak: family first", "own MRR",
               "same task beats same architecture")  # fmt: skip
    kinds = []
    for kind, of in values["kinds"].items():
        own, family, weak, every, share = (of[name] for name in SHOWN)
        kinds.append((kind, every["n"], own["n"], _cell(own), _cell(family), weak["n"], _cell(weak), _cell(every),
                      _cell(share)))  # fmt: skip
    spaces = (
        ("Whitening without the model's family", values),
        ("The space as it ships", values["spaces"]["as_shipped"]),
        ("If they shaped whitening and means, each without its own family", values["spaces"]["as_references"]),
        ("Baseline: prediction agreement", values["baselines"]["prediction agreement"]),
    )
    return (
        ResultTable("Each kind, on the datasets that language models were fine-tuned on", columns, tuple(kinds),
                    "The last column asks of each model whether one of the same dataset by another architecture is "
                    "nearer than one of another family by the same; the shipped kinds are asked among themselves."),
        *(ResultTable(f"All fine-tuned models. {title}", ESTIMATE_COLUMNS, _estimate_rows(of)) for title, of in spaces),
        _each(values["rows"]),
    )  # fmt: skip


def _cell(of: Mapping[str, Any]) -> str | None:
    return f"{of['value']:.2f} ({of['low']:.2f} to {of['high']:.2f})" if of["n"] else None


def _estimate_rows(values: Mapping[str, Any]) -> tuple[tuple[Any, ...], ...]:
    names = (*SHOWN, "architecture_share_shipped_kinds", "architecture_share_all_kinds")
    return tuple(
        (name.replace("_", " "), *(values[name][c] for c in ESTIMATE_COLUMNS[1:]))
        for name in names
        if values[name]["n"]
    )


def _each(rows: Sequence[Mapping[str, Any]]) -> ResultTable:
    columns = ("model", "accuracy", "skill", "best shipped kind", "nearest dataset", "rank of its own", "confidence")
    found = [
        (r["name"], r["accuracy"], r["skill"], r["best_shipped_accuracy"], r["first"], r["own_rank"],
         round(r["median_confidence"], 2))
        for r in rows
    ]  # fmt: skip
    note = "Confidence: the median over the probe texts of the likeliest label's probability."
    return ResultTable("Each fine-tuned model", columns, tuple(found), note)


def _remarks(values: Mapping[str, Any]) -> tuple[str, ...]:
    trained = {row["architecture"] for row in values["rows"]}
    how = [
        f"{name}: {t.model}, {f'adapters of rank {t.rank}' if t.rank else 'all weights'}, {t.epochs} epochs of "
        f"{t.batch_size} rows a step, AdamW at {t.learning_rate:g}."
        for name, t in FINE_TUNINGS.items()
        if name in trained
    ]
    return (
        *how,
        "Trained on the half of a dataset's training rows that trains the shipped kinds (260 to 381 rows); accuracy is "
        "that on its test rows. Nothing of a fine-tuned model is in whitening, means or scales.",
        f"Skilled: skill of {SKILLED} or more; weak: from {WEAK}. Skill is (accuracy - 1/k) / (1 - 1/k).",
        "Intervals are 95 % bootstrap intervals that draw whole datasets, each with all models trained on it; where "
        "all cases are right, Wilson's for as many cases as there are datasets.",
        "Mean text features, the other baseline of retrieval, do not apply: a model has no texts of its own.",
    )
