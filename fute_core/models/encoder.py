"""The fixed encoder that reads every dataset and every model: tokens, pooled features, access to layers."""

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fute_core.digest import digest
from fute_core.tasks import Text

if TYPE_CHECKING:
    import torch

    from fute_core.store.store import Store

MAX_LENGTH = 128
TOKENS_PER_BATCH = 1024


@dataclass(frozen=True)
class Batch:
    """Rows `index` of the given texts, tokenised: `inputs` for the encoder, `mask` (b, t) 1 at real tokens."""

    index: np.ndarray
    inputs: dict[str, "torch.Tensor"]
    mask: "torch.Tensor"


class Surrogate:
    """A frozen Hugging Face encoder in eval mode, float32.

    model : the encoder (of T5-like models only the encoder half).
    family : its `model_type`.
    """

    def __init__(self, ref: str, digest: str, model, tokenizer, max_length: int = MAX_LENGTH):
        self.id = ref
        self.digest = digest
        self.model = model
        self.tokenizer = tokenizer
        self.max_length = max_length
        self.family = model.config.model_type
        self.hidden_size = model.config.hidden_size
        self._store: Store | None = None

    def keeping_in(self, store: "Store | None") -> "Surrogate":
        """The same encoder, whose pooled features are kept in `store`: every item of a space reads the same probes."""
        keeping = copy.copy(self)
        keeping._store = store
        return keeping

    def tokenise(self, texts: Sequence[Text], *, max_length: int | None = None) -> list[list[int]]:
        """Token ids of each text or pair, truncated (a pair's longer side first)."""
        return self._encode(texts, max_length or self.max_length)["input_ids"]

    def count_truncated(self, texts: Sequence[Text]) -> int:
        """How many texts are longer than `max_length` tokens."""
        if not texts:
            return 0
        full = self.tokenizer(*_columns(texts), verbose=False)["input_ids"]
        return sum(len(ids) > self.max_length for ids in full)

    def batches(self, texts: Sequence[Text], tokens_per_batch: int = TOKENS_PER_BATCH) -> Iterator[Batch]:
        """Batches of similar length, so that little is padded; every text is in exactly one."""
        import torch

        if not texts:
            return
        encoded = self._encode(texts, self.max_length)
        lengths = np.array([len(ids) for ids in encoded["input_ids"]])
        order = np.argsort(lengths, kind="stable")
        start = 0
        while start < len(order):
            stop = start + 1
            while stop < len(order) and (stop + 1 - start) * lengths[order[stop]] <= tokens_per_batch:
                stop += 1
            index = order[start:stop]
            inputs = self.tokenizer.pad(
                {name: [rows[i] for i in index] for name, rows in encoded.items()}, return_tensors="pt"
            )
            yield Batch(index, dict(inputs), inputs["attention_mask"].to(torch.float32))
            start = stop

    def hidden(self, batch: Batch) -> "torch.Tensor":
        """Last hidden states, float32 (b, t, hidden)."""
        return self.model(**batch.inputs).last_hidden_state

    def pool(self, hidden: "torch.Tensor", mask: "torch.Tensor") -> "torch.Tensor":
        """Mean over real tokens, (b, hidden): TextEmb's pooling (Vu et al. 2020)."""
        return (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)

    def features(self, texts: Sequence[Text]) -> np.ndarray:
        """Pooled features, float32 (n, hidden); from the store where they are known."""
        if self._store is None:
            return self._features(texts)
        key = digest(("features", self.digest, self.max_length, texts))
        if (known := self._store.get(key)) is not None:
            return known[0]["features"]
        features = self._features(texts)
        self._store.put(key, {"features": features}, {"kind": "features"})
        return features

    def _features(self, texts: Sequence[Text]) -> np.ndarray:
        import torch

        out = np.zeros((len(texts), self.hidden_size), np.float32)
        with torch.inference_mode():
            for batch in self.batches(texts):
                out[batch.index] = self.pool(self.hidden(batch), batch.mask).numpy()
        return out

    def _encode(self, texts: Sequence[Text], max_length: int) -> dict[str, list[list[int]]]:
        return dict(self.tokenizer(*_columns(texts), truncation=True, max_length=max_length))


def _columns(texts: Sequence[Text]) -> tuple[list[str], ...]:
    if texts and isinstance(texts[0], tuple):
        return [a for a, _ in texts], [b for _, b in texts]
    return (list(texts),)
