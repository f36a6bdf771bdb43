"""Settling as a result: texts asked and verdicts kept, with constants that knew nothing of the families judged."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from fute_core.atlas.gallery import Gallery, load_gallery
from fute_core.errors import BadInput
from fute_core.evaluation.claims import SKILLED
from fute_core.evaluation.results import Result, ResultTable
from fute_core.evaluation.settling.cases import SettlingCase, gather
from fute_core.evaluation.settling.held_out import Way, halves, held_out, settled_by
from fute_core.evaluation.settling.order import greedy_order, reordered
from fute_core.evaluation.settling.rule import Costs, RuleOutcome, costs, measured, stopped
from fute_core.space.settling import LOOKS, SETTLING, Drift, Settling, looks

HALVINGS = 40
"""How often the families are halved; each half is judged by constants from the other."""
ORDERED = 2
"""Halvings that an order of the texts is learnt on, since each needs all newcomers anew."""
CONFIDENCES = (0.9, 0.95, 0.99)
FIXED = (128, 192, 256, 384)
COLUMNS = ("asked", "mean", "median", "90 %", "same verdict", "claims kept", "claims that hold", "own family first",
           "with all texts")  # fmt: skip
KIND_COLUMNS = ("who", "n", *COLUMNS[1:6], "n", COLUMNS[6], "n", *COLUMNS[7:])
PLAIN = Settling(Drift(1.25, 0.0), Drift(0.5, 0.0), Drift(0.9, 0.0))
"""Bounds without drift, looked at after every 32 texts: what settling began with."""


def settle_result(quick: bool = False, tell: Callable[[str], None] = lambda message: None) -> Result:
    """Stop asking shipped prompts and classifiers over single texts, and compare with all texts.

    Parameters
    ----------
    quick : bool, default False
        Three families, few halvings, and the shipped order of texts only.
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
    named = {way.key: (way.name, cost) for way, cost in held.items()}
    for key, name, outcomes in () if quick else _orders(gallery, cases, tell):
        named[key] = (name, costs(outcomes, SKILLED))
    kinds = _by_kind(cases)
    found = measured(cases, LOOKS)
    values = {
        "held_out": {key: vars(cost) for key, (_, cost) in named.items()},
        "shipped_constants": {name: vars(cost) for name, cost in kinds.items()},
        "constants": {"shipped": _constants(SETTLING), "measured": _constants(found)},
    }
    tables = (
        ResultTable(
            "Constants from the other half of the families", COLUMNS,
            tuple((name, *_cells(cost)) for name, cost in named.values()),
            f"{len(cases)} cases, {halvings} halvings both ways, pooled. Claims kept: of those that all texts make. "
            f"Claims that hold: of those made at the stop. Own family first: of skill {SKILLED} and more with kin. "
            f"The greedy order is of the half that the constants are from, over {ORDERED} halvings.",
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


def _ways(every: tuple[int, ...]) -> list[Way]:
    settled = [Way(f"settled_{c:g}", f"until settled at {c:g}", LOOKS, c) for c in CONFIDENCES]
    fixed = [Way(f"fixed_{n}", f"always {n}", (n,)) for n in FIXED]
    return [
        *settled,
        Way("settled_0.95_every_32", "until settled at 0.95, looking every 32", every, 0.95),
        Way("settled_0.95_doubling", "until settled at 0.95, looking at 64, 128, 256", (64, 128, 256), 0.95),
        Way("plain", "bounds 1.25, 0.5 and 0.9, looking every 32", every, None, partial(settled_by, PLAIN, 0.95)),
        *fixed,
        Way("all", "all", ()),
    ]


def _orders(
    gallery: Gallery, cases: Sequence[SettlingCase], tell: Callable[[str], None]
) -> list[tuple[str, str, list[RuleOutcome]]]:
    """The greedy order of texts and the shipped one, on the same halves."""
    found: dict[str, list[RuleOutcome]] = {"greedy": [], "shipped": [], "greedy_128": [], "shipped_128": []}
    for here, there in halves(cases, ORDERED):
        known, judged = ({case.family for case in part} for part in (here, there))
        tell("texts in an order that separates one half of the families")
        other = gather(reordered(gallery, greedy_order(gallery, known)), looks(len(gallery.basis)))
        for order, some in (("greedy", other), ("shipped", list(cases))):
            rule = measured([case for case in some if case.family in known], LOOKS)
            mine = [case for case in some if case.family in judged]
            found[order] += [stopped(case, LOOKS, partial(settled_by, rule, 0.95)) for case in mine]
            found[f"{order}_128"] += [stopped(case, (128,), lambda standing: True) for case in mine]
    return [
        (
            f"order_{key}",
            f"{key.removesuffix('_128')} order, {'always 128' if '128' in key else 'settled at 0.95'}",
            part,
        )
        for key, part in found.items()
    ]


def _by_kind(cases: Sequence[SettlingCase]) -> dict[str, Costs]:
    """What the shipped constants do to all cases, and to each kind with and without kin."""
    outcomes = [stopped(case, LOOKS, partial(settled_by, SETTLING, 0.95)) for case in cases]
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


def _constants_table(found: Settling, cases: Sequence[SettlingCase], halvings: int) -> ResultTable:
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
