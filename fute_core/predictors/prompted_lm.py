"""Prompt + language model as one black box (FUTE section 3): the log-probability of every answer choice.

What all prompts share at their start (instruction, chat header) is computed once, prompts of similar length go
together, only the last position reaches the vocabulary, and longer choices continue from the prompt's cache.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from fute_core.digest import digest
from fute_core.errors import BadInput
from fute_core.language_model import (
    DEFAULT_LANGUAGE_MODEL,
    LanguageModel,
    load_language_model,
    load_tokenizer,
    model_identity,
    precision,
)
from fute_core.predictors import scoring
from fute_core.tasks import PromptTemplate, Text
from fute_core.templates.rendering import render, validate

if TYPE_CHECKING:
    import torch

MAX_LENGTH = 1024
TOKENS_PER_BATCH = 2048
MIN_SHARED_TOKENS = 4


class PromptedLM:
    """A template asked of a language model.

    chat : put the prompt into the model's chat template; None where it has one.
    length_normalise : divide a choice's log-probability by its number of tokens.
    n_truncated : texts cut so far because their prompt was longer than the model reads.
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
        self.chat = chat
        self.length_normalise = length_normalise
        self.max_length = max_length
        self.n_truncated = 0
        self._model = model
        self._verbalizers = tuple(v for choice in template.choices for v in choice)
        self._owner = np.repeat(np.arange(len(template.choices)), [len(c) for c in template.choices])
        self._shared: tuple[list[int], Any] = ([], None)

    @cached_property
    def lm(self) -> LanguageModel:
        return self._model if isinstance(self._model, LanguageModel) else load_language_model(self._model)

    @cached_property
    def _tokenizer(self):
        return self._model.tokenizer if isinstance(self._model, LanguageModel) else load_tokenizer(self._model)

    def score_fingerprint(self) -> str:
        known = self._model.digest if isinstance(self._model, LanguageModel) else model_identity(self._model)[1]
        t = self.template
        asked = (t.source, dict(t.fields), t.system, t.delimiter, t.pair, self._verbalizers)
        return digest(("prompted-lm", 1, known, precision(), asked, self.chat, self.max_length))

    def fingerprint(self) -> str:
        return digest((self.score_fingerprint(), self._owner, self.length_normalise))

    def predict_proba(self, texts: Sequence[Text]) -> np.ndarray:
        return self.proba(self.score(texts))

    def proba(self, scores: np.ndarray) -> np.ndarray:
        n_tokens = np.array([len(tokens) for tokens in self._choice_tokens])
        return scoring.label_probabilities(scores, self._owner, n_tokens, self.length_normalise)

    def outside_mass(self, scores: np.ndarray) -> np.ndarray:
        """Probability (n,) that the model gave to no answer choice."""
        return scoring.outside_mass(scores)

    def cost(self, texts: Sequence[Text]) -> dict[str, int]:
        """Calls and tokens that scoring these texts takes, counted without the model."""
        prompts = sum(len(ids) for ids in self._prompt_tokens(texts, count=False))
        return {"calls": len(texts), "tokens": prompts + len(texts) * sum(map(len, self._choice_tokens))}

    def score(self, texts: Sequence[Text]) -> np.ndarray:
        """Total log-probability of every verbalizer, float32 (n, s), in the order of the template's choices."""
        import torch

        out = np.zeros((len(texts), len(self._verbalizers)), np.float32)
        if not len(texts):
            return out
        prompts = self._prompt_tokens(texts)
        with torch.inference_mode():
            if self.lm.kind == "seq2seq":
                for rows in _batches(prompts, 0):
                    out[rows] = self._score_seq2seq([prompts[i] for i in rows])
                return out
            shared, cache = self._shared_prefix(prompts)
            for rows in _batches(prompts, len(shared)):
                out[rows] = self._score_causal([prompts[i][len(shared) :] for i in rows], len(shared), cache)
        return out

    # prompts as tokens ------------------------------------------------------------------------------------------

    @property
    def _in_chat(self) -> bool:
        has_template = bool(getattr(self._tokenizer, "chat_template", None))
        if self.chat and not has_template:
            raise BadInput("This model has no chat template; leave out --chat.")
        return has_template if self.chat is None else self.chat

    def _prompt(self, text: Text) -> str:
        rendered = render(self.template, text)
        if not self._in_chat:
            head = f"{self.template.system}\n\n" if self.template.system else ""
            return (head + rendered).rstrip()
        messages = [{"role": "user", "content": rendered.strip()}]
        if self.template.system:
            messages.insert(0, {"role": "system", "content": self.template.system})
        return self._tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)

    def _encode(self, prompts: list[str]) -> list[list[int]]:
        return self._tokenizer(prompts, add_special_tokens=not self._in_chat, verbose=False)["input_ids"]

    def _prompt_tokens(self, texts: Sequence[Text], count: bool = True) -> list[list[int]]:
        """Token ids of every prompt; where one is too long, its text is cut and the instruction stays."""
        encoded = self._encode([self._prompt(text) for text in texts])
        room = self.max_length - max(map(len, self._choice_tokens))
        for i, ids in enumerate(encoded):
            text = texts[i]
            if len(ids) > room and count:
                self.n_truncated += 1
            while len(ids) > room and any(text if isinstance(text, tuple) else (text,)):
                text = self._cut(text, len(ids) - room)
                (ids,) = self._encode([self._prompt(text)])
            if len(ids) > room:
                raise BadInput(f"Prompt {self.template.name!r} alone has more than {room} tokens; shorten it.")
            encoded[i] = ids
        return encoded

    def _cut(self, text: Text, excess: int) -> Text:
        if isinstance(text, tuple):
            a, b = text
            return (self._cut(a, excess), b) if len(a) >= len(b) else (a, self._cut(b, excess))
        ids = self._tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]
        return self._tokenizer.decode(ids[: max(0, len(ids) - excess - 1)])

    @cached_property
    def _choice_tokens(self) -> list[list[int]]:
        """Token ids of every verbalizer as it stands after a prompt."""
        lead = "" if self._in_chat else self.template.delimiter
        context = self._prompt(("x", "x") if self.template.pair else "x")
        (before,) = self._encode([context])
        if (eos := self._tokenizer.eos_token_id) is not None and not self._in_chat and before and before[-1] == eos:
            before = before[:-1]  # T5-like tokenizers close every text
        found = []
        for verbalizer in self._verbalizers:
            (whole,) = self._encode([context + lead + verbalizer])
            seq2seq_end = whole and eos is not None and whole[-1] == eos and not self._in_chat
            whole = whole[:-1] if seq2seq_end else whole
            if whole[: len(before)] == before and len(whole) > len(before) and not seq2seq_end:
                found.append(whole[len(before) :])
            else:
                found.append(self._tokenizer(lead + verbalizer, add_special_tokens=False)["input_ids"])
        for tokens, verbalizer in zip(found, self._verbalizers, strict=True):
            if not tokens:
                raise BadInput(f"The answer choice {verbalizer!r} has no token in this model; choose another word.")
        return found

    # causal models ----------------------------------------------------------------------------------------------

    def _shared_prefix(self, prompts: list[list[int]]) -> tuple[list[int], list | None]:
        """Tokens that all prompts begin with, and the cache of keys and values for them."""
        longest = min(map(len, prompts)) - 1
        common = longest
        for ids in prompts:
            common = next((i for i in range(common) if ids[i] != prompts[0][i]), common)
        known, cache = self._shared
        if cache is not None and len(known) <= common and prompts[0][: len(known)] == known:
            return known, cache
        if common < MIN_SHARED_TOKENS or len(prompts) == 1:
            return [], None
        import torch

        shared = prompts[0][:common]
        result = self.lm.model(input_ids=torch.tensor([shared]), use_cache=True, logits_to_keep=1)
        self._shared = shared, _layers(result.past_key_values)
        return self._shared

    def _score_causal(self, rests: list[list[int]], n_shared: int, cache: list | None) -> np.ndarray:
        import torch

        n, longest = len(rests), max(map(len, rests))
        ids = torch.zeros((n, longest), dtype=torch.long)
        mask = torch.zeros((n, n_shared + longest), dtype=torch.long)
        mask[:, :n_shared] = 1
        for row, rest in enumerate(rests):
            ids[row, longest - len(rest) :] = torch.tensor(rest)
            mask[row, n_shared + longest - len(rest) :] = 1
        positions = (mask.cumsum(1) - 1).clamp(min=0)[:, n_shared:]
        multi = any(len(tokens) > 1 for tokens in self._choice_tokens)
        past = _expanded(cache, n) if cache is not None else None
        result = self.lm.model(
            input_ids=ids, attention_mask=mask, position_ids=positions, cache=past,
            use_cache=multi or past is not None, logits_to_keep=1,
        )  # fmt: skip
        first = torch.log_softmax(result.logits[:, -1].float(), 1)
        scores = np.zeros((n, len(self._choice_tokens)), np.float32)
        layers = _layers(result.past_key_values) if multi else None
        for column, tokens in enumerate(self._choice_tokens):
            total = first[:, tokens[0]]
            if len(tokens) > 1:
                total = total + self._continue(tokens, mask, positions[:, -1:], layers)
            scores[:, column] = total.numpy()
        return scores

    def _continue(self, tokens: list[int], mask, last, layers) -> "torch.Tensor":
        """Log-probability (n,) of tokens[1:] after tokens[0], from the prompts' cache."""
        import torch

        n, fed = len(mask), len(tokens) - 1
        result = self.lm.model(
            input_ids=torch.tensor([tokens[:-1]]).expand(n, -1),
            attention_mask=torch.cat([mask, torch.ones((n, fed), dtype=mask.dtype)], 1),
            position_ids=last + 1 + torch.arange(fed),
            cache=_expanded(layers, n),
            use_cache=True,
        )
        log_p = torch.log_softmax(result.logits.float(), 2)
        return log_p.gather(2, torch.tensor([tokens[1:]]).expand(n, -1)[..., None]).sum((1, 2))

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
        start = model.config.decoder_start_token_id
        scores = np.zeros((len(prompts), len(self._choice_tokens)), np.float32)
        for column, tokens in enumerate(self._choice_tokens):
            fed = torch.tensor([[start, *tokens[:-1]]]).expand(len(prompts), -1)
            logits = model(encoder_outputs=encoded, attention_mask=mask, decoder_input_ids=fed).logits
            log_p = torch.log_softmax(logits.float(), 2)
            wanted = torch.tensor([tokens]).expand(len(prompts), -1)[..., None]
            scores[:, column] = log_p.gather(2, wanted).sum((1, 2)).numpy()
        return scores


def _batches(prompts: list[list[int]], n_shared: int) -> Iterator[np.ndarray]:
    """Rows of similar length, at most TOKENS_PER_BATCH tokens together."""
    lengths = np.array([len(ids) - n_shared for ids in prompts])
    order = np.argsort(lengths, kind="stable")
    start = 0
    while start < len(order):
        stop = start + 1
        while stop < len(order) and (stop + 1 - start) * lengths[order[stop]] <= TOKENS_PER_BATCH:
            stop += 1
        yield order[start:stop]
        start = stop


def _layers(cache) -> list[tuple["torch.Tensor", "torch.Tensor"]]:
    return [(layer.keys, layer.values) for layer in cache.layers]


def _expanded(layers: list, n: int):
    """A new cache over the same keys and values for n rows; the given tensors are never written to."""
    from transformers import DynamicCache

    return DynamicCache([(k.expand(n, -1, -1, -1), v.expand(n, -1, -1, -1)) for k, v in layers])
