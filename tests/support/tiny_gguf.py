"""Tiny language models as GGUF files, written as llama.cpp's own converter writes them, and the models they hold."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from tiny_language_models import tiny_language_model

from fute_core.models.language import LanguageModel

NAMES = {"llama": "llama", "qwen2": "qwen2", "gemma3_text": "gemma3", "t5": "t5"}
"""What GGUF calls the architecture of a `model_type`."""


def tiny_gguf(
    family: str, file: Path, *, without: str = "", called: str | None = None, untied: bool = False
) -> LanguageModel:
    """Write a model of a family, without the tensor that is named, and give it as it is in transformers.

    An untied one has an output layer of its own, which that of a T5 is only by its weights.
    """
    import gguf

    options = {"tie_word_embeddings": False} if untied else {}
    lm = tiny_language_model(family, **options, **({"feed_forward_proj": "gated-gelu"} if family == "t5" else {}))
    if untied:
        lm.model.lm_head.weight = torch.nn.Parameter(lm.model.lm_head.weight.flip(1), requires_grad=False)
    config, name = lm.model.config, NAMES[family]
    tied = config.tie_word_embeddings and not untied
    writer = gguf.GGUFWriter(str(file), called or name)
    writer.add_context_length(getattr(config, "max_position_embeddings", 512))
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_head_count(config.num_attention_heads)
    if family == "t5":
        writer.add_feed_forward_length(config.d_ff)
        writer.add_key_length(config.d_kv)
        writer.add_value_length(config.d_kv)
        writer.add_relative_attn_buckets_count(config.relative_attention_num_buckets)
        writer.add_decoder_start_token_id(config.decoder_start_token_id)
        writer.add_layer_norm_rms_eps(config.layer_norm_epsilon)
    else:
        writer.add_feed_forward_length(config.intermediate_size)
        writer.add_head_count_kv(config.num_key_value_heads)
        writer.add_layer_norm_rms_eps(config.rms_norm_eps)
        writer.add_key_length(8)
        writer.add_value_length(8)
        writer.add_vocab_size(config.vocab_size)
        writer.add_rope_dimension_count(8)
    if family == "gemma3_text":
        writer.add_sliding_window(config.sliding_window)
    _add_tokenizer(writer, lm, family)
    names = gguf.get_tensor_name_map(getattr(gguf.MODEL_ARCH, name.upper()), config.num_hidden_layers)
    for key, tensor in lm.model.state_dict().items():
        found = names.get_name(key, try_suffixes=(".weight", ".bias"))
        if found is None or found == without or (key == "lm_head.weight" and tied):
            continue
        writer.add_tensor(found, _as_written(family, key, tensor.float().numpy(), config))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return lm


def _as_written(family: str, key: str, values: np.ndarray, config: Any) -> np.ndarray:
    if family == "gemma3_text" and "norm" in key:
        return values + 1
    if family == "llama" and ("q_proj" in key or "k_proj" in key):
        heads = config.num_attention_heads if "q_proj" in key else config.num_key_value_heads
        return np.ascontiguousarray(
            values.reshape(heads, 2, values.shape[0] // heads // 2, -1).swapaxes(1, 2).reshape(values.shape)
        )
    return np.ascontiguousarray(values)


def _add_tokenizer(writer: Any, lm: LanguageModel, family: str) -> None:
    import json

    tokenizer = lm.tokenizer
    model = json.loads(tokenizer.backend_tokenizer.to_str())["model"]
    vocabulary = tokenizer.get_vocab()
    tokens = sorted(vocabulary, key=vocabulary.__getitem__)
    special = set(tokenizer.all_special_tokens)
    writer.add_tokenizer_model("t5" if family == "t5" else "gpt2")
    writer.add_token_list(tokens)
    writer.add_token_types([3 if token in special else 1 for token in tokens])
    if family == "t5":
        writer.add_token_scores([score for _, score in model["vocab"]])
    else:
        writer.add_token_merges([merge if isinstance(merge, str) else " ".join(merge) for merge in model["merges"]])
        writer.add_bos_token_id(tokenizer.bos_token_id)
    writer.add_eos_token_id(tokenizer.eos_token_id)
    writer.add_unk_token_id(tokenizer.unk_token_id)
    writer.add_pad_token_id(tokenizer.pad_token_id)
    writer.add_add_bos_token(family != "t5")
