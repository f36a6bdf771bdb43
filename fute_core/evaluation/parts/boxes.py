"""Black boxes of known skill: each dataset's rows in three parts, and models of four architectures trained on one part.

The rows of `split` "train" are halved within each label: one half makes the DTE, the other trains the black boxes.
Accuracies come from the rows of split "test", which neither has seen.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from fute_core.datasets.catalog import load_dataset
from fute_core.digest import digest
from fute_core.evaluation.parts.trainers import char_naive_bayes, tfidf_logistic, tfidf_trees
from fute_core.home import DATA
from fute_core.predictors import Predictor
from fute_core.tasks import TaskDataset, Text

Trainer = Callable[[TaskDataset], Predictor]
TRAINERS: Mapping[str, Trainer] = {"logistic": tfidf_logistic, "naive-bayes": char_naive_bayes, "trees": tfidf_trees}
ARCHITECTURES = (*TRAINERS, "encoder")
HALVING_SEED = 7


@dataclass(frozen=True)
class Parts:
    """One dataset: rows for its DTE, rows that train black boxes, rows that measure them; no row is in two."""

    dte: TaskDataset
    train: TaskDataset
    test: TaskDataset


@dataclass(frozen=True)
class Box:
    """A trained black box; its labels are the dataset's, in their order.

    skill : (accuracy - 1/k) / (1 - 1/k) on the test rows.
    """

    name: str
    dataset: str
    architecture: str
    predictor: Predictor
    accuracy: float
    skill: float


def dataset_parts(name: str, folder: Path = DATA) -> Parts:
    """The three parts of a dataset of `folder`, always the same."""
    rows = load_dataset(name, split="train", folder=folder)
    first, second = halves(rows)
    return Parts(first, second, load_dataset(name, split="test", folder=folder))


def test_rows(name: str, limit: int | None = None, folder: Path = DATA) -> TaskDataset:  # noqa: PT028
    """Rows that measure, at most `limit`, even over the labels."""
    return load_dataset(name, split="test", limit=limit, folder=folder)


def halves(rows: TaskDataset, seed: int = HALVING_SEED) -> tuple[TaskDataset, TaskDataset]:
    """Two disjoint parts with half of each label's rows, the odd one in the second."""
    rng = np.random.default_rng(seed)
    of_label = rows.targets.argmax(1)
    first = [rng.permutation(np.flatnonzero(of_label == c))[: (of_label == c).sum() // 2] for c in np.unique(of_label)]
    chosen = np.sort(np.concatenate(first))
    rest = np.setdiff1d(np.arange(len(of_label)), chosen)
    return take(rows, chosen), take(rows, rest)


def take(rows: TaskDataset, index: Sequence[int]) -> TaskDataset:
    """The rows at `index`."""
    return replace(rows, texts=tuple(rows.texts[i] for i in index), targets=rows.targets[index])


def train_box(architecture: str, parts: Parts, encoder: Trainer | None = None) -> Box:
    """A black box of that architecture, trained on `parts.train` and measured on `parts.test`.

    encoder : what trains an "encoder" box, see `predictors.sklearn.encoder_logistic`.
    """
    rows = parts.train
    trained = (TRAINERS.get(architecture) or encoder)(rows)
    predictor = trained if trained.labels == rows.labels else AllLabels(trained, rows.labels)
    k = len(rows.labels)
    right = predictor.predict_proba(parts.test.texts).argmax(1) == parts.test.targets.argmax(1)
    accuracy = float(right.mean())
    return Box(f"{rows.name} · {architecture}", rows.name, architecture, predictor, accuracy, skill(accuracy, k))


@dataclass(frozen=True)
class AllLabels:
    """A predictor that never saw some labels of its dataset, which get probability 0."""

    predictor: Predictor
    labels: tuple[str, ...]

    def predict_proba(self, texts: Sequence[Text]) -> np.ndarray:
        out = np.zeros((len(texts), len(self.labels)), np.float32)
        out[:, [self.labels.index(label) for label in self.predictor.labels]] = self.predictor.predict_proba(texts)
        return out

    def fingerprint(self) -> str:
        return digest((self.predictor.fingerprint(), self.labels))


def skill(accuracy: float, n_labels: int) -> float:
    """0 at chance, 1 when always right, negative below chance."""
    return (accuracy - 1 / n_labels) / (1 - 1 / n_labels)


def describe(box: Box) -> Mapping[str, object]:
    """What the gallery says of a black box."""
    return {
        "architecture": box.architecture,
        "dataset": box.dataset,
        "labels": list(box.predictor.labels),
        "accuracy": round(box.accuracy, 4),
        "skill": round(box.skill, 4),
    }
