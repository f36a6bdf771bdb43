"""What other probe texts, spoilt answers and predictors that know nothing do to the space: no model is asked again."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from fute_core.evaluation import metrics
from fute_core.evaluation.estimates import Estimate, estimate
from fute_core.evaluation.stability.functional_space import FunctionalSpace, ItemAnswers
from fute_core.methods.functional import centre

SPOILT = (0.0, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0)
"""Shares of the answers that are exchanged."""
ACCURATE = 0.5
"""Skill of an accurate model, at least."""
UNINFORMED_LABELS = (2, 3, 6)
"""Numbers of labels of the random predictors."""


def answer_measures(space: FunctionalSpace, members: Sequence[ItemAnswers] | None = None) -> dict[str, Estimate]:
    """Measure what must not move a vector and what must, on answers alone.

    Parameters
    ----------
    space : FunctionalSpace
        Datasets and black boxes.
    members : sequence of ItemAnswers, optional
        Items of the space that are measured; all by default.

    Returns
    -------
    dict of str to Estimate
        Of halves of the probe texts, of spoilt answers, and of constant and random predictors.
    """
    members = space.items if members is None else members
    accurate = [i for i in members if i.kind == "model" and i.skill >= ACCURATE]
    orders = [metrics.spearman([-q for q in SPOILT], spoilt_similarities(space, item)) for item in accurate]
    away, highest, level = uninformed_predictors(space, accurate)
    return {
        "probe_halves_spearman": estimate(probe_halves(space, members), 0.0),
        "spoilt_answers_monotone": estimate([float(order > 1 - 1e-9) for order in orders]),
        "spoilt_answers_spearman": estimate(orders, 0.0),
        "uninformed_stay_away": estimate(away),
        "uninformed_highest_similarity": estimate(highest, level),
    }


def probe_halves(space: FunctionalSpace, members: Sequence[ItemAnswers]) -> list[float]:
    """Compare similarities on every second probe text with those on the rest.

    Parameters
    ----------
    space : FunctionalSpace
        Datasets and black boxes.
    members : sequence of n ItemAnswers
        Items of the space that are measured.

    Returns
    -------
    list of n float
        For each member Spearman of its similarities to all other items on the two halves.
    """
    halves = [space.placed(np.arange(start, len(space.features), 2)) for start in (0, 1)]
    sims = [half.cosines(half) for half in halves]
    out = []
    for i in (space.items.index(item) for item in members):
        others = np.arange(len(space.items)) != i
        out.append(metrics.spearman(sims[0][i, others], sims[1][i, others]))
    return out


def spoilt_similarities(space: FunctionalSpace, item: ItemAnswers, seed: int = 0) -> list[float]:
    """Exchange a growing share of an item's answers for those to other texts.

    Parameters
    ----------
    space : FunctionalSpace
        Gives the calibration.
    item : ItemAnswers
        What is spoilt.
    seed : int
        Draws the answers.

    Returns
    -------
    list of float
        Similarity to the item as it was, for each share in `SPOILT`.
    """
    draw = np.random.default_rng(seed)
    order, other = draw.permutation(len(item.answers)), draw.permutation(len(item.answers))
    spoilt = []
    for share in SPOILT:
        answers = item.answers.copy()
        chosen = order[: round(share * len(order))]
        answers[chosen] = item.answers[other[chosen]]
        spoilt.append(replace(item, name=f"{item.name} {share}", answers=centre(answers)))
    placed = space.place(spoilt)
    return [float(cosine) for cosine in placed.cosines(placed.take([0]))[:, 0]]


def uninformed_predictors(
    space: FunctionalSpace, accurate: Sequence[ItemAnswers], seeds: int = 5
) -> tuple[list[float], list[float], float]:
    """Compare predictors that know nothing (one constant, others random) with accurate models.

    Such a predictor stays away if no accurate model is as similar to it as 19 of 20 accurate models are to another one
    of the same dataset. Models of different jobs give no such level: after the mean of each kind is taken away, what
    knows nothing has similarity 0 to all, and different jobs have less.

    Parameters
    ----------
    space : FunctionalSpace
        Gives the calibration.
    accurate : sequence of ItemAnswers
        Black boxes of high skill.
    seeds : int
        How many random predictors there are for each number of labels.

    Returns
    -------
    away : list of float
        For each predictor 1 if it stays away, else 0; none where no dataset has two accurate models.
    highest : list of float
        For each predictor its highest similarity to an accurate model.
    level : float
        The similarity below which a predictor is away; NaN where no dataset has two accurate models.
    """
    if not accurate:
        return [], [], float("nan")
    models, places = space.place(accurate), [item.place for item in accurate]
    cosines = models.cosines(models)
    same = [cosines[i, j] for i in range(len(places)) for j in range(i) if places[i] == places[j]]
    if not same:
        return [], [], float("nan")
    m = len(space.features)
    uninformed = [ItemAnswers("constant", "model", None, places[0], np.zeros((m, 2)))]
    for seed in range(seeds):
        for k in UNINFORMED_LABELS:
            log_p = np.log(np.random.default_rng(seed).dirichlet(np.ones(k), m) + 1e-2)
            uninformed.append(ItemAnswers(f"random-{k}-{seed}", "model", None, places[0], centre(log_p)))
    level = float(np.quantile(same, 0.05))
    highest = space.place(uninformed).cosines(models).max(1)
    return [float(h < level) for h in highest], [float(h) for h in highest], level
