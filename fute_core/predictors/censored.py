"""What is lost where a server gives so few of the likeliest tokens that choices are not among them.

Measured with 23 shipped prompts on 40 probe texts, reading 5 to 1,000 tokens against all of them: a text without any
choice among its tokens says nothing, and where few of the labels are seen, the bounds of the others make the vector.
Beyond that, its cosine to that of all tokens follows how much the answers move when those bounds do. Of 187 readings 39
had a cosine below 0.95, of which these limits refuse 33, and one of the 148 others; five that they let through had 0.91
to 0.95, and one, of a prompt whose answers hardly differ, 0.44.
"""

import math

import numpy as np
from numpy.typing import NDArray

from fute_core.predictors.first_token import EXTRA, completed, read_rows
from fute_core.predictors.scoring import label_probabilities

LEAST_READ = 0.8
"""Share of the answers, and of their labels, that have to be read for a vector to be made of them."""
LEAST_ALIKE = 0.95
"""How alike the answers have to be to those with less of what was not seen."""
LESS = 3.0
"""By so much the likelihood of what was not seen is divided, to see what hangs on it."""
FLOOR = 1e-4
"""Of a probability, as where a vector is made of answers."""


def share_read(raw: NDArray[np.float32]) -> float:
    """Tell of how many answers anything is known.

    Parameters
    ----------
    raw : ndarray of float32, shape (n, s + 2)
        As `first_token.row` makes them.

    Returns
    -------
    float
        From 0 to 1; 1 without answers.
    """
    return float(read_rows(raw).mean()) if len(raw) else 1.0


def labels_read(raw: NDArray[np.float32], owner: NDArray[np.intp]) -> float:
    """Tell of how many labels anything is known, over all answers.

    Parameters
    ----------
    raw : ndarray of float32, shape (n, s + 2)
        As `first_token.row` makes them.
    owner : ndarray of int, shape (s,)
        The label of each choice: one of its choices that is seen is enough, since the likeliest counts.

    Returns
    -------
    float
        From 0 to 1; 1 without answers.
    """
    seen = np.isfinite(raw[:, :-EXTRA])
    return (
        float(np.mean([seen[:, owner == label].any(1) for label in range(int(owner.max()) + 1)])) if len(raw) else 1.0
    )


def alike_with_less(raw: NDArray[np.float32], owner: NDArray[np.intp]) -> float:
    """Tell how alike the answers stay where what was not seen is a third as likely as `completed` has it.

    Parameters
    ----------
    raw : ndarray of float32, shape (n, s + 2)
        As `first_token.row` makes them.
    owner : ndarray of int, shape (s,)
        The label of each choice.

    Returns
    -------
    float
        Linear CKA of both, from 0 to 1; 1 where every choice was seen.

    References
    ----------
    Kornblith et al. (2019), *Similarity of Neural Network Representations Revisited*.
    """
    read = raw[read_rows(raw)]
    if not len(read):
        return 1.0
    even = completed(read)
    less = np.where(np.isfinite(read[:, :-EXTRA]), even, even - np.float32(math.log(LESS)))
    one, other = (_centred(label_probabilities(scores, owner)) for scores in (even, less))
    norms = np.linalg.norm(one.T @ one) * np.linalg.norm(other.T @ other)
    return float(np.linalg.norm(one.T @ other) ** 2 / norms) if norms else 1.0


def _centred(proba: NDArray[np.float32]) -> NDArray[np.float64]:
    z = np.log(np.maximum(proba.astype(np.float64), FLOOR))
    z -= z.mean(1, keepdims=True)
    return np.asarray(z - z.mean(0))
