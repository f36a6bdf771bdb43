"""How well a sentence fits a text: by an encoder that reads each alone, or by one that reads both together."""

import json
from collections.abc import Sequence
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from fute_core.errors import BadInput
from fute_core.models.adapters import base_folder
from fute_core.models.encoder import MAX_LENGTH, Surrogate
from fute_core.models.files import checked_folder
from fute_core.models.packaged_encoders import CROSS_ENCODERS
from fute_core.models.surrogate import ALIASES, load_surrogate, surrogate_identity
from fute_core.predictors.classifier import ClassifierPredictor
from fute_core.tasks import Text

COSINE_TEMPERATURE = 0.05
PAIR_TEMPERATURE = 1.0
LEAST = 1e-8
"""Probability below which its logarithm is not followed."""


class SentenceScorer(Protocol):
    """Scores sentences for texts.

    Attributes
    ----------
    temperature : float
        What its scores are divided by where nobody says otherwise.
    """

    temperature: float

    def identity(self) -> str:
        """Say what makes two scorers give the same scores.

        Returns
        -------
        str
            Known without torch.
        """
        ...

    def scores(self, texts: Sequence[Text], sentences: Sequence[str]) -> NDArray[np.float32]:
        """Score every sentence for every text.

        Parameters
        ----------
        texts : sequence of str or of (str, str), length n
            What is read; one at least.
        sentences : sequence of str, length s
            What may be said of them.

        Returns
        -------
        ndarray of float32, shape (n, s)
            Higher where a sentence fits better.
        """
        ...

    def count_truncated(self, texts: Sequence[Text], sentences: Sequence[str]) -> int:
        """Count the texts that are longer than is read.

        Parameters
        ----------
        texts : sequence of str or of (str, str)
            What would be read.
        sentences : sequence of str
            What may be said of them.

        Returns
        -------
        int
            How many are cut.
        """
        ...


def open_scorer(ref: str) -> SentenceScorer:
    """Find out which kind of encoder a reference means. No weights are loaded.

    Parameters
    ----------
    ref : str
        A packaged name, a folder, or a Hub id.

    Returns
    -------
    SentenceScorer
        By logits of (text, sentence) for a sequence classifier, else by cosines.

    Raises
    ------
    BadInput
        For a folder that holds no model.
    Unavailable
        For a model that is not installed or cannot be fetched.
    """
    folder = base_folder(checked_folder(ref, {**ALIASES, **CROSS_ENCODERS}))
    try:
        config = json.loads((folder / "config.json").read_text("utf-8"))
        named = [str(name) for name in config.get("architectures") or ()]
    except (OSError, ValueError, AttributeError, TypeError):
        raise BadInput(f"{folder / 'config.json'} cannot be read; save the model again.") from None
    classifies = any(name.endswith("ForSequenceClassification") for name in named)
    return PairScores(ref) if classifies else Cosines(ref)


class Cosines:
    """The cosine of the vector of a text with that of a sentence.

    Parameters
    ----------
    ref : str
        A packaged name, a folder, or a Hub id of an encoder.
    """

    temperature = COSINE_TEMPERATURE

    def __init__(self, ref: str):
        self._ref = ref
        self._identity = surrogate_identity(ref)[1]
        self._vectors: dict[tuple[str, ...], NDArray[np.float32]] = {}

    @cached_property
    def _encoder(self) -> Surrogate:
        return load_surrogate(self._ref)

    def identity(self) -> str:
        """Digest of the encoder and how it is read, with how much of a text.

        Returns
        -------
        str
            Known without torch.
        """
        return f"cosines {self._identity} {MAX_LENGTH}"

    def scores(self, texts: Sequence[Text], sentences: Sequence[str]) -> NDArray[np.float32]:
        """Take the cosines.

        Parameters
        ----------
        texts : sequence of str or of (str, str), length n
            What is read; a pair as the encoder reads pairs.
        sentences : sequence of str, length s
            What may be said of them.

        Returns
        -------
        ndarray of float32, shape (n, s)
            From -1 to 1.
        """
        known = tuple(sentences)
        if known not in self._vectors:
            self._vectors = {known: _unit(self._encoder.features(known))}
        return np.asarray(_unit(self._encoder.features(texts)) @ self._vectors[known].T, np.float32)

    def count_truncated(self, texts: Sequence[Text], sentences: Sequence[str]) -> int:
        """Count the texts that are longer than the encoder reads.

        Parameters
        ----------
        texts : sequence of str or of (str, str)
            What would be read.
        sentences : sequence of str
            Read apart from the texts, so that they change nothing.

        Returns
        -------
        int
            How many are cut.
        """
        return self._encoder.count_truncated(texts)


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return np.asarray(vectors / lengths, np.float32)


class PairScores:
    """What a sequence classifier says of a text and a sentence read together.

    That is the single output of a cross-encoder, or the log-probability of entailment of a model for inference.

    Parameters
    ----------
    ref : str
        A packaged name, a folder, or a Hub id of a sequence classifier.

    Raises
    ------
    BadInput
        From `scores`, for a classifier with several outputs and none that means entailment.

    References
    ----------
    Yin et al. (2019), Benchmarking Zero-shot Text Classification, section 5: entailment of a sentence about the label.
    """

    temperature = PAIR_TEMPERATURE

    def __init__(self, ref: str):
        self._classifier = ClassifierPredictor(ref)

    def identity(self) -> str:
        """Digest of the classifier.

        Returns
        -------
        str
            Known without torch.
        """
        return f"pairs {self._classifier.fingerprint()}"

    def scores(self, texts: Sequence[Text], sentences: Sequence[str]) -> NDArray[np.float32]:
        """Ask for every text with every sentence.

        Parameters
        ----------
        texts : sequence of str or of (str, str), length n
            What is read; the sides of a pair a line each.
        sentences : sequence of str, length s
            What may be said of them.

        Returns
        -------
        ndarray of float32, shape (n, s)
            Outputs, or natural logarithms of probabilities.
        """
        column = self._column
        answers = self._classifier.predict_proba(_with_each(texts, sentences))[:, column]
        if self._classifier.labels:
            answers = np.asarray(np.log(np.maximum(answers, LEAST)), np.float32)
        return answers.reshape(len(texts), len(sentences))

    @cached_property
    def _column(self) -> int:
        labels = self._classifier.labels
        found = [i for i, label in enumerate(labels) if label.lower().startswith("entail")]
        if labels and len(found) != 1:
            raise BadInput(
                f"{self._classifier.ref} has the labels {', '.join(labels)[:80]}, none of which is entailment; give an "
                "encoder, a cross-encoder with one output, or a model for inference."
            )
        return found[0] if labels else 0

    def count_truncated(self, texts: Sequence[Text], sentences: Sequence[str]) -> int:
        """Count the texts that are longer than the classifier reads beside the longest sentence.

        Parameters
        ----------
        texts : sequence of str or of (str, str)
            What would be read.
        sentences : sequence of str
            What may be said of them.

        Returns
        -------
        int
            How many are cut.
        """
        return self._classifier.count_truncated(_with_each(texts, [max(sentences, key=len)]))


def _with_each(texts: Sequence[Text], sentences: Sequence[str]) -> list[tuple[str, str]]:
    single = [text if isinstance(text, str) else "\n".join(text) for text in texts]
    return [(text, sentence) for text in single for sentence in sentences]
