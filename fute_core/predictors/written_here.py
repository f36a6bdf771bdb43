"""Answers in words from a causal language model on this machine."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fute_core.digest import digest
from fute_core.errors import BadInput
from fute_core.models.language import DEFAULT_LANGUAGE_MODEL, LanguageModel
from fute_core.models.memory import read_fitting
from fute_core.models.tokens_read import note_tokens
from fute_core.predictors.batches import TOKENS_PER_BATCH, batches, left_padded
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

        for rows, written in self._fitting(lm, prompts, lambda some, given: self._write(lm, some, given), texts):
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
        said = [""] * len(texts)
        for rows, words in self._fitting(lm, prompts, lambda _, given: self._likeliest(lm, given), texts):
            for row, answer in zip(rows, words, strict=True):
                said[int(row)] = answer
        return said

    def _fitting(
        self, lm: LanguageModel, prompts: list[list[int]], ask: Callable[[list[Text], list[list[int]]], list[Any]],
        texts: Sequence[Text],
    ) -> Iterator[tuple[NDArray[np.intp], list[Any]]]:  # fmt: skip
        """Positions and what `ask` gives of their texts and prompts, as many at once as the device has room for."""

        def read(rows: NDArray[np.intp]) -> list[Any]:
            return ask([texts[i] for i in rows], [prompts[i] for i in rows])

        def split(left: NDArray[np.intp], most: int) -> list[NDArray[np.intp]]:
            return [left[rows] for rows in batches([prompts[i] for i in left], 0, most)]

        yield from read_fitting(lm.model, len(prompts), split, read, TOKENS_PER_BATCH)

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
        return [[answer] for answer in self._likeliest(lm, prompts)]

    def _likeliest(self, lm: LanguageModel, prompts: list[list[int]]) -> list[str]:
        import torch

        ids, mask, _ = left_padded(prompts, 0, lm.device)
        with torch.inference_mode():
            found = self._generate(lm, ids, mask, do_sample=False, temperature=None, top_p=None, top_k=None)
        return self._read(lm, found, ids.shape[1])

    def _drawn(self, lm: LanguageModel, text: Text, prompt: list[int]) -> list[str]:
        import torch

        ids = torch.tensor([prompt], device=lm.device)
        with torch.inference_mode(), torch.random.fork_rng(devices=[]):
            torch.manual_seed(int(digest(("sample", text))[:8], 16))
            found = self._generate(
                lm, ids, torch.ones_like(ids), do_sample=True, temperature=1.0, top_p=1.0, top_k=0,
                num_return_sequences=self.samples,
            )  # fmt: skip
        return self._read(lm, found, ids.shape[1])

    def _generate(self, lm: LanguageModel, ids: Any, mask: Any, **how: Any) -> Any:
        end = lm.tokenizer.eos_token_id or 0
        found = lm.model.generate(
            input_ids=ids, attention_mask=mask, max_new_tokens=self.max_tokens, pad_token_id=end, **how
        )
        # Of what it writes, it reads all but what ends an answer.
        note_tokens(mask.sum() * (len(found) // len(ids)) + (found[:, ids.shape[1] : -1] != end).sum())
        return found

    def _read(self, lm: LanguageModel, found: Any, n_prompt: int) -> list[str]:
        """The answers without the prompt; where nothing ends a plain continuation, its first line."""
        words: list[str] = lm.tokenizer.batch_decode(found[:, n_prompt:], skip_special_tokens=True)
        return words if self.scored.tokens.in_chat else [answer.strip().partition("\n")[0] for answer in words]
