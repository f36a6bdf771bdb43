"""From log-probabilities of answer choices to a distribution over labels: pure array functions."""

import numpy as np


def label_probabilities(scores: np.ndarray, owner: np.ndarray, n_tokens: np.ndarray | None = None) -> np.ndarray:
    """Softmax over labels of each label's best verbalizer (FUTE's aggregation), float32 (n, k).

    scores : (n, s) total log-probability of each verbalizer. owner : int (s,), the label of each.
    n_tokens : int (s,), by which scores are divided first; None for no normalisation by length.
    """
    used = scores if n_tokens is None else scores / n_tokens
    k = int(owner.max()) + 1
    best = np.stack([used[:, owner == label].max(1) for label in range(k)], 1).astype(np.float64)
    return softmax(best)


def contextual_calibration(proba: np.ndarray) -> np.ndarray:
    """Remove label priors: subtract each label's mean log-probability over the texts, then normalise. float32 (n, k).

    After Zhao et al. 2021, with the probe texts in place of a content-free input.
    """
    log_p = np.log(np.maximum(proba.astype(np.float64), 1e-8))
    return softmax(log_p - log_p.mean(0))


def outside_mass(scores: np.ndarray) -> np.ndarray:
    """Probability that fell on no answer choice at all, float32 (n,), for total log-probabilities (n, s)."""
    return np.clip(1.0 - np.exp(scores.astype(np.float64)).sum(1), 0.0, 1.0).astype(np.float32)


def softmax(logits: np.ndarray) -> np.ndarray:
    """Row-wise softmax of (n, k), float32."""
    e = np.exp(logits - logits.max(1, keepdims=True))
    return (e / e.sum(1, keepdims=True)).astype(np.float32)
