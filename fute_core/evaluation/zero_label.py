"""What ranks prompts without a label and without an embedding: the baselines of prompt selection.

proba : float (n, k), a prompt's label distribution on each of n texts of the dataset. Higher is taken as better in all.
"""

from collections.abc import Mapping, Sequence

import numpy as np

PERPLEXITY = "perplexity of the prompt"


def mutual_information(proba: np.ndarray) -> float:
    """H(mean_x p_x) - mean_x H(p_x) (Sorensen et al. 2022)."""
    return float(_entropy(proba.mean(0)) - _entropy(proba).mean())


def global_entropy(proba: np.ndarray) -> float:
    """Entropy of the histogram of hard answers (Lu et al. 2022)."""
    return float(_entropy(np.bincount(proba.argmax(1), minlength=proba.shape[1]) / len(proba)))


def plurality(probas: Sequence[np.ndarray]) -> np.ndarray:
    """float (p,): each prompt's agreement with the plurality of all prompts' answers (zero-label prompt selection).

    Prompts whose mean margin between first and second label is low have no vote: the better half in margin votes.
    Equal counts go to the label of more summed probability (Liao et al. 2022, in its voting form).
    """
    stacked = np.stack(probas).astype(np.float64)
    ordered = np.sort(stacked, axis=2)
    margins = (ordered[..., -1] - ordered[..., -2]).mean(1)
    voters = stacked[margins >= np.median(margins)]
    k = stacked.shape[2]
    votes = np.eye(k)[voters.argmax(2)].sum(0)
    consensus = (votes + 1e-6 * voters.mean(0)).argmax(1)
    return (stacked.argmax(2) == consensus).mean(1)


def agreement(answers: np.ndarray, other: np.ndarray, n_labels: int) -> float:
    """Cohen's kappa of two int (n,) answers; 0 where both are constant."""
    counts = np.zeros((n_labels, n_labels))
    np.add.at(counts, (answers, other), 1)
    counts /= len(answers)
    by_chance = counts.sum(1) @ counts.sum(0)
    return float((np.trace(counts) - by_chance) / (1 - by_chance)) if by_chance < 1 else 0.0


def scores(probas: Sequence[np.ndarray], calibrated: Sequence[np.ndarray]) -> Mapping[str, np.ndarray]:
    """Each baseline's score of every prompt, float (p,), from answers as given and after contextual calibration."""
    return {
        "mutual information": np.array([mutual_information(p) for p in probas]),
        "mutual information, calibrated": np.array([mutual_information(p) for p in calibrated]),
        "global entropy": np.array([global_entropy(p) for p in probas]),
        "zero-label plurality": plurality(probas),
        "zero-label plurality, calibrated": plurality(calibrated),
    }


def _entropy(p: np.ndarray) -> np.ndarray:
    return -(p * np.log(np.maximum(p, 1e-12))).sum(-1)
