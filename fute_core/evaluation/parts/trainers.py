"""Trainers of the standard black boxes: a labelled dataset in, a fitted model of one architecture out.

    box = tfidf_logistic(load_dataset("sst2"))
    box.predict_proba(["a fine film"])

The four architectures read different things in a text (words, letters, words without weights, sentence vectors), so
that an embedding which finds a model's own dataset does not merely recognise the architecture.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from fute_core.datasets.pair_features import marked_letters, marked_words, overlaps, steps
from fute_core.errors import BadInput
from fute_core.predictors.sklearn import SklearnPredictor
from fute_core.tasks import TaskDataset, Text


def tfidf_logistic(dataset: TaskDataset) -> SklearnPredictor:
    """Train logistic regression on words and word pairs; for text pairs also on how far their sides overlap.

    Parameters
    ----------
    dataset : TaskDataset
        Labelled texts, with rows of two labels at least.

    Returns
    -------
    SklearnPredictor
        Fitted; labels without a row have no column.

    Raises
    ------
    BadInput
        The dataset has scores in place of labels, or rows of one label only.
    """
    if dataset.pair:
        features, strength = [_pair_union(marked_words, StandardScaler())], 1.0
    else:
        features, strength = [TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)], 10.0
    return _trained(dataset, *features, LogisticRegression(C=strength, max_iter=1000))


def char_naive_bayes(dataset: TaskDataset) -> SklearnPredictor:
    """Train naive Bayes on groups of letters; of pairs on those of words that one side alone has, and on overlaps.

    Parameters
    ----------
    dataset : TaskDataset
        Labelled texts, with rows of two labels at least.

    Returns
    -------
    SklearnPredictor
        Fitted; labels without a row have no column.

    Raises
    ------
    BadInput
        The dataset has scores in place of labels, or rows of one label only.
    """
    if dataset.pair:
        return _trained(dataset, _pair_union(marked_letters, FunctionTransformer(steps)), MultinomialNB(alpha=1.0))
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
    return _trained(dataset, letters, MultinomialNB(alpha=0.1))


def tfidf_trees(dataset: TaskDataset) -> SklearnPredictor:
    """Train 200 extremely randomised trees on words.

    Parameters
    ----------
    dataset : TaskDataset
        Labelled texts, with rows of two labels at least.

    Returns
    -------
    SklearnPredictor
        Fitted; labels without a row have no column.

    Raises
    ------
    BadInput
        The dataset has scores in place of labels, or rows of one label only.
    """
    features = _pair_union(marked_words, "passthrough") if dataset.pair else TfidfVectorizer(sublinear_tf=True)
    return _trained(dataset, features, ExtraTreesClassifier(200, min_samples_leaf=2, n_jobs=1, random_state=0))


def encoder_logistic(
    features: Callable[[Sequence[str]], np.ndarray], identity: str
) -> Callable[[TaskDataset], SklearnPredictor]:
    """Make a trainer of logistic regression on an encoder's sentence features.

    Parameters
    ----------
    features : callable
        Takes n single texts and returns an array of shape (n, d). Of a text pair both sides are encoded, and their
        difference and product are read too.
    identity : str
        What tells this encoder from others, for example its weights digest.

    Returns
    -------
    callable
        Takes a TaskDataset and returns a fitted SklearnPredictor.
    """

    def train(dataset: TaskDataset) -> SklearnPredictor:
        return _trained(
            dataset, SentenceFeatures(features, identity), StandardScaler(), LogisticRegression(C=0.01, max_iter=2000)
        )

    return train


class SentenceFeatures(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # the library has no types
    """A pipeline's first step: an encoder's sentence features.

    Parameters
    ----------
    encode : callable
        Takes n single texts and returns an array of shape (n, d).
    identity : str
        What tells this encoder from others.
    """

    def __init__(self, encode: Callable[[Sequence[str]], np.ndarray], identity: str):
        self.encode = encode
        self.identity = identity

    def fute_content(self) -> tuple[str, str]:
        """Say what decides the features, for the key of a model that holds this step.

        Returns
        -------
        tuple of two str
            What this step is, and the encoder's identity.
        """
        return "sentence features", self.identity

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def fit(self, texts: Sequence[Text], y: Any = None) -> "SentenceFeatures":
        """Do nothing: the encoder is trained already.

        Parameters
        ----------
        texts : sequence of texts
            Not read.
        y : object, optional
            Not read.

        Returns
        -------
        SentenceFeatures
            Itself.
        """
        return self

    def transform(self, texts: Sequence[Text]) -> NDArray[np.floating[Any]]:
        """Encode texts.

        Parameters
        ----------
        texts : sequence of n texts
            Single texts or pairs, never a mix.

        Returns
        -------
        ndarray of float, shape (n, d) for single texts, (n, 4 d) for pairs
            Of pairs: both sides, then the size of their difference and their product.
        """
        if isinstance(texts[0], str):
            return np.asarray(self.encode([text for text in texts if isinstance(text, str)]))
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
