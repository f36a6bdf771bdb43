"""Black boxes behind one protocol: one file a kind, one line here."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np

from fute_core.registry import Registry
from fute_core.tasks import Text


@runtime_checkable
class Predictor(Protocol):
    """Anything that labels texts.

    Consumers call `predict_proba` in chunks, so it must not depend on which texts come together. One that reads no more
    than the beginning of a long text may have `count_truncated(texts)`, how many of these it would cut, so that whoever
    asked can be told. It is asked of all probe texts at once, also of those whose answers the store had.
    """

    labels: tuple[str, ...]

    def predict_proba(self, texts: Sequence[Text]) -> np.ndarray:
        """float32 (n, k), rows sum to 1; or (n, 1) scores where `labels` is empty (regression)."""
        ...

    def fingerprint(self) -> str:
        """What makes two predictors give the same answers: weights digest, template, choices, decoding settings."""
        ...


@runtime_checkable
class ScoringPredictor(Predictor, Protocol):
    """A predictor whose expensive answers are raw scores, from which probabilities follow cheaply.

    The scores are what the store keeps, so that another normalisation never asks the model again.
    """

    def score(self, texts: Sequence[Text]) -> np.ndarray:
        """float32 (n, s) raw scores; a prompted LLM gives the total log-probability of every verbalizer."""
        ...

    def proba(self, scores: np.ndarray) -> np.ndarray:
        """float32 (n, k) from scores (n, s) of the same texts."""
        ...

    def score_fingerprint(self) -> str:
        """Like `fingerprint`, for the scores alone."""
        ...


PREDICTORS = Registry("fute.predictors", {"classifier": "fute_core.predictors.classifier:ClassifierPredictor"})
"""Ways to open a black box by a reference alone (a folder, file or id): each a callable of it that gives a Predictor.

Prompts, endpoints and files of outputs need more than a reference, and estimators and callables are Python objects;
their classes lie in the modules of this package.
"""
