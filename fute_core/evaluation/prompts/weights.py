"""How much the other candidates should count when prompts are ranked, and whether that was fitted to these datasets."""

from collections.abc import Sequence

import numpy as np

from fute_core.evaluation.estimates import Estimate, estimate
from fute_core.evaluation.prompts.case import Case
from fute_core.evaluation.prompts.measures import measures
from fute_core.evaluation.prompts.rankings import AGREEMENT, CONSENSUS
from fute_core.evaluation.results import ResultTable, intervals_table

WEIGHTS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 1.0)
ELSEWHERE = "that loses least in the other families"
COMPARED = ("spearman", "regret_points")


def by_weight(cases: Sequence[Case]) -> dict[str, dict[str, Estimate]]:
    """Judge the agreement with each share of the consensus.

    Parameters
    ----------
    cases : sequence of Case
        Datasets with their prompts, of one family or more.

    Returns
    -------
    dict of str to dict of str to Estimate
        By the weight, and by the measure. Under `ELSEWHERE` each family is judged by the weight that loses fewest
        points in all the others; it is there where there are two families. Datasets are drawn for intervals.
    """
    groups, families = [case.dataset for case in cases], np.array([case.family for case in cases])
    judged = np.array([[_measured(case, weight) for case in cases] for weight in WEIGHTS])
    found = {str(weight): _estimates(of, groups) for weight, of in zip(WEIGHTS, judged, strict=True)}
    if len(set(families)) > 1:
        best = [int(judged[:, families != family, 1].mean(1).argmin()) for family in families]
        found[ELSEWHERE] = _estimates(judged[best, np.arange(len(cases))], groups)
    return found


def weights_table(found: dict[str, dict[str, Estimate]]) -> ResultTable:
    """Lay out `by_weight`.

    Parameters
    ----------
    found : dict of str to dict of str to Estimate
        What it gave.

    Returns
    -------
    ResultTable
        A line a weight.
    """
    note = (
        "The agreement with the dataset and that with the other prompts, before what surely does another job is put "
        "last; all language models. The last line tells what a weight is worth on families that did not choose it."
    )
    return intervals_table("By the weight of the consensus", "weight", found, note)


def _measured(case: Case, weight: float) -> list[float]:
    blend = (1.0 - weight) * case.predicted[AGREEMENT] + weight * case.predicted[CONSENSUS]
    of = measures(case.gold, blend)
    return [of[name] for name in COMPARED]


def _estimates(judged: np.ndarray, groups: Sequence[str]) -> dict[str, Estimate]:
    return {name: estimate(judged[:, n].tolist(), None, groups) for n, name in enumerate(COMPARED)}
