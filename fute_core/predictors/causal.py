"""Log-probabilities that a causal language model gives to answers and to prompts.

What all prompts share at their start (instruction, chat header) is computed once, prompts of similar length go
together, only the last position reaches the vocabulary, and longer choices continue from the prompt's cache.
"""

import inspect
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from fute_core.models.language import LanguageModel
from fute_core.models.memory import read_fitting
from fute_core.models.sequences import Kept, Sequences
from fute_core.models.tokenizer import NO_LIMIT
from fute_core.models.tokens_read import note_tokens
from fute_core.predictors.batches import TOKENS_PER_BATCH, batches, left_padded
from fute_core.predictors.packed import PackedTurn, packed_scores
from fute_core.predictors.prompt_tokens import PromptTokens

if TYPE_CHECKING:
    import torch
    from transformers import DynamicCache

LIKELIHOODS_PER_BATCH = 512
"""Tokens whose whole vocabulary is kept at once where every token's likelihood is asked for: it bounds memory."""
Layers: TypeAlias = "list[tuple[torch.Tensor, torch.Tensor]]"
"""Keys and values (n, heads, t, size) of every layer; n is 1 where all rows share them."""
Group: TypeAlias = tuple[NDArray[np.intp], list[list[int]], int]
"""Rows of a batch, what each has after the shared prefix, and the length of that prefix or 0."""


class CausalScorer:
    """A prompt under a causal language model.

    Parameters
    ----------
    lm : LanguageModel
        Of kind "causal".
    tokens : PromptTokens
        The template under the model's tokenizer.
    """

    def __init__(self, lm: LanguageModel, tokens: PromptTokens):
        self.lm = lm
        self.tokens = tokens

    def scores(self, prompts: list[list[int]]) -> NDArray[np.float32]:
        """Compute the total log-probability of every verbalizer after every prompt.

        Parameters
        ----------
        prompts : list of list of int
            Token ids, as `PromptTokens.read` gives them.

        Returns
        -------
        ndarray of float32, shape (n, s)
            In the order of the template's choices.
        """
        import torch

        out = np.zeros((len(prompts), len(self.tokens.choices)), np.float32)
        with torch.inference_mode():
            for index, n_shared in self._sharing(prompts):
                rests = [prompts[i][n_shared:] for i in index]
                out[index] = self._scores_packed(rests, n_shared) if self.lm.packed else self._scores(rests, n_shared)
        return out

    def surprise(self, prompts: list[list[int]]) -> NDArray[np.float32]:
        """Compute the mean negative log-likelihood of every prompt's own tokens, in nats.

        Parameters
        ----------
        prompts : list of list of int
            Token ids, as `PromptTokens.read` gives them.

        Returns
        -------
        ndarray of float32, shape (n,)
            NaN where no token counts, see `PromptedLM.surprise`.
        """
        import torch

        before, after = self.tokens.frame
        shared = self.tokens.shared
        out = np.full(len(prompts), np.nan, np.float32)
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

    def likelihoods(self, sequences: list[list[int]], given: list[int]) -> NDArray[np.float32]:
        """Compute the total log-probability of every sequence's tokens from a position on.

        Parameters
        ----------
        sequences : list of list of int
            Token ids.
        given : list of int
            The first token of each that counts, from 1 on: nothing precedes the one before it.

        Returns
        -------
        ndarray of float32, shape (n,)
            One number for each sequence.
        """
        import torch

        out = np.zeros(len(sequences), np.float32)
        with torch.inference_mode():
            for rows in batches(sequences, 0, LIKELIHOODS_PER_BATCH):
                for i, lost in zip(rows, self._losses([sequences[i] for i in rows], 0), strict=True):
                    out[i] = -lost[len(lost) - len(sequences[i]) + given[i] :].sum()
        return out

    def _groups(self, prompts: list[list[int]], most: int | None = None) -> Iterator[Group]:
        """Batches of prompts that all continue from the shared prefix, or all do not; `most` as in `batches`."""
        for index, n_shared in self._sharing(prompts):
            rests = [prompts[i][n_shared:] for i in index]
            for rows in batches(rests, n_shared, most):
                yield index[rows], [rests[i] for i in rows], n_shared

    def _sharing(self, prompts: list[list[int]]) -> list[tuple[NDArray[np.intp], int]]:
        """Which prompts continue from the shared prefix, with its length, and which do not."""
        shares = np.array([self._shares(ids) for ids in prompts], bool)
        both = (np.flatnonzero(shares), len(self.tokens.shared)), (np.flatnonzero(~shares), 0)
        return [(index, n_shared) for index, n_shared in both if len(index)]

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
    def _shared_packed(self) -> Kept:
        """What is kept of the shared prefix, by a model that reads without padding."""
        assert self.lm.packed is not None
        kept = self.lm.packed.read(Sequences([self.tokens.shared]), keep=True)[1]
        assert kept is not None
        return kept

    @cached_property
    def _shared_cache(self) -> Layers:
        """Keys and values of the shared prefix, layer by layer."""
        import torch
        from transformers import DynamicCache

        cache = DynamicCache()
        note_tokens(len(self.tokens.shared))
        self._run(torch.tensor([self.tokens.shared], device=self.lm.device), None, None, cache)
        return _layers(cache)

    def _scores_packed(self, rests: list[list[int]], n_shared: int) -> NDArray[np.float32]:
        assert self.lm.packed is not None
        asked = PackedTurn(rests, [self.tokens.choices], past=self._shared_packed if n_shared else None)
        return packed_scores(self.lm.packed, asked)

    def _scores(self, rests: list[list[int]], n_shared: int) -> NDArray[np.float32]:
        out = np.zeros((len(rests), len(self.tokens.choices)), np.float32)

        def read(rows: NDArray[np.intp]) -> NDArray[np.float32]:
            return self._score([rests[i] for i in rows], n_shared)

        def split(left: NDArray[np.intp], most: int) -> list[NDArray[np.intp]]:
            return [left[rows] for rows in batches([rests[i] for i in left], n_shared, most)]

        for rows, scores in read_fitting(self.lm.model, len(rests), split, read, TOKENS_PER_BATCH):
            out[rows] = scores
        return out

    def _score(self, rests: list[list[int]], n_shared: int) -> NDArray[np.float32]:
        import torch
        from transformers import DynamicCache

        n = len(rests)
        note_tokens(sum(map(len, rests)) + n * sum(len(tokens) - 1 for tokens in self.tokens.choices))
        ids, mask, positions = left_padded(rests, n_shared, self.lm.device)
        choices = self.tokens.choices
        multi = any(len(tokens) > 1 for tokens in choices)
        # A cache without config keeps all positions, also in layers with a sliding window: masks then fit every layer.
        cache = _expanded(self._shared_cache, n) if n_shared else DynamicCache() if multi else None
        first = torch.log_softmax(self._run(ids, mask, positions, cache)[:, -1], 1)
        scores = np.zeros((n, len(choices)), np.float32)
        layers = _layers(cache) if multi else []
        for column, tokens in enumerate(choices):
            total = first[:, tokens[0]]
            if len(tokens) > 1:
                total = total + self._continue(tokens, mask, positions[:, -1:], layers)
            scores[:, column] = total.cpu().numpy()
        return scores

    def _losses(self, sequences: list[list[int]], n_cached: int) -> NDArray[np.float32]:
        """Negative log-likelihood of every token after the first, float (n, longest), aligned on the right.

        n_cached : how much of the shared prefix stands before each sequence.
        """
        import torch

        note_tokens(sum(map(len, sequences)))
        ids, mask, positions = left_padded(sequences, n_cached, self.lm.device)
        known = [(k[:, :, :n_cached], v[:, :, :n_cached]) for k, v in self._shared_cache] if n_cached else []
        logits = self._run(ids, mask, positions, _expanded(known, len(ids)) if known else None, keep=ids.shape[1])
        # All positions, though the last has no next token: leaving it out would copy the vocabulary of the others.
        following = ids.roll(-1, 1).flatten()
        lost = torch.nn.functional.cross_entropy(logits.flatten(0, 1), following, reduction="none")
        return lost.reshape(ids.shape).roll(1, 1).cpu().numpy()

    def _continue(
        self, tokens: list[int], mask: "torch.Tensor", last: "torch.Tensor", layers: Layers
    ) -> "torch.Tensor":
        """Log-probability (n,) of tokens[1:] after tokens[0], from the prompts' cache."""
        import torch

        n, fed = len(mask), len(tokens) - 1
        ids = torch.tensor([tokens[:-1]], device=mask.device).expand(n, -1)
        mask = torch.cat([mask, torch.ones((n, fed), dtype=mask.dtype, device=mask.device)], 1)
        logits = self._run(ids, mask, last + 1 + torch.arange(fed, device=mask.device), _expanded(layers, n), keep=fed)
        wanted = torch.tensor([tokens[1:]], device=mask.device).expand(n, -1)[..., None]
        return torch.log_softmax(logits, 2).gather(2, wanted).sum((1, 2))

    def _run(
        self, ids: "torch.Tensor", mask: "torch.Tensor | None", positions: "torch.Tensor | None",
        cache: "DynamicCache | None", keep: int = 1,
    ) -> "torch.Tensor":  # fmt: skip
        """float32 logits (n, keep, vocabulary) of the last positions; `cache` grows by the tokens given."""
        given: dict[str, Any] = {"attention_mask": mask, "cache": cache, "use_cache": cache is not None}
        # Models that count positions from the mask (ALiBi) take none.
        if "position_ids" in self._accepted:
            given["position_ids"] = positions
        if "logits_to_keep" in self._accepted:
            given["logits_to_keep"] = keep
        logits: torch.Tensor = self.lm.model(input_ids=ids, **given).logits
        return logits[:, -keep:].float()

    @cached_property
    def _accepted(self) -> frozenset[str]:
        return frozenset(inspect.signature(self.lm.model.forward).parameters)


def _layers(cache: Any) -> Layers:
    return [(layer.keys, layer.values) for layer in cache.layers]


def _expanded(layers: Layers, n: int) -> "DynamicCache":
    """A new cache over the same keys and values for n rows; the given tensors are never written to."""
    from transformers import DynamicCache

    return DynamicCache([(k.expand(n, -1, -1, -1), v.expand(n, -1, -1, -1)) for k, v in layers])
