"""Black boxes behind one protocol: one file a kind, one line here."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from fute_core.registry import Registry
from fute_core.tasks import Text


@runtime_checkable
class Predictor(Protocol):
    """Anything that labels texts.

    It is asked in chunks, so what it says of a text must not depend on which texts come together. One that reads no
    more than the beginning of a long text may have a method `count_truncated(texts)` that says how many of these it
    would cut, so that whoever asked can be told. That is asked of all probe texts at once, also of those whose answers
    the store had. One whose answers are slow or paid for may have a method `each(texts)` that gives (position, raw
    answer) as they come, so that every one of them is kept, whatever happens to the rest. One that says something
    before it answers may have a method `aloud(texts)` that gives raw answers and what was said before each, which is
    kept beside them. A method `told(raw)` says how raw answers were read, as a mapping for the provenance of their
    vector, and raises BadInput where they cannot be used.

    Attributes
    ----------
    labels : tuple of str, length k
        Names of the labels; empty for a regression, which gives one score for each text.
    """

    labels: tuple[str, ...]

    def predict_proba(self, texts: Sequence[Text]) -> NDArray[np.float32]:
        """Answer texts.

        Parameters
        ----------
        texts : sequence of str or of (str, str)
            Single texts, or pairs.

        Returns
        -------
        ndarray of float32, shape (n, k)
            Rows that sum to 1, or of NaN where there is no answer; shape (n, 1) scores where `labels` is empty.
        """
        ...

    def fingerprint(self) -> str:
        """Say what makes two predictors give the same answers.

        Returns
        -------
        str
            Digest of weights, template, choices and decoding settings, or whatever else the answers depend on.
        """
        ...


@runtime_checkable
class ScoringPredictor(Predictor, Protocol):
    """A predictor whose expensive answers are raw scores, from which probabilities follow cheaply.

    The scores are what the store keeps, so that another normalisation never asks the model again.
    """

    def score(self, texts: Sequence[Text]) -> NDArray[np.float32]:
        """Ask the model for raw scores.

        Parameters
        ----------
        texts : sequence of str or of (str, str)
            Single texts, or pairs.

        Returns
        -------
        ndarray of float32, shape (n, s)
            A prompted language model gives the total log-probability of every verbalizer.
        """
        ...

    def proba(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """Turn scores into label distributions.

        Parameters
        ----------
        scores : ndarray of float32, shape (n, s)
            As `score` gives them.

        Returns
        -------
        ndarray of float32, shape (n, k)
            Rows that sum to 1.
        """
        ...

    def score_fingerprint(self) -> str:
        """Say what makes two predictors give the same scores.

        Returns
        -------
        str
            Like `fingerprint`, without what only turns scores into probabilities.
        """
        ...


PREDICTORS = Registry(
    "fute.predictors",
    {
        "classifier": "fute_core.predictors.classifier:ClassifierPredictor",
        "question-answering": "fute_core.predictors.spans:SpanPredictor",
        "zero-shot": "fute_core.predictors.zero_shot:ZeroShotPredictor",
    },
)
"""Ways to open a black box by a reference (a folder, file or id): each a callable of it that gives a Predictor.

One that is prompted by sentences for labels takes them as `labels`, with `temperature`. Prompts, endpoints and files of
outputs need more than a reference, and estimators and callables are Python objects; their classes lie in the modules of
this package.
"""
