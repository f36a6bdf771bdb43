"""A prompt study as values and tables."""

from collections.abc import Mapping, Sequence

import numpy as np

from fute_core.analysis import zero_label
from fute_core.evaluation import metrics
from fute_core.evaluation.estimates import Estimate, estimate
from fute_core.evaluation.gains import ndcg_references
from fute_core.evaluation.prompts.case import Case
from fute_core.evaluation.prompts.measures import MEASURES, SKILLED, WEAK, landing, measures, overall
from fute_core.evaluation.prompts.rankings import AGREEMENT, PERPLEXITY_ROWS, SELECTED, SIMILARITY
from fute_core.evaluation.prompts.study import Study
from fute_core.evaluation.results import Result, ResultTable, estimates_table

RELIABLE = 0.8
MANY = 12
"""Among fewer prompts one swapped pair moves a rank correlation by a tenth."""
KNOWN = (0.0, 0.5, 0.7, 0.8, 0.9)
"""Reliabilities of the true order, from which on datasets are averaged."""


def prompt_result(study: Study, name: str = "prompts") -> Result:
    """Lay out a study.

    Parameters
    ----------
    study : Study
        Everything that was measured.
    name : str
        Of the result.

    Returns
    -------
    Result
        Values and tables of the shipped datasets; those of datasets of one's own apart, under "own_data".
    """
    shipped = [c for c in study.cases if not c.own_data]
    own = [c for c in study.cases if c.own_data]
    of_all = overall(shipped)
    reliable = [c for c in shipped if c.reliability >= RELIABLE]
    many = [c for c in shipped if len(c.prompts) >= MANY]
    landed = landing(study)
    values = {
        **of_all.get(AGREEMENT, {}),
        **landed,
        "against_raw_accuracy_spearman": estimate(
            [metrics.spearman(c.gold_raw, c.predicted[AGREEMENT]) for c in shipped], 0.0
        ),
        "reliable": {"datasets": len(reliable), **overall(reliable).get(AGREEMENT, {})},
        "many_prompts": {"datasets": len(many), **overall(many).get(AGREEMENT, {})},
        "baselines": {method: found for method, found in of_all.items() if method != AGREEMENT},
        "cases": [_row(c) for c in shipped],
    }
    tables = [methods_table("What ranks prompts best", of_all, "Means over datasets."),
              methods_table(f"The same where a family has {MANY} prompts or more", overall(many),
                             f"{len(many)} of {len(shipped)} datasets."),
              methods_table(f"The same where the true order is known (reliability {RELIABLE} or more)",
                             overall(reliable), _reliable_note(len(reliable), len(shipped))),
              _known_table(shipped), estimates_table("Where prompts land", landed, _landing_note()),
              _cases_table("By dataset", shipped), _prompts_table(study)]  # fmt: skip
    if own:
        values["own_data"] = {**overall(own).get(AGREEMENT, {}), "cases": [_row(c) for c in own]}
        tables.insert(2, _cases_table("Datasets of one's own", own))
    remarks = [
        "Truth is balanced accuracy in percent on held-out rows, label priors removed without labels, as in the "
        "embedding.",
        "Agreement pairs labels by their names alone, as `fute select` does, which also puts prompts that surely do "
        "another job behind all others.",
        "Vectors and answers on the probe texts of what ships are those of the gallery, which `fute gallery verify` "
        "checks; rows of datasets are asked here.",
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


def _landing_note() -> str:
    return (
        f"Skill is (accuracy - 1/k) / (1 - 1/k) under the best renaming of a prompt's answers, averaged over its "
        f"family's datasets; skilled from {SKILLED}, weak from {WEAK}. First: the nearest of all datasets of its arity."
        " Named skill takes the answers as they are named, as the agreement does."
    )


def _row(case: Case) -> dict[str, object]:
    chosen = int(np.argmax(case.predicted[AGREEMENT]))
    references = ndcg_references(case.gold)
    return {
        "dataset": case.dataset, "family": case.family, "model": case.model, "prompts": len(case.prompts),
        "chosen": case.prompts[chosen], "accuracy_of_chosen": float(case.gold[chosen]),
        "best_accuracy": float(case.gold.max()), "reliability": case.reliability,
        **measures(case.gold, case.predicted[AGREEMENT]),
        "ndcg_random": references["random"], "ndcg_worst": references["worst"],
    }  # fmt: skip


def _cases_table(title: str, cases: Sequence[Case]) -> ResultTable:
    rows = [_row(c) for c in cases]
    columns = tuple(rows[0]) if rows else ("dataset",)
    return ResultTable(title, columns, tuple(tuple(row.values()) for row in rows))


def _reliable_note(n: int, of: int) -> str:
    return (
        f"{n} of {of} datasets. Reliability is the rank correlation of the prompts' accuracies with themselves on "
        "other rows (two halves, stepped up by Spearman-Brown): where it is low all prompts do about alike, and no "
        "ranking can follow their order."
    )


def _known_table(cases: Sequence[Case]) -> ResultTable:
    """Spearman of ours and of the best other ranking on the datasets of some reliability and more, with its limit."""
    rows = []
    for least in KNOWN:
        some = [c for c in cases if c.reliability >= least]
        if not some:
            continue
        mean = {name: found["spearman"].value for name, found in overall(some).items()}
        ours = mean.pop(AGREEMENT)
        mean.pop(SELECTED, None)
        best = max(mean, key=lambda name: mean[name])
        limit = float(np.mean([np.sqrt(c.reliability) for c in some]))
        rows.append((f"{least} or more" if least else "any", len(some), limit, ours, mean[best], best))
    columns = ("reliability", "datasets", "Spearman of the real order", "of ours", "of the best other", "which")
    note = (
        "Accuracies are measured on few rows, so even the real order, that of endlessly many rows, would reach about "
        "the root of the reliability and no more: where prompts do alike, that is the limit of every ranking."
    )
    return ResultTable("By how well the true order is known", columns, tuple(rows), note)


def methods_table(title: str, found: Mapping[str, Mapping[str, Estimate]], note: str) -> ResultTable:
    """Lay out what ranks prompts, a line each.

    Parameters
    ----------
    title : str
        Heading.
    found : mapping of str to mapping of str to Estimate
        By the name of the ranking and of the measure, as `measures.overall` gives it.
    note : str
        What to know when reading it.

    Returns
    -------
    ResultTable
        Means of `MEASURES`, the last line those of a random ranking.
    """
    rows: list[tuple[str | float | None, ...]]
    rows = [(method, *(of[m].value for m in MEASURES)) for method, of in found.items()]
    if found:
        rows.append(("random", *(found[AGREEMENT][m].chance for m in MEASURES)))
    return ResultTable(title, ("ranking", *MEASURES), tuple(rows), note)


def _prompts_table(study: Study) -> ResultTable:
    rows = []
    nearest = {
        e.name: space.neighbours(e, 1, "dataset")[0]
        for space in study.spaces for e in space.embeddings if e.kind == "prompt"
    }  # fmt: skip
    for case in study.cases:
        for i, name in enumerate(case.prompts):
            rows.append((name, case.dataset, case.gold[i].item(), case.gold_raw[i].item(), case.skill[i].item(),
                         case.predicted[SIMILARITY][i].item(), nearest[name].name, nearest[name].family))  # fmt: skip
    columns = ("prompt", "dataset", "accuracy", "as answered", "skill", "similarity", "nearest dataset", "its family")
    return ResultTable("Every prompt", columns, tuple(rows))
