"""Prompt + language model behind an OpenAI-compatible server that returns log-probabilities.

"chat" and "next-token" read the first token of the answer, after chat messages or after the plain prompt: its
likeliest tokens are matched to the answer choices. "completions" has the server score each choice after the prompt in
full (echo), which not all servers do.
"""

from collections.abc import Sequence
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from fute_core.digest import digest
from fute_core.errors import BadInput
from fute_core.predictors.first_token import match_tokens, merged
from fute_core.predictors.prompted import Prompted
from fute_core.predictors.server import Refused, Server
from fute_core.tasks import PromptTemplate, Text
from fute_core.templates.rendering import render

FORMAT = 2
TOPS = (20, 5)
"""How many likeliest tokens to ask for: servers have different limits."""
CHARACTERS_PER_TOKEN = 4
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
    A choice that is not among the likeliest first tokens counts as no likelier than the last of them.
    """

    def __init__(
        self, template: PromptTemplate, base_url: str, model: str, *, mode: Mode = "chat",
        length_normalise: bool = False, **server: Any,
    ):  # fmt: skip
        super().__init__(template)
        if mode not in MODES:
            raise BadInput(f"--api {mode!r} is unknown; choose one of {', '.join(MODES)}.")
        if length_normalise and mode != "completions":
            raise BadInput(
                f"With --api {mode} answers are read at their first token, so length cannot matter; use completions."
            )
        self.mode = mode
        self.length_normalise = length_normalise
        self._server = Server(base_url, model, **server)
        self._top = TOPS[0]

    def score_fingerprint(self) -> str:
        """Digest of what the scores depend on: address, model, mode, prompt, verbalizers and length normalisation.

        Returns
        -------
        str
            Known without asking the server.
        """
        server = self._server
        return digest(
            ("endpoint", FORMAT, server.shown_url, server.model, self.mode, self._asked(), self.length_normalise)
        )

    def fingerprint(self) -> str:
        """Digest of what the probabilities depend on: the scores, and which label each verbalizer has.

        Returns
        -------
        str
            Known without asking the server.
        """
        return digest((self.score_fingerprint(), self._owner))

    def cost(self, texts: Sequence[Text]) -> dict[str, int]:
        """Estimate what scoring texts takes, without asking the server.

        Parameters
        ----------
        texts : sequence of str or of (str, str)
            What would be asked.

        Returns
        -------
        dict of str to int
            "calls", the requests, and "tokens", roughly.
        """
        calls = len(texts) * (len(self._verbalizers) if self.mode == "completions" else 1)
        characters = sum(len(self._prompt(text)) for text in texts)
        return {"calls": calls, "tokens": calls * (1 + characters // CHARACTERS_PER_TOKEN // max(len(texts), 1))}

    def _scores(self, texts: Sequence[Text]) -> NDArray[np.float32]:
        first, *rest = texts  # the first alone finds out what the server can do
        rows = [self._ask(first), *self._server.each(self._ask, rest)]
        return np.array(rows, np.float32)

    def _ask(self, text: Text) -> list[float]:
        return self._whole_choices(self._prompt(text)) if self.mode == "completions" else self._first_token(text)

    # the first token --------------------------------------------------------------------------------------------

    def _first_token(self, text: Text) -> list[float]:
        try:
            top = self._chat_top(text) if self.mode == "chat" else self._completion_top(self._prompt(text))
        except Refused as refused:
            smaller = [n for n in TOPS if n < self._top]
            if not smaller or "logprob" not in str(refused).lower():
                raise BadInput(f"{self._server.shown_url} refuses the request: {refused}.") from None
            self._top = smaller[0]
            return self._first_token(text)
        if not top:
            raise BadInput(
                f"{self._server.shown_url} gives no log-probabilities for {self._server.model!r}; use a server and "
                "model that do, such as vLLM or llama.cpp, or try the other --api."
            )
        return match_tokens(top, self._verbalizers, self._owner)

    def _chat_top(self, text: Text) -> dict[str, float]:
        messages = [{"role": "user", "content": render(self.template, text).strip()}]
        if self.template.system:
            messages.insert(0, {"role": "system", "content": self.template.system})
        choice = self._server.chat(messages, max_tokens=1, logprobs=True, top_logprobs=self._top)
        content = getattr(choice.logprobs, "content", None) or []
        return merged((t.token, t.logprob) for t in content[0].top_logprobs) if content else {}

    def _completion_top(self, prompt: str) -> dict[str, float]:
        choice = self._server.completion(prompt, max_tokens=1, logprobs=self._top)
        top = getattr(choice.logprobs, "top_logprobs", None) or []
        return merged(top[0].items()) if top and top[0] else {}

    # whole choices ----------------------------------------------------------------------------------------------

    def _prompt(self, text: Text) -> str:
        head = f"{self.template.system}\n\n" if self.template.system else ""
        return (head + render(self.template, text)).rstrip()

    def _whole_choices(self, prompt: str) -> list[float]:
        source = self.template.source
        lead = source[len(source.rstrip()) :] or self.template.delimiter
        scores = []
        for verbalizer in self._verbalizers:
            total, n_tokens = self._echo(prompt, lead + verbalizer)
            scores.append(total / n_tokens if self.length_normalise else total)
        return scores

    def _echo(self, prompt: str, answer: str) -> tuple[float, int]:
        """(log-probability of `answer` after `prompt`, its tokens). Raises BadInput where the server will not say."""
        try:
            choice = self._server.completion(prompt + answer, max_tokens=0, echo=True, logprobs=1)
        except Refused as refused:
            raise self._no_echo(f"refuses the request: {refused}") from None
        logprobs = choice.logprobs
        offsets = getattr(logprobs, "text_offset", None) or []
        values = getattr(logprobs, "token_logprobs", None) or []
        end = len(prompt) + len(answer)
        # A token that begins before the answer and reaches into it belongs to it: some join the blank to the prompt.
        spans = zip(offsets, [*offsets[1:], end], values, strict=False)
        found = [log_p for start, stop, log_p in spans if stop > len(prompt) and start < end]
        if not found or any(v is None for v in found):
            raise self._no_echo("gives no log-probabilities of the text it is given")
        return float(sum(found)), len(found)

    def _no_echo(self, what: str) -> BadInput:
        return BadInput(
            f"{self._server.shown_url} {what}; where it scores no given text, use --api next-token, which reads the "
            "first token of the answer."
        )
