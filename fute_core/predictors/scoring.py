"""From log-probabilities of answer choices to a distribution over labels: pure array functions."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def label_probabilities(
    scores: NDArray[np.float32], owner: NDArray[np.intp], n_tokens: NDArray[np.intp] | None = None
) -> NDArray[np.float32]:
    """Softmax over labels of each label's best verbalizer.

    Parameters
    ----------
    scores : ndarray of float32, shape (n, s)
        Total log-probability of each verbalizer.
    owner : ndarray of int, shape (s,)
        The label of each verbalizer.
    n_tokens : ndarray of int, shape (s,), optional
        Tokens of each verbalizer, by which scores are divided first; by default they are not.

    Returns
    -------
    ndarray of float32, shape (n, k)
        Rows that sum to 1.

    References
    ----------
    FUTE, section 3.2: a label's score is the highest among its verbalizers.
    """
    used = scores if n_tokens is None else scores / n_tokens
    k = int(owner.max()) + 1
    best = np.stack([used[:, owner == label].max(1) for label in range(k)], 1).astype(np.float64)
    return softmax(best)


def batch_calibration(proba: NDArray[np.float32]) -> NDArray[np.float32]:
    """Remove label priors: subtract each label's mean log-probability over the texts, then normalise.

    Parameters
    ----------
    proba : ndarray of float32, shape (n, k)
        Label distributions.

    Returns
    -------
    ndarray of float32, shape (n, k)
        Rows that sum to 1.

    References
    ----------
    Zhou et al. (2023), *Batch Calibration: Rethinking Calibration for In-Context Learning and Prompt Engineering*,
    arXiv 2309.17249. There the prior is the mean of a label's probabilities over the batch, here that of their
    logarithms, and the batch is the probe texts. No content-free input is asked, as in contextual calibration (Zhao et
    al. 2021).
    """
    log_p = np.log(np.maximum(proba.astype(np.float64), 1e-8))
    return softmax(log_p - log_p.mean(0))


def outside_mass(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Probability that fell on no answer choice at all.

    Parameters
    ----------
    scores : ndarray of float32, shape (n, s)
        Total log-probability of each verbalizer.

    Returns
    -------
    ndarray of float32, shape (n,)
        From 0 to 1.
    """
    inside = np.exp(scores.astype(np.float64)).sum(1)
    return np.asarray(np.clip(1.0 - inside, 0.0, 1.0), np.float32)


def softmax(logits: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """Exponentials of each row, scaled to sum to 1.

    Parameters
    ----------
    logits : ndarray of float, shape (n, k)
        Any finite numbers.

    Returns
    -------
    ndarray of float32, shape (n, k)
        Rows that sum to 1.
    """
    e = np.exp(logits - logits.max(1, keepdims=True))
    return np.asarray(e / e.sum(1, keepdims=True), np.float32)
