"""Which label of a dataset an answer of a prompt stands for, so that the answer can be called right or wrong.

By name, or by the table below where names differ. This is for the truth that rankings are judged by; what is judged
pairs labels as the product does, by name alone (`analysis.agreement.same_names`).
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from fute_core.tasks import TaskDataset

EQUIVALENT: Mapping[str, Mapping[str, str]] = {
    "tweet_hate": {"hate": "offensive", "not-hate": "not-offensive"},
    "davidson": {"hate speech": "offensive", "offensive language": "offensive", "neither": "not-offensive"},
    "sarcasm_comments": {"sarcastic": "irony", "sincere": "non irony"},
}
"""Dataset: its label to the label of the shipped prompts of its family.

What has no counterpart is left out: the neutral rows of tweet_sentiment, and disgust, fear and surprise of go_emotions.
"""


def matched_labels(dataset: TaskDataset, template_labels: tuple[str, ...]) -> NDArray[np.intp]:
    """Find a prompt's label for each label of a dataset.

    Parameters
    ----------
    dataset : TaskDataset
        With k labels.
    template_labels : tuple of str
        The prompt's labels.

    Returns
    -------
    ndarray of int, shape (k,)
        Position of the prompt's label that means the same; -1 for none.
    """
    known = EQUIVALENT.get(dataset.name, {})
    meant = [known.get(label, label) for label in dataset.labels]
    return np.array([template_labels.index(m) if m in template_labels else -1 for m in meant], np.intp)


def comparable_rows(
    dataset: TaskDataset, template_labels: tuple[str, ...]
) -> tuple[NDArray[np.intp], NDArray[np.intp]] | None:
    """Find the rows of a dataset that a prompt can answer.

    Parameters
    ----------
    dataset : TaskDataset
        With its true labels.
    template_labels : tuple of str
        The prompt's labels.

    Returns
    -------
    tuple of two ndarrays of int, shape (n,), or None
        Positions of the rows whose label the prompt has, and their true label as its position among the prompt's. None
        where fewer than two labels have a counterpart, so that nothing can be measured.
    """
    matched = matched_labels(dataset, template_labels)
    if len(set(matched[matched >= 0])) < 2:
        return None
    truth = matched[dataset.targets.argmax(1)]
    rows = np.flatnonzero(truth >= 0)
    return rows, truth[rows]


def accuracy(proba: np.ndarray, truth: NDArray[np.intp]) -> float:
    """Compute balanced accuracy: the mean over the labels that occur of the share of their rows answered right.

    Parameters
    ----------
    proba : ndarray of float, shape (n, k)
        Distribution over the prompt's labels. Only labels that some row has can be answered.
    truth : ndarray of int, shape (n,)
        True label of each row.

    Returns
    -------
    float
        From 0 to 1.
    """
    from sklearn.metrics import balanced_accuracy_score

    return float(balanced_accuracy_score(truth, _answers(proba, truth)))


def relabelled_accuracy(proba: np.ndarray, truth: NDArray[np.intp]) -> float:
    """Compute balanced accuracy under the best one-to-one renaming of the answers.

    It says what a prompt can tell apart, whatever its answer words mean.

    Parameters
    ----------
    proba : ndarray of float, shape (n, k)
        Distribution over the prompt's labels.
    truth : ndarray of int, shape (n,)
        True label of each row.

    Returns
    -------
    float
        From 0 to 1.
    """
    from scipy.optimize import linear_sum_assignment

    answers = _answers(proba, truth)
    labels = np.unique(truth)
    hits = np.array([[(answers[truth == true] == said).mean() for said in labels] for true in labels])
    return float(hits[linear_sum_assignment(-hits)].mean())


def _answers(proba: np.ndarray, truth: NDArray[np.intp]) -> NDArray[np.intp]:
    labels = np.unique(truth)
    answers: NDArray[np.intp] = labels[proba[:, labels].argmax(1)]
    return answers
