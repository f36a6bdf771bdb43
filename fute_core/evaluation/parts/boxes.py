"""Black boxes of known skill: models of four architectures, trained on a part of a dataset, measured on another."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fute_core.digest import digest
from fute_core.evaluation.parts.rows import Parts
from fute_core.evaluation.parts.trainers import char_naive_bayes, tfidf_logistic, tfidf_trees
from fute_core.predictors import Predictor
from fute_core.tasks import TaskDataset, Text

Trainer = Callable[[TaskDataset], Predictor]
TRAINERS: Mapping[str, Trainer] = {"logistic": tfidf_logistic, "naive-bayes": char_naive_bayes, "trees": tfidf_trees}
ARCHITECTURES = (*TRAINERS, "encoder")


@dataclass(frozen=True)
class Box:
    """A trained black box; its labels are the dataset's, in their order.

    Parameters
    ----------
    name : str
        Dataset and architecture.
    dataset : str
        That it was trained on.
    architecture : str
        One of `ARCHITECTURES`.
    predictor : Predictor
        The model.
    accuracy : float
        Share of the test rows answered right, 0 to 1.
    skill : float
        The same as `skill` counts it.
    """

    name: str
    dataset: str
    architecture: str
    predictor: Predictor
    accuracy: float
    skill: float


def train_box(architecture: str, parts: Parts, encoder: Trainer | None = None) -> Box:
    """Train a black box on `parts.train` and measure it on `parts.test`.

    Parameters
    ----------
    architecture : str
        One of `ARCHITECTURES`.
    parts : Parts
        Of the dataset.
    encoder : callable, optional
        Trains a box of architecture "encoder", see `parts.encoder.encoder_trainer`; needed for that one alone.

    Returns
    -------
    Box
        The model with its accuracy and skill.
    """
    rows = parts.train
    trainers = TRAINERS if encoder is None else {**TRAINERS, "encoder": encoder}
    trained = trainers[architecture](rows)
    predictor = trained if trained.labels == rows.labels else AllLabels(trained, rows.labels)
    k = len(rows.labels)
    right = predictor.predict_proba(parts.test.texts).argmax(1) == parts.test.targets.argmax(1)
    accuracy = float(right.mean())
    return Box(f"{rows.name} · {architecture}", rows.name, architecture, predictor, accuracy, skill(accuracy, k))


@dataclass
class AllLabels:
    """A predictor that never saw some labels of its dataset; those get probability 0.

    Parameters
    ----------
    predictor : Predictor
        Knows some of the labels.
    labels : tuple of str
        All labels of the dataset, k of them.
    """

    predictor: Predictor
    labels: tuple[str, ...]

    def predict_proba(self, texts: Sequence[Text]) -> NDArray[np.float32]:
        """Answer texts.

        Parameters
        ----------
        texts : sequence of n texts
            What is answered.

        Returns
        -------
        ndarray of float32, shape (n, k)
            Label distributions over all labels of the dataset.
        """
        out = np.zeros((len(texts), len(self.labels)), np.float32)
        out[:, [self.labels.index(label) for label in self.predictor.labels]] = self.predictor.predict_proba(texts)
        return out

    def count_truncated(self, texts: Sequence[Text]) -> int:
        """Count the texts that the predictor inside reads only the beginning of.

        Parameters
        ----------
        texts : sequence of n texts
            What would be answered.

        Returns
        -------
        int
            How many are cut; 0 for a predictor that does not tell.
        """
        count = getattr(self.predictor, "count_truncated", None)
        return 0 if count is None else int(count(texts))

    def fingerprint(self) -> str:
        """Tell this predictor from others.

        Returns
        -------
        str
            Digest of the predictor's own fingerprint and the labels.
        """
        return digest((self.predictor.fingerprint(), self.labels))


def skill(accuracy: float, n_labels: int) -> float:
    """Count accuracy from chance: (accuracy - 1/k) / (1 - 1/k).

    Parameters
    ----------
    accuracy : float
        From 0 to 1.
    n_labels : int
        How many labels there are, k.

    Returns
    -------
    float
        0 at chance, 1 when always right, negative below chance.
    """
    return (accuracy - 1 / n_labels) / (1 - 1 / n_labels)


def describe(box: Box) -> Mapping[str, object]:
    """Say of a black box what the gallery says.

    Parameters
    ----------
    box : Box
        The black box.

    Returns
    -------
    mapping of str to object
        Architecture, dataset, labels, accuracy and skill as JSON values.
    """
    return {
        "architecture": box.architecture,
        "dataset": box.dataset,
        "labels": list(box.predictor.labels),
        "accuracy": round(box.accuracy, 4),
        "skill": round(box.skill, 4),
    }
