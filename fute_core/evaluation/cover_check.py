"""Do the few datasets that `fute cover` chooses rank models as all of them do, and better than any few would?"""

from collections.abc import Callable, Sequence
from itertools import combinations
from math import comb
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fute_core.analysis.cover import cover, rank_agreement
from fute_core.atlas.atlas import open_atlas
from fute_core.errors import BadInput
from fute_core.evaluation.estimates import Estimate
from fute_core.evaluation.parts.learners import LEARNERS, Learner, skills
from fute_core.evaluation.parts.rows import dataset_parts
from fute_core.evaluation.results import Result, ResultTable
from fute_core.models.surrogate import load_surrogate

if TYPE_CHECKING:
    from fute_core.store.store import Store

SIZES = (2, 3, 5, 8)
HEADLINE = 5
SETS = 2000
RESAMPLES = 500
COMPARED = 300
Tell = Callable[[str], None]


def cover_result(
    store: "Store", names: Sequence[str] | None = None, learners: tuple[Learner, ...] = LEARNERS,
    sizes: Sequence[int] = SIZES, tell: Tell = lambda message: None,
) -> Result:  # fmt: skip
    """Train learners on every single-text dataset of the gallery and compare their rankings.

    Datasets of scores are left out, and said to be: the learners tell labels apart.

    Parameters
    ----------
    store : Store
        Keeps the learners' skills.
    names : sequence of str, optional
        Only these datasets.
    learners : tuple of Learner
        What is ranked.
    sizes : sequence of int
        How many datasets are chosen.
    tell : callable
        Hears a sentence of each dataset.

    Returns
    -------
    Result
        For each size how well the ranking on the chosen datasets agrees with that on all.

    Raises
    ------
    BadInput
        The gallery has too few datasets with labels.
    """
    atlas = open_atlas(store=False)
    members = [
        i for i, item in enumerate(atlas.items)
        if item.embedding.kind == "dataset" and (names is None or item.embedding.name in names)
    ]  # fmt: skip
    parts = {i: dataset_parts(atlas.items[i].embedding.name) for i in members}
    scores = [parts[i].train.name for i in members if parts[i].train.regression]
    members = [i for i in members if not parts[i].train.regression]
    names = [atlas.items[i].embedding.name for i in members]
    if len(names) <= max(sizes):
        raise BadInput(
            f"The gallery has {len(names)} datasets with labels, too few to choose {max(sizes)}; build it again."
        )
    surrogate = load_surrogate(store=store)
    found = []
    for i, name in zip(members, names, strict=True):
        tell(f"{name}: {len(learners)} models")
        found.append(skills(parts[i], learners, surrogate, store))
    skill = np.array(found).T
    similarity = atlas.space.cosines(members, members).astype(np.float64)
    rows: list[tuple[object, ...]] = []
    values: dict[str, dict[str, Any]] = {}
    for k in sizes:
        chosen = cover(similarity, k).chosen
        measured = cover_measures(skill, chosen, random_sets(len(names), k))
        values[f"k_{k}"] = {**measured, "chosen": [names[i] for i in chosen]}
        of = measured["chosen_spearman"]
        rows.append((k, of.value, of.low, of.high, of.chance, measured["better_than_random"].value,
                     ", ".join(names[i] for i in chosen)))  # fmt: skip
    columns = ("k", "spearman", "low", "high", "random k, mean", "share of random sets it beats", "chosen")
    note = (
        "Spearman between models ranked by mean skill on the chosen datasets and on all, each dataset standardised; "
        "95 % bootstrap interval over models."
    )
    headline = values.get(f"k_{HEADLINE}") or values[f"k_{max(sizes)}"]
    ranked = sorted(zip(skill.mean(1), (x.name for x in learners), strict=True), reverse=True)
    remarks: tuple[str, ...] = (
        f"{len(learners)} models, each trained on {len(names)} datasets: words, letters or the surrogate's features, "
        "five classifiers each, on 60 rows and on all. Their rows are none of those that made the embeddings.",
        f"Random sets: all there are, or {SETS} of them.",
    )
    if scores:
        remarks += (f"Left out, since they have scores in place of labels: {', '.join(scores)}.",)
    return Result(
        "cover", "Do a few datasets rank models as all do?", {**headline, **values},
        (ResultTable("Rankings on few datasets", columns, tuple(rows), note),
         ResultTable("Models by mean skill", ("model", "mean skill"), tuple((n, float(s)) for s, n in ranked))),
        remarks,
    )  # fmt: skip


def cover_measures(
    skill: NDArray[np.float64], chosen: Sequence[int], sets: Sequence[Sequence[int]], seed: int = 0
) -> dict[str, Estimate]:
    """Measure how well models ranked on a few datasets agree with models ranked on all.

    Parameters
    ----------
    skill : ndarray of float64, shape (n_models, n_datasets)
        Of each model on each dataset.
    chosen : sequence of int
        Positions of the datasets that were chosen.
    sets : sequence of sequences of int
        Random choices of as many datasets.
    seed : int
        Draws the bootstrap samples of models.

    Returns
    -------
    dict of str to Estimate
        "chosen_spearman" has as chance the mean of the random sets; "better_than_random" is the share of `sets` that
        agree less, of those that agree as well half. Both intervals are over models, by the same draws.
    """
    draw = np.random.default_rng(seed)
    value, *random = rank_agreement(skill, [chosen, *sets])
    few = [sets[i] for i in draw.permutation(len(sets))[:COMPARED]]
    drawn: list[tuple[float, float]] = []
    for _ in range(RESAMPLES):
        own, *others = rank_agreement(skill[draw.integers(0, len(skill), len(skill))], [chosen, *few])
        drawn.append((own, _beats(own, np.array(others))))
    (low, worse), (high, better) = np.percentile(drawn, [2.5, 97.5], axis=0)
    return {
        "chosen_spearman": Estimate(float(value), low, high, float(np.mean(random)), len(skill)),
        "better_than_random": Estimate(_beats(value, np.array(random)), worse, better, 0.5, len(sets)),
    }


def _beats(value: float, others: NDArray[np.float64]) -> float:
    return float((others < value - 1e-9).mean() + 0.5 * (np.abs(others - value) <= 1e-9).mean())


def random_sets(n: int, k: int, seed: int = 0) -> list[tuple[int, ...]]:
    """List choices of k of n datasets.

    Parameters
    ----------
    n, k : int
        How many there are, and how many are chosen.
    seed : int
        Draws the choices.

    Returns
    -------
    list of tuple of int
        All choices there are, or `SETS` drawn ones where there are more.
    """
    if comb(n, k) <= SETS:
        return list(combinations(range(n), k))
    draw = np.random.default_rng(seed)
    return [tuple(sorted(draw.choice(n, k, replace=False))) for _ in range(SETS)]
