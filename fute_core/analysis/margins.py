"""Which texts a black box is surest of, label by label, and on which it hesitates."""

import numpy as np
from numpy.typing import NDArray


def surest(proba: NDArray[np.floating], k: int) -> list[list[int]]:
    """Find the texts that are given a label with the most probability.

    Parameters
    ----------
    proba : ndarray of float, shape (n, labels)
        Label distributions, without NaN.
    k : int
        Texts for each label, at most.

    Returns
    -------
    list of list of int
        For each label the positions of texts whose likeliest label it is, the surest first.
    """
    first = proba.argmax(1)
    order = np.argsort(-proba.max(1), kind="stable")
    return [[int(p) for p in order[first[order] == label][:k]] for label in range(proba.shape[1])]


def least_sure(proba: NDArray[np.floating], k: int) -> list[int]:
    """Find the texts whose two likeliest labels are closest.

    Parameters
    ----------
    proba : ndarray of float, shape (n, labels)
        Label distributions over at least two labels, without NaN.
    k : int
        Texts at most.

    Returns
    -------
    list of int
        Positions, the least difference between the first and the second label first.
    """
    ordered = np.sort(proba, axis=1)
    return [int(p) for p in np.argsort(ordered[:, -1] - ordered[:, -2], kind="stable")[:k]]


def most_outside(outside: NDArray[np.floating], k: int, least: float = 0.5) -> list[int]:
    """Find the texts after which a language model would rather say something else than any answer choice.

    Parameters
    ----------
    outside : ndarray of float, shape (n,)
        Probability on none of the choices, 0 to 1.
    k : int
        Texts at most.
    least : float, default 0.5
        Only texts with more than this count.

    Returns
    -------
    list of int
        Positions, the one with the most first.
    """
    return [int(p) for p in np.argsort(-outside, kind="stable")[:k] if outside[p] > least]
