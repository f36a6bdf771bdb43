"""Sequence classifiers of real architectures, tiny and with random weights, as model folders on disk."""

from pathlib import Path
from typing import Any

from tiny_models import HEADS, HIDDEN, _tokenizer


def tiny_classifier_folder(family: str, folder: Path, *, positions: int = 40, seed: int = 0, **config: Any) -> Path:
    """Write a random classifier of a `model_type` ("bert", "roberta", "mpnet", ...); `config` goes to its config."""
    from transformers import AutoModelForSequenceClassification

    return tiny_headed_folder(
        AutoModelForSequenceClassification, family, folder, positions=positions, seed=seed, **config
    )


def tiny_headed_folder(
    loader: Any, family: str, folder: Path, *, positions: int = 40, seed: int = 0, **config: Any
) -> Path:
    """The same with the head of any task: the class of `transformers` that makes such models."""
    import torch
    from transformers import AutoConfig

    tokenizer = _tokenizer(family)
    made = AutoConfig.for_model(
        family, hidden_size=HIDDEN, num_attention_heads=HEADS, num_hidden_layers=2, intermediate_size=24,
        max_position_embeddings=positions, initializer_range=0.4, vocab_size=len(tokenizer),
        **_OF_FAMILY.get(family, {}), **{"pad_token_id": tokenizer.pad_token_id, **config},
    )  # fmt: skip
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        loader.from_config(made).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


_SHARED_KEYS = {"num_key_value_heads": 1, "head_dim": HIDDEN // HEADS}
_OF_FAMILY = {
    "t5": {"decoder_start_token_id": 0, "d_kv": HIDDEN // HEADS, "d_ff": 24, "initializer_factor": 2.0},
    "mixtral": {**_SHARED_KEYS, "num_local_experts": 2},
    **dict.fromkeys(("llama", "qwen2", "qwen3", "mistral", "gemma3_text"), _SHARED_KEYS),
}
"""What the config of a family calls otherwise, or has besides."""
