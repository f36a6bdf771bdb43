"""Where a model's files are, and whether they may be read: known without torch."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from fute_core.errors import BadInput, FuteError, Unavailable
from fute_core.home import read_json_file
from fute_core.models.adapters import WEIGHTS, base_folder, is_adapter
from fute_core.models.claimed import check_config, check_headers
from fute_core.models.packaged import PACKAGED
from fute_core.models.spelling import VOCABULARIES

WHOLE = "model.safetensors"
WANTED = ["*.safetensors", "*.safetensors.index.json", "*.json", "*.txt", "*.model", "*.jinja", "tokenizer*"]


def resolve_model(ref: str, aliases: Mapping[str, Callable[[], Path]]) -> Path:
    """Find the folder of a model. Only a Hub id may use the network.

    Parameters
    ----------
    ref : str
        A packaged name, a folder, or a Hub id.
    aliases : mapping of str to callable
        The packaged names that mean something here, each with what gives its folder.

    Returns
    -------
    Path
        The local folder.

    Raises
    ------
    BadInput
        For what is none of them, and for a packaged model of another kind.
    Unavailable
        For a Hub id that cannot be fetched.
    """
    if ref in aliases:
        return aliases[ref]()
    path = Path(ref).expanduser()
    if path.is_dir():
        return path
    if path.is_file():
        _refuse_gguf(path)
        raise BadInput(f"{ref} is a file; give the model's folder, which holds config.json and model.safetensors.")
    of_folder = ref.startswith((".", "~")) or ref.endswith("/") or ref.count("/") > 1 or " " in ref
    if path.is_absolute() or of_folder or not ref:
        packaged = f", or one of {', '.join(aliases)}" if aliases else ""
        raise BadInput(f"No model folder {ref!r}; name a folder or a Hub id{packaged}.")
    if ref in PACKAGED:
        raise BadInput(f"{ref!r} is a packaged {PACKAGED[ref]}, which cannot be used in this place; name another.")
    return _from_hub(ref, aliases)


def _from_hub(ref: str, aliases: Mapping[str, Callable[[], Path]]) -> Path:
    if "/" not in ref:
        import difflib

        if near := difflib.get_close_matches(ref, aliases, 1):
            raise BadInput(f"No model {ref!r}; did you mean {near[0]!r}?")
    try:
        return _snapshot(ref)
    except Exception as error:  # the hub client raises from several libraries: all mean that it is not to be had
        packaged = f"packaged name ({', '.join(aliases)}) and no " if aliases else ""
        raise Unavailable(
            f"Model {ref!r} is no {packaged}folder, and could not be fetched from the Hub ({type(error).__name__}); "
            "check the id and the network."
        ) from error


@lru_cache(maxsize=32)
def _snapshot(ref: str) -> Path:
    """Looked up once in a process: to ask what is known already would cost a request for every embedding."""
    from huggingface_hub import snapshot_download

    return Path(snapshot_download(ref, allow_patterns=WANTED))


def checked_folder(ref: str, aliases: Mapping[str, Callable[[], Path]]) -> Path:
    """Find the folder of a model, and check that it holds one that may be read. Only a Hub id may use the network.

    Parameters
    ----------
    ref : str
        A packaged name, a folder, or a Hub id.
    aliases : mapping of str to callable
        The packaged names that mean something here, each with what gives its folder.

    Returns
    -------
    Path
        The local folder, with config, weights and tokenizer.

    Raises
    ------
    BadInput
        For a folder without one of them, or with weights in pickle form only, and for what is no folder.
    Unavailable
        For a Hub id that cannot be fetched.
    """
    folder = resolve_model(ref, aliases)
    check_folder(folder)
    return folder


def check_folder(folder: Path) -> None:
    """Check that a folder holds a model that may be read.

    Parameters
    ----------
    folder : Path
        Any folder.

    Raises
    ------
    BadInput
        For one without config, weights or tokenizer, with weights in pickle form only, with a config that asks for
        far more than its weights hold, or with damaged weights.
    Unavailable
        For an adapter whose base is not on this machine.
    """
    if not any(folder.glob("*.safetensors")):
        for file in sorted(folder.glob("*.gguf")):
            _refuse_gguf(file)
    if is_adapter(folder):
        if not (folder / WEIGHTS).is_file():
            raise BadInput(f"{folder} is an adapter without {WEIGHTS}; save it again with save_pretrained.")
        if is_adapter(base := base_folder(folder)):
            raise BadInput(f"{folder} is an adapter of {base}, an adapter itself; merge that with its base first.")
        with reading_model(str(folder)):
            check_headers(folder)
        check_folder(base)
        return
    if not (folder / "config.json").is_file():
        raise BadInput(f"{folder} has no config.json, so it is no model folder; save one with save_pretrained.")
    if any(folder.glob("*.safetensors")):
        if not any(next(folder.glob(pattern), None) for pattern in VOCABULARIES):
            raise BadInput(f"{folder} has no tokenizer; save it there with tokenizer.save_pretrained.")
        parts = sorted(folder.glob("model-*-of-*.safetensors"))
        if parts and not any((folder / name).is_file() for name in (WHOLE, f"{WHOLE}.index.json")):
            raise BadInput(f"{folder} has {parts[0].name} but no {WHOLE}.index.json, which says what is where; add it.")
        _check_parts(folder)
        check_config(folder)
        with reading_model(str(folder)):
            check_headers(folder)
        return
    if pickles := sorted([*folder.glob("*.bin"), *folder.glob("*.pt"), *folder.glob("*.pth"), *folder.glob("*.ckpt")]):
        raise BadInput(
            f"{folder} has its weights in {pickles[0].name}, a pickle that could run code; "
            "save them again as safetensors (save_pretrained does)."
        )
    raise BadInput(f"{folder} has a config.json but no weights; put {WHOLE} beside it.")


def _check_parts(folder: Path) -> None:
    """Whether all parts are there that the index names, where the weights are not whole."""
    index = folder / f"{WHOLE}.index.json"
    if (folder / WHOLE).is_file() or not index.is_file():
        return
    try:
        parts = sorted({str(name) for name in read_json_file(index)["weight_map"].values()})
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise BadInput(f"{index} cannot be read ({reason(error)}); save the model again, or fetch it anew.") from error
    if missing := [name for name in parts if not (folder / name).is_file()]:
        raise BadInput(f"{folder} lacks {missing[0]}, which {index.name} names; put it beside that, or fetch it anew.")


def _refuse_gguf(file: Path) -> None:
    if file.suffix.lower() == ".gguf":
        raise BadInput(
            f"{file} is a GGUF file, which is read as a language model only (--model); give a folder with {WHOLE}."
        )


@contextmanager
def reading_model(named: str) -> Iterator[None]:
    """Turn whatever another library raises while it reads a model's files into one sentence.

    Parameters
    ----------
    named : str
        What the sentence calls the model.

    Yields
    ------
    None
        Read the files inside.

    Raises
    ------
    BadInput
        For any error of another library; errors of ours pass through.
    Unavailable
        For a library that the model needs and that is not installed, such as that of its quantisation.
    """
    try:
        yield
    except FuteError:
        raise
    except ImportError as error:
        raise Unavailable(
            f"{named} needs a library that is not installed ({reason(error)}); install it, or use the model's weights "
            "unquantised."
        ) from error
    except Exception as error:  # config, weights and tokenizer each fail in ways of their own
        raise BadInput(
            f"{named} cannot be loaded ({reason(error)}); its folder needs config.json, model.safetensors and a "
            "tokenizer, as save_pretrained writes them."
        ) from error


def reason(error: Exception) -> str:
    """Say briefly what went wrong in another library.

    Parameters
    ----------
    error : Exception
        What it raised.

    Returns
    -------
    str
        The error's type, and the first line of its message in at most 200 characters.
    """
    said = (str(error).strip().splitlines() or [""])[0][:200]
    return f"{type(error).__name__}: {said}" if said else type(error).__name__
