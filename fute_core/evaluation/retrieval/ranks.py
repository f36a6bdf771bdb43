"""Where a model's own dataset, and a dataset's relatives, stand among all datasets by similarity."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fute_core.analysis.skill import WEAK
from fute_core.atlas.gallery import Item
from fute_core.evaluation.estimates import estimate
from fute_core.evaluation.retrieval.similarities import ComparedItems

SKILLED = 0.5
BEATS_CHANCE = 0.1
"""Accuracy above chance that a model needs to be compared with others by architecture."""


@dataclass(frozen=True)
class RankedModel:
    """One black box and where its own dataset stands.

    Parameters
    ----------
    name, dataset, family, architecture : str
        Of the black box; `dataset` is the one that it was trained on.
    accuracy, skill : float
        On that dataset's test rows.
    own_rank : int
        Place of its own dataset among all by similarity, from 1.
    family_first : bool
        Whether the dataset at place 1 is of its family.
    first : str
        Name of the dataset at place 1.
    n_datasets : int
        Among which it was ranked.
    family_share : float
        Share of them that are of its family: the chance of `family_first`.
    """

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


def rank_datasets(
    compared: ComparedItems, members: Sequence[int], among: Sequence[int]
) -> tuple[list[RankedModel], list[float]]:
    """Rank datasets by their similarity to each of some items.

    Parameters
    ----------
    compared : ComparedItems
        All items with their similarities.
    members : sequence of int
        Positions of the items that datasets are ranked for.
    among : sequence of int
        Positions of the items whose datasets are ranked.

    Returns
    -------
    list of RankedModel
        One for each black box among the members.
    list of float
        For each dataset among the members that has relatives: 1 over the place of the nearest one.
    """
    datasets = [k for k in among if compared.items[k].embedding.kind == "dataset"]
    names = [compared.items[k].embedding.name for k in datasets]
    families = np.array([compared.items[k].embedding.family for k in datasets])
    models, reciprocal = [], []
    for k in members:
        item = compared.items[k]
        similar = compared.similarity[k, datasets]
        if item.embedding.kind == "model":
            order = np.argsort(-similar, kind="stable")
            own = names.index(item.facts["dataset"])
            family = item.embedding.family
            models.append(
                RankedModel(
                    item.embedding.name, item.facts["dataset"], family or "", item.facts["architecture"],
                    item.facts["accuracy"], item.facts["skill"], int(np.flatnonzero(order == own)[0]) + 1,
                    bool(families[order[0]] == family), names[order[0]], len(names),
                    float((families == family).mean()),
                )
            )  # fmt: skip
        elif item.embedding.kind == "dataset":
            others = sorted((d for d in range(len(datasets)) if datasets[d] != k), key=lambda d: -similar[d])
            found = [rank for rank, d in enumerate(others, 1) if families[d] == item.embedding.family]
            if found:
                reciprocal.append(1.0 / found[0])
    return models, reciprocal


def architecture_triples(
    compared: ComparedItems, members: Sequence[int], first: Sequence[int] | None = None
) -> list[tuple[str, bool]]:
    """Ask whether models lie by what they do or by how they are built.

    A triple is a model, one of the same dataset by another architecture, and one of another family by the same
    architecture. Models that hardly beat chance are left out.

    Parameters
    ----------
    compared : ComparedItems
        All items with their similarities.
    members : sequence of int
        Positions of the items that triples are made of.
    first : sequence of int, optional
        Positions of those that a triple may begin with; all members by default.

    Returns
    -------
    list of (str, bool)
        For each triple the dataset of its first model, since triples that share models are not independent, and whether
        the model of the same dataset is the nearer one.
    """
    models = [k for k in members if compared.items[k].embedding.kind == "model"]
    models = [k for k in models if _beats_chance(compared.items[k])]
    facts = {k: compared.items[k].facts for k in models}
    return [
        (facts[a]["dataset"], bool(compared.similarity[a, b] > compared.similarity[a, c]))
        for a in models
        if first is None or a in first
        for b in models
        if facts[a]["dataset"] == facts[b]["dataset"] and a != b
        for c in models
        if facts[c]["architecture"] == facts[a]["architecture"]
        and compared.items[c].embedding.family != compared.items[a].embedding.family
    ]


def _beats_chance(item: Item) -> bool:
    return bool(item.facts["accuracy"] - 1 / len(item.facts["labels"]) >= BEATS_CHANCE)


def figures(
    models: Sequence[RankedModel], reciprocal: Sequence[float], triples: Sequence[tuple[str, bool]] = ()
) -> dict[str, dict[str, Any]]:
    """Compute the headline figures.

    Parameters
    ----------
    models : sequence of RankedModel
        As `rank_datasets` gives them.
    reciprocal : sequence of float
        As `rank_datasets` gives it.
    triples : sequence of (str, bool)
        As `architecture_triples` gives them.

    Returns
    -------
    dict of str to dict
        By the name of the figure: value, low, high, chance and n. The 95 % bootstrap intervals draw whole datasets with
        all models trained on them.
    """
    skilled = [r for r in models if r.skill >= SKILLED]
    weak = [r for r in models if WEAK <= r.skill < SKILLED]
    harmonic = [float(np.mean(1 / np.arange(1, r.n_datasets + 1))) for r in models]
    return {
        "dte_family_mrr": estimate(reciprocal).as_json(),
        "skilled_own_top1": _of(skilled, [r.own_rank == 1 for r in skilled], [1 / r.n_datasets for r in skilled]),
        "skilled_family_first": _of(skilled, [r.family_first for r in skilled], [r.family_share for r in skilled]),
        "weak_family_first": _of(weak, [r.family_first for r in weak], [r.family_share for r in weak]),
        "mte_own_mrr": _of(models, [1 / r.own_rank for r in models], harmonic),
        "architecture_share": estimate([won for _, won in triples], 0.5, [of for of, _ in triples]).as_json(),
    }


def _of(models: Sequence[RankedModel], values: Sequence[float], chance: Sequence[float]) -> dict[str, Any]:
    return estimate(values, float(np.mean(chance)) if models else None, [r.dataset for r in models]).as_json()
