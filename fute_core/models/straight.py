"""Reading a model's weights straight to where they compute, so that main memory never holds the model as a whole.

Carried out by the library accelerate, which keeps of a layer that is elsewhere its place in the model's file alone, and
reads it from there each time. So a file that is saved anew would change a model that is loaded.
"""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from pathlib import Path
from typing import Any

from fute_core.errors import Unavailable
from fute_core.models.device import PROCESSOR, exact_products
from fute_core.models.place import lies_apart, where
from fute_core.models.room import MEND, check_room, is_out_of_memory, room_for_weights

BYTES = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "F8_E4M3": 1, "F8_E5M2": 1, "I64": 8, "I32": 4, "I16": 2}
"""Of one number, by what safetensors calls its type; of every other one byte."""
FLOATS = ("F64", "F32", "F16", "BF16")
"""What becomes float32 where that is asked for; smaller ones are quantised and stay."""


def where_to(folder: Path, device: str, spread: bool, dtype: Any, name: str, mend: str = MEND) -> dict[str, Any]:
    """Tell a loader of `transformers` where weights are to be read to.

    Parameters
    ----------
    folder : Path
        Of a whole model.
    device : str
        As `find_device` gives it.
    spread : bool
        Whether the model may lie on other devices as well, and what has no room there in main memory and in its file.
    dtype : torch.dtype or "auto" or None
        What the weights are read as; None for what they are stored in, and "auto" for that where they are halved later.
    name : str
        What the model is called, to begin a sentence with.
    mend : str, optional
        What to do where there is no room for it.

    Returns
    -------
    dict of str to object
        For `from_pretrained`; empty where the weights are to be read into main memory first: on a processor, and where
        they are stored wider than they are computed with.

    Raises
    ------
    Unavailable
        Where the device has no room for the model.
    """
    if spread:
        return {"device_map": "auto", "max_memory": room_for_weights()}
    if device == PROCESSOR:
        return {}
    numbers = _numbers(folder)
    if dtype == "auto" and numbers.get("F32", 0) > sum(numbers.values()) / 2:
        return {}
    wide = dtype not in ("auto", None)
    need = sum(n * (4 if wide and kind in FLOATS else BYTES.get(kind, 1)) for kind, n in numbers.items())
    check_room(name, device, need, mend)
    return {"device_map": {"": device}}


def _numbers(folder: Path) -> dict[str, int]:
    """How many numbers of each type a model's files hold, by their headers."""
    from safetensors import safe_open

    whole = folder / "model.safetensors"
    found: dict[str, int] = {}
    for file in [whole] if whole.is_file() else sorted(folder.glob("model-*-of-*.safetensors")):
        with safe_open(file, "pt") as weights:
            for key in weights.keys():  # noqa: SIM118 - it is no mapping
                part = weights.get_slice(key)
                found[part.get_dtype()] = found.get(part.get_dtype(), 0) + prod(part.get_shape())
    return found


@contextmanager
def telling_of_room(name: str, mend: str = MEND) -> Iterator[None]:
    """Say in a sentence that a device was full while weights were read to it.

    Parameters
    ----------
    name : str
        What the model is called, to begin a sentence with.
    mend : str, optional
        What to do.

    Yields
    ------
    None
        Read weights inside.

    Raises
    ------
    Unavailable
        For a device that has no memory left.
    """
    # It says on every load that some weights are elsewhere, which was asked for.
    logging.getLogger("accelerate.big_modeling").setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():  # it takes numbers that belong to no layer for a mistake of its own map
            warnings.filterwarnings("ignore", "The following device_map keys")
            yield
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        raise Unavailable(f"{name} has no room where it is read to; {mend}.") from error


def dispatch(model: Any) -> Any:
    """Spread a model that was read into main memory over the accelerators; what has no room there stays.

    Parameters
    ----------
    model : transformers.PreTrainedModel
        Changed in place.

    Returns
    -------
    transformers.PreTrainedModel
        The same model.
    """
    room = room_for_weights()
    if lies_apart(model) or where(model).type != PROCESSOR or len(room) == 1:
        return model
    from accelerate import dispatch_model, infer_auto_device_map

    room[PROCESSOR] = 2**63 - 1  # where it is already
    exact_products()
    places = infer_auto_device_map(model, room, model._no_split_modules)
    return dispatch_model(model, places, skip_keys=model._skip_keys_device_placement)


def refuse_changes(model: Any, folder: Path, name: str) -> None:
    """Let a model that reads layers from its folder end in a sentence once other weights are there.

    Parameters
    ----------
    model : transformers.PreTrainedModel
        Changed in place, where layers of it are read each time.
    folder : Path
        From where.
    name : str
        What the model is called, to begin a sentence with.

    Raises
    ------
    Unavailable
        From the model's next call, where its files are no longer those that it began with.
    """
    if "disk" not in (getattr(model, "hf_device_map", None) or {}).values():
        return

    def state() -> list[tuple[str, int, int]]:
        facts = ((file.name, file.stat()) for file in sorted(folder.glob("*.safetensors")))
        return [(file, told.st_size, told.st_mtime_ns) for file, told in facts]

    read = state()

    def look(*_: Any) -> None:
        if state() != read:
            raise Unavailable(
                f"The weights of {name} in {folder} were replaced while it was reading them; ask it again."
            )

    model.register_forward_pre_hook(look)
    model.register_forward_hook(look)  # what was replaced meanwhile has mixed two models
