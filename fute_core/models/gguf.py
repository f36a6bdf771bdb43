"""Language models as GGUF files, packaged or the user's own, each converted once into the home."""

import importlib
import re
from functools import partial
from pathlib import Path

from fute_core.errors import BadInput, FuteError
from fute_core.home import fute_home
from fute_core.models.conversion import convert
from fute_core.models.files import check_folder, reason, resolve_model
from fute_core.models.identity import weights_digest
from fute_core.models.making import CONVERSION, made_whole, place_to_make
from fute_core.models.packaged import PACKAGED_MODELS, check_packaged, not_whole, packaged_folder


def language_folder(ref: str) -> Path:
    """Find the folder of a language model, converted first where it is a GGUF file. Only a Hub id may use the network.

    Parameters
    ----------
    ref : str
        A packaged name, a folder, a GGUF file or its folder, or a Hub id.

    Returns
    -------
    Path
        With config, weights and tokenizer.

    Raises
    ------
    BadInput
        For what is no model, and for a GGUF file that cannot be read.
    Unavailable
        For a model that is not installed, not whole or not to be fetched, and for a full disk.
    """
    if gguf_of(ref) is not None:
        return converted(ref)
    folder = resolve_model(ref, ALIASES)
    if ref not in ALIASES:
        check_folder(folder)
    return folder


def gguf_of(ref: str) -> Path | None:
    """Find the GGUF file that a path means.

    Parameters
    ----------
    ref : str
        A file, or a folder that has its weights in one.

    Returns
    -------
    Path or None
        None for what is read otherwise.

    Raises
    ------
    BadInput
        For a folder with several, and for a file that is a part of one.
    """
    if not ref:
        return None
    path = Path(ref).expanduser()
    if path.is_dir() and not any(path.glob("*.safetensors")):
        files = sorted(path.glob("*.gguf"))
        if len(files) > 1 and not _is_part(files[0]):
            raise BadInput(f"{path} has several GGUF files; name one: {', '.join(f.name for f in files)}.")
        path = files[0] if files else path
    if not path.is_file() or path.suffix.lower() != ".gguf":
        return None
    if _is_part(path):
        raise BadInput(f"{path} is a part of a model; join the parts: llama-gguf-split --merge FIRST_PART JOINED.")
    return path


def _is_part(file: Path) -> bool:
    return re.search(r"-\d{5}-of-\d{5}$", file.stem) is not None


def converted(ref: str) -> Path:
    """Give the folder of a GGUF file as float32 safetensors, made on the first call.

    Parameters
    ----------
    ref : str
        A packaged language model, a GGUF file or its folder.

    Returns
    -------
    Path
        With config, weights and tokenizer.

    Raises
    ------
    BadInput
        For a file of the user's that cannot be read.
    Unavailable
        For a packaged model that is not installed or not whole, and for a full disk.
    """
    source = gguf_file(ref)
    folder = place_to_make(_converted_folder(ref, source))
    if not (folder / "config.json").exists():
        if ref in ALIASES:
            check_packaged(ref, [source])
        try:
            convert(source, folder)
        except FuteError:
            raise
        except Exception as error:
            if ref in ALIASES:
                raise not_whole(ref, reason(error)) from error
            raise BadInput(
                f"{source} cannot be read as a language model ({reason(error)}); convert it to safetensors, or serve "
                "it with llama.cpp and give --base-url."
            ) from error
    return folder


def _converted_folder(ref: str, source: Path) -> Path:
    name = ref if ref in ALIASES else re.sub(r"[^\w.-]+", "_", source.stem)[:80]
    return fute_home() / "models" / f"{name}-{weights_digest(source)[:12]}-{CONVERSION}"


def gguf_file(ref: str) -> Path:
    """Find the GGUF file of a model. A package that comes in parts is joined on the first call, in about a second.

    Parameters
    ----------
    ref : str
        A packaged language model, a GGUF file or its folder.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    Unavailable
        For a model that is not installed or not whole.
    """
    if ref not in ALIASES:
        file = gguf_of(ref)
        assert file is not None
        return file
    files = sorted(packaged_folder(ref).rglob("*.gguf"))
    if not files and len(PACKAGED_MODELS[ref].packages) > 1:
        return _joined(ref)
    if not files:
        raise not_whole(ref, "no GGUF file")
    return files[0]


def _joined(ref: str) -> Path:
    """What the package joins from those of its parts, in a file that is named after its content."""
    package = importlib.import_module(PACKAGED_MODELS[ref].module)
    file = place_to_make(fute_home() / "models" / f"{ref}-{package.EXPECTED_SHA256[:12]}.gguf")
    if not file.exists():
        with made_whole(file) as temporary:
            try:
                package.assemble(temporary)
            except (ImportError, FileNotFoundError, ValueError) as error:  # a part is not there, or not whole
                raise not_whole(ref, reason(error)) from error
    return file


def is_converted(ref: str) -> bool:
    """Whether a GGUF file is converted already.

    Parameters
    ----------
    ref : str
        A packaged language model, a GGUF file or its folder.

    Returns
    -------
    bool
        False as long as `converted` would have to convert it.
    """
    if ref in ALIASES:
        return any((fute_home() / "models").glob(f"{ref}-*-{CONVERSION}/config.json"))
    return (_converted_folder(ref, gguf_file(ref)) / "config.json").exists()


ALIASES = {name: partial(converted, name) for name, model in PACKAGED_MODELS.items() if model.kind == "language model"}
