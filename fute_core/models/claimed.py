"""What a config says of a model's size against what its weights hold, before anything is made of its size.

A library builds what the config says: ten million layers, or labels, of a file of a few bytes would fill the memory.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from fute_core.errors import BadInput
from fute_core.home import read_json_file

MOST_LABELS = 100_000
"""Names of labels take memory before any weight is read."""
LAYERS = ("layers", "n_layer")
"""How names of numbers of layers end; another name with the word may count something else."""
FEW_LAYERS = 256
"""So many are made in a moment, whatever the weights hold: some models use one layer many times."""
PER_BYTE, PACKED = 2, 8
"""Weights that a byte of a file may hold: of four bits, and of one where the file says that it is packed."""
FREE = 10_000_000
"""Weights that may be lacking: they take 40 MB."""
ROOM_FOR_DEFAULTS = 2_000_000_000
"""No family fills in more than that; files with room for it need no look, for which torch would be there too early."""
WIDTHS = ("hidden_size", "d_model", "n_embd", "dim", "embedding_size", "word_embed_proj_dim", "d_embed")
"""What families call the numbers in the vector of a word, or in those that it is made larger to."""


def check_config(folder: Path) -> None:
    """Check what a folder's config.json says of layers, words and labels; no library makes anything of it.

    Parameters
    ----------
    folder : Path
        With config.json and weights as safetensors.

    Raises
    ------
    BadInput
        For more layers or vectors of words than there are weights, or too many labels.
    """
    try:
        said = read_json_file(folder / "config.json")
    except (OSError, ValueError):  # whoever reads it next tells what is wrong with it
        return
    check_layers(said, lambda: _weights_in(folder), folder)
    packed = isinstance(said, dict) and said.get("quantization_config") is not None
    if (asked := _numbers_of_words(said)) > _room(folder.glob("*.safetensors"), packed):
        raise _more(folder, f"{asked:,} numbers for its words alone", "its files are too short for them")
    labels = max([*_numbers(said, "num_labels"), *_lengths(said, "id2label")], default=0)
    if labels > MOST_LABELS:
        raise _more(folder, f"{labels:,} labels", f"at most {MOST_LABELS:,} can be read")


def check_defaults(folder: Path) -> None:
    """Check the sizes that a library fills in where config.json says none, before it brings the code of the model.

    Parameters
    ----------
    folder : Path
        With config.json of a type that the library knows, and weights as safetensors.

    Raises
    ------
    BadInput
        For more words or layers than the files have room for.
    """
    said = read_json_file(folder / "config.json")
    room = _room(folder.glob("*.safetensors"), said.get("quantization_config") is not None)
    if room > ROOM_FOR_DEFAULTS or (_numbers_of_words(said) and _numbers_of_layers(said)):
        return
    from transformers import AutoConfig

    try:
        filled = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False).to_dict()
    except Exception:  # whoever reads it next tells what is wrong with it
        return
    if (asked := max(_numbers_of_words(filled), _numbers_of_layers(filled))) > room:
        raise _more(folder, f"at least {asked:,} numbers", "its files are too short for them")


def check_headers(folder: Path) -> None:
    """Read the headers of a folder's weights, which say what stands where, before torch is there to read the rest.

    Parameters
    ----------
    folder : Path
        With weights as safetensors.

    Raises
    ------
    safetensors.SafetensorError
        For a file that is damaged or cut short.
    OSError
        For one that cannot be read.
    """
    from safetensors import safe_open

    for file in sorted(folder.glob("*.safetensors")):
        with safe_open(file, "np"):
            pass


def check_layers(said: Any, held: Callable[[], int], named: object) -> None:
    """Check that a config asks for no more layers than there are weights.

    Parameters
    ----------
    said : JSON value
        The config.
    held : callable
        How many weights the files hold; asked only where there are many layers.
    named : object
        What the sentence calls the model.

    Raises
    ------
    BadInput
        For more.
    """
    layers = max((n for name, n in _entries(said) if name.endswith(LAYERS) and type(n) is int), default=0)
    if layers > FEW_LAYERS and layers > (there := held()):
        raise _more(named, f"{layers:,} layers", f"its files hold {there:,} weights")


def check_size(loader: Any, config: Any, files: Iterable[Path], named: object) -> None:
    """Check that a model is no larger than its files can hold, by making it where nothing takes memory.

    Parameters
    ----------
    loader : type
        The class of `transformers` that makes the model.
    config : transformers.PreTrainedConfig
        Its config.
    files : iterable of Path
        Those with its weights.
    named : object
        What the sentence calls the model.

    Raises
    ------
    BadInput
        For a model that is larger by far.
    """
    import torch

    with torch.device("meta"):
        model = loader._from_config(config) if hasattr(loader, "_from_config") else loader.from_config(config)
    asked = sum(t.numel() for t in (*model.parameters(), *model.buffers()))
    packed = getattr(config, "quantization_config", None) is not None
    if asked > _room(files, packed):
        raise _more(named, f"{asked:,} numbers", "its files are too short for them")


def _more(named: object, asked: str, there: str) -> BadInput:
    return BadInput(f"{named}: its config asks for {asked}, and {there}; save the model again, or fetch it anew.")


def _room(files: Iterable[Path], packed: bool) -> int:
    """How many numbers a model of these files may have."""
    held = [(PACKED if packed or file.suffix.lower() == ".gguf" else PER_BYTE) * file.stat().st_size for file in files]
    return sum(held) + FREE


def _numbers_of_words(said: Any) -> int:
    """At least so many numbers are in the vectors of a config's words; 0 where it does not say."""
    if not isinstance(said, dict) or type(words := said.get("vocab_size")) is not int:
        return 0
    return words * min((said[name] for name in WIDTHS if type(said.get(name)) is int), default=0)


def _numbers_of_layers(said: Any) -> int:
    """At least so many numbers are in a config's layers; 0 where it does not say, or may use one layer many times.

    A layer has four square matrices of its width or more. Where some are smaller, others more than make up for it.
    """
    if not isinstance(said, dict) or "num_hidden_groups" in said:
        return 0
    layers = max((n for name, n in said.items() if name.endswith(LAYERS) and type(n) is int), default=0)
    return layers * 4 * min((said[name] for name in WIDTHS if type(said.get(name)) is int), default=0) ** 2


def _weights_in(folder: Path) -> int:
    """How many weights with a name the files hold; a file that cannot be read is for its reader to tell of."""
    from safetensors import SafetensorError, safe_open

    found = 0
    for file in folder.glob("*.safetensors"):
        try:
            with safe_open(file, "np") as weights:
                found += len(weights.keys())
        except (SafetensorError, OSError):
            continue
    return found


def _entries(said: Any) -> Iterator[tuple[str, Any]]:
    """All names in a config with what they stand for, those of a model inside a model too; without recursion."""
    left = [said]
    while left:
        part = left.pop()
        if isinstance(part, dict):
            yield from ((str(name), value) for name, value in part.items())
            left += part.values()


def _numbers(said: Any, name: str) -> Iterator[int]:
    return (value for key, value in _entries(said) if name in key and type(value) is int)


def _lengths(said: Any, name: str) -> Iterator[int]:
    return (len(value) for key, value in _entries(said) if key == name and isinstance(value, (dict, list)))
