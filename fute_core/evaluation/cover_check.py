"""Do the few datasets that `fute cover` chooses rank models as all of them do, and better than any few would?"""

from collections.abc import Callable, Sequence
from itertools import combinations
from math import comb
from typing import TYPE_CHECKING

import numpy as np

from fute_core.analysis.cover import cover, rank_agreement
from fute_core.atlas.atlas import open_atlas
from fute_core.errors import BadInput
from fute_core.evaluation.metrics import Estimate
from fute_core.evaluation.parts.boxes import dataset_parts
from fute_core.evaluation.parts.learners import LEARNERS, Learner, skills
from fute_core.evaluation.results import Result, Table
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
    """Train the learners on every single-text dataset of the gallery (of `names`), and compare rankings.

    Raises BadInput where the gallery has not enough of them.
    """
    atlas = open_atlas(store=False)
    members = [
        i for i, item in enumerate(atlas.items)
        if item.embedding.kind == "dataset" and (names is None or item.embedding.name in names)
    ]  # fmt: skip
    names = [atlas.items[i].embedding.name for i in members]
    if len(names) <= max(sizes):
        raise BadInput(f"The gallery has {len(names)} datasets, too few to choose {max(sizes)}; build it again.")
    surrogate = load_surrogate(store=store)
    found = []
    for name in names:
        tell(f"{name}: {len(learners)} models")
        found.append(skills(dataset_parts(name), learners, surrogate, store))
    skill = np.array(found).T
    vectors = atlas.space.vectors[members].astype(np.float64)
    similarity = np.clip(vectors @ vectors.T, -1.0, 1.0)
    rows, values = [], {}
    for k in sizes:
        chosen = cover(similarity, k).chosen
        measured = agreement(skill, chosen, random_sets(len(names), k))
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
    remarks = (
        f"{len(learners)} models, each trained on {len(names)} datasets: words, letters or the surrogate's features, "
        "five classifiers each, on 60 rows and on all. Their rows are none of those that made the embeddings.",
        f"Random sets: all there are, or {SETS} of them.",
    )
    return Result(
        "cover", "Do a few datasets rank models as all do?", {**headline, **values},
        (Table("Rankings on few datasets", columns, tuple(rows), note),
         Table("Models by mean skill", ("model", "mean skill"), tuple((n, float(s)) for s, n in ranked))), remarks,
    )  # fmt: skip


def agreement(skill: np.ndarray, chosen: Sequence[int], sets: Sequence[Sequence[int]], seed: int = 0) -> dict:
    """chosen_spearman : with its bootstrap interval over models, and as chance that of random sets on average.
    better_than_random : share of `sets` that agree less than the chosen (of ties half), over the same draws.

    skill : float (n_models, n_datasets).
    """
    draw = np.random.default_rng(seed)
    value, *random = rank_agreement(skill, [chosen, *sets])
    few = [sets[i] for i in draw.permutation(len(sets))[:COMPARED]]
    drawn = []
    for _ in range(RESAMPLES):
        own, *others = rank_agreement(skill[draw.integers(0, len(skill), len(skill))], [chosen, *few])
        drawn.append((own, _beats(own, np.array(others))))
    (low, worse), (high, better) = np.percentile(drawn, [2.5, 97.5], axis=0)
    return {
        "chosen_spearman": Estimate(float(value), low, high, float(np.mean(random)), len(skill)),
        "better_than_random": Estimate(_beats(value, np.array(random)), worse, better, 0.5, len(sets)),
    }


def _beats(value: float, others: np.ndarray) -> float:
    return float((others < value - 1e-9).mean() + 0.5 * (np.abs(others - value) <= 1e-9).mean())


def random_sets(n: int, k: int, seed: int = 0) -> list[tuple[int, ...]]:
    """All sets of k of n, or SETS drawn ones."""
    if comb(n, k) <= SETS:
        return list(combinations(range(n), k))
    draw = np.random.default_rng(seed)
    return [tuple(sorted(draw.choice(n, k, replace=False))) for _ in range(SETS)]
