"""A mean with its 95 % interval: the form in which every evaluation reports a figure.

A share of right and wrong cases has Wilson's interval: where all are right, every bootstrap draw is as well, and the
interval would say that nothing can ever go wrong.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fute_core.analysis.skill import wilson

RESAMPLES = 2000


@dataclass(frozen=True)
class Estimate:
    """A mean, or another statistic, with what is needed to judge it.

    Parameters
    ----------
    value : float
        The statistic; NaN where there was nothing to average.
    low, high : float
        Ends of the 95 % interval: Wilson's for a share of single cases, else by bootstrap.
    chance : float or None
        The value that chance would give; None where that is not defined.
    n : int
        How many values were averaged.
    """

    value: float
    low: float
    high: float
    chance: float | None
    n: int

    def as_json(self) -> dict[str, float | int | None]:
        """Give the fields as JSON values.

        Returns
        -------
        dict of str to float, int or None
            All fields, rounded to four digits; None in place of NaN.
        """
        return {
            "value": _rounded(self.value), "low": _rounded(self.low), "high": _rounded(self.high),
            "chance": None if self.chance is None else _rounded(self.chance), "n": self.n,
        }  # fmt: skip


def _rounded(number: float) -> float | None:
    return round(float(number), 4) if np.isfinite(number) else None


def _mean(values: NDArray[np.float64]) -> float:
    return float(np.mean(values))


def estimate(
    values: ArrayLike,
    chance: float | None = None,
    groups: Sequence[object] | None = None,
    statistic: Callable[[NDArray[np.float64]], float] = _mean,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Estimate:
    """Compute a mean with its 95 % interval.

    Values that are all 0 or 1 are cases right or wrong, and their share has Wilson's interval. Other values, and cases
    that come in groups, have the percentiles of a bootstrap. Groups of which every case is right (or every one wrong)
    would leave it no width, so they have Wilson's interval with a group counted as one case.

    Parameters
    ----------
    values : array-like of float, shape (n,)
        What is averaged. None at all gives NaN.
    chance : float, optional
        The value that chance would give; it is handed on as it is.
    groups : sequence of n objects, optional
        The group of each value, such as the dataset that a model was trained on. Members of a group are not
        independent, so whole groups are drawn. By default single values are drawn.
    statistic : callable
        What is computed in place of the mean.
    resamples : int
        How many bootstrap samples are drawn. More make the interval steadier, not narrower.
    seed : int
        Seed of the draws.

    Returns
    -------
    Estimate
        The statistic of all values, with its interval.
    """
    values = np.asarray(values, np.float64)
    if not len(values):
        return Estimate(float("nan"), float("nan"), float("nan"), chance, 0)
    cases = statistic is _mean and bool(np.isin(values, (0.0, 1.0)).all())
    if cases and (groups is None or len(np.unique(values)) == 1):
        n = len(values) if groups is None else len({str(g) for g in groups})
        low, high = wilson(float(values.mean()), n)
        return Estimate(float(values.mean()), low, high, chance, len(values))
    of = np.arange(len(values)) if groups is None else np.unique([str(g) for g in groups], return_inverse=True)[1]
    drawn = np.random.default_rng(seed).integers(0, of.max() + 1, (resamples, of.max() + 1))
    if statistic is _mean:
        # The mean of all members of the groups drawn, without laying these out draw by draw.
        found = np.bincount(of, values)[drawn].sum(1) / np.bincount(of)[drawn].sum(1)
    else:
        members = [np.flatnonzero(of == group) for group in range(of.max() + 1)]
        found = np.array([statistic(values[np.concatenate([members[group] for group in draw])]) for draw in drawn])
    low, high = np.percentile(found, [2.5, 97.5])
    return Estimate(float(statistic(values)), float(low), float(high), chance, len(values))
