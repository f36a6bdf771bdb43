"""Constants from some families, judged on others."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from fute_core.evaluation.settling.cases import SettlingCase
from fute_core.evaluation.settling.rule import RuleOutcome, Stops, measured, stopped
from fute_core.space.settling import Settling, Standing


def settled_by(rule: Settling, confidence: float, standing: Standing) -> bool:
    """Tell whether a rule stops.

    Parameters
    ----------
    rule : Settling
        With its constants.
    confidence : float
        As for `Settling.settled`.
    standing : Standing
        What is known so far.

    Returns
    -------
    bool
        True where it does.
    """
    return rule.settled(standing, confidence)


def _always(standing: Standing) -> bool:
    return True


@dataclass(frozen=True)
class Way:
    """A way to stop.

    Parameters
    ----------
    key, name : str
        In JSON and in the table.
    looks : tuple of int
        After how many texts to look.
    confidence : float, optional
        Of constants from the other half of the families; None for a rule without such.
    stops : callable
        The rule where there are no constants to measure: by default to stop at the first look.
    """

    key: str
    name: str
    looks: tuple[int, ...]
    confidence: float | None = None
    stops: Stops = _always


def held_out(cases: Sequence[SettlingCase], way: Way, halvings: int) -> list[RuleOutcome]:
    """Stop each case by constants from families that are not its own.

    Parameters
    ----------
    cases : sequence of SettlingCase
        All.
    way : Way
        How to stop; one without a confidence needs no constants, so each case is stopped once.
    halvings : int
        How often the families are halved.

    Returns
    -------
    list of RuleOutcome
        `halvings` for each case, or one.
    """
    if way.confidence is None:
        return [stopped(case, way.looks, way.stops) for case in cases]
    outcomes = []
    for here, there in halves(cases, halvings):
        stops = partial(settled_by, measured(here, way.looks), way.confidence)
        outcomes += [stopped(case, way.looks, stops) for case in there]
    return outcomes


def halves(cases: Sequence[SettlingCase], halvings: int) -> list[tuple[list[SettlingCase], list[SettlingCase]]]:
    """Halve the families of cases at random, each halving both ways.

    Parameters
    ----------
    cases : sequence of SettlingCase
        Of two families at least.
    halvings : int
        How often.

    Returns
    -------
    list of tuple
        Cases to learn from, and cases to judge, that share no family.
    """
    families = sorted({case.family for case in cases})
    rng = np.random.default_rng(0)
    found = []
    for _ in range(halvings):
        chosen = {families[i] for i in rng.permutation(len(families))[: len(families) // 2]}
        one, other = ([c for c in cases if (c.family in chosen) == inside] for inside in (True, False))
        found += [(one, other), (other, one)]
    return found
