"""The fixed encoder that reads every dataset and every model: tokens, pooled features, access to layers.

The identity of a surrogate (`surrogate_identity`) needs no torch, so that a stored vector is found without it.
"""

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fute_core.digest import digest
from fute_core.errors import BadInput
from fute_core.models.files import check_model_folder, kept_per_weights, reading_model, resolve_model, weights_digest
from fute_core.models.packaged import packaged_folder
from fute_core.tasks import Text

if TYPE_CHECKING:
    import torch

    from fute_core.store.store import Store

DEFAULT_SURROGATE = "minilm"
ALIASES = {DEFAULT_SURROGATE: lambda: packaged_folder(DEFAULT_SURROGATE) / "model"}
MAX_LENGTH = 128
FAMILIES = ("albert", "bert", "camembert", "distilbert", "electra", "mpnet", "mt5", "roberta", "t5", "umt5",
            "xlm-roberta")  # fmt: skip
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


def surrogate_identity(ref: str = DEFAULT_SURROGATE) -> tuple[str, str]:
    """(name, weights digest) of a packaged name, directory or Hub id, without loading it.

    A Hub id is the only one that may use the network. Raises Unavailable or BadInput, see `weights.resolve_model`.
    """
    folder = resolve_model(ref, ALIASES)
    check_model_folder(folder)
    return (ref if not Path(ref).is_dir() else Path(ref).name), weights_digest(folder)


def load_surrogate(ref: str = DEFAULT_SURROGATE, store: "Store | None" = None) -> Surrogate:
    """Load an encoder by packaged name, directory or Hub id; with a `store`, its features are kept there.

    The weights are read once and shared. Raises BadInput for an architecture that is no encoder, naming those that
    are, for a directory without safetensors weights, and for one whose files are damaged or lack a part of the encoder.
    """
    opened = _opened(ref)
    return opened if store is None else opened.keeping_in(store)


@kept_per_weights(surrogate_identity)
def _opened(ref: str) -> Surrogate:
    name, digest = surrogate_identity(ref)
    folder = resolve_model(ref, ALIASES)
    with reading_model(f"Surrogate {name!r}"):
        model, tokenizer, missing = _load(name, folder)
    if missing:
        raise BadInput(
            f"Surrogate {name!r} lacks {len(missing)} weights of its encoder ({missing[0]}); save the whole model."
        )
    model.eval().requires_grad_(False)
    longest = getattr(model.config, "max_position_embeddings", MAX_LENGTH)
    longest -= 2 if "roberta" in model.config.model_type else 0
    return Surrogate(name, digest, model, tokenizer, min(MAX_LENGTH, longest))


def _load(name: str, folder: Path):
    """Encoder, tokenizer, and the names of weights that the files lack, except for a pooler, which is not used."""
    from transformers import AutoConfig, AutoModel, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()  # its bars for files of a moment; the user's progress is ours
    config = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    if config.model_type not in FAMILIES:
        raise BadInput(
            f"Surrogate {name!r} is a {config.model_type} model, which is no encoder that can be read here; "
            f"use one of these families: {', '.join(FAMILIES)}."
        )
    loader = _t5_encoder(config.model_type) or AutoModel
    model, info = loader.from_pretrained(folder, local_files_only=True, use_safetensors=True, output_loading_info=True)
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    return model, tokenizer, sorted(key for key in info["missing_keys"] if "pooler" not in key)


def _t5_encoder(family: str):
    """The class that loads the encoder half alone, or None for a family that has no other half."""
    import transformers

    names = {"t5": "T5EncoderModel", "mt5": "MT5EncoderModel", "umt5": "UMT5EncoderModel"}
    return getattr(transformers, names[family]) if family in names else None
