"""Normalised discounted cumulative gain (NDCG) of a ranking, with gains of 2^gold - 1.

It depends on the unit of `gold` more than on the ranking, so `ndcg_references` is to be shown beside it. Arrays are as
in `metrics`.

References
----------
Jarvelin and Kekalainen (2002), Cumulated gain-based evaluation of IR techniques.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fute_core.evaluation.metrics import checked


def ndcg(gold: ArrayLike, predicted: ArrayLike) -> float:
    """Compute the NDCG of a ranking: sum_i (2^gold_i - 1) / log2(1 + rank_i), over the same for the ideal ranking.

    Parameters
    ----------
    gold : array-like of float, shape (n,)
        True value of each candidate, at least 0.
    predicted : array-like of float, shape (n,)
        What ranks the candidates; equal predictions share the discounts of their places.

    Returns
    -------
    float
        1 at best; 0 where no candidate has a gain.

    Raises
    ------
    BadInput
        The arrays differ in length, are empty, or hold values that are not finite.
    """
    gold, predicted = checked(gold, predicted)
    return _normalised(_gains(gold), predicted)


def ndcg_published(gold: ArrayLike, predicted: ArrayLike) -> float:
    """Compute what FUTE's published code calls NDCG, for comparison with that code alone.

    Gain and discount change places: with sigma(i) the predicted rank of the truly i-th candidate, it is
    sum_i gain_sigma(i) / log2(1 + i), over the ideal.

    Parameters
    ----------
    gold, predicted : array-like of float, shape (n,)
        True value, at least 0, and prediction of each candidate.

    Returns
    -------
    float
        1 at best; 0 where all predictions are equal.

    Raises
    ------
    BadInput
        The arrays differ in length, are empty, or hold values that are not finite.
    """
    gold, predicted = checked(gold, predicted)
    if np.ptp(predicted) == 0:
        return 0.0
    truly = np.argsort(-gold, kind="stable")
    place = np.empty(len(gold), np.intp)
    place[np.argsort(-predicted, kind="stable")] = np.arange(len(gold))
    gains = _gains(gold)[truly]
    return _normalised(gains[place[truly]], -np.arange(len(gold), dtype=np.float64))


def ndcg_references(gold: ArrayLike) -> dict[str, float]:
    """Compute the NDCG that a ranking has which knows nothing, and the least that one can have.

    Parameters
    ----------
    gold : array-like of float, shape (n,)
        True value of each candidate, at least 0, in the unit that the NDCG is computed in.

    Returns
    -------
    dict of str to float
        "random" is the mean over all orders, "worst" the NDCG of the reversed order.
    """
    gold = np.asarray(gold, np.float64)
    gains = _gains(gold)
    return {"random": _normalised(gains, np.zeros(len(gold))), "worst": _normalised(gains, -gold)}


def _normalised(gains: NDArray[np.float64], predicted: NDArray[np.float64]) -> float:
    from sklearn.metrics import ndcg_score

    if len(gains) == 1:  # the library takes two candidates or more; one alone is always in its place
        return float(gains[0] > 0)
    return float(ndcg_score([gains], [predicted]))


def _gains(gold: NDArray[np.float64]) -> NDArray[np.float64]:
    """2^gold - 1 up to a common factor, which NDCG divides out, so that no unit overflows."""
    top = max(gold.max(), 0.0)
    gains: NDArray[np.float64] = np.exp2(gold - top) - np.exp2(-top)
    return gains
