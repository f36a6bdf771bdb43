"""Prompt + language model as one black box (FUTE section 3): the log-probability of every answer choice.

What all prompts share at their start (instruction, chat header) is computed once, prompts of similar length go
together, only the last position reaches the vocabulary, and longer choices continue from the prompt's cache.
"""

import inspect
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from fute_core.digest import digest
from fute_core.errors import BadInput
from fute_core.models.language import (
    DEFAULT_LANGUAGE_MODEL,
    NO_LIMIT,
    LanguageModel,
    load_language_model,
    load_tokenizer,
    longest_input,
    model_identity,
    precision,
)
from fute_core.predictors import scoring
from fute_core.predictors.prompt_tokens import PromptTokens
from fute_core.tasks import PromptTemplate, Text
from fute_core.templates.rendering import validate

if TYPE_CHECKING:
    import torch

FORMAT = 3
MAX_LENGTH = 1024
TOKENS_PER_BATCH = 2048
BUSY_TOKENS = 256
LIKELIHOODS_PER_BATCH = 512
"""Tokens whose whole vocabulary is kept at once where every token's likelihood is asked for: it bounds memory."""
MAX_PADDED = 1.2
"""Tokens with padding by tokens without it, in a batch of BUSY_TOKENS or more."""
CACHED_PER_BATCH = 8192
"""Tokens of shared prefix and prompt together that a batch holds keys and values of: it bounds memory."""


class PromptedLM:
    """A template asked of a language model.

    chat : put the prompt into the model's chat template; None where it has one and the template is no completion.
    length_normalise : divide a choice's log-probability by its number of tokens.
    max_length : tokens of a prompt with its answer; fewer where the model reads fewer.
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
        validate(template)
        self.template = template
        self.labels = template.labels
        self.chat = False if chat is None and template.completion else chat
        self.length_normalise = length_normalise
        self.max_length = max_length
        self._model = model
        self._verbalizers = tuple(v for choice in template.choices for v in choice)
        self._owner = np.repeat(np.arange(len(template.choices)), [len(c) for c in template.choices])

    @cached_property
    def lm(self) -> LanguageModel:
        return self._model if isinstance(self._model, LanguageModel) else load_language_model(self._model)

    @cached_property
    def tokens(self) -> PromptTokens:
        """The template under the model's tokenizer; the model itself is not loaded for it."""
        given = self._model
        longest = longest_input(given.model.config if isinstance(given, LanguageModel) else given)
        tokenizer = given.tokenizer if isinstance(given, LanguageModel) else load_tokenizer(given)
        return PromptTokens(self.template, tokenizer, self.chat, min(self.max_length, longest))

    def score_fingerprint(self) -> str:
        # A model that is loaded stays what it was, whatever is saved in its folder later.
        if isinstance(self._model, LanguageModel) or "lm" in vars(self):
            known, arithmetic = self.lm.digest, self.lm.arithmetic
        else:
            known, arithmetic = model_identity(self._model)[1], precision()
        t = self.template
        asked = (t.source, dict(t.fields), t.system, t.delimiter, t.pair, self._verbalizers)
        return digest(("prompted-lm", FORMAT, known, arithmetic, asked, self.chat, self.max_length))

    def fingerprint(self) -> str:
        return digest((self.score_fingerprint(), self._owner, self.length_normalise))

    def predict_proba(self, texts: Sequence[Text]) -> np.ndarray:
        return self.proba(self.score(texts))

    def proba(self, scores: np.ndarray) -> np.ndarray:
        n_tokens = np.array([len(t) for t in self.tokens.choices]) if self.length_normalise else None
        return scoring.label_probabilities(scores, self._owner, n_tokens)

    def outside_mass(self, scores: np.ndarray) -> np.ndarray:
        """Probability (n,) that the model gave to no answer choice."""
        return scoring.outside_mass(scores)

    def cost(self, texts: Sequence[Text]) -> dict[str, int]:
        """Calls and tokens that scoring these texts takes, counted without the model."""
        prompts, _ = self.tokens.read(texts)
        return {"calls": len(texts), "tokens": sum(map(len, prompts)) + len(texts) * sum(map(len, self.tokens.choices))}

    def count_truncated(self, texts: Sequence[Text]) -> int:
        """How many texts are cut because their prompt is longer than `max_length`, counted without the model."""
        return self.tokens.read(texts)[1] if len(texts) else 0

    def score(self, texts: Sequence[Text]) -> np.ndarray:
        """Total log-probability of every verbalizer, float32 (n, s), in the order of the template's choices."""
        import torch

        out = np.zeros((len(texts), len(self._verbalizers)), np.float32)
        if not len(texts):
            return out
        prompts, _ = self.tokens.read(texts)
        with torch.inference_mode():
            if self.lm.kind == "seq2seq":
                for rows in _batches(prompts, 0):
                    out[rows] = self._score_seq2seq([prompts[i] for i in rows])
                return out
            for rows, rests, n_shared in self._groups(prompts):
                out[rows] = self._score_causal(rests, n_shared)
        return out

    def surprise(self, texts: Sequence[Text]) -> np.ndarray:
        """Mean negative log-likelihood of every prompt's tokens in nats, the log of its perplexity; float32 (n,).

        What a chat template puts around any message is read and not counted, nor is a token that nothing precedes; NaN
        where no token is left. Raises BadInput for an encoder-decoder model, which gives no prompt a probability.
        """
        import torch

        if self.lm.kind == "seq2seq":
            raise BadInput(f"{self.lm.id} reads prompts with an encoder, which has no perplexity; use a causal model.")
        prompts, _ = self.tokens.read(texts)
        before, after = self.tokens.frame
        shared = self.tokens.shared
        out = np.full(len(texts), np.nan, np.float32)
        with torch.inference_mode():
            of_shared = self._losses([shared], 0)[0] if shared else np.zeros(0)
            for rows, rests, n_shared in self._groups(prompts, LIKELIHOODS_PER_BATCH):
                # The last shared token is read again: the first one of the rest follows from it.
                read = [shared[n_shared - 1 : n_shared] + rest for rest in rests] if n_shared else rests
                losses = self._losses(read, max(n_shared - 1, 0))
                for i, rest, row in zip(rows, rests, losses, strict=True):
                    lost = np.concatenate([of_shared[:n_shared], row[-len(rest) :]])
                    counted = lost[max(before, 1) : len(lost) - after]
                    if counted.size:
                        out[i] = counted.mean()
        return out

    # causal models ----------------------------------------------------------------------------------------------

    def _groups(self, prompts: list[list[int]], most: int | None = None) -> Iterator[tuple[np.ndarray, list, int]]:
        """(rows of a batch, what each has after the shared prefix, length of that or 0); `most` : see `_batches`."""
        shares = np.array([self._shares(ids) for ids in prompts], bool)
        for group, n_shared in ((shares, len(self.tokens.shared)), (~shares, 0)):
            index = np.flatnonzero(group)
            rests = [prompts[i][n_shared:] for i in index]
            for rows in _batches(rests, n_shared, most):
                yield index[rows], [rests[i] for i in rows], n_shared

    def _shares(self, ids: list[int]) -> bool:
        """Whether a prompt can continue from the shared prefix.

        Not where the text merges with its last token, nor where the padding between prefix and prompt would count in
        a sliding window.
        """
        shared = self.tokens.shared
        window = getattr(self.lm.model.config.get_text_config(), "sliding_window", None) or NO_LIMIT
        fits = len(ids) + max(map(len, self.tokens.choices)) <= window
        return fits and 0 < len(shared) < len(ids) and ids[: len(shared)] == shared

    @cached_property
    def _shared_cache(self) -> list[tuple["torch.Tensor", "torch.Tensor"]]:
        """Keys and values of the shared prefix, layer by layer."""
        import torch
        from transformers import DynamicCache

        cache = DynamicCache()
        self._run(torch.tensor([self.tokens.shared]), None, None, cache)
        return _layers(cache)

    def _score_causal(self, rests: list[list[int]], n_shared: int) -> np.ndarray:
        import torch
        from transformers import DynamicCache

        n = len(rests)
        ids, mask, positions = _left_padded(rests, n_shared)
        choices = self.tokens.choices
        multi = any(len(tokens) > 1 for tokens in choices)
        # A cache without config keeps all positions, also in layers with a sliding window: masks then fit every layer.
        cache = _expanded(self._shared_cache, n) if n_shared else DynamicCache() if multi else None
        first = torch.log_softmax(self._run(ids, mask, positions, cache)[:, -1], 1)
        scores = np.zeros((n, len(choices)), np.float32)
        layers = _layers(cache) if multi else None
        for column, tokens in enumerate(choices):
            total = first[:, tokens[0]]
            if len(tokens) > 1:
                total = total + self._continue(tokens, mask, positions[:, -1:], layers)
            scores[:, column] = total.numpy()
        return scores

    def _losses(self, sequences: list[list[int]], n_cached: int) -> np.ndarray:
        """Negative log-likelihood of every token after the first, float (n, longest), aligned on the right.

        n_cached : how much of the shared prefix stands before each sequence.
        """
        import torch

        ids, mask, positions = _left_padded(sequences, n_cached)
        known = [(k[:, :, :n_cached], v[:, :, :n_cached]) for k, v in self._shared_cache] if n_cached else []
        logits = self._run(ids, mask, positions, _expanded(known, len(ids)) if known else None, keep=ids.shape[1])
        # All positions, though the last has no next token: leaving it out would copy the vocabulary of the others.
        following = ids.roll(-1, 1).flatten()
        lost = torch.nn.functional.cross_entropy(logits.flatten(0, 1), following, reduction="none")
        return lost.reshape(ids.shape).roll(1, 1).numpy()

    def _continue(self, tokens: list[int], mask, last, layers) -> "torch.Tensor":
        """Log-probability (n,) of tokens[1:] after tokens[0], from the prompts' cache."""
        import torch

        n, fed = len(mask), len(tokens) - 1
        ids = torch.tensor([tokens[:-1]]).expand(n, -1)
        mask = torch.cat([mask, torch.ones((n, fed), dtype=mask.dtype)], 1)
        logits = self._run(ids, mask, last + 1 + torch.arange(fed), _expanded(layers, n), keep=fed)
        wanted = torch.tensor([tokens[1:]]).expand(n, -1)[..., None]
        return torch.log_softmax(logits, 2).gather(2, wanted).sum((1, 2))

    def _run(self, ids, mask, positions, cache, keep: int = 1) -> "torch.Tensor":
        """float32 logits (n, keep, vocabulary) of the last positions; `cache` grows by the tokens given."""
        given = {"attention_mask": mask, "cache": cache, "use_cache": cache is not None}
        # Models that count positions from the mask (ALiBi) take none.
        if "position_ids" in self._accepted:
            given["position_ids"] = positions
        if "logits_to_keep" in self._accepted:
            given["logits_to_keep"] = keep
        return self.lm.model(input_ids=ids, **given).logits[:, -keep:].float()

    @cached_property
    def _accepted(self) -> frozenset[str]:
        return frozenset(inspect.signature(self.lm.model.forward).parameters)

    # encoder-decoder models -------------------------------------------------------------------------------------

    def _score_seq2seq(self, prompts: list[list[int]]) -> np.ndarray:
        import torch

        longest = max(map(len, prompts))
        ids = torch.zeros((len(prompts), longest), dtype=torch.long)
        mask = torch.zeros_like(ids)
        for row, prompt in enumerate(prompts):
            ids[row, : len(prompt)] = torch.tensor(prompt)
            mask[row, : len(prompt)] = 1
        model = self.lm.model
        encoded = model.get_encoder()(input_ids=ids, attention_mask=mask)
        forced = model.generation_config.forced_bos_token_id  # BART answers begin with <s>
        start = [model.config.decoder_start_token_id, *([] if forced is None else [forced])]
        scores = np.zeros((len(prompts), len(self.tokens.choices)), np.float32)
        for column, tokens in enumerate(self.tokens.choices):
            fed = torch.tensor([[*start, *tokens[:-1]]]).expand(len(prompts), -1)
            logits = model(encoder_outputs=encoded, attention_mask=mask, decoder_input_ids=fed, use_cache=False).logits
            log_p = torch.log_softmax(logits[:, len(start) - 1 :].float(), 2)
            wanted = torch.tensor([tokens]).expand(len(prompts), -1)[..., None]
            scores[:, column] = log_p.gather(2, wanted).sum((1, 2)).numpy()
        return scores


def _left_padded(rests: list[list[int]], n_before: int) -> tuple["torch.Tensor", "torch.Tensor", "torch.Tensor"]:
    """(token ids (n, longest), attention mask (n, n_before + longest), positions (n, longest)), ending together."""
    import torch

    n, longest = len(rests), max(map(len, rests))
    ids = torch.zeros((n, longest), dtype=torch.long)
    mask = torch.zeros((n, n_before + longest), dtype=torch.long)
    mask[:, :n_before] = 1
    for row, rest in enumerate(rests):
        ids[row, longest - len(rest) :] = torch.tensor(rest)
        mask[row, n_before + longest - len(rest) :] = 1
    return ids, mask, (mask.cumsum(1) - 1).clamp(min=0)[:, n_before:]


def _batches(prompts: list[list[int]], n_shared: int, most: int | None = None) -> Iterator[np.ndarray]:
    """Rows of similar length: within `most` (TOKENS_PER_BATCH) to compute and CACHED_PER_BATCH to remember.

    What is big enough to keep the cores busy is padded little.
    """
    most = TOKENS_PER_BATCH if most is None else most
    lengths = np.array([len(ids) for ids in prompts], int)
    order = np.argsort(lengths, kind="stable")
    start = 0
    while start < len(order):
        stop, real = start + 1, lengths[order[start]]
        while stop < len(order) and _fits(stop + 1 - start, lengths[order[stop]], real, n_shared, most):
            real += lengths[order[stop]]
            stop += 1
        yield order[start:stop]
        start = stop


def _fits(n: int, longest: int, real_before: int, n_shared: int, most: int) -> bool:
    """Whether a row of `longest` tokens may join n - 1 others that have `real_before` tokens together."""
    small = n * longest <= most and n * (longest + n_shared) <= CACHED_PER_BATCH
    return small and (real_before < BUSY_TOKENS or n * longest <= MAX_PADDED * (real_before + longest))


def _layers(cache: Any) -> list[tuple["torch.Tensor", "torch.Tensor"]]:
    return [(layer.keys, layer.values) for layer in cache.layers]


def _expanded(layers: list, n: int):
    """A new cache over the same keys and values for n rows; the given tensors are never written to."""
    from transformers import DynamicCache

    return DynamicCache([(k.expand(n, -1, -1, -1), v.expand(n, -1, -1, -1)) for k, v in layers])
