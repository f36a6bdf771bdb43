"""Prompt + language model as one black box (FUTE section 3): the log-probability of every answer choice."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fute_core.digest import digest
from fute_core.errors import BadInput
from fute_core.models.language import DEFAULT_LANGUAGE_MODEL, LanguageModel, load_language_model, model_identity
from fute_core.models.precision import precision
from fute_core.models.tokenizer import load_tokenizer, longest_input
from fute_core.predictors import scoring
from fute_core.predictors.causal import CausalScorer
from fute_core.predictors.prompt_tokens import PromptTokens
from fute_core.predictors.prompted import Prompted
from fute_core.predictors.reasoned import ReasonedTokens, reasoned
from fute_core.predictors.seq2seq import seq2seq_scores
from fute_core.predictors.whole_texts import whole_sequences
from fute_core.tasks import PromptTemplate, Text
from fute_core.templates.cloze import refuse_cloze
from fute_core.templates.reasoning import refuse_reasoning

FORMAT = 3
MAX_LENGTH = 1024


class PromptedLM(Prompted):
    """A template asked of a language model: an MTE's black box.

    Parameters
    ----------
    template : PromptTemplate
        What is asked, and the answers that stand for labels.
    model : str or LanguageModel, default "smollm2"
        A packaged name, a folder, a Hub id, or a model that is loaded.
    chat : bool, optional
        Whether to put the prompt into the model's chat template; by default where it has one and the template is
        neither a completion nor has its answers inside the text.
    length_normalise : bool, default False
        Divide a choice's log-probability by its number of tokens, which favours long answers less.
    max_length : int, default 1024
        Tokens of a prompt with its answer; fewer where the model reads fewer.

    Attributes
    ----------
    labels : tuple of str, length k
        Those of the template.

    Raises
    ------
    BadInput
        For a template that cannot be used.

    References
    ----------
    FUTE, section 3: a prompt with a language model is one black box, and a label scores as its best verbalizer does.
    """

    def __init__(
        self,
        template: PromptTemplate,
        model: str | LanguageModel = DEFAULT_LANGUAGE_MODEL,
        *,
        chat: bool | None = None,
        length_normalise: bool = False,
        max_length: int = MAX_LENGTH,
    ):
        super().__init__(template)
        if chat:
            refuse_cloze(template, "no chat does, so leave out --chat.")
        if length_normalise:
            refuse_cloze(template, "their length is no matter of the answer, so leave out --length-normalise.")
        self.chat = False if chat is None and (template.completion or self.cloze) else chat
        self.length_normalise = length_normalise
        self.max_length = max_length
        self._model = model

    @cached_property
    def lm(self) -> LanguageModel:
        """The model, loaded when it is first needed.

        Returns
        -------
        LanguageModel
            In eval mode.
        """
        return self._model if isinstance(self._model, LanguageModel) else load_language_model(self._model)

    @property
    def language_model(self) -> str:
        """The model's name, known without loading it.

        Returns
        -------
        str
            A packaged name, a Hub id, or what a folder is called.
        """
        return self._model.id if isinstance(self._model, LanguageModel) else model_identity(self._model)[0]

    @cached_property
    def tokens(self) -> PromptTokens:
        """The template under the model's tokenizer. The model itself is not loaded for it.

        Returns
        -------
        PromptTokens
            Cut to what the model reads.
        """
        given = self._model
        longest = longest_input(given.model.config if isinstance(given, LanguageModel) else given)
        tokenizer = given.tokenizer if isinstance(given, LanguageModel) else load_tokenizer(given)
        made = ReasonedTokens if self.template.reasoning else PromptTokens
        return made(self.template, tokenizer, self.chat, min(self.max_length, longest))

    def score_fingerprint(self) -> str:
        # A model that is loaded stays what it was, whatever is saved in its folder later.
        """Digest of what the scores depend on: weights, precision, prompt, verbalizers and cutting.

        Returns
        -------
        str
            Known without loading the model.
        """
        if isinstance(self._model, LanguageModel) or "lm" in vars(self):
            known, arithmetic = self.lm.digest, self.lm.arithmetic
        else:
            known, arithmetic = model_identity(self._model)[1], precision()
        return digest(("prompted-lm", FORMAT, known, arithmetic, self._asked(), self.chat, self.max_length))

    def fingerprint(self) -> str:
        """Digest of what the probabilities depend on: the scores, which label each verbalizer has, and length
        normalisation.

        Returns
        -------
        str
            Known without loading the model.
        """
        return digest((self.score_fingerprint(), self._owner, self.length_normalise))

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
        n_tokens = np.array([len(t) for t in self.tokens.choices]) if self.length_normalise else None
        return scoring.label_probabilities(scores, self._owner, n_tokens)

    def cost(self, texts: Sequence[Text]) -> dict[str, int]:
        """Count what scoring texts takes, without the model.

        Parameters
        ----------
        texts : sequence of str or of (str, str)
            What would be asked.

        Returns
        -------
        dict of str to int
            "calls" and "tokens"; of a prompt that lets the model reason first the most that may be, with "written", the
            most that it may write.
        """
        if isinstance(self.tokens, ReasonedTokens):
            return self.tokens.cost(texts)
        if self.cloze:
            return {"calls": len(texts), "tokens": sum(map(len, whole_sequences(self.tokens, texts).ids))}
        prompts, _ = self.tokens.read(texts)
        return {"calls": len(texts), "tokens": sum(map(len, prompts)) + len(texts) * sum(map(len, self.tokens.choices))}

    def count_truncated(self, texts: Sequence[Text]) -> int:
        """Count the texts that are cut because their prompt is longer than `max_length`, without the model.

        Parameters
        ----------
        texts : sequence of str or of (str, str)
            What would be asked.

        Returns
        -------
        int
            How many are cut.
        """
        if not len(texts):
            return 0
        return whole_sequences(self.tokens, texts).too_long if self.cloze else self.tokens.read(texts)[1]

    def aloud(self, texts: Sequence[Text]) -> tuple[NDArray[np.float32], list[str] | None]:
        """Ask as `score` does, and tell what the model said before its answers.

        Parameters
        ----------
        texts : sequence of str or of (str, str)
            Single texts, or pairs where the template reads pairs.

        Returns
        -------
        tuple of (ndarray of float32, shape (n, s), list of str or None)
            The scores, and the reasoning that each follows; None for a prompt without a reasoning turn.

        Raises
        ------
        BadInput, Unavailable
            As `score`.
        """
        if not isinstance(self.tokens, ReasonedTokens) or not len(texts):
            return self.score(texts), None if self.template.reasoning is None else []
        if self.lm.kind == "seq2seq":
            refuse_reasoning(self.template, f"{self.lm.id} reads texts with an encoder, so use a causal model.")
        thoughts, turns = reasoned(self.lm, self.tokens, texts)
        return self._causal.scores(turns), thoughts

    def told(self, raw: NDArray[np.float32]) -> Mapping[str, Any]:
        """Say how the answers were read; see `Prompted.told`.

        Parameters
        ----------
        raw : ndarray of float32, shape (n, s)
            As `score` gives them.

        Returns
        -------
        mapping of str to JSON value
            As `Prompted.told`, with "reasoning", how many tokens the model could write first, where it could.
        """
        first = self.template.reasoning
        return {**super().told(raw), **({"reasoning": first.max_tokens} if first else {})}

    def _scores(self, texts: Sequence[Text]) -> NDArray[np.float32]:
        if self.template.reasoning is not None:
            return self.aloud(texts)[0]
        if self.cloze:
            if self.lm.kind == "seq2seq":
                refuse_cloze(self.template, f"{self.lm.id} reads texts with an encoder, so use a causal model.")
            read = whole_sequences(self.tokens, texts)
            return self._causal.likelihoods(read.ids, read.given).reshape(len(texts), -1)
        prompts, _ = self.tokens.read(texts)
        if self.lm.kind == "seq2seq":
            return seq2seq_scores(self.lm, prompts, self.tokens.choices)
        return self._causal.scores(prompts)

    def surprise(self, texts: Sequence[Text]) -> NDArray[np.float32]:
        """Compute the mean negative log-likelihood of every prompt's tokens in nats: the log of its perplexity.

        What a chat template puts around any message is read and not counted, nor is a token that nothing precedes.

        Parameters
        ----------
        texts : sequence of str or of (str, str)
            Single texts, or pairs where the template reads pairs.

        Returns
        -------
        ndarray of float32, shape (n,)
            NaN where no token is left to count.

        Raises
        ------
        BadInput
            For an encoder-decoder model, which gives no prompt a probability.
        """
        if self.lm.kind == "seq2seq":
            raise BadInput(f"{self.lm.id} reads prompts with an encoder, which has no perplexity; use a causal model.")
        return self._causal.surprise(self.tokens.read(texts)[0])

    @cached_property
    def _causal(self) -> CausalScorer:
        return CausalScorer(self.lm, self.tokens)
