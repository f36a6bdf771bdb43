"""What every black box made of a template shares, whoever answers: verbalizers are scored, and labels follow."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fute_core.digest import digest
from fute_core.predictors import scoring
from fute_core.tasks import PromptTemplate, Text
from fute_core.templates.cloze import MARK, is_cloze
from fute_core.templates.rendering import render, validate


class Prompted(ABC):
    """A template whose verbalizers something gives a log-probability after the prompt of every text.

    Parameters
    ----------
    template : PromptTemplate
        What is asked, and the answers that stand for labels.

    Attributes
    ----------
    labels : tuple of str, length k
        Those of the template.
    cloze : bool
        Its answers stand inside the text, and whole texts are scored.

    Raises
    ------
    BadInput
        For a template that cannot be used.
    """

    def __init__(self, template: PromptTemplate):
        validate(template)
        self.template = template
        self.labels = template.labels
        self.cloze = is_cloze(template)
        self._verbalizers = tuple(v for choice in template.choices for v in choice)
        self._owner = np.repeat(np.arange(len(template.choices)), [len(c) for c in template.choices])

    @abstractmethod
    def score_fingerprint(self) -> str:
        """Digest of what the scores depend on.

        Returns
        -------
        str
            Known without asking.
        """

    def fingerprint(self) -> str:
        """Digest of what the probabilities depend on: the scores, and which label each verbalizer has.

        Returns
        -------
        str
            Known without asking.
        """
        return digest((self.score_fingerprint(), self._owner))

    def predict_proba(self, texts: Sequence[Text]) -> NDArray[np.float32]:
        """Ask, and turn the scores into label distributions.

        Parameters
        ----------
        texts : sequence of str or of (str, str)
            Single texts, or pairs where the template reads pairs.

        Returns
        -------
        ndarray of float32, shape (n, k)
            Rows that sum to 1.
        """
        return self.proba(self.score(texts))

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
        return scoring.label_probabilities(scores, self._owner)

    def outside_mass(self, scores: NDArray[np.float32]) -> NDArray[np.float32] | None:
        """Probability that the model gave to no answer choice.

        Parameters
        ----------
        scores : ndarray of float32, shape (n, s)
            As `score` gives them.

        Returns
        -------
        ndarray of float32, shape (n,), or None
            From 0 to 1; None where whole texts are scored, of which each is as good as impossible.
        """
        return None if self.cloze else scoring.outside_mass(scores)

    def score(self, texts: Sequence[Text]) -> NDArray[np.float32]:
        """Ask for the log-probability of every verbalizer after the prompt of every text.

        Parameters
        ----------
        texts : sequence of str or of (str, str)
            Single texts, or pairs where the template reads pairs.

        Returns
        -------
        ndarray of float32, shape (n, s)
            In the order of the template's choices.

        Raises
        ------
        BadInput
            For a model that cannot be read or gives no log-probabilities, and for a prompt whose instruction alone is
            too long.
        Unavailable
            Where a server fails; chunks answered before are kept by the caller.
        """
        return self._scores(texts) if len(texts) else np.zeros((0, self._width()), np.float32)

    def told(self, raw: NDArray[np.float32]) -> Mapping[str, Any]:
        """Say how the answers were read, for the provenance of a vector that is made of them.

        Parameters
        ----------
        raw : ndarray of float32, shape (n, s)
            As `score` gives them; rows of NaN where there is no answer.

        Returns
        -------
        mapping of str to JSON value
            "reading", which is "log-probabilities" of whole choices, "first tokens" or "text".
        """
        return {"reading": "log-probabilities"}

    @abstractmethod
    def _scores(self, texts: Sequence[Text]) -> NDArray[np.float32]:
        """The scores of one text or more."""

    def _width(self) -> int:
        """Columns of the scores."""
        return len(self._verbalizers)

    def _prompt(self, text: Text) -> str:
        """The prompt for what knows no chat, without its closing blanks."""
        return (self._head + render(self.template, text)).rstrip()

    def _messages(self, text: Text) -> list[dict[str, str]]:
        """The prompt as messages of a chat."""
        said = [{"role": "user", "content": render(self.template, text).strip()}]
        return [{"role": "system", "content": self.template.system}, *said] if self.template.system else said

    def _scored_after(self, text: Text) -> tuple[str, list[str]]:
        """What is given, and for each verbalizer what is scored after it."""
        if not self.cloze:
            return self._prompt(text), [self._lead + verbalizer for verbalizer in self._verbalizers]
        given = (self._head + render(self.template, text, MARK).partition(MARK)[0]).rstrip()
        wholes = (self._head + render(self.template, text, verbalizer) for verbalizer in self._verbalizers)
        return given, [whole[len(given) :] for whole in wholes]

    @property
    def _head(self) -> str:
        return f"{self.template.system}\n\n" if self.template.system else ""

    @property
    def _lead(self) -> str:
        """What stands between prompt and answer: the template's own closing blanks, which prompts are read without."""
        source = self.template.source
        return source[len(source.rstrip()) :] or self.template.delimiter

    def _asked(self) -> tuple[object, ...]:
        """What of the template the scores depend on, for a digest: other names of labels ask the same."""
        t = self.template
        asked = (t.source, dict(t.fields), t.system, t.delimiter, t.pair, self._verbalizers)
        return asked if t.reasoning is None else (*asked, "reasoning", t.reasoning.then, t.reasoning.max_tokens)
