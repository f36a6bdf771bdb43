"""How well one ranking agrees with another: pure functions of two arrays.

`gold` is what is true of each candidate (accuracy after transfer, accuracy of a prompt); higher is better. `predicted`
is what ranks the candidates; higher is ranked earlier. Equal predictions share what their places would get.
"""

from math import comb

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fute_core.errors import BadInput


def predicted_ranks(predicted: ArrayLike) -> NDArray[np.float64]:
    """Rank candidates, the highest prediction first.

    Parameters
    ----------
    predicted : array-like of float, shape (n,)
        What ranks the candidates.

    Returns
    -------
    ndarray of float64, shape (n,)
        Place of each candidate, from 1; equal ones share the mean of their places.
    """
    from scipy.stats import rankdata

    ranks: NDArray[np.float64] = rankdata(-np.asarray(predicted, np.float64), method="average")
    return ranks


def rank_of_best(gold: ArrayLike, predicted: ArrayLike) -> float:
    """Give the predicted place of the candidate that is truly best; the field calls it rho.

    Parameters
    ----------
    gold, predicted : array-like of float, shape (n,)
        True value and prediction of each candidate.

    Returns
    -------
    float
        1 at best, (n + 1) / 2 by chance. Of several that are equally best the one that is ranked earliest counts.

    Raises
    ------
    BadInput
        The arrays differ in length, are empty, or hold values that are not finite.
    """
    gold, predicted = checked(gold, predicted)
    return float(predicted_ranks(predicted)[gold == gold.max()].min())


def regret_at(gold: ArrayLike, predicted: ArrayLike, k: int = 1) -> float:
    """Compute what is lost by trying only the first k candidates of a ranking.

    Parameters
    ----------
    gold, predicted : array-like of float, shape (n,)
        True value and prediction of each candidate.
    k : int
        How many candidates are tried; more lower the regret.

    Returns
    -------
    float
        The best gold of all minus the best gold among the first k, in gold's unit; its expected value where equal
        predictions leave open which are the first k.

    Raises
    ------
    BadInput
        k is below 1, or the arrays cannot be ranked.
    """
    gold, predicted = checked(gold, predicted)
    if k < 1:
        raise BadInput(f"Regret at {k} is not defined; give k of at least 1.")
    if k >= len(gold):
        return 0.0
    last = np.sort(predicted)[::-1][k - 1]
    sure = gold[predicted > last]
    tied = np.sort(gold[predicted == last])[::-1]
    seats = k - len(sure)
    floor = sure.max() if len(sure) else -np.inf
    ways = comb(len(tied), seats)
    found = sum(
        comb(len(tied) - j - 1, seats - 1) / ways * max(value, floor)
        for j, value in enumerate(tied[: len(tied) - seats + 1])
    )
    return float(gold.max() - found)


def spearman(gold: ArrayLike, predicted: ArrayLike) -> float:
    """Compute Spearman's rank correlation.

    Parameters
    ----------
    gold, predicted : array-like of float, shape (n,)
        True value and prediction of each candidate.

    Returns
    -------
    float
        From -1 to 1; 0 where one side is constant, since it orders nothing.

    Raises
    ------
    BadInput
        The arrays differ in length, are empty, or hold values that are not finite.
    """
    from scipy.stats import spearmanr

    gold, predicted = checked(gold, predicted)
    if np.ptp(gold) == 0 or np.ptp(predicted) == 0:
        return 0.0
    return float(spearmanr(gold, predicted).statistic)


def kendall(gold: ArrayLike, predicted: ArrayLike) -> float:
    """Compute Kendall's tau-b.

    Parameters
    ----------
    gold, predicted : array-like of float, shape (n,)
        True value and prediction of each candidate.

    Returns
    -------
    float
        From -1 to 1; 0 where one side is constant, since it orders nothing.

    Raises
    ------
    BadInput
        The arrays differ in length, are empty, or hold values that are not finite.
    """
    from scipy.stats import kendalltau

    gold, predicted = checked(gold, predicted)
    if np.ptp(gold) == 0 or np.ptp(predicted) == 0:
        return 0.0
    return float(kendalltau(gold, predicted).statistic)


def checked(gold: ArrayLike, predicted: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Refuse values that cannot be ranked.

    Parameters
    ----------
    gold, predicted : array-like of float, shape (n,)
        True value and prediction of each candidate.

    Returns
    -------
    tuple of two ndarrays of float64, shape (n,)
        The same values as arrays.

    Raises
    ------
    BadInput
        The arrays differ in length, are empty, or hold values that are not finite.
    """
    gold, predicted = np.asarray(gold, np.float64), np.asarray(predicted, np.float64)
    if gold.shape != predicted.shape or gold.ndim != 1 or not len(gold):
        raise BadInput(f"{gold.shape} true and {predicted.shape} predicted values do not match; give one of each.")
    if not (np.isfinite(gold).all() and np.isfinite(predicted).all()):
        raise BadInput("A ranking cannot be judged with values that are not finite numbers; leave those out.")
    return gold, predicted
