"""Which label of a dataset an answer of a prompt stands for: by name, or by the table below where names differ."""

from collections.abc import Mapping

import numpy as np

from fute_core.tasks import TaskDataset

EQUIVALENT: Mapping[str, Mapping[str, str]] = {
    "tweet_hate": {"hate": "offensive", "not-hate": "not-offensive"},
    "davidson": {"hate speech": "offensive", "offensive language": "offensive", "neither": "not-offensive"},
    "sarcasm_comments": {"sarcastic": "irony", "sincere": "non irony"},
}
"""Dataset: its label to the label of the shipped prompts of its family.

What has no counterpart is left out: the neutral rows of tweet_sentiment, and disgust, fear and surprise of go_emotions.
"""


def matched_labels(dataset: TaskDataset, template_labels: tuple[str, ...]) -> np.ndarray:
    """int (k,): for each label of the dataset the position of the prompt's label that means it, -1 for none."""
    known = EQUIVALENT.get(dataset.name, {})
    meant = [known.get(label, label) for label in dataset.labels]
    return np.array([template_labels.index(m) if m in template_labels else -1 for m in meant], int)


def comparable_rows(dataset: TaskDataset, template_labels: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray] | None:
    """(index of the rows whose label a prompt can answer, their true label as the prompt's position), both int.

    None where fewer than two labels have a counterpart, so that nothing can be measured.
    """
    matched = matched_labels(dataset, template_labels)
    if len(set(matched[matched >= 0])) < 2:
        return None
    truth = matched[dataset.targets.argmax(1)]
    rows = np.flatnonzero(truth >= 0)
    return rows, truth[rows]


def accuracy(proba: np.ndarray, truth: np.ndarray) -> float:
    """Mean over the labels that occur of the share answered right, among answers that some row has.

    proba : (n, k) of the prompt's labels. truth : int (n,).
    """
    from fute_core.evaluation.metrics import balanced_accuracy

    return balanced_accuracy(_answers(proba, truth), truth, proba.shape[1])


def relabelled_accuracy(proba: np.ndarray, truth: np.ndarray) -> float:
    """The same under the best one-to-one renaming of the prompt's answers: what it can tell apart, by whatever name."""
    from scipy.optimize import linear_sum_assignment

    answers = _answers(proba, truth)
    labels = np.unique(truth)
    hits = np.array([[(answers[truth == true] == said).mean() for said in labels] for true in labels])
    return float(hits[linear_sum_assignment(-hits)].mean())


def _answers(proba: np.ndarray, truth: np.ndarray) -> np.ndarray:
    labels = np.unique(truth)
    return labels[proba[:, labels].argmax(1)]
