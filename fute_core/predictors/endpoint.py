"""A prompt at an OpenAI-compatible endpoint that returns log-probabilities (vLLM, llama.cpp, Ollama, hosted ones).

"completions" asks for the log-probability of every answer choice (echo) and takes choices of any length; "chat" reads
the first token's most likely alternatives, so each choice must differ in its first token. The key is read from
OPENAI_API_KEY and kept nowhere.
"""

import math
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Any

import numpy as np

from fute_core.digest import digest
from fute_core.errors import BadInput, Unavailable
from fute_core.predictors import scoring
from fute_core.tasks import PromptTemplate, Text
from fute_core.templates.rendering import render, validate

MODES = ("chat", "completions")
TOP = 20
TIMEOUT = 60.0
RETRIES = 4
AT_ONCE = 4
FLOOR = 2.0
"""A choice that is not among the most likely is taken to be this much (in nats) below the least likely one shown."""


class EndpointPredictor:
    """A template asked of a model behind a URL.

    mode : "chat" or "completions". length_normalise : as in PromptedLM, for "completions" only.
    """

    def __init__(
        self, template: PromptTemplate, base_url: str, model: str, *, mode: str = "chat", length_normalise: bool = False
    ):
        validate(template)
        if mode not in MODES:
            raise BadInput(f"Mode {mode!r} is unknown; choose from {', '.join(MODES)}.")
        if not base_url.startswith(("http://", "https://")):
            raise BadInput(f"The address {base_url!r} is no URL; write it as http://host:port/v1.")
        self.template = template
        self.base_url = base_url.rstrip("/")
        self.model = model
        self.mode = mode
        self.length_normalise = length_normalise
        self.labels = template.labels
        self._verbalizers = tuple(v for choice in template.choices for v in choice)
        self._owner = np.repeat(np.arange(len(template.choices)), [len(c) for c in template.choices])
        heads = [v.strip().lower() for v in self._verbalizers]
        clash = [(a, b) for i, a in enumerate(heads) for b in heads[:i] if a.startswith(b) or b.startswith(a)]
        if mode == "chat" and clash:
            a, b = clash[0]
            raise BadInput(
                f"The answer choices {b!r} and {a!r} begin alike, and a chat endpoint shows the first token only; "
                "choose other words or the completions mode."
            )

    @cached_property
    def _client(self) -> Any:
        from openai import OpenAI

        key = os.environ.get("OPENAI_API_KEY") or "none"
        return OpenAI(base_url=self.base_url, api_key=key, timeout=TIMEOUT, max_retries=0)

    def score_fingerprint(self) -> str:
        t = self.template
        asked = (t.source, dict(t.fields), t.system, t.delimiter, t.pair, self._verbalizers)
        normalised = self.length_normalise and self.mode == "completions"
        return digest(("endpoint", 1, self.base_url, self.model, self.mode, normalised, asked))

    def fingerprint(self) -> str:
        return digest((self.score_fingerprint(), self._owner, self.length_normalise))

    def predict_proba(self, texts: Sequence[Text]) -> np.ndarray:
        return self.proba(self.score(texts))

    def proba(self, scores: np.ndarray) -> np.ndarray:
        """float32 (n, k). Only "completions" knows how many tokens a choice has, so it normalises while it scores."""
        return scoring.label_probabilities(scores, self._owner, np.ones(len(self._verbalizers), int))

    def outside_mass(self, scores: np.ndarray) -> np.ndarray:
        return scoring.outside_mass(scores)

    def score(self, texts: Sequence[Text]) -> np.ndarray:
        """Log-probability of every verbalizer, float32 (n, s). Raises Unavailable, naming what to mend."""
        ask = self._chat if self.mode == "chat" else self._completions
        with ThreadPoolExecutor(AT_ONCE) as pool:
            rows = list(pool.map(ask, [render(self.template, text) for text in texts]))
        return np.array(rows, np.float32).reshape(len(texts), len(self._verbalizers))

    def _chat(self, prompt: str) -> list[float]:
        messages = [{"role": "user", "content": prompt}]
        if self.template.system:
            messages.insert(0, {"role": "system", "content": self.template.system})
        answer = self._asked(
            lambda: self._client.chat.completions.create(
                model=self.model, messages=messages, max_tokens=1, temperature=0, logprobs=True, top_logprobs=TOP
            )
        )
        shown = getattr(answer.choices[0], "logprobs", None)
        if not shown or not shown.content or not shown.content[0].top_logprobs:
            raise self._no_logprobs()
        likely = [(t.token.strip().lower(), t.logprob) for t in shown.content[0].top_logprobs]
        least = min(logprob for _, logprob in likely) - FLOOR
        return [self._mass(v.strip().lower(), likely, least) for v in self._verbalizers]

    @staticmethod
    def _mass(verbalizer: str, likely: list[tuple[str, float]], least: float) -> float:
        """Log of the summed probability of the tokens that begin this choice."""
        found = [logprob for token, logprob in likely if token and verbalizer.startswith(token)]
        return math.log(sum(map(math.exp, found))) if found else least

    def _completions(self, prompt: str) -> list[float]:
        head = f"{self.template.system}\n\n" if self.template.system else ""
        start = (head + prompt).rstrip()
        return [self._continuation(start, self.template.delimiter + v) for v in self._verbalizers]

    def _continuation(self, start: str, choice: str) -> float:
        answer = self._asked(
            lambda: self._client.completions.create(
                model=self.model, prompt=start + choice, max_tokens=0, echo=True, logprobs=1, temperature=0
            )
        )
        shown = getattr(answer.choices[0], "logprobs", None)
        if not shown or not shown.token_logprobs or not shown.text_offset:
            raise self._no_logprobs()
        offsets, logprobs = shown.text_offset, shown.token_logprobs
        ends = [*offsets[1:], len(start + choice)]
        own = [lp for lp, end in zip(logprobs, ends, strict=False) if end > len(start) and lp is not None]
        if not own:
            raise self._no_logprobs()
        return sum(own) / (len(own) if self.length_normalise else 1)

    def _no_logprobs(self) -> Unavailable:
        return Unavailable(
            f"{self.model!r} at {self.base_url} returns no log-probabilities; use a server that does, or embed a file "
            "of its outputs."
        )

    def _asked(self, call: Callable[[], Any]) -> Any:
        """The answer, with retries where the server is busy. Raises Unavailable with one sentence."""
        import openai

        for attempt in range(RETRIES + 1):
            try:
                return call()
            except (openai.RateLimitError, openai.InternalServerError) as error:
                problem = f"is busy ({error.status_code}) after {attempt + 1} tries; try again later"
            except openai.APITimeoutError:
                problem = f"did not answer within {TIMEOUT:.0f} s; is the model loaded"
            except openai.APIConnectionError:
                raise Unavailable(
                    f"Nothing answers at {self.base_url}; check the address and start the server."
                ) from None
            except openai.AuthenticationError:
                raise Unavailable(f"{self.base_url} refuses the key; set OPENAI_API_KEY.") from None
            except openai.NotFoundError:
                raise Unavailable(
                    f"{self.base_url} knows no model {self.model!r}, or has no {self.mode} there; check both names."
                ) from None
            except openai.APIStatusError as error:
                said = str(error.message)[:200]
                raise Unavailable(f"{self.base_url} refused the request ({error.status_code}): {said}") from None
            if attempt < RETRIES:
                time.sleep(0.5 * 2**attempt)
        raise Unavailable(f"{self.model!r} at {self.base_url} {problem}.")
