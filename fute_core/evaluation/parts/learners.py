"""Many small text classifiers, for evaluations that rank models over datasets: each learns a dataset in a moment.

A learner is a representation of texts, a classifier, and how many rows it sees.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fute_core.digest import digest
from fute_core.evaluation.parts.boxes import Parts, skill
from fute_core.evaluation.parts.tuning import even

if TYPE_CHECKING:
    from fute_core.models.encoder import Surrogate
    from fute_core.store.store import Store

FORMAT = 1
FEW_ROWS = 60


def _classifiers() -> Mapping[str, Callable]:
    from sklearn.linear_model import LogisticRegression
    from sklearn.naive_bayes import GaussianNB, MultinomialNB
    from sklearn.neighbors import KNeighborsClassifier, NearestCentroid

    return {
        "logistic, weak prior": lambda: LogisticRegression(C=30, max_iter=300),
        "logistic, strong prior": lambda: LogisticRegression(C=0.3, max_iter=300),
        "naive Bayes": lambda: MultinomialNB(alpha=0.1),
        "Gaussian Bayes": lambda: GaussianNB(var_smoothing=1e-2),
        "centroid": lambda: NearestCentroid(),
        "5 neighbours": lambda: KNeighborsClassifier(5),
    }


REPRESENTATIONS: Mapping[str, tuple[str, ...]] = {
    "words": ("logistic, weak prior", "logistic, strong prior", "naive Bayes", "centroid", "5 neighbours"),
    "letters": ("logistic, weak prior", "logistic, strong prior", "naive Bayes", "centroid", "5 neighbours"),
    "encoder": ("logistic, weak prior", "logistic, strong prior", "Gaussian Bayes", "centroid", "5 neighbours"),
}
"""Of texts, with the classifiers that read them."""


@dataclass(frozen=True)
class Learner:
    """rows : that it learns from, None for all."""

    representation: str
    classifier: str
    rows: int | None

    @property
    def name(self) -> str:
        return f"{self.representation}, {self.classifier}, {self.rows or 'all'} rows"


LEARNERS = tuple(
    Learner(representation, classifier, rows)
    for representation, classifiers in REPRESENTATIONS.items()
    for classifier in classifiers
    for rows in (FEW_ROWS, None)
)


def skills(parts: Parts, learners: tuple[Learner, ...], surrogate: "Surrogate", store: "Store") -> np.ndarray:
    """float (n_learners,): skill on the test rows of each learner trained on the black boxes' rows; from the store
    where it is known."""
    key = digest(("skills", FORMAT, parts.train.fingerprint(), parts.test.fingerprint(), [x.name for x in learners],
                  surrogate.digest))  # fmt: skip
    if (known := store.get(key)) is not None:
        return known[0]["skills"]
    classifiers, made = _classifiers(), {}
    truth, k = parts.test.targets.argmax(1), len(parts.test.labels)
    out = np.zeros(len(learners))
    for i, learner in enumerate(learners):
        seen = even(parts.train.targets, learner.rows or len(parts.train.texts))
        if (learner.representation, learner.rows) not in made:
            made[learner.representation, learner.rows] = _represent(parts, learner.representation, seen, surrogate)
        train, test = made[learner.representation, learner.rows]
        model = classifiers[learner.classifier]().fit(train, parts.train.targets[seen].argmax(1))
        out[i] = skill(float((model.predict(test) == truth).mean()), k)
    store.put(key, {"skills": out}, {"kind": "skills"})
    return out


def _represent(parts: Parts, how: str, seen: np.ndarray, surrogate: "Surrogate"):
    """Rows seen in training, and test rows, as matrices."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.preprocessing import StandardScaler

    if how == "encoder":
        scaler = StandardScaler()
        train = scaler.fit_transform(surrogate.features(parts.train.texts)[seen])
        test = scaler.transform(surrogate.features(parts.test.texts))
        size = np.sqrt(surrogate.hidden_size)  # rows of unit length, as those of words are
        return train / size, test / size
    chosen = {"analyzer": "char_wb", "ngram_range": (2, 4)} if how == "letters" else {"ngram_range": (1, 2)}
    vectorizer = TfidfVectorizer(sublinear_tf=True, **chosen)
    return vectorizer.fit_transform([parts.train.texts[i] for i in seen]), vectorizer.transform(parts.test.texts)
