"""Rankings of the shipped prompts by the accuracies that ship, as values and tables."""

from collections.abc import Mapping, Sequence

import numpy as np

from fute_core.evaluation.estimates import Estimate, estimate
from fute_core.evaluation.parts.prompted import TEST_LIMIT
from fute_core.evaluation.prompts.case import MIN_PROMPTS, Case
from fute_core.evaluation.prompts.measures import measures, overall
from fute_core.evaluation.prompts.rankings import SELECTED
from fute_core.evaluation.prompts.report import MANY, methods_table
from fute_core.evaluation.prompts.weights import COMPARED, by_weight, weights_table
from fute_core.evaluation.results import Result, ResultTable, intervals_table

ALL = "The shipped prompts on all language models"


def shipped_result(cases: Sequence[Case], name: str = "prompts-shipped") -> Result:
    """Lay out what `shipped_cases` found.

    Parameters
    ----------
    cases : sequence of Case
        One a dataset and language model, at least one.
    name : str
        Of the result.

    Returns
    -------
    Result
        Values of the order that `fute select` prints, over all models and under each model's name; beside them the
        other rankings as baselines.
    """
    by_model = {model: [c for c in cases if c.model == model] for model in dict.fromkeys(c.model for c in cases)}
    tables = [methods_table(ALL, overall(cases), f"{_counted(cases)}. Means over datasets and models.")]
    for model, some in by_model.items():
        many = [c for c in some if len(c.prompts) >= MANY]
        tables += [
            methods_table(f"On {model}", overall(some), f"{_counted(some)}."),
            methods_table(
                f"On {model}, where a family has {MANY} prompts or more", overall(many), f"{_counted(many)}."
            ),
        ]
    beside, weights = _differences(cases), by_weight(cases)
    values = {**_values(cases), "differences": beside, "weights": weights, "pairs": [_row(case) for case in cases],
              **{model: _values(some) for model, some in by_model.items()}}  # fmt: skip
    remarks = (
        f"Truth is the balanced accuracy, in percent, that ships with each prompt: on {TEST_LIMIT} held-out rows of a "
        "dataset at most, label priors removed without labels. No model is asked, so none need be installed.",
        "On so few rows the best of many accuracies looks better than it is, so points lost read higher than they are, "
        "for every ranking.",
        f"Datasets with {MIN_PROMPTS} prompts of their family and more. Vectors and answers on the probe texts are the "
        "gallery's.",
        "Rankings by the dataset's own texts, and by how likely the model finds a prompt, need the model: "
        "`fute eval prompts` has them.",
        "The task embedding and the agreement with the dataset's head read labelled rows of the dataset; the agreement "
        "with the other prompts reads none.",
    )
    return Result(
        name,
        "Prompt selection on every language model",
        values,
        (*tables, _differences_table(beside), weights_table(weights), _cases_table(cases)),
        remarks,
    )


def _counted(cases: Sequence[Case]) -> str:
    return (
        f"{len(cases)} pairs of a dataset and a model"
        if len({c.model for c in cases}) > 1
        else f"{len(cases)} datasets"
    )


def _values(cases: Sequence[Case]) -> dict[str, object]:
    found = overall(cases)
    return {**found[SELECTED], "baselines": {method: of for method, of in found.items() if method != SELECTED}}


def _differences(cases: Sequence[Case]) -> dict[str, dict[str, Estimate]]:
    """By the name of another ranking and of the measure: what `fute select` has more, the same prompts beside it."""
    groups = [case.dataset for case in cases]
    own = [measures(case.gold, case.predicted[SELECTED]) for case in cases]
    found = {}
    for method in (method for method in cases[0].predicted if method != SELECTED):
        other = [measures(case.gold, case.predicted[method]) for case in cases]
        found[method] = {
            measure: estimate([a[measure] - b[measure] for a, b in zip(own, other, strict=True)], 0.0, groups)
            for measure in COMPARED
        }
    return found


def _differences_table(found: Mapping[str, Mapping[str, Estimate]]) -> ResultTable:
    note = "On all language models, with 95 % bootstrap intervals that draw datasets; of points lost, fewer is better."
    return intervals_table("The order of `fute select` minus another", "ranking", found, note)


def _row(case: Case) -> dict[str, object]:
    chosen = int(np.argmax(case.predicted[SELECTED]))
    return {
        "dataset": case.dataset, "family": case.family, "model": case.model, "prompts": len(case.prompts),
        "chosen": case.prompts[chosen], "accuracy_of_chosen": float(case.gold[chosen]),
        "best_accuracy": float(case.gold.max()), "mean_accuracy": float(case.gold.mean()),
        **measures(case.gold, case.predicted[SELECTED]),
    }  # fmt: skip


def _cases_table(cases: Sequence[Case]) -> ResultTable:
    rows = [_row(case) for case in cases]
    return ResultTable(
        "By dataset and model, in the order of `fute select`", tuple(rows[0]), tuple(tuple(r.values()) for r in rows)
    )
