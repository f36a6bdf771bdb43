"""What ranks prompts without a label and without an embedding: the baselines of prompt selection.

A prompt's label distributions on n texts of the dataset are an array (n, k). Higher is taken as better in all.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

PERPLEXITY = "perplexity of the prompt"


def mutual_information(proba: np.ndarray) -> float:
    """Compute the mutual information of texts and answers: H(mean_x p_x) - mean_x H(p_x).

    Parameters
    ----------
    proba : ndarray of float, shape (n, k)
        Label distribution on each text.

    Returns
    -------
    float
        In nats; 0 where all texts get the same answer.

    References
    ----------
    Sorensen et al. (2022), An information-theoretic approach to prompt engineering without ground truth labels.
    """
    return float(_entropy(proba.mean(0)) - _entropy(proba).mean())


def global_entropy(proba: np.ndarray) -> float:
    """Compute the entropy of how often each label is the likeliest.

    Parameters
    ----------
    proba : ndarray of float, shape (n, k)
        Label distribution on each text.

    Returns
    -------
    float
        In nats; 0 where one label is always answered.

    References
    ----------
    Lu et al. (2022), Fantastically ordered prompts and where to find them, section 3.2.
    """
    return float(_entropy(np.bincount(proba.argmax(1), minlength=proba.shape[1]) / len(proba)))


def voted(probas: Sequence[np.ndarray]) -> NDArray[np.intp]:
    """Find the label that most prompts give to each text.

    Only the better half of the prompts by mean margin between first and second label has a vote. Equal counts go to the
    label of more summed probability.

    Parameters
    ----------
    probas : sequence of p ndarrays of float, shape (n, k)
        Label distributions of each prompt.

    Returns
    -------
    ndarray of int, shape (n,)
        Position of the label.

    References
    ----------
    Liao et al. (2022), Zero-label prompt selection, in its voting form.
    """
    stacked = np.stack(probas).astype(np.float64)
    ordered = np.sort(stacked, axis=2)
    margins = (ordered[..., -1] - ordered[..., -2]).mean(1)
    voters = stacked[margins >= np.median(margins)]
    votes = np.eye(stacked.shape[2])[voters.argmax(2)].sum(0)
    consensus: NDArray[np.intp] = (votes + 1e-6 * voters.mean(0)).argmax(1)
    return consensus


def plurality(probas: Sequence[np.ndarray]) -> NDArray[np.float64]:
    """Compute how often each prompt answers as most prompts do, see `voted`.

    Parameters
    ----------
    probas : sequence of p ndarrays of float, shape (n, k)
        Label distributions of each prompt.

    Returns
    -------
    ndarray of float64, shape (p,)
        Share of texts on which the prompt answers as the vote does.
    """
    consensus = voted(probas)
    return np.array([(proba.argmax(1) == consensus).mean() for proba in probas])


def kappa(answers: NDArray[np.intp], other: NDArray[np.intp]) -> float:
    """Compute Cohen's kappa of two lists of answers.

    Parameters
    ----------
    answers, other : ndarray of int, shape (n,)
        A label for each text.

    Returns
    -------
    float
        1 where both always agree, 0 by chance, and 0 where both are one and the same label everywhere.
    """
    from sklearn.metrics import cohen_kappa_score

    if len(np.union1d(answers, other)) == 1:  # the library divides by zero
        return 0.0
    return float(cohen_kappa_score(answers, other))


def scores(probas: Sequence[np.ndarray], calibrated: Sequence[np.ndarray]) -> Mapping[str, NDArray[np.float64]]:
    """Compute every baseline that needs the answers alone.

    Parameters
    ----------
    probas : sequence of p ndarrays of float, shape (n, k)
        Label distributions of each prompt, as given.
    calibrated : sequence of p ndarrays of float, shape (n, k)
        The same after batch calibration.

    Returns
    -------
    mapping of str to ndarray of float64, shape (p,)
        Score of each prompt, by the name of the baseline.
    """
    return {
        "mutual information": np.array([mutual_information(p) for p in probas]),
        "mutual information, calibrated": np.array([mutual_information(p) for p in calibrated]),
        "global entropy": np.array([global_entropy(p) for p in probas]),
        "zero-label plurality": plurality(probas),
        "zero-label plurality, calibrated": plurality(calibrated),
    }


def _entropy(p: np.ndarray) -> NDArray[np.float64]:
    entropy: NDArray[np.float64] = -(p * np.log(np.maximum(p, 1e-12))).sum(-1)
    return entropy
