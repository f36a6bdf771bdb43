"""Black boxes of known skill: each dataset's rows in three parts, and models of four architectures trained on one part.

The rows of `split` "train" are halved within each label: one half makes the DTE, the other trains the black boxes.
Accuracies come from the rows of split "test", which neither has seen.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from fute_core.catalog import load_dataset
from fute_core.home import DATA
from fute_core.tasks import TaskDataset, Text

ARCHITECTURES = ("logistic", "naive-bayes", "trees", "encoder")
HALVING_SEED = 7


@dataclass(frozen=True)
class Parts:
    """One dataset: rows for its DTE, rows that train black boxes, rows that measure them; no row is in two."""

    dte: TaskDataset
    train: TaskDataset
    test: TaskDataset


@dataclass(frozen=True)
class Box:
    """A trained black box. proba : the model, texts to float32 (n, k) in the dataset's label order.

    skill : (accuracy - 1/k) / (1 - 1/k) on the test rows.
    """

    name: str
    dataset: str
    architecture: str
    labels: tuple[str, ...]
    proba: Callable[[Sequence[Text]], np.ndarray]
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


def train_box(architecture: str, parts: Parts, features: Callable[[Sequence[Text]], np.ndarray] | None = None) -> Box:
    """A black box of that architecture, trained on `parts.train` and measured on `parts.test`.

    features : for "encoder", sentence features of an encoder other than the surrogate.
    """
    rows = parts.train
    pipeline = _pipeline(architecture, rows, features)
    pipeline.fit(list(rows.texts), rows.targets.argmax(1))
    k = len(rows.labels)

    def proba(texts: Sequence[Text]) -> np.ndarray:
        out = np.zeros((len(texts), k), np.float32)
        out[:, pipeline.classes_] = pipeline.predict_proba(list(texts))
        return out

    right = proba(parts.test.texts).argmax(1) == parts.test.targets.argmax(1)
    accuracy = float(right.mean())
    return Box(
        f"{rows.name} · {architecture}", rows.name, architecture, rows.labels, proba, accuracy, skill(accuracy, k)
    )


def skill(accuracy: float, n_labels: int) -> float:
    """0 at chance, 1 when always right, negative below chance."""
    return (accuracy - 1 / n_labels) / (1 - 1 / n_labels)


def _pipeline(architecture: str, rows: TaskDataset, features):
    from sklearn.ensemble import ExtraTreesClassifier
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.naive_bayes import MultinomialNB
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, StandardScaler

    first = [FunctionTransformer(pair_words)] if rows.pair else []
    # Pairs come as marked words that the usual word pattern would cut.
    words = {"sublinear_tf": True} | ({"token_pattern": r"\S+"} if rows.pair else {})
    if architecture == "logistic":
        steps = [*first, TfidfVectorizer(ngram_range=(1, 2), **words), LogisticRegression(C=10, max_iter=1000)]
    elif architecture == "naive-bayes":
        letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
        steps = [*first, letters, MultinomialNB(alpha=0.1)]
    elif architecture == "trees":
        trees = ExtraTreesClassifier(200, min_samples_leaf=2, random_state=0)
        steps = [*first, TfidfVectorizer(**words), trees]
    elif architecture == "encoder":
        head = LogisticRegression(C=0.01, max_iter=2000)
        steps = [FunctionTransformer(features), StandardScaler(), head]
    else:
        raise ValueError(f"architecture {architecture!r}; choose from {ARCHITECTURES}")
    return make_pipeline(*steps)


def pair_words(pairs: Sequence[tuple[str, str]]) -> list[str]:
    """Each pair as one text of marked words: those of the second, those in one only, how much they overlap."""
    out = []
    for first, second in pairs:
        a, b = re.findall(r"\w+", first.lower()), re.findall(r"\w+", second.lower())
        in_a, in_b = set(a), set(b)
        words = [f"b_{w}" for w in b] + [f"new_{w}" for w in b if w not in in_a]
        words += [f"gone_{w}" for w in a if w not in in_b]
        shared = len(in_a & in_b)
        words += [f"shared_b_{5 * shared // max(len(in_b), 1)}", f"shared_a_{5 * shared // max(len(in_a), 1)}"] * 3
        words.append(f"longer_{min(max(len(b) - len(a), -5), 5)}")
        out.append(" ".join(words))
    return out


def describe(box: Box) -> Mapping[str, object]:
    """What the gallery says of a black box."""
    return {
        "architecture": box.architecture,
        "dataset": box.dataset,
        "labels": list(box.labels),
        "accuracy": round(box.accuracy, 4),
        "skill": round(box.skill, 4),
    }
