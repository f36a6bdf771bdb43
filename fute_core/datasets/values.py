"""Single values of a table: what stands for nothing, and what is a number."""

import math
from collections.abc import Sequence
from typing import Any

MISSING = frozenset(("", "None", "null", "NULL", "<NA>", "N/A", "n/a", "#N/A", "NaT", "-", "--"))
"""What programs write in place of nothing."""
MAX_CLASSES = 200
"""A column with more distinct labels is taken for the wrong one."""


def is_missing(value: Any) -> bool:
    """Whether a cell stands for nothing: empty, not a number, or what programs write in place of nothing.

    Parameters
    ----------
    value : object
        The cell's value, None where there is none.

    Returns
    -------
    bool
        True for None, NaN, "", "nan", "None", "null", "N/A" and signs such as "-". A class may well be called "none".
    """
    if isinstance(value, float):
        return math.isnan(value)
    return value is None or (isinstance(value, str) and (value.strip() in MISSING or value.strip().lower() == "nan"))


def as_numbers(values: Sequence[Any]) -> list[float] | None:
    """Take label values for numbers, where all of them can be.

    Parameters
    ----------
    values : sequence
        Texts, numbers and truth values; a truth value is a name and no number.

    Returns
    -------
    list of float or None
        Finite numbers that float32 can hold; None where a value is no such number.
    """
    if any(isinstance(v, bool) for v in values):
        return None
    try:
        numbers = [float(v) for v in values]
    except (ValueError, OverflowError):
        return None
    return numbers if all(abs(v) < 3e38 for v in numbers) else None
