"""Language models of real architectures, tiny and with random weights, in float32, ready for prompts."""

from pathlib import Path

import torch
from tiny_models import _tokenizer
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSeq2SeqLM

from fute_core.models.language import LanguageModel

CAUSAL = ("llama", "gpt2", "gemma3_text", "mistral", "opt", "bloom", "gpt_neox")
AS_GGUF = ("qwen2",)
"""Causal models that are made for their GGUF files alone."""
SEQ2SEQ = ("t5", "bart")
SLIDING = ("gemma3_text", "mistral")
CHAT = (
    "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system role') }}{% endif %}"
    "<s>{{ m.role }}\n{{ m.content }}</s>\n{% endfor %}{% if add_generation_prompt %}<s>assistant\n{% endif %}"
)
SLIDING_WINDOW = 24


def tiny_language_model(
    family: str, *, chat: bool = False, layers: int = 2, seed: int = 0, positions: int = 160, **config
) -> LanguageModel:
    """A model of a `model_type`; those with a sliding window have one of SLIDING_WINDOW tokens.

    `config` goes to its config.
    """
    import copy

    tokenizer = copy.deepcopy(_tokenizer("t5" if family == "t5" else "roberta"))
    if family != "t5":
        from tokenizers import decoders

        tokenizer.backend_tokenizer.decoder = decoders.ByteLevel()
    if family in CAUSAL + AS_GGUF:
        from tokenizers import processors

        bos = ("<s>", tokenizer.convert_tokens_to_ids("<s>"))
        tokenizer.backend_tokenizer.post_processor = processors.TemplateProcessing(
            single="<s> $A", pair="<s> $A $B", special_tokens=[bos]
        )
    if chat:
        tokenizer.chat_template = CHAT
    tokens = {"vocab_size": len(tokenizer), "pad_token_id": tokenizer.pad_token_id,
              "bos_token_id": tokenizer.bos_token_id, "eos_token_id": tokenizer.eos_token_id, **config}  # fmt: skip
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        if family == "t5":
            config = AutoConfig.for_model(
                "t5", d_model=16, d_kv=8, num_heads=2, num_layers=layers, d_ff=24, initializer_factor=2.0,
                decoder_start_token_id=tokenizer.pad_token_id, **tokens,
            )  # fmt: skip
        elif family == "bart":
            config = AutoConfig.for_model(
                "bart", d_model=16, encoder_layers=layers, decoder_layers=layers, encoder_attention_heads=2,
                decoder_attention_heads=2, encoder_ffn_dim=24, decoder_ffn_dim=24, max_position_embeddings=positions,
                init_std=0.3, decoder_start_token_id=tokenizer.eos_token_id, **tokens,
            )  # fmt: skip
        else:
            config = AutoConfig.for_model(
                family, hidden_size=16, num_attention_heads=2, num_key_value_heads=1, num_hidden_layers=layers,
                intermediate_size=24, head_dim=8, max_position_embeddings=positions, initializer_range=0.3,
                ffn_dim=24, word_embed_proj_dim=16, init_std=0.3,
                **({"sliding_window": SLIDING_WINDOW} if family in SLIDING else {}), **tokens,
            )  # fmt: skip
        seq2seq = config.is_encoder_decoder
        model = (AutoModelForSeq2SeqLM if seq2seq else AutoModelForCausalLM).from_config(config, dtype=torch.float32)
    if family == "bart":
        model.generation_config.forced_bos_token_id = tokenizer.bos_token_id
    model.eval().requires_grad_(False)
    digest = f"{family}-{layers}-{seed}-{chat}"
    return LanguageModel(family, digest, "seq2seq" if seq2seq else "causal", model, tokenizer)


def saved(folder: Path, family: str = "gpt2", **options) -> Path:
    """The folder, with such a model and its tokenizer in it."""
    lm = tiny_language_model(family, **options)
    lm.model.save_pretrained(folder)
    lm.tokenizer.save_pretrained(folder)
    return folder
