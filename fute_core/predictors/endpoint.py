"""Prompt + language model behind an OpenAI-compatible server that returns log-probabilities.

"chat" and "next-token" read the first token of the answer, after chat messages or after the plain prompt. "completions"
has the server score each choice after the prompt in full (echo), which not all servers do.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from fute_core.digest import digest
from fute_core.errors import BadInput, FuteError
from fute_core.predictors import scoring
from fute_core.predictors.censored import LEAST_ALIKE, LEAST_READ, alike_with_less, labels_read, share_read
from fute_core.predictors.echo import scored
from fute_core.predictors.first_token import EXTRA, completed, read_rows, row
from fute_core.predictors.prompted import Prompted
from fute_core.predictors.replies import Tops, first_tops
from fute_core.predictors.server import Refused, Server
from fute_core.tasks import PromptTemplate, Text
from fute_core.templates.cloze import refuse_cloze
from fute_core.templates.reasoning import refuse_reasoning

FORMAT = 4
TOPS = (20, 5)
"""How many likeliest tokens to ask for: servers have different limits."""
MANY = 1000
"""How many to ask for where a server gives as many: choices that are rare are then read and not bounded."""
READ_AS_TEXT = "read its answers as text with --text."
UNSCORED = "where it scores no given text, use --api next-token, which reads the first token of the answer."
UNSCORED_WHOLE = "whole texts can be compared only where a server scores given text, or a model here does."
CHARACTERS_PER_TOKEN = 4
UNREAD = 8
"""After so many answers of which none is read, asking on is paid for in vain."""
Mode = Literal["chat", "completions", "next-token"]
MODES = get_args(Mode)


class EndpointPredictor(Prompted):
    """A template asked of a model behind an OpenAI-compatible server.

    Parameters
    ----------
    template : PromptTemplate
        What is asked, and the answers that stand for labels.
    base_url : str
        Such as "http://localhost:8000/v1".
    model : str
        Its name at the server.
    mode : {"chat", "completions", "next-token"}, default "chat"
        "completions" where the server scores given text, "next-token" for base models where it does not. A mode never
        turns into another: two ways of scoring do not compare.
    length_normalise : bool, default False
        Divide a choice's log-probability by its number of tokens; only with "completions".
    **server : object
        `timeout`, `retries`, `at_once` and `api_key_env`, see `Server`. The key and its variable's name are part of no
        fingerprint.

    Attributes
    ----------
    labels : tuple of str, length k
        Those of the template.

    Raises
    ------
    BadInput
        For a template or URL that cannot be used, and a mode that does not fit.

    Notes
    -----
    Of a choice that is not among the likeliest first tokens a bound is known, see `first_token`; a text at whose answer
    no choice is among them counts as not answered.
    """

    def __init__(
        self, template: PromptTemplate, base_url: str, model: str, *, mode: Mode = "chat",
        length_normalise: bool = False, **server: Any,
    ):  # fmt: skip
        super().__init__(template)
        refuse_reasoning(template, "use a model on this machine, or no such turn and --text with more --max-tokens.")
        if mode not in MODES:
            raise BadInput(f"--api {mode!r} is unknown; choose one of {', '.join(MODES)}.")
        if mode != "completions":
            if length_normalise:
                first = f"With --api {mode} answers are read at their first token"
                raise BadInput(f"{first}, so length cannot matter; use completions.")
            refuse_cloze(template, "use a server that scores given text, with --api completions.")
        if length_normalise:
            refuse_cloze(template, "their length is no matter of the answer, so leave out --length-normalise.")
        self.mode, self.length_normalise = mode, length_normalise
        self._server = Server(base_url, model, **server)
        self._top = TOPS[0]
        self._tried_many = False
        self._begun: Counter[str] = Counter()
        self._read = 0

    @property
    def language_model(self) -> str:
        """The model's name at the server."""
        return self._server.model

    def score_fingerprint(self) -> str:
        """Digest of what the scores depend on: address, model, mode, prompt, verbalizers and length normalisation.

        Returns
        -------
        str
            Known without asking the server.
        """
        at = self._server.shown_url, self._server.model
        return digest(("endpoint", FORMAT, *at, self.mode, self._asked(), self.length_normalise))

    def cost(self, texts: Sequence[Text]) -> dict[str, int]:
        """Estimate what scoring texts takes, without asking the server.

        Parameters
        ----------
        texts : sequence of str or of (str, str)
            What would be asked.

        Returns
        -------
        dict of str to int
            "calls", the requests, "tokens", those that are read, and "written", those that are answered, roughly.
        """
        calls = len(texts) * (len(self._verbalizers) if self.mode == "completions" else 1)
        characters = sum(len(self._prompt(text)) for text in texts)
        tokens = calls * (1 + characters // CHARACTERS_PER_TOKEN // max(len(texts), 1))
        return {"calls": calls, "tokens": tokens, "written": calls}

    def proba(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """Turn scores into label distributions.

        Parameters
        ----------
        scores : ndarray of float32, shape (n, s) or (n, s + 2)
            As `score` gives them.

        Returns
        -------
        ndarray of float32, shape (n, k)
            Rows that sum to 1, or of NaN where no choice was among the likeliest tokens.
        """
        if self.mode == "completions":
            return super().proba(scores)
        found = scoring.label_probabilities(completed(scores), self._owner)
        found[~read_rows(scores)] = np.nan
        return found

    def outside_mass(self, scores: NDArray[np.float32]) -> NDArray[np.float32] | None:
        """Probability that the model gave to no answer choice that was seen.

        Parameters
        ----------
        scores : ndarray of float32, shape (n, s) or (n, s + 2)
            As `score` gives them.

        Returns
        -------
        ndarray of float32, shape (n,), or None
            From 0 to 1; None where whole texts are scored.
        """
        return super().outside_mass(scores if self.mode == "completions" else scores[:, :-EXTRA])

    def told(self, raw: NDArray[np.float32]) -> Mapping[str, Any]:
        """Say how the answers were read, for the provenance of a vector that is made of them.

        Parameters
        ----------
        raw : ndarray of float32, shape (n, s) or (n, s + 2)
            As `score` gives them; rows of NaN where there is no answer.

        Returns
        -------
        mapping of str to JSON value
            "reading", for first tokens "unseen_choices", the share of choices that were not among the likeliest tokens,
            and "answered_as", the server's own name of the model where it was asked now.

        Raises
        ------
        BadInput
            Where so many choices were not among the likeliest tokens that a vector would be another one.
        """
        named = self._server.answered_as
        facts = {"answered_as": named} if named not in (None, self._server.model) else {}
        if self.mode == "completions":
            return {"reading": "log-probabilities", **facts}
        known = raw[~np.isnan(raw).any(1)]
        unseen = float((~np.isfinite(known[:, :-EXTRA])).mean()) if len(known) else 0.0
        if (read := share_read(known)) < LEAST_READ:
            raise self._nothing_read(1 - read)
        if labels_read(known, self._owner) < LEAST_READ or alike_with_less(known, self._owner) < LEAST_ALIKE:
            raise BadInput(
                f"{self._server.shown_url} gives so few of the likeliest tokens that {100 * unseen:.0f} % of the "
                "answer choices are not among them, and a vector would follow their bounds; use a server that gives "
                f"more, such as llama.cpp, write the choices as the model does, or {READ_AS_TEXT}"
            )
        return {"reading": "first tokens", "unseen_choices": round(unseen, 4), **facts}

    def each(self, texts: Sequence[Text]) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """Ask, and give each answer as it comes.

        Parameters
        ----------
        texts : sequence of str or of (str, str)
            Single texts, or pairs where the template reads pairs.

        Yields
        ------
        tuple of (int, ndarray of float32, shape (s,) or (s + 2,))
            The position of a text, and its scores; with first tokens the bound and the rest as well.

        Raises
        ------
        BadInput, Unavailable
            As `score`; what was answered before is given first.
        """
        for position, scores in self._server.each(self._ask, texts):
            yield position, np.array(scores, np.float32)

    def _scores(self, texts: Sequence[Text]) -> NDArray[np.float32]:
        found = dict(self.each(texts))
        return np.stack([found[i] for i in range(len(texts))])

    def _width(self) -> int:
        return len(self._verbalizers) + (0 if self.mode == "completions" else EXTRA)

    async def _ask(self, text: Text) -> list[float]:
        if self.mode == "completions":
            return await self._whole_choices(text)
        return await self._first_token(text, self._prompt(text))

    # the first token --------------------------------------------------------------------------------------------

    async def _first_token(self, text: Text, prompt: str) -> list[float]:
        if self._read == 0 and self._begun.total() >= UNREAD:
            raise self._nothing_read(1.0)
        try:
            top = await self._tops(text, prompt, self._top)
        except Refused as refused:
            smaller = [n for n in TOPS if n < self._top]
            of_tops = "logprob" in str(refused).lower()
            if not smaller or not of_tops:
                mend = f"; {READ_AS_TEXT}" if of_tops else "."
                raise BadInput(f"{self._server.shown_url} refuses the request: {refused}{mend}") from None
            self._top, self._tried_many = smaller[0], True
            return await self._first_token(text, prompt)
        if not top:
            raise BadInput(
                f"{self._server.shown_url} gives no log-probabilities for {self._server.model!r}; use a server and "
                f"model that do, such as vLLM or llama.cpp, or {READ_AS_TEXT}"
            )
        if not self._tried_many:
            self._tried_many = True
            top = await self._many_tops(text, prompt, top)
        found = row(top, self._verbalizers, self._owner, "" if self.mode == "chat" else self._lead)
        self._begun[top[0][0].decode("utf-8", "replace")] += 1
        self._read += max(found[:-EXTRA]) > -np.inf
        return found

    async def _many_tops(self, text: Text, prompt: str, top: Tops) -> Tops:
        """More of the likeliest tokens where the server gives more, asked once; what it does otherwise is no matter."""
        try:
            more = await self._tops(text, prompt, MANY, retries=0)
        except (Refused, FuteError):
            return top
        if len(more) <= len(top):
            return top
        self._top = MANY
        return more

    async def _tops(self, text: Text, prompt: str, n: int, retries: int | None = None) -> Tops:
        fields: dict[str, Any] = {"prompt": prompt + self._lead.rstrip(" "), "logprobs": n}
        if self.mode == "chat":
            fields = {"messages": self._messages(text), "logprobs": True, "top_logprobs": n}
        path = "chat/completions" if self.mode == "chat" else "completions"
        choice = await self._server.choice(path, retries, **fields, max_tokens=1, temperature=0)
        return first_tops(choice, self._server.shown_url)

    def _nothing_read(self, share: float) -> BadInput:
        begun = ", ".join(repr(token[:20]) for token, _ in self._begun.most_common(3))
        said = f", which begin with {begun}" if begun else ""
        return BadInput(
            f"No answer choice is among the likeliest first tokens of {100 * share:.0f} % of the answers of "
            f"{self._server.model!r}{said}; write the choices as the model does, use a server that gives more tokens, "
            f"switch its thinking off, or {READ_AS_TEXT}"
        )

    # whole choices ----------------------------------------------------------------------------------------------

    async def _whole_choices(self, text: Text) -> list[float]:
        scores = []
        prompt, answers = self._scored_after(text)
        for answer in answers:
            total, n_tokens = await scored(self._server, prompt, answer, UNSCORED_WHOLE if self.cloze else UNSCORED)
            scores.append(total / n_tokens if self.length_normalise else total)
        return scores
