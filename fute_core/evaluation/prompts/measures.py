"""The measures of a prompt study: how well each ranking follows the truth, and where prompts lie in the space."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from fute_core.evaluation import metrics
from fute_core.evaluation.estimates import Estimate, estimate
from fute_core.evaluation.gains import ndcg, ndcg_published, ndcg_references
from fute_core.evaluation.prompts.case import Case
from fute_core.evaluation.prompts.rankings import AGREEMENT, SIMILARITY
from fute_core.evaluation.prompts.study import Study

SKILLED, WEAK = 0.5, 0.3
MEASURES = ("spearman", "kendall", "rho", "ndcg", "ndcg_published", "regret_points")
RESAMPLES = 500


def measures(gold: NDArray[np.float64], predicted: NDArray[np.float64]) -> dict[str, float]:
    """Compute every measure of one ranking.

    Parameters
    ----------
    gold, predicted : ndarray of float64, shape (p,)
        Accuracy in percent of each prompt, and what ranks the prompts.

    Returns
    -------
    dict of str to float
        By the names in `MEASURES`.
    """
    return {
        "spearman": metrics.spearman(gold, predicted),
        "kendall": metrics.kendall(gold, predicted),
        "rho": metrics.rank_of_best(gold, predicted),
        "ndcg": ndcg(gold, predicted),
        "ndcg_published": ndcg_published(gold, predicted),
        "regret_points": metrics.regret_at(gold, predicted, 1),
    }


def overall(cases: Sequence[Case]) -> dict[str, dict[str, Estimate]]:
    """Average the measures of each ranking over cases.

    Parameters
    ----------
    cases : sequence of Case
        Datasets with their prompts.

    Returns
    -------
    dict of str to dict of str to Estimate
        By the name of the ranking and of the measure. Datasets are what is drawn for the interval.
    """
    if not cases:
        return {}
    chances = {
        "spearman": 0.0,
        "kendall": 0.0,
        "rho": float(np.mean([(len(c.gold) + 1) / 2 for c in cases])),
        "ndcg": float(np.mean([ndcg_references(c.gold)["random"] for c in cases])),
        "regret_points": float(np.mean([c.gold.max() - c.gold.mean() for c in cases])),
    }
    methods = list(dict.fromkeys(method for c in cases for method in c.predicted))
    found = {}
    for method in methods:
        having = [c for c in cases if method in c.predicted]
        rows = [measures(c.gold, c.predicted[method]) for c in having]
        groups = [c.dataset for c in having]
        found[method] = {m: estimate([row[m] for row in rows], chances.get(m), groups) for m in MEASURES}
    return found


def landing(study: Study) -> dict[str, Estimate]:
    """Measure whether prompts lie where their skill is.

    Parameters
    ----------
    study : Study
        Cases and spaces; datasets of one's own are left out.

    Returns
    -------
    dict of str to Estimate
        How often the nearest dataset is of the prompt's family, by skill, and Spearman of similarity and of agreement
        with skill over all prompts.
    """
    skills: dict[str, list[float]] = {}
    similarities: dict[str, list[float]] = {}
    agreements: dict[str, list[float]] = {}
    named: dict[str, list[float]] = {}
    for case in (c for c in study.cases if not c.own_data):
        for i, name in enumerate(case.prompts):
            skills.setdefault(name, []).append(case.skill[i])
            similarities.setdefault(name, []).append(case.predicted[SIMILARITY][i])
            agreements.setdefault(name, []).append(case.predicted[AGREEMENT][i])
            named.setdefault(name, []).append(case.named_skill[i])
    first, chance = {}, []
    for space in study.spaces:
        families = [e.family for e in space.embeddings if e.kind == "dataset"]
        for embedding in space.embeddings:
            if embedding.name in skills and embedding.kind == "prompt":
                (nearest,) = space.neighbours(embedding, 1, "dataset")
                first[embedding.name] = float(nearest.family == embedding.family)
                chance.append(families.count(embedding.family) / len(families))
    mean = {name: float(np.mean(values)) for name, values in skills.items()}
    by_chance = float(np.mean(chance)) if chance else None
    skilled = [first[n] for n in first if mean[n] >= SKILLED]
    weak = [first[n] for n in first if WEAK <= mean[n] < SKILLED]

    def against(truth: Mapping[str, list[float]], told: Mapping[str, list[float]]) -> Estimate:
        return _correlation(np.array([(np.mean(truth[n]), np.mean(told[n])) for n in mean]).reshape(-1, 2))

    return {
        "skilled_family_first": estimate(skilled, by_chance),
        "weak_family_first": estimate(weak, by_chance),
        "other_family_first": estimate([first[n] for n in first if mean[n] < WEAK], by_chance),
        "similarity_skill_spearman": against(skills, similarities),
        "agreement_skill_spearman": against(skills, agreements),
        "agreement_named_skill_spearman": against(named, agreements),
    }


def _correlation(pairs: NDArray[np.float64]) -> Estimate:
    """Spearman over (n, 2) with a bootstrap over the rows."""
    if len(pairs) < 3:
        return estimate([])
    draw = np.random.default_rng(0)
    drawn = [metrics.spearman(*pairs[draw.integers(0, len(pairs), len(pairs))].T) for _ in range(RESAMPLES)]
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Estimate(metrics.spearman(*pairs.T), float(low), float(high), 0.0, len(pairs))
