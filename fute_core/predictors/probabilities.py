"""Whether numbers are probabilities, and if not, the sentence that says where and why."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from fute_core.errors import BadInput

TOLERANCE = 0.01
"""How far a row's sum may be from 1: what three decimals a label lose. Rows are then scaled to sum to 1."""


def checked_rows(rows: Any, n: int, labels: Sequence[str], who: str) -> np.ndarray:
    """float32 (n, k) rows that sum to 1, or (n, 1) finite scores where there are no labels.

    Raises BadInput, naming `who` and the first faulty text, for another shape, NaN, negative numbers or other sums.
    """
    k = max(1, len(labels))
    try:
        array = np.asarray(rows, np.float64)
    except (TypeError, ValueError):
        raise BadInput(f"{who} gave no rows of numbers; give one probability a label for each text.") from None
    if not labels and array.shape == (n,):
        array = array[:, None]
    if array.shape != (n, k):
        raise BadInput(f"{who} gave numbers of shape {array.shape} for {n} texts; give {n} rows of {k}.")
    for i, row in enumerate(array):
        if fault := row_fault(row, regression=not labels):
            raise BadInput(f"{who}, text {i + 1}: {fault}")
    return normalised(array) if labels else array.astype(np.float32)


def normalised(values: np.ndarray) -> np.ndarray:
    """float32 (n, k): rows of (n, k) numbers, none negative, scaled to sum to 1; an all-zero row becomes even."""
    total = values.sum(1, keepdims=True)
    even = np.full_like(values, 1 / values.shape[1])
    return np.divide(values, total, out=even, where=total > 0).astype(np.float32)


def row_fault(row: np.ndarray, regression: bool = False) -> str | None:
    """What is wrong with one row of probabilities (k,), and how to mend it; None where nothing is."""
    if not np.isfinite(row).all():
        bad = row[~np.isfinite(row)][0]
        return f"{bad} is no finite number; leave out what has no answer."
    if regression:
        return None
    if (row < 0).any():
        return f"{row.min():g} is negative; give probabilities (the softmax of scores), not scores."
    total = float(row.sum())
    if abs(total - 1) > TOLERANCE:
        percent = " (percentages must be divided by 100)" if abs(total - 100) <= 1 else ""
        return f"the probabilities sum to {total:.4g} instead of 1{percent}; give a whole distribution over the labels."
    return None
