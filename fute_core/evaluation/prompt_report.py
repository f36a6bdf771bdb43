"""The measures of a prompt study, as values and tables."""

from collections.abc import Sequence

import numpy as np

from fute_core.evaluation import metrics, zero_label
from fute_core.evaluation.metrics import Estimate, estimate
from fute_core.evaluation.prompts import CALIBRATED, PERPLEXITY_ROWS, RANKING, TWO_WITNESSES, Case, Study
from fute_core.evaluation.results import Result, Table, estimates_table

SKILLED, WEAK = 0.5, 0.3
RELIABLE = 0.8
MANY = 12
"""Among fewer prompts one swapped pair moves a rank correlation by a tenth."""
KNOWN = (0.0, 0.5, 0.7, 0.8, 0.9)
"""Reliabilities of the true order, from which on datasets are averaged."""
MEASURES = ("spearman", "kendall", "rho", "ndcg", "ndcg_published", "regret_points")


def prompt_result(study: Study, name: str = "prompts") -> Result:
    """Tables and values of the shipped datasets; datasets of one's own apart, under "own_data"."""
    shipped = [c for c in study.cases if not c.own_data]
    own = [c for c in study.cases if c.own_data]
    overall = _overall(shipped)
    reliable = [c for c in shipped if c.reliability >= RELIABLE]
    many = [c for c in shipped if len(c.prompts) >= MANY]
    landing = _landing(study)
    values = {
        **overall.get(RANKING, {}),
        **landing,
        "against_raw_accuracy_spearman": estimate(
            [metrics.spearman(c.gold_raw, c.predicted[RANKING]) for c in shipped], 0.0
        ),
        "reliable": {"datasets": len(reliable), **_overall(reliable).get(RANKING, {})},
        "many_prompts": {"datasets": len(many), **_overall(many).get(RANKING, {})},
        "baselines": {method: found for method, found in overall.items() if method != RANKING},
        "cases": [_row(c) for c in shipped],
    }
    tables = [_methods_table("What ranks prompts best", overall, "Means over datasets."),
              _methods_table(f"The same where a family has {MANY} prompts or more", _overall(many),
                             f"{len(many)} of {len(shipped)} datasets."),
              _methods_table(f"The same where the true order is known (reliability {RELIABLE} or more)",
                             _overall(reliable), _reliable_note(len(reliable), len(shipped))),
              _known_table(shipped), estimates_table("Where prompts land", landing, _landing_note()),
              _cases_table("By dataset", shipped), _prompts_table(study)]  # fmt: skip
    if own:
        values["own_data"] = {**_overall(own).get(RANKING, {}), "cases": [_row(c) for c in own]}
        tables.insert(2, _cases_table("Datasets of one's own", own))
    remarks = [
        "Truth is balanced accuracy in percent on held-out rows, label priors removed without labels, as in the "
        "embedding.",
        "The task embedding and the agreement with the dataset's head read labelled rows of the dataset; the other "
        "rankings read none.",
        "NDCG counts gains of 2^accuracy with accuracy in percentage points; random and worst stand in the table.",
        "Perplexity is of the prompt with a text filled in, without the chat template's own words, as its mean "
        f"log-likelihood a token over {PERPLEXITY_ROWS} rows; the likelier prompt ranks first.",
    ]
    if without := [c.dataset for c in study.cases if zero_label.PERPLEXITY not in c.predicted]:
        remarks.append(f"Perplexity is not known for {', '.join(dict.fromkeys(without))}.")
    if study.missing:
        remarks.append(f"Left out, since their answers are not in the store: {len(study.missing)} prompts.")
    return Result(name, "Prompt selection", values, tuple(tables), tuple(remarks))


def _measures(gold: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
    return {
        "spearman": metrics.spearman(gold, predicted),
        "kendall": metrics.kendall(gold, predicted),
        "rho": metrics.rank_of_best(gold, predicted),
        "ndcg": metrics.ndcg(gold, predicted),
        "ndcg_published": metrics.ndcg_published(gold, predicted),
        "regret_points": metrics.regret_at(gold, predicted, 1),
    }


def _overall(cases: Sequence[Case]) -> dict[str, dict[str, Estimate]]:
    """Method to measure to the mean over cases; datasets are what is drawn for the interval."""
    if not cases:
        return {}
    chances = {
        "spearman": 0.0,
        "kendall": 0.0,
        "rho": float(np.mean([(len(c.gold) + 1) / 2 for c in cases])),
        "ndcg": float(np.mean([metrics.ndcg_references(c.gold)["random"] for c in cases])),
        "regret_points": float(np.mean([c.gold.max() - c.gold.mean() for c in cases])),
    }
    methods = list(dict.fromkeys(method for c in cases for method in c.predicted))
    found = {}
    for method in methods:
        having = [c for c in cases if method in c.predicted]
        rows = [_measures(c.gold, c.predicted[method]) for c in having]
        groups = [c.dataset for c in having]
        found[method] = {m: estimate([row[m] for row in rows], chances.get(m), groups) for m in MEASURES}
    return found


def _landing(study: Study) -> dict[str, Estimate]:
    """Whether prompts lie where their skill is: nearest dataset by skill, and similarity against skill over all."""
    skills: dict[str, list[float]] = {}
    similarities: dict[str, list[float]] = {}
    agreements: dict[str, list[float]] = {}
    named: dict[str, list[float]] = {}
    for case in (c for c in study.cases if not c.own_data):
        for i, name in enumerate(case.prompts):
            skills.setdefault(name, []).append(case.skill[i])
            similarities.setdefault(name, []).append(case.predicted[CALIBRATED][i])
            agreements.setdefault(name, []).append(case.predicted[RANKING][i])
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

    def against(truth: dict[str, list[float]], told: dict[str, list[float]]) -> Estimate:
        return _correlation(np.array([(np.mean(truth[n]), np.mean(told[n])) for n in mean]).reshape(-1, 2))

    return {
        "skilled_family_first": estimate(skilled, by_chance),
        "weak_family_first": estimate(weak, by_chance),
        "other_family_first": estimate([first[n] for n in first if mean[n] < WEAK], by_chance),
        "similarity_skill_spearman": against(skills, similarities),
        "agreement_skill_spearman": against(skills, agreements),
        "agreement_named_skill_spearman": against(named, agreements),
    }


def _correlation(pairs: np.ndarray) -> Estimate:
    """Spearman over (n, 2) with a bootstrap over the rows."""
    if len(pairs) < 3:
        return estimate([])
    draw = np.random.default_rng(0)
    drawn = [metrics.spearman(*pairs[draw.integers(0, len(pairs), len(pairs))].T) for _ in range(500)]
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Estimate(metrics.spearman(*pairs.T), float(low), float(high), 0.0, len(pairs))


def _landing_note() -> str:
    return (
        f"Skill is (accuracy - 1/k) / (1 - 1/k) under the best renaming of a prompt's answers, averaged over its "
        f"family's datasets; skilled from {SKILLED}, weak from {WEAK}. First: the nearest of all datasets of its arity."
        " Named skill takes the answers as they are named, as the agreement does."
    )


def _row(case: Case) -> dict[str, object]:
    chosen = int(np.argmax(case.predicted[RANKING]))
    references = metrics.ndcg_references(case.gold)
    return {
        "dataset": case.dataset, "family": case.family, "model": case.model, "prompts": len(case.prompts),
        "chosen": case.prompts[chosen], "accuracy_of_chosen": float(case.gold[chosen]),
        "best_accuracy": float(case.gold.max()), "reliability": case.reliability,
        **_measures(case.gold, case.predicted[RANKING]),
        "ndcg_random": references["random"], "ndcg_worst": references["worst"],
    }  # fmt: skip


def _cases_table(title: str, cases: Sequence[Case]) -> Table:
    rows = [_row(c) for c in cases]
    columns = tuple(rows[0]) if rows else ("dataset",)
    return Table(title, columns, tuple(tuple(row.values()) for row in rows))


def _reliable_note(n: int, of: int) -> str:
    return (
        f"{n} of {of} datasets. Reliability is the rank correlation of the prompts' accuracies with themselves on "
        "other rows (two halves, stepped up by Spearman-Brown): where it is low all prompts do about alike, and no "
        "ranking can follow their order."
    )


def _known_table(cases: Sequence[Case]) -> Table:
    """Spearman of ours and of the best other ranking on the datasets of some reliability and more, with its limit."""
    rows = []
    for least in KNOWN:
        some = [c for c in cases if c.reliability >= least]
        if not some:
            continue
        mean = {name: found["spearman"].value for name, found in _overall(some).items()}
        ours = mean.pop(RANKING)
        mean.pop(TWO_WITNESSES)
        best = max(mean, key=mean.get)
        limit = float(np.mean([np.sqrt(c.reliability) for c in some]))
        rows.append((f"{least} or more" if least else "any", len(some), limit, ours, mean[best], best))
    columns = ("reliability", "datasets", "Spearman of the real order", "of ours", "of the best other", "which")
    note = (
        "Accuracies are measured on few rows, so even the real order, that of endlessly many rows, would reach about "
        "the root of the reliability and no more: where prompts do alike, that is the limit of every ranking."
    )
    return Table("By how well the true order is known", columns, tuple(rows), note)


def _methods_table(title: str, overall: dict[str, dict[str, Estimate]], note: str) -> Table:
    rows = [(method, *(found[m].value for m in MEASURES)) for method, found in overall.items()]
    if overall:
        rows.append(("random", *(overall[RANKING][m].chance for m in MEASURES)))
    return Table(title, ("ranking", *MEASURES), tuple(rows), note)


def _prompts_table(study: Study) -> Table:
    rows = []
    nearest = {
        e.name: space.neighbours(e, 1, "dataset")[0]
        for space in study.spaces for e in space.embeddings if e.kind == "prompt"
    }  # fmt: skip
    for case in study.cases:
        for i, name in enumerate(case.prompts):
            rows.append((name, case.dataset, case.gold[i].item(), case.gold_raw[i].item(), case.skill[i].item(),
                         case.predicted[CALIBRATED][i].item(), nearest[name].name, nearest[name].family))  # fmt: skip
    columns = ("prompt", "dataset", "accuracy", "as answered", "skill", "similarity", "nearest dataset", "its family")
    return Table("Every prompt", columns, tuple(rows))
