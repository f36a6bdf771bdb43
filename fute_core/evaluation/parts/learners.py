"""Many small text classifiers, for evaluations that rank models over datasets: each learns a dataset in a moment.

A learner is a representation of texts, a classifier, and how many rows it sees.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fute_core.digest import digest
from fute_core.evaluation.parts.boxes import skill
from fute_core.evaluation.parts.rows import Parts, even

if TYPE_CHECKING:
    from fute_core.models.encoder import Surrogate
    from fute_core.store.store import Store

FORMAT = 1
FEW_ROWS = 60


def _classifiers() -> Mapping[str, Callable[[], Any]]:
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
    """One way to learn a dataset.

    Parameters
    ----------
    representation : str
        Of texts: a key of `REPRESENTATIONS`.
    classifier : str
        One that reads this representation.
    rows : int or None
        That it learns from, even over the labels; None for all.
    """

    representation: str
    classifier: str
    rows: int | None

    @property
    def name(self) -> str:
        """The three choices in words, which also tells learners apart in the store."""
        return f"{self.representation}, {self.classifier}, {self.rows or 'all'} rows"


LEARNERS = tuple(
    Learner(representation, classifier, rows)
    for representation, classifiers in REPRESENTATIONS.items()
    for classifier in classifiers
    for rows in (FEW_ROWS, None)
)


def skills(parts: Parts, learners: tuple[Learner, ...], surrogate: "Surrogate", store: "Store") -> NDArray[np.float64]:
    """Train learners on the rows of a dataset's black boxes and measure them on its test rows.

    Parameters
    ----------
    parts : Parts
        Of the dataset.
    learners : tuple of n Learners
        What is trained.
    surrogate : Surrogate
        Gives the features of the representation "encoder".
    store : Store
        Keeps the skills, so that a dataset is learnt once.

    Returns
    -------
    ndarray of float64, shape (n,)
        Skill of each learner, see `boxes.skill`.
    """
    key = digest(("skills", FORMAT, parts.train.fingerprint(), parts.test.fingerprint(), [x.name for x in learners],
                  surrogate.digest))  # fmt: skip
    if (known := store.get(key)) is not None:
        kept: NDArray[np.float64] = known[0]["skills"]
        return kept
    classifiers = _classifiers()
    made: dict[tuple[str, int | None], tuple[Any, Any]] = {}
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


def _represent(parts: Parts, how: str, seen: NDArray[np.intp], surrogate: "Surrogate") -> tuple[Any, Any]:
    """Rows seen in training, and test rows, as matrices: dense of an encoder, sparse of words and letters."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.preprocessing import StandardScaler

    if how == "encoder":
        scaler = StandardScaler()
        train = scaler.fit_transform(surrogate.features(parts.train.texts)[seen])
        test = scaler.transform(surrogate.features(parts.test.texts))
        size = np.sqrt(surrogate.hidden_size)  # rows of unit length, as those of words are
        return train / size, test / size
    chosen: dict[str, Any] = (
        {"analyzer": "char_wb", "ngram_range": (2, 4)} if how == "letters" else {"ngram_range": (1, 2)}
    )
    vectorizer = TfidfVectorizer(sublinear_tf=True, **chosen)
    return vectorizer.fit_transform([parts.train.texts[i] for i in seen]), vectorizer.transform(parts.test.texts)
