"""scikit-learn pipelines as black boxes, and the standard ones that the evaluation trains on a dataset.

    box = tfidf_logistic(load_dataset("sst2"))
    box.predict_proba(["a fine film"])

The four architectures read different things in a text (words, letters, words without weights, sentence vectors), so
that an embedding which finds a model's own dataset does not merely recognise the architecture.
"""

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin, is_regressor
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.utils.validation import check_is_fitted

from fute_core.datasets.pair_features import marked_letters, marked_words, overlaps, steps
from fute_core.digest import digest
from fute_core.errors import BadInput
from fute_core.predictors.content import object_content
from fute_core.predictors.probabilities import checked_rows
from fute_core.tasks import TaskDataset, Text

FORMAT = 1
PairsAs = Literal["tuples", "joined", "columns"]


class SklearnPredictor:
    """A fitted estimator, mostly a pipeline, that reads raw texts.

    labels : names of the estimator's `classes_`, in their order; None for the classes' own names. A regressor has none.
    pairs : what the estimator is given for text pairs: (text, text_pair) tuples, both joined by a line break, or an
        object array (n, 2) for a ColumnTransformer.
    version : stands for the estimator in the fingerprint where a step shows no content; None to read parameters and
        learned arrays, which needs no pickle and is the same in every process.

    Raises BadInput for an estimator that is not fitted or gives no probabilities.
    """

    def __init__(
        self, estimator: Any, labels: Sequence[str] | None = None, *, pairs: PairsAs = "tuples",
        version: str | None = None,
    ):  # fmt: skip
        self._estimator = estimator
        self._pairs = pairs
        self._name = type(estimator).__name__
        _check_fitted(estimator, self._name)
        self._regression = is_regressor(estimator)
        if not self._regression and not hasattr(estimator, "predict_proba"):
            raise BadInput(
                f"{self._name} has no predict_proba; use one that has, or wrap it in CalibratedClassifierCV."
            )
        classes = () if self._regression else tuple(map(str, estimator.classes_))
        self.labels = classes if labels is None else tuple(map(str, labels))
        if len(self.labels) != len(classes):
            raise BadInput(
                f"{self._name} has {len(classes)} classes, and {len(self.labels)} labels are given; name each."
            )
        known = ("version", version) if version else ("content", object_content(estimator))
        self._identity = digest(("sklearn", FORMAT, known, pairs, self._regression))

    def fingerprint(self) -> str:
        return self._identity

    def predict_proba(self, texts: Sequence[Text]) -> np.ndarray:
        """float32 (n, k), or (n, 1) from a regressor."""
        if not len(texts):
            return np.zeros((0, max(1, len(self.labels))), np.float32)
        answer = self._estimator.predict if self._regression else self._estimator.predict_proba
        return checked_rows(answer(self._given(texts)), len(texts), self.labels, self._name)

    def _given(self, texts: Sequence[Text]) -> Any:
        if isinstance(texts[0], str) or self._pairs == "tuples":
            return list(texts)
        return ["\n".join(pair) for pair in texts] if self._pairs == "joined" else np.array(texts, object)


def _check_fitted(estimator: Any, name: str) -> None:
    try:
        check_is_fitted(estimator)
    except NotFittedError:
        raise BadInput(f"{name} is not fitted; call fit on labelled texts first.") from None
    except TypeError:
        raise BadInput(f"{name} is no scikit-learn estimator; wrap a function in CallablePredictor instead.") from None


# the standard black boxes --------------------------------------------------------------------------------------------


def tfidf_logistic(dataset: TaskDataset) -> SklearnPredictor:
    """Words and word pairs, weighed by logistic regression; for text pairs also how far their sides overlap."""
    if dataset.pair:
        features, strength = [_pair_union(marked_words, StandardScaler())], 1.0
    else:
        features, strength = [TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)], 10.0
    return _trained(dataset, *features, LogisticRegression(C=strength, max_iter=1000))


def char_naive_bayes(dataset: TaskDataset) -> SklearnPredictor:
    """Letter groups under naive Bayes; for text pairs those of words that one side alone has, and overlaps in steps."""
    if dataset.pair:
        return _trained(dataset, _pair_union(marked_letters, FunctionTransformer(steps)), MultinomialNB(alpha=1.0))
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
    return _trained(dataset, letters, MultinomialNB(alpha=0.1))


def tfidf_trees(dataset: TaskDataset) -> SklearnPredictor:
    """Words in 200 extremely randomised trees."""
    features = _pair_union(marked_words, "passthrough") if dataset.pair else TfidfVectorizer(sublinear_tf=True)
    return _trained(dataset, features, ExtraTreesClassifier(200, min_samples_leaf=2, n_jobs=1, random_state=0))


def encoder_logistic(
    features: Callable[[Sequence[str]], np.ndarray], identity: str
) -> Callable[[TaskDataset], SklearnPredictor]:
    """A trainer: logistic regression on another encoder's sentence features.

    features : single texts to (n, d). Of a text pair both sides are encoded, with their difference and product.
    identity : what tells this encoder from others, for example its weights digest.
    """

    def train(dataset: TaskDataset) -> SklearnPredictor:
        return _trained(
            dataset, SentenceFeatures(features, identity), StandardScaler(), LogisticRegression(C=0.01, max_iter=2000)
        )

    return train


class SentenceFeatures(TransformerMixin, BaseEstimator):
    """A pipeline's first step: an encoder's sentence features, known by `identity`."""

    def __init__(self, encode: Callable[[Sequence[str]], np.ndarray], identity: str):
        self.encode = encode
        self.identity = identity

    def fute_content(self) -> str:
        return self.identity

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def fit(self, texts: Sequence[Text], y: Any = None) -> "SentenceFeatures":
        return self

    def transform(self, texts: Sequence[Text]) -> np.ndarray:
        """(n, d) of single texts, (n, 4 d) of pairs."""
        if isinstance(texts[0], str):
            return np.asarray(self.encode(texts))
        a, b = (np.asarray(self.encode([pair[side] for pair in texts])) for side in (0, 1))
        return np.hstack([a, b, np.abs(a - b), a * b])


def _pair_union(analyzer: Callable[[Any], list[str]], after_overlaps: Any) -> Any:

    numbers = make_pipeline(FunctionTransformer(overlaps), after_overlaps)
    return make_union(numbers, TfidfVectorizer(analyzer=analyzer, sublinear_tf=True))


def _trained(dataset: TaskDataset, *steps: Any) -> SklearnPredictor:
    """A pipeline of `steps` fitted to the dataset's likeliest labels; labels without a row have no column."""
    if dataset.regression:
        raise BadInput(f"Dataset {dataset.name!r} has scores; a black box is trained on labels.")
    of_row = dataset.targets.argmax(1)
    if len(np.unique(of_row)) < 2:
        raise BadInput(f"Dataset {dataset.name!r} has one label only; a black box needs at least two.")
    pipeline = make_pipeline(*steps)
    pipeline.fit(list(dataset.texts), of_row)
    return SklearnPredictor(pipeline, [dataset.labels[c] for c in pipeline.classes_])
