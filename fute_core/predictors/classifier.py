"""Any sequence classifier of `transformers` as a black box, by folder or Hub id."""

from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from fute_core.digest import digest
from fute_core.errors import BadInput
from fute_core.predictors.scoring import softmax
from fute_core.tasks import Text
from fute_core.weights import check_model_folder, resolve_model, weights_digest

MAX_LENGTH = 512
TOKENS_PER_BATCH = 4096


class ClassifierPredictor:
    """A classifier's softmax over its labels; scores where it has a single output (regression).

    n_truncated : texts cut so far because they were longer than the model reads.
    """

    def __init__(self, ref: str, *, max_length: int = MAX_LENGTH):
        self.ref = ref
        self.folder = resolve_model(ref, {})
        check_model_folder(self.folder)
        self.max_length = max_length
        self.n_truncated = 0

    @cached_property
    def _config(self) -> Any:
        from transformers import AutoConfig

        try:
            config = AutoConfig.from_pretrained(self.folder, local_files_only=True, trust_remote_code=False)
        except ValueError:
            raise BadInput(
                f"{self.ref} is of a model type that transformers does not know; its code is not run."
            ) from None
        wanted = [a for a in config.architectures or () if a.endswith("ForSequenceClassification")]
        if not wanted:
            made = ", ".join(config.architectures or ()) or "nothing that is named"
            raise BadInput(
                f"{self.ref} is made for {made}, not for sequence classification; fine-tune it for that first."
            )
        if config.problem_type == "multi_label_classification":
            raise BadInput(
                f"{self.ref} gives several labels at once, which is no distribution; use a single-label model."
            )
        return config

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Names in the order of the model's outputs; empty for regression."""
        config = self._config
        return () if config.num_labels == 1 else tuple(str(config.id2label[i]) for i in range(config.num_labels))

    def predict_proba(self, texts: Sequence[Text]) -> np.ndarray:
        """float32 (n, k), or (n, 1) scores."""
        import torch

        model, tokenizer = _load(str(self.folder))
        longest = min(self.max_length, getattr(self._config, "max_position_embeddings", self.max_length))
        if "roberta" in self._config.model_type or self._config.model_type == "camembert":
            longest -= 2
        columns = (
            [list(column) for column in zip(*texts, strict=True)] if isinstance(texts[0], tuple) else [list(texts)]
        )
        full = tokenizer(*columns, verbose=False)["input_ids"]
        self.n_truncated += sum(len(ids) > longest for ids in full)
        encoded = dict(tokenizer(*columns, truncation=True, max_length=longest))
        lengths = np.array([len(ids) for ids in encoded["input_ids"]])
        out = np.zeros((len(texts), max(len(self.labels), 1)), np.float32)
        order = np.argsort(lengths, kind="stable")
        start = 0
        with torch.inference_mode():
            while start < len(order):
                stop = start + 1
                while stop < len(order) and (stop + 1 - start) * lengths[order[stop]] <= TOKENS_PER_BATCH:
                    stop += 1
                rows = order[start:stop]
                batch = tokenizer.pad({k: [v[i] for i in rows] for k, v in encoded.items()}, return_tensors="pt")
                logits = model(**batch).logits.float().numpy()
                out[rows] = softmax(logits) if self.labels else logits
                start = stop
        return out

    def fingerprint(self) -> str:
        """Weights, config and tokenizer; known without torch."""
        return digest(("classifier", 1, weights_digest(self.folder), self.max_length))


@lru_cache(maxsize=2)
def _load(folder: str):
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    model = AutoModelForSequenceClassification.from_pretrained(
        folder, local_files_only=True, trust_remote_code=False, use_safetensors=True
    )
    model.eval().requires_grad_(False)
    return model, AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
