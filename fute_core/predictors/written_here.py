"""Answers in words from a causal language model on this machine."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from fute_core.digest import digest
from fute_core.errors import BadInput
from fute_core.models.language import DEFAULT_LANGUAGE_MODEL, LanguageModel
from fute_core.predictors.generation import all_likeliest, continued, in_batches, likeliest
from fute_core.predictors.prompted_lm import MAX_LENGTH, PromptedLM
from fute_core.predictors.written import MAX_TOKENS, Written
from fute_core.tasks import PromptTemplate, Text


class WrittenHere(Written):
    """A template whose answers a language model on this machine writes.

    Parameters
    ----------
    template : PromptTemplate
        What is asked, and the answers that stand for labels.
    model : str or LanguageModel, default "smollm2"
        A packaged name, a folder, a Hub id, or a model that is loaded; a causal one.
    chat : bool, optional
        As for `PromptedLM`.
    samples, max_tokens : int
        As for `Written`.

    Raises
    ------
    BadInput
        For a template that cannot be used, and when asked, for an encoder-decoder model.
    """

    def __init__(
        self, template: PromptTemplate, model: str | LanguageModel = DEFAULT_LANGUAGE_MODEL, *,
        chat: bool | None = None, samples: int = 1, max_tokens: int = MAX_TOKENS,
    ):  # fmt: skip
        super().__init__(template, samples=samples, max_tokens=max_tokens)
        self.scored = PromptedLM(template, model, chat=chat, max_length=MAX_LENGTH)

    def score_fingerprint(self) -> str:
        """Digest of what the counts depend on: weights, precision, prompt, choices, labels, samples and length.

        Returns
        -------
        str
            Known without loading the model.
        """
        return digest((self.scored.score_fingerprint(), *self._read_as()))

    def cost(self, texts: Sequence[Text]) -> dict[str, int]:
        """Count what asking takes, without the model.

        Parameters
        ----------
        texts : sequence of str or of (str, str)
            What would be asked.

        Returns
        -------
        dict of str to int
            "calls", "tokens" that are read, and "written", the most that are answered.
        """
        prompts, _ = self.scored.tokens.read(texts)
        calls = len(texts) * self.samples
        tokens = self.samples * sum(map(len, prompts))
        return {"calls": calls, "tokens": tokens, "written": calls * self.max_tokens}

    def count_truncated(self, texts: Sequence[Text]) -> int:
        """Count the texts that are cut because their prompt is too long, without the model.

        Parameters
        ----------
        texts : sequence of str or of (str, str)
            What would be asked.

        Returns
        -------
        int
            How many are cut.
        """
        return self.scored.count_truncated(texts)

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
        lm = self._causal_only()
        prompts, _ = self.scored.tokens.read(texts)

        def write(rows: NDArray[np.intp]) -> list[list[str]]:
            return self._write(lm, [texts[i] for i in rows], [prompts[i] for i in rows])

        for rows, written in in_batches(lm, prompts, write):
            for row, answers in zip(rows, written, strict=True):
                yield int(row), self.counts(answers)

    def words(self, texts: Sequence[Text]) -> list[str]:
        """Let the model say what it likes best after each prompt, whatever the answer choices are.

        Parameters
        ----------
        texts : sequence of str or of (str, str)
            Single texts, or pairs where the template reads pairs.

        Returns
        -------
        list of str
            The likeliest words one after the other, at most `max_tokens` tokens; empty where it says nothing.

        Raises
        ------
        BadInput
            For an encoder-decoder model.
        """
        lm = self._causal_only()
        prompts, _ = self.scored.tokens.read(texts)
        return self._read(all_likeliest(lm, prompts, self.max_tokens))

    def _causal_only(self) -> LanguageModel:
        lm = self.scored.lm
        if lm.kind == "seq2seq":
            raise BadInput(
                f"{lm.id} is an encoder-decoder model, whose answers are not read as text; use a causal model."
            )
        return lm

    def _write(self, lm: LanguageModel, texts: Sequence[Text], prompts: list[list[int]]) -> list[list[str]]:
        """Answers of each text. Draws depend on the text alone, so that it is no matter which come together."""
        if self.samples > 1:
            return [self._drawn(lm, text, prompt) for text, prompt in zip(texts, prompts, strict=True)]
        return [[answer] for answer in self._read(likeliest(lm, prompts, self.max_tokens))]

    def _drawn(self, lm: LanguageModel, text: Text, prompt: list[int]) -> list[str]:
        import torch

        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(int(digest(("sample", text))[:8], 16))
            return self._read(
                continued(
                    lm, [prompt], self.max_tokens, do_sample=True, temperature=1.0, top_p=1.0, top_k=0,
                    num_return_sequences=self.samples,
                )
            )  # fmt: skip

    def _read(self, words: list[str]) -> list[str]:
        """The answers; where nothing ends a plain continuation, its first line."""
        return words if self.scored.tokens.in_chat else [answer.strip().partition("\n")[0] for answer in words]
