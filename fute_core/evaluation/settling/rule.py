"""The rule's constants measured on some cases, and what came of a rule on others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from fute_core.evaluation.settling.cases import SettlingCase
from fute_core.space.settling import Drift, Settling, Standing

Stops = Callable[[Standing], bool]


def measured(cases: Sequence[SettlingCase], looks: Sequence[int]) -> Settling:
    """Measure how differences drift between some texts and all.

    Parameters
    ----------
    cases : sequence of SettlingCase
        Whose verdict after all texts is known; those where nothing can be told are left out.
    looks : sequence of int
        Numbers of texts that are looked at.

    Returns
    -------
    Settling
        Mean and standard deviation of what moves towards another verdict, over cases and looks.
    """
    none, kin, lead = [], [], []
    for case in cases:
        end = len(case.texts) - 1
        last = case.standing(end)
        if np.isinf(case.level).any():
            continue
        for at in (at for at, n in enumerate(case.texts[:-1]) if n in looks):
            now = case.standing(at)
            unit = np.sqrt(1 / now.n - 1 / now.m)
            moved = (last.greatest - last.level - now.greatest + now.level) / unit
            if now.greatest < now.level:
                none.append(moved)
                continue
            kin.append(-moved)
            own = case.similarity[-1].copy()
            place = case.families.index(case.nearest(at))
            ahead = own[place] - np.delete(own, place).max()
            lead.append((now.gap - ahead) / unit)
    return Settling(*(Drift(float(np.mean(moves)), float(np.std(moves))) for moves in (none, kin, lead)))


@dataclass(frozen=True)
class RuleOutcome:
    """What came of stopping early.

    Parameters
    ----------
    case : SettlingCase
        Which.
    at : int
        Where it stopped: position in its `texts`.
    """

    case: SettlingCase
    at: int

    @property
    def texts(self) -> int:
        """Texts asked."""
        return self.case.texts[self.at]

    @property
    def same(self) -> bool:
        """The verdict is that of all texts."""
        return self.case.verdict(self.at) == self.case.verdict(-1)


def stopped(case: SettlingCase, looks: Sequence[int], stops: Stops) -> RuleOutcome:
    """Ask until a rule stops, or all is asked.

    Parameters
    ----------
    case : SettlingCase
        What is asked.
    looks : sequence of int
        After how many texts the rule is looked at.
    stops : callable
        The rule.

    Returns
    -------
    RuleOutcome
        Where it stopped.
    """
    end = len(case.texts) - 1
    at = next((at for at, n in enumerate(case.texts) if n in looks and stops(case.standing(at))), end)
    return RuleOutcome(case, at)


@dataclass(frozen=True)
class Costs:
    """What a rule asks and what it keeps, over many cases.

    Parameters
    ----------
    mean, median, upper : float
        Texts asked: mean, median and 90 % quantile.
    same : float
        Share whose verdict is that of all texts.
    kept : float
        The same of those for which all texts make a claim; NaN without any.
    claims : int
        How many those are.
    holds : float
        The same of those for which a claim was made at the stop; NaN without any.
    claimed : int
        How many those are.
    family, whole_family : float
        Share of the skilled with kin that have their own family nearest: at the stop, and with all texts.
    n : int
        Cases.
    """

    mean: float
    median: float
    upper: float
    same: float
    kept: float
    claims: int
    holds: float
    claimed: int
    family: float
    whole_family: float
    n: int


def costs(outcomes: Sequence[RuleOutcome], skilled: float) -> Costs:
    """Sum up what a rule did.

    Parameters
    ----------
    outcomes : sequence of RuleOutcome
        At least one.
    skilled : float
        Skill from which an item counts as skilled.

    Returns
    -------
    Costs
        Over all of them.
    """
    texts = np.array([outcome.texts for outcome in outcomes])
    final = [o for o in outcomes if o.case.verdict(-1) is not None]
    made = [o for o in outcomes if o.case.verdict(o.at) is not None]
    able = [o for o in outcomes if o.case.kin and o.case.skill >= skilled]
    return Costs(
        float(texts.mean()), float(np.median(texts)), float(np.quantile(texts, 0.9)),
        _share([o.same for o in outcomes]), _share([o.same for o in final]), len(final),
        _share([o.same for o in made]), len(made), _share([o.case.nearest(o.at) == o.case.family for o in able]),
        _share([o.case.nearest(-1) == o.case.family for o in able]), len(outcomes),
    )  # fmt: skip


def _share(true: Sequence[bool]) -> float:
    return float(np.mean(true)) if true else float("nan")
