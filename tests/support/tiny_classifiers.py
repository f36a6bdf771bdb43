"""Sequence classifiers of real architectures, tiny and with random weights, as model folders on disk."""

from pathlib import Path
from typing import Any

from tiny_models import HEADS, HIDDEN, _tokenizer


def tiny_classifier_folder(family: str, folder: Path, *, positions: int = 40, seed: int = 0, **config: Any) -> Path:
    """Write a random classifier of a `model_type` ("bert", "roberta", "mpnet", ...); `config` goes to its config."""
    import torch
    from transformers import AutoConfig, AutoModelForSequenceClassification

    tokenizer = _tokenizer(family)
    made = AutoConfig.for_model(
        family, hidden_size=HIDDEN, num_attention_heads=HEADS, num_hidden_layers=2, intermediate_size=24,
        max_position_embeddings=positions, initializer_range=0.4, vocab_size=len(tokenizer),
        pad_token_id=tokenizer.pad_token_id, **config,
    )  # fmt: skip
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        AutoModelForSequenceClassification.from_config(made).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
