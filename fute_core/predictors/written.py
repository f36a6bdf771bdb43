"""Prompts whose answers are read as text: for models that give no log-probabilities, as most hosted ones do.

Raw answers are counts: one column a label, and one for answers that name none. An answer asked once is one label and
no distribution; several samples a text are a coarse one. Either is another kind of reading than log-probabilities.
"""

from abc import abstractmethod
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fute_core.digest import digest
from fute_core.errors import BadInput
from fute_core.predictors.prompted import Prompted
from fute_core.predictors.server import Refused, Server
from fute_core.predictors.text_answers import label_of, without_thoughts
from fute_core.tasks import PromptTemplate, Text
from fute_core.templates.cloze import refuse_cloze
from fute_core.templates.reasoning import refuse_reasoning

FORMAT = 1
MAX_TOKENS = 16
"""Of an answer; a model that thinks before it answers needs far more."""
MOST_SAMPLES = 64
LEAST_NAMED = 0.5
"""Share of the texts whose answer has to name a label for a vector to be made of them."""
CHARACTERS_PER_TOKEN = 4


class Written(Prompted):
    """A template whose answers are read as text, whoever writes them.

    Parameters
    ----------
    template : PromptTemplate
        What is asked, and the answers that stand for labels.
    samples : int, default 1
        Answers a text: 1 takes the likeliest words, more are drawn at temperature 1 and counted.
    max_tokens : int, default 16
        Tokens of an answer.

    Raises
    ------
    BadInput
        For a template that cannot be used, and for numbers out of range.
    """

    def __init__(self, template: PromptTemplate, *, samples: int = 1, max_tokens: int = MAX_TOKENS):
        super().__init__(template)
        refuse_cloze(template, "leave out --text, and give a model here or a server that scores given text.")
        refuse_reasoning(
            template, "leave out --text, or take that turn away: an answer that is read may reason itself."
        )
        if not 1 <= samples <= MOST_SAMPLES:
            raise BadInput(f"--samples {samples} is out of range; give 1 to {MOST_SAMPLES} answers a text.")
        if max_tokens < 1:
            raise BadInput(f"--max-tokens {max_tokens} leaves no room for an answer; give at least 1.")
        self.samples = samples
        self.max_tokens = max_tokens
        self._unnamed: Counter[str] = Counter()

    @abstractmethod
    def each(self, texts: Sequence[Text]) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """Ask, and give the counts of each text as they come.

        Parameters
        ----------
        texts : sequence of str or of (str, str)
            Single texts, or pairs where the template reads pairs.

        Yields
        ------
        tuple of (int, ndarray of float32, shape (k + 1,))
            The position of a text; how many of its answers name each label, and how many none.

        Raises
        ------
        BadInput, Unavailable
            As `score`; what was answered before is given first.
        """

    def proba(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """Turn counts into label distributions.

        Parameters
        ----------
        scores : ndarray of float32, shape (n, k + 1)
            As `score` gives them.

        Returns
        -------
        ndarray of float32, shape (n, k)
            The share of each label among the answers that name one; NaN where none does.
        """
        named = scores[:, :-1].sum(1, keepdims=True)
        shares = np.full_like(scores[:, :-1], np.nan)
        return np.asarray(np.divide(scores[:, :-1], named, out=shares, where=named > 0), np.float32)

    def outside_mass(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """Share of the answers that name no label.

        Parameters
        ----------
        scores : ndarray of float32, shape (n, k + 1)
            As `score` gives them.

        Returns
        -------
        ndarray of float32, shape (n,)
            From 0 to 1.
        """
        return np.asarray(scores[:, -1] / np.maximum(scores.sum(1), 1), np.float32)

    def told(self, raw: NDArray[np.float32]) -> Mapping[str, Any]:
        """Say how the answers were read, for the provenance of a vector that is made of them.

        Parameters
        ----------
        raw : ndarray of float32, shape (n, k + 1)
            As `score` gives them; rows of NaN where there is no answer.

        Returns
        -------
        mapping of str to JSON value
            "reading", "samples" and "no_label", the share of the answers that name no label.

        Raises
        ------
        BadInput
            Where the answers to most texts name no label.
        """
        known = raw[~np.isnan(raw).any(1)]
        if len(known) and (named := float((known[:, :-1].sum(1) > 0).mean())) < LEAST_NAMED:
            like = ", ".join(repr(text) for text, _ in self._unnamed.most_common(2))
            said = f", such as {like}" if like else ""
            raise BadInput(
                f"Only {100 * named:.0f} % of the answers name a label{said}; have the prompt ask for one of "
                f"{', '.join(self._verbalizers[:4])} alone, or give a model that thinks aloud more --max-tokens."
            )
        unnamed = float(known[:, -1].sum() / max(known.sum(), 1))
        return {"reading": "text", "samples": self.samples, "no_label": round(unnamed, 4)}

    def counts(self, answers: Sequence[str]) -> NDArray[np.float32]:
        """Count the labels that answers to one text name.

        Parameters
        ----------
        answers : sequence of str
            As they were written.

        Returns
        -------
        ndarray of float32, shape (k + 1,)
            One count a label, and one for answers that name none.
        """
        found = np.zeros(len(self.labels) + 1, np.float32)
        for answer in answers:
            said = without_thoughts(answer)
            label = label_of(said, self._verbalizers, self._owner)
            found[-1 if label is None else label] += 1
            if label is None:
                self._unnamed[" ".join((said or answer).split())[:40]] += 1
        return found

    def _scores(self, texts: Sequence[Text]) -> NDArray[np.float32]:
        found = dict(self.each(texts))
        return np.stack([found[i] for i in range(len(texts))])

    def _width(self) -> int:
        return len(self.labels) + 1

    def _read_as(self) -> tuple[object, ...]:
        """What the counts depend on beside the model and the prompt."""
        return "text", FORMAT, self.samples, self.max_tokens, self._owner


class WrittenByServer(Written):
    """A template whose answers a server writes.

    Parameters
    ----------
    template : PromptTemplate
        What is asked, and the answers that stand for labels.
    base_url : str
        Such as "http://localhost:8000/v1".
    model : str
        Its name at the server.
    plain : bool, default False
        Asked to continue the plain prompt, and not by chat messages.
    samples, max_tokens : int
        As for `Written`.
    **server : object
        `timeout`, `retries`, `at_once` and `api_key_env`, see `Server`.

    Raises
    ------
    BadInput
        For a template or URL that cannot be used.
    """

    def __init__(
        self, template: PromptTemplate, base_url: str, model: str, *, plain: bool = False,
        samples: int = 1, max_tokens: int = MAX_TOKENS, **server: Any,
    ):  # fmt: skip
        super().__init__(template, samples=samples, max_tokens=max_tokens)
        self.plain = plain
        self._server = Server(base_url, model, **server)

    def score_fingerprint(self) -> str:
        """Digest of what the counts depend on: address, model, prompt, choices, labels, samples and length.

        Returns
        -------
        str
            Known without asking the server.
        """
        server = self._server
        return digest(("endpoint", server.shown_url, server.model, self.plain, self._asked(), *self._read_as()))

    def cost(self, texts: Sequence[Text]) -> dict[str, int]:
        """Estimate what asking takes, without asking the server.

        Parameters
        ----------
        texts : sequence of str or of (str, str)
            What would be asked.

        Returns
        -------
        dict of str to int
            "calls", "tokens" that are read, roughly, and "written", the most that are answered.
        """
        calls = len(texts) * self.samples
        tokens = sum(1 + len(self._prompt(text)) // CHARACTERS_PER_TOKEN for text in texts) * self.samples
        return {"calls": calls, "tokens": tokens, "written": calls * self.max_tokens}

    def told(self, raw: NDArray[np.float32]) -> Mapping[str, Any]:
        """Say how the answers were read; see `Written.told`.

        Parameters
        ----------
        raw : ndarray of float32, shape (n, k + 1)
            As `score` gives them.

        Returns
        -------
        mapping of str to JSON value
            As `Written.told`, with "answered_as", the server's own name of the model where it was asked now.
        """
        named = self._server.answered_as
        return {**super().told(raw), **({"answered_as": named} if named not in (None, self._server.model) else {})}

    def each(self, texts: Sequence[Text]) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """Ask, and give the counts of each text as they come; see `Written.each`.

        Parameters
        ----------
        texts : sequence of str or of (str, str)
            Single texts, or pairs where the template reads pairs.

        Yields
        ------
        tuple of (int, ndarray of float32, shape (k + 1,))
            The position of a text, and its counts.
        """
        for position, answers in self._server.each(self._answers, texts):
            yield position, self.counts(answers)

    async def _answers(self, text: Text) -> list[str]:
        return [await self._answer(text) for _ in range(self.samples)]

    async def _answer(self, text: Text) -> str:
        temperature = 0 if self.samples == 1 else 1
        asked: dict[str, Any] = {"max_tokens": self.max_tokens, "temperature": temperature}
        try:
            if not self.plain:
                choice = await self._server.choice("chat/completions", messages=self._messages(text), **asked)
                said = choice.get("message")
                words = said.get("content") if isinstance(said, Mapping) else None
            else:
                prompt = self._prompt(text) + self._lead.rstrip(" ")
                choice = await self._server.choice("completions", prompt=prompt, stop=["\n"], **asked)
                words = choice.get("text")
        except Refused as refused:
            raise BadInput(f"{self._server.shown_url} refuses the request: {refused}.") from None
        if words is not None and not isinstance(words, str):
            raise BadInput(f"{self._server.shown_url} gives an answer that is no text; does its base URL end in /v1?")
        return words or ""  # a model whose thoughts took all its tokens says nothing
