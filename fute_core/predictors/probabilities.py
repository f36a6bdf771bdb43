"""Whether numbers are probabilities, and if not, the sentence that says where and why."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fute_core.errors import BadInput, FuteError

TOLERANCE = 0.01
"""How far a row's sum may be from 1: what three decimals a label lose. Rows are then scaled to sum to 1."""
MOST_ROUNDED = 0.1
"""How far a row of two decimals may be, half a hundredth for each label."""


@contextmanager
def told_of(who: str) -> Iterator[None]:
    """Say in a sentence that a black box of the user's failed; what it raised stays the cause.

    Parameters
    ----------
    who : str
        What the sentence calls it.

    Yields
    ------
    None
        Once, to the line that asks it.

    Raises
    ------
    BadInput
        For whatever it raises, but for what Task Atlas says itself.
    """
    try:
        yield
    except FuteError:
        raise
    except Exception as error:
        said = f"{type(error).__name__}: {' '.join(str(error).split()):.200}"
        raise BadInput(f"{who} failed with {said}; it is given a list of texts, and has to answer each.") from error


def checked_rows(rows: Any, n: int, labels: Sequence[str], who: str) -> NDArray[np.float32]:
    """Check the rows that a black box gives.

    Parameters
    ----------
    rows : array_like, shape (n, k)
        What it gave; (n,) is enough for scores.
    n : int
        How many texts it was asked of.
    labels : sequence of str, length k
        Its labels; empty for scores.
    who : str
        What the sentence calls it.

    Returns
    -------
    ndarray of float32, shape (n, k)
        Rows that sum to 1, or (n, 1) finite scores.

    Raises
    ------
    BadInput
        For another shape, NaN, negative numbers or other sums; the sentence names the first faulty text.
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


def with_rest_spread(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give what rows lack of 1 to the labels of which nothing is known, in equal parts.

    Parameters
    ----------
    values : ndarray of float64, shape (n, k)
        Probabilities of the likeliest labels, NaN for all others.

    Returns
    -------
    ndarray of float64, shape (n, k)
        Without NaN; what was known stays as it is.
    """
    lost = np.isnan(values)
    rest = np.clip(1 - np.nansum(values, axis=1, keepdims=True), 0, None) / np.maximum(lost.sum(1, keepdims=True), 1)
    return np.where(lost, rest, values)


def normalised(values: NDArray[np.float64]) -> NDArray[np.float32]:
    """Scale rows to sum to 1.

    Parameters
    ----------
    values : ndarray of float64, shape (n, k)
        None negative.

    Returns
    -------
    ndarray of float32, shape (n, k)
        A row of zeros becomes even.
    """
    total = values.sum(1, keepdims=True)
    even = np.full_like(values, 1 / values.shape[1])
    return np.asarray(np.divide(values, total, out=even, where=total > 0), np.float32)


def are_labels(rows: NDArray[np.floating]) -> bool:
    """Tell whether answers are labels alone, without any likelihood.

    Parameters
    ----------
    rows : ndarray of float, shape (n, k)
        Distributions; rows of NaN are no answers.

    Returns
    -------
    bool
        True where each of two or more labels has 0 or 1 everywhere.
    """
    given = rows[~np.isnan(rows).any(1)]
    return bool(rows.shape[1] > 1 and len(given) and np.isin(given, (0.0, 1.0)).all())


def row_fault(row: NDArray[np.float64], regression: bool = False) -> str | None:
    """Say what is wrong with one row of probabilities, and how to mend it.

    Parameters
    ----------
    row : ndarray of float64, shape (k,)
        The row.
    regression : bool, default False
        Whether it holds scores, which need only be finite.

    Returns
    -------
    str or None
        None where nothing is wrong.
    """
    if not np.isfinite(row).all():
        bad = row[~np.isfinite(row)][0]
        return f"{bad} is no finite number; leave out what has no answer."
    if regression:
        return None
    if (row < 0).any():
        return f"{row.min():g} is negative; give probabilities (the softmax of scores), not scores."
    total = float(row.sum())
    if abs(total - 1) > _tolerance(row):
        percent = " (percentages must be divided by 100)" if abs(total - 100) <= 1 else ""
        return f"the probabilities sum to {total:.4g} instead of 1{percent}; give a whole distribution over the labels."
    return None


def _tolerance(row: NDArray[np.float64]) -> float:
    """What rounding can have lost: three times 0.33 is a whole distribution."""
    two_decimals = bool((np.abs(row - row.round(2)) < 1e-6).all())
    return 1e-6 + (max(TOLERANCE, min(0.005 * len(row), MOST_ROUNDED)) if two_decimals else TOLERANCE)
