"""What the prompt does to accuracy, what the model does, and what neither does alone: a two-way table split in three.

A cell is the accuracy y_ij of prompt i on model j, a mean over n_ij rows of a dataset:

    y_ij = mean + prompt_i + model_j + rest_ij + error_ij,    sum_i prompt_i = sum_j model_j = 0

(two-way analysis of variance, Scheffe 1959, chapter 4; Takase et al. 2026 split maps of language models in the same
way). The first three terms are found by least squares over the cells that are there, so a missing cell stays missing.
The variance of an error is the binomial one, p (1 - p) / n with p = (n y + 2) / (n + 4) (Agresti and Coull 1998), so
even a table of one cell a pair can tell the rest from chance. Prompts are usually measured on the same rows, whose
difficulty they share; that part of the error cancels in differences, so intervals are rather too wide than too narrow.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import chi2, ncx2

TAIL = 0.025


@dataclass(frozen=True)
class Effect:
    """How far one thing moves accuracy, chance taken off.

    Parameters
    ----------
    typical : float
        Root mean square difference, in accuracy: of two different prompts or models; for the rest, of how far one
        prompt is ahead of another on two different models.
    low, high : float
        Its 95 % interval; `low` is 0 where chance alone may have done it.
    """

    typical: float
    low: float
    high: float

    @property
    def sure(self) -> bool:
        """Whether chance alone would hardly have done it."""
        return self.low > 0


@dataclass(frozen=True)
class TwoWay:
    """A table split in three; None for what cannot be told from the cells that are there.

    Parameters
    ----------
    prompts, models, rest : Effect or None
        Of the choice of prompt, of the choice of model, and of what depends on both at once.
    prompt_effects : ndarray of float64, shape (p,)
        Of each prompt, summing to 0; NaN where they cannot be told.
    model_effects : ndarray of float64, shape (m,)
        The same of each model.
    """

    prompts: Effect | None
    models: Effect | None
    rest: Effect | None
    prompt_effects: NDArray[np.float64]
    model_effects: NDArray[np.float64]


def variance(accuracy: NDArray[np.float64], rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the binomial variance of accuracies, which is above 0 even where all rows are right.

    Parameters
    ----------
    accuracy : ndarray of float64
        From 0 to 1.
    rows : ndarray of float64, of the same shape
        How many rows measured each, at least 1.

    Returns
    -------
    ndarray of float64, of the same shape
        p (1 - p) / n with p = (n y + 2) / (n + 4).
    """
    p = (rows * accuracy + 2) / (rows + 4)
    return np.asarray(p * (1 - p) / rows)


def two_way(accuracy: NDArray[np.float64], rows: NDArray[np.float64]) -> TwoWay:
    """Split a table of accuracies into what prompts do, what models do, and the rest.

    Parameters
    ----------
    accuracy : ndarray of float64, shape (p, m)
        Of each prompt on each model, 0 to 1; NaN for a missing cell.
    rows : ndarray of float64, shape (p, m)
        How many rows measured it; 0 for a missing cell.

    Returns
    -------
    TwoWay
        Nothing is told of a table that falls into parts without a prompt or model in common, nor of the rest where as
        many effects as cells are sought. Prompts and models without a cell are left out.

    Notes
    -----
    Effects a with covariance S have Q = a' S^-1 a, of noncentral chi-square distribution with as many degrees of
    freedom f as effects are free. The noncentrality is estimated by Q - f and its interval is found by inverting the
    distribution (Steiger 2004, *Beyond the F test*); in units of accuracy it is what Q is to the mean square of a. Of
    effects that are smaller than chance alone makes them on average the upper end is that of the average, since errors
    that prompts share make tables look quieter than they are.
    """
    known = ~np.isnan(accuracy) & (rows > 0)
    there = np.flatnonzero(known.any(1)), np.flatnonzero(known.any(0))
    effects = np.full(accuracy.shape[0], np.nan), np.full(accuracy.shape[1], np.nan)
    nothing = TwoWay(None, None, None, *effects)
    if not known.any():
        return nothing
    i, j = np.nonzero(known[np.ix_(*there)])
    y, noise = accuracy[known], variance(accuracy[known], rows[known])
    sides = _contrasts(len(there[0])), _contrasts(len(there[1]))
    design = np.hstack([np.ones((len(y), 1)), sides[0][i], sides[1][j]])
    if np.linalg.matrix_rank(design) < design.shape[1]:
        return nothing
    solve = np.linalg.pinv(design)
    found, covariance = solve @ y, (solve * noise) @ solve.T
    main: list[Effect | None] = []
    start = 1
    for side, places, told in zip(sides, there, effects, strict=True):
        part = slice(start, start + side.shape[1])
        told[places] = side @ found[part]
        main.append(_effect(found[part], covariance[part, part], side.shape[1], 2))
        start = part.stop
    left = np.eye(len(y)) - design @ solve
    rest = _effect(left @ y, (left * noise) @ left.T, len(y) - design.shape[1], 4)
    return TwoWay(main[0], main[1], rest, *effects)


def _contrasts(n: int) -> NDArray[np.float64]:
    """Orthonormal columns that are orthogonal to the constant: (n, n - 1)."""
    return np.linalg.qr(np.eye(n) - 1 / n)[0][:, : n - 1]


def _effect(values: NDArray[np.float64], covariance: NDArray[np.float64], free: int, differences: int) -> Effect | None:
    """differences : how often the mean square of an effect is in the mean square of the difference that is told."""
    if free < 1:
        return None
    q = float(values @ np.linalg.pinv(covariance, hermitian=True) @ values)
    unit = float(values @ values) / free / q if q > 1e-9 else float(np.trace(covariance)) / free**2
    typical, low, high = (
        float(np.sqrt(differences * unit * at))
        for at in (max(q - free, 0.0), _noncentral(q, free, 1 - TAIL), _noncentral(max(q, free), free, TAIL))
    )
    return Effect(typical, low, high)


def _noncentral(q: float, free: int, level: float) -> float:
    """The noncentrality at which a value of at most q is as likely as `level`; 0 where none is so unlikely."""
    if chi2.cdf(q, free) <= level:
        return 0.0
    return float(brentq(lambda at: ncx2.cdf(q, free, at) - level, 0.0, 4 * q + 100.0))
