"""GGUF files converted to what `transformers` reads fast: float32 safetensors with config, tokenizer and digests."""

from pathlib import Path
from typing import Any

from fute_core.models.claimed import check_layers, check_size
from fute_core.models.digests import write_digests
from fute_core.models.making import made_whole


def convert(source: Path, folder: Path) -> None:
    """Write what a GGUF file holds as a model folder: whole or not at all.

    Parameters
    ----------
    source : Path
        The GGUF file.
    folder : Path
        To be made.

    Raises
    ------
    BadInput
        For a config that asks for far more than the file can hold.
    Unavailable
        For a full disk. Whatever transformers raises passes through: each part of the file fails in a way of its own.
    ValueError
        For a file that lacks weights of its architecture.
    """
    import torch
    from gguf import GGUFReader
    from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSeq2SeqLM, AutoTokenizer

    given = {"gguf_file": source.name, "local_files_only": True}
    config = AutoConfig.from_pretrained(source.parent, **given)
    if config.model_type == "t5":  # transformers takes the gate from the file, and not the activation that goes with it
        config.feed_forward_proj, config.dense_act_fn, config.is_gated_act = "gated-gelu", "gelu_new", True
    check_layers(config.to_dict(), lambda: len(GGUFReader(source).tensors), source)
    loader: Any = AutoModelForSeq2SeqLM if config.is_encoder_decoder else AutoModelForCausalLM
    check_size(loader, config, [source], source)
    tokenizer = AutoTokenizer.from_pretrained(source.parent, **given)
    model, info = loader.from_pretrained(
        source.parent, config=config, dtype=torch.float32, output_loading_info=True, **given
    )
    if missing := sorted(info["missing_keys"]):
        raise ValueError(f"no weights for {missing[0]}")
    # A model read from GGUF remembers its quantisation and then refuses to be saved.
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    model.hf_quantizer = None
    model.is_quantized = False
    with made_whole(folder) as temporary:
        model.save_pretrained(temporary)
        tokenizer.save_pretrained(temporary)
        write_digests(temporary)
