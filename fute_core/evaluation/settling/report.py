"""Settling as a result: texts asked and verdicts kept, with constants that knew nothing of the families judged."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from fute_core.atlas.gallery import load_gallery
from fute_core.errors import BadInput
from fute_core.evaluation.claims import SKILLED
from fute_core.evaluation.results import Result, ResultTable
from fute_core.evaluation.settling.cases import Case, gather
from fute_core.evaluation.settling.rule import Costs, Outcome, Stops, costs, measured, stopped
from fute_core.space.settling import LOOKS, SETTLING, Drift, Settling, Standing

HALVINGS = 40
"""How often the families are halved; each half is judged by constants from the other."""
CONFIDENCES = (0.9, 0.95, 0.99)
FIXED = (128, 192, 256, 384)
COLUMNS = ("asked", "mean", "median", "90 %", "same verdict", "claims kept", "claims that hold", "own family first",
           "with all texts")  # fmt: skip
KIND_COLUMNS = ("who", "n", *COLUMNS[1:6], "n", COLUMNS[6], "n", *COLUMNS[7:])
PLAIN = Settling(Drift(1.25, 0.0), Drift(0.5, 0.0), Drift(0.9, 0.0))
"""Bounds without drift, looked at after every 32 texts: what settling began with."""


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


def settle_result(quick: bool = False, tell: Callable[[str], None] = lambda message: None) -> Result:
    """Stop asking shipped prompts and classifiers over single texts, and compare with all texts.

    Parameters
    ----------
    quick : bool, default False
        Three families and few halvings.
    tell : callable
        Hears a sentence of each step.

    Returns
    -------
    Result
        Texts asked and verdicts kept by rule, by kind, and the constants.

    Raises
    ------
    BadInput
        Where no gallery ships.
    """
    gallery = load_gallery(False)
    if gallery is None:
        raise BadInput("No gallery ships with this installation; build it with `fute gallery build`.")
    m = len(gallery.basis)
    every = tuple(range(LOOKS[0], m, 32))
    tell("each family is left out")
    cases = gather(gallery, sorted({*every, *LOOKS, *FIXED, m}), 3 if quick else None)
    tell("constants from one half of the families, judged on the other")
    halvings = 2 if quick else HALVINGS
    held = {way: costs(held_out(cases, way, halvings), SKILLED) for way in _ways(every)}
    kinds = _by_kind(cases)
    found = measured(cases, LOOKS)
    values = {
        "held_out": {way.key: vars(cost) for way, cost in held.items()},
        "shipped_constants": {name: vars(cost) for name, cost in kinds.items()},
        "constants": {"shipped": _constants(SETTLING), "measured": _constants(found)},
    }
    tables = (
        ResultTable(
            "Constants from the other half of the families", COLUMNS,
            tuple((way.name, *_cells(cost)) for way, cost in held.items()),
            f"{len(cases)} cases, {halvings} halvings both ways, pooled. Claims kept: of those that all texts make. "
            f"Claims that hold: of those made at the stop. Own family first: of skill {SKILLED} and more with kin.",
        ),
        ResultTable(
            "Shipped constants at a confidence of 0.95", KIND_COLUMNS,
            tuple((name, cost.n, *_cells(cost, counted=True)) for name, cost in kinds.items()),
        ),
        _constants_table(found, cases, halvings),
    )  # fmt: skip
    return Result("settle", "Asking until the verdict is settled", values, tables, (
        "Every prompt and classifier is judged as a newcomer: its family left out of means, whitening and scale, so "
        "that it has no kin; and with kin, a classifier's own dataset left out, prompts as they are.",
        "A verdict is that nothing here does its job, or the family that is claimed. Texts come in the shipped order, "
        "which is random within each round over the sources.",
        f"Settled rules look after {', '.join(map(str, LOOKS))} texts where nothing else is said.",
        "Text pairs have too few families for any claim, so nothing settles there and all are asked.",
    ))  # fmt: skip


def held_out(cases: Sequence[Case], way: Way, halvings: int) -> list[Outcome]:
    """Stop each case by constants from families that are not its own.

    Parameters
    ----------
    cases : sequence of Case
        All.
    way : Way
        How to stop; one without a confidence needs no constants, so each case is stopped once.
    halvings : int
        How often the families are halved.

    Returns
    -------
    list of Outcome
        `halvings` for each case, or one.
    """
    if way.confidence is None:
        return [stopped(case, way.looks, way.stops) for case in cases]
    outcomes = []
    for here, there in halves(cases, halvings):
        stops = partial(_settled, measured(here, way.looks), way.confidence)
        outcomes += [stopped(case, way.looks, stops) for case in there]
    return outcomes


def halves(cases: Sequence[Case], halvings: int) -> list[tuple[list[Case], list[Case]]]:
    """Halve the families of cases at random, each halving both ways.

    Parameters
    ----------
    cases : sequence of Case
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


def _settled(rule: Settling, confidence: float, standing: Standing) -> bool:
    return rule.settled(standing, confidence)


def _ways(every: tuple[int, ...]) -> list[Way]:
    settled = [Way(f"settled_{c:g}", f"until settled at {c:g}", LOOKS, c) for c in CONFIDENCES]
    fixed = [Way(f"fixed_{n}", f"always {n}", (n,)) for n in FIXED]
    return [
        *settled,
        Way("settled_0.95_every_32", "until settled at 0.95, looking every 32", every, 0.95),
        Way("settled_0.95_doubling", "until settled at 0.95, looking at 64, 128, 256", (64, 128, 256), 0.95),
        Way("plain", "bounds 1.25, 0.5 and 0.9, looking every 32", every, None, partial(_settled, PLAIN, 0.95)),
        *fixed,
        Way("all", "all", ()),
    ]


def _by_kind(cases: Sequence[Case]) -> dict[str, Costs]:
    """What the shipped constants do to all cases, and to each kind with and without kin."""
    outcomes = [stopped(case, LOOKS, partial(_settled, SETTLING, 0.95)) for case in cases]
    parts = {"all": outcomes}
    for kind, plural in (("prompt", "prompts"), ("model", "classifiers")):
        for kin, how in ((True, "with kin"), (False, "without kin")):
            parts[f"{plural} {how}"] = [o for o in outcomes if o.case.kind == kind and o.case.kin == kin]
    return {name: costs(part, SKILLED) for name, part in parts.items() if part}


def _cells(cost: Costs, counted: bool = False) -> tuple[Any, ...]:
    kept, holds = ((cost.kept, cost.claims), (cost.holds, cost.claimed)) if counted else ((cost.kept,), (cost.holds,))
    asked = round(cost.mean), round(cost.median), round(cost.upper)
    return (*asked, cost.same, *kept, *holds, cost.family, cost.whole_family)


def _constants(rule: Settling) -> dict[str, dict[str, float]]:
    return {name: vars(drift) for name, drift in vars(rule).items()}


def _constants_table(found: Settling, cases: Sequence[Case], halvings: int) -> ResultTable:
    rules = [measured(here, LOOKS) for here, _ in halves(cases, halvings)]
    rows = []
    for name, title in (("none", "nothing here"), ("kin", "kin"), ("lead", "between families")):
        drift, shipped = getattr(found, name), getattr(SETTLING, name)
        means, spreads = (np.array([getattr(getattr(rule, name), part) for rule in rules]) for part in
                          ("mean", "spread"))  # fmt: skip
        rows.append((title, shipped.mean, shipped.spread, drift.mean, drift.spread, float(means.std()),
                     float(spreads.std())))  # fmt: skip
    columns = ("of", "drift, shipped", "spread, shipped", "drift, all families", "spread, all families",
               "drift, deviation over halves", "spread, deviation over halves")  # fmt: skip
    return ResultTable("Constants, in units of sqrt(1/n - 1/m)", columns, tuple(rows))
