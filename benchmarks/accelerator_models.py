"""What `accelerator.py` measures: models of real architectures and sizes with random weights, and a tokenizer."""

from typing import Any

import torch
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import BertConfig, BertModel, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from fute_core.models.encoder import Surrogate
from fute_core.models.language import LanguageModel

SIZES = {
    "tiny": {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
             "num_key_value_heads": 2, "vocab_size": 20000, "tie_word_embeddings": True},
    "135M": {"hidden_size": 576, "intermediate_size": 1536, "num_hidden_layers": 30, "num_attention_heads": 9,
             "num_key_value_heads": 3, "vocab_size": 49152, "tie_word_embeddings": True},
    "1.7B": {"hidden_size": 2048, "intermediate_size": 8192, "num_hidden_layers": 24, "num_attention_heads": 32,
             "num_key_value_heads": 32, "vocab_size": 49152, "tie_word_embeddings": True},
    "8B": {"hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32, "num_attention_heads": 32,
           "num_key_value_heads": 8, "vocab_size": 128256, "tie_word_embeddings": False},
}  # fmt: skip
"""As SmolLM2 135M and 1.7B and Llama 3 8B are built."""
CHOICES = (("Positive", "positive"), ("Negative", "negative")), ("positive", "negative")
"""The answer choices, each word of which is one token, and their labels."""


def make_tokenizer(texts: tuple[str, ...], side: str = "left") -> PreTrainedTokenizerFast:
    """Byte pairs of these texts, so that they have about as many tokens as under a published tokenizer, in which the
    answer choices, too, are one token each. An encoder counts its positions from the left: pad it on the right."""
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    special, letters = ["<s>", "</s>", "<pad>"], pre_tokenizers.ByteLevel.alphabet()
    made.train_from_iterator(
        [*texts, *[f"{word} {word}" for words in CHOICES[0] for word in words] * len(texts)],
        trainers.BpeTrainer(vocab_size=16000, special_tokens=special, initial_alphabet=letters, show_progress=False),
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=made, bos_token="<s>", eos_token="</s>", pad_token="<pad>", padding_side=side
    )


def language_model(size: str, device: str, dtype: torch.dtype, tokenizer: Any) -> LanguageModel:
    """Random weights, made where they are to be, wide enough that every layer matters to the answers."""
    torch.manual_seed(0)
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        with torch.device(device):
            model = LlamaForCausalLM(LlamaConfig(**SIZES[size], initializer_range=0.03, max_position_embeddings=2048))
    finally:
        torch.set_default_dtype(before)
    model.eval().requires_grad_(False)
    return LanguageModel(size, size, "causal", model, tokenizer, str(dtype).removeprefix("torch."))


def encoder(device: str, tokenizer: Any) -> Surrogate:
    """Of the shape of all-MiniLM-L6."""
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=30522, hidden_size=384, num_hidden_layers=6, num_attention_heads=12, intermediate_size=1536
    )
    model = BertModel(config, add_pooling_layer=False).eval().requires_grad_(False)
    return Surrogate("minilm-shaped", "minilm-shaped", model.to(device), tokenizer)
