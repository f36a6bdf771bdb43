"""How well an item does its job where that was measured, how sure that is, and whether its place means anything."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

WEAK = 0.3
"""Skill below which an item lies near its family about as often as by chance; see `fute eval prompts`."""
Z = 1.959963984540054
"""Standard deviations on either side that hold 95 % of a normal distribution."""


@dataclass(frozen=True)
class Skill:
    """What was measured of a classifier or a prompt on labelled rows that it has not seen.

    Parameters
    ----------
    skill : float
        (accuracy - chance) / (1 - chance), at most 1: 0 for guessing.
    accuracy : float
        From 0 to 1.
    low, high : float
        Wilson's 95 % interval of the accuracy for so many rows; NaN where their number is not known.
    rows : int
        How many rows; 0 where that is not known.
    """

    skill: float
    accuracy: float
    low: float
    high: float
    rows: int

    @property
    def weak(self) -> bool:
        """Whether it is so close to guessing that its place means little."""
        return self.skill < WEAK


def skill_of(facts: Mapping[str, Any]) -> Skill | None:
    """Read off what is known of an item how well it does its job.

    Parameters
    ----------
    facts : mapping of str
        Of an item of the atlas: skill, accuracy, and accuracies by dataset or the dataset whose test rows measured it.

    Returns
    -------
    Skill or None
        None where it was not measured, as for datasets and for what users bring.
    """
    skill, accuracy = _number(facts.get("skill")), _number(facts.get("accuracy"))
    if skill is None or accuracy is None:
        return None
    rows = _rows(facts, accuracy)
    low, high = wilson(accuracy, rows) if rows else (math.nan, math.nan)
    return Skill(skill, accuracy, low, high, rows)


def is_weak(facts: Mapping[str, Any]) -> bool:
    """Tell whether an item is known to be close to guessing.

    Parameters
    ----------
    facts : mapping of str
        Of an item of the atlas.

    Returns
    -------
    bool
        False where it was not measured.
    """
    skill = _number(facts.get("skill"))
    return skill is not None and skill < WEAK


def wilson(share: float, n: int) -> tuple[float, float]:
    """Give Wilson's 95 % interval of a share; of a mean over labels, such as balanced accuracy, it is near enough.

    Parameters
    ----------
    share : float
        From 0 to 1.
    n : int
        Independent cases, at least 1.

    Returns
    -------
    tuple of (float, float)
        Lower and upper end, between 0 and 1.
    """
    wide = 1 + Z**2 / n
    centre = (share + Z**2 / (2 * n)) / wide
    half = Z / wide * math.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2))
    return max(0.0, centre - half), min(1.0, centre + half)


def _rows(facts: Mapping[str, Any], accuracy: float) -> int:
    """Rows that the accuracy was measured on: those of a prompt stand beside it, a classifier's are its test rows."""
    from fute_core.datasets.catalog import shipped_datasets

    measured = (facts.get("accuracies") or {}).values()
    if own := [m["rows"] for m in measured if m["accuracy"] == accuracy]:
        return int(own[0])
    card = shipped_datasets().get(str(facts.get("dataset")), {}) if facts.get("shipped") else {}
    return int(card.get("test") or 0)


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
