"""What a device has room for: what is free, what a model takes, and putting it there.

What is spread over several devices lies where it was read to, and is moved nowhere.
"""

import re
from typing import Any

from fute_core.errors import Unavailable
from fute_core.models.device import PROCESSOR, accelerators, exact_products, said_of
from fute_core.models.driver import driver_of
from fute_core.models.place import lies_apart, where

MEND = "choose cpu or another device, or end what else uses it"
LEFT_FREE = 0.3
"""Of an accelerator's free memory, where a model is spread: for what lies between the layers, and for wider copies."""
MOST_LEFT = 10e9
"""More than that is not left free, however much there is."""
OF_MAIN = 0.9
"""Of the free main memory, for what has no room on accelerators."""
_OUT_OF_MEMORY = re.compile(r"out of memory|can't allocate memory|not enough memory", re.IGNORECASE)


def free_memory(device: str) -> int | None:
    """Tell how much memory of a device nobody uses.

    Parameters
    ----------
    device : str
        As `find_device` gives it.

    Returns
    -------
    int or None
        Bytes; None where the device does not say.
    """
    if device == PROCESSOR:
        import psutil

        return int(psutil.virtual_memory().available)
    driver, number = driver_of(device)
    if hasattr(driver, "mem_get_info"):
        return int(driver.mem_get_info(number)[0])
    if hasattr(driver, "recommended_max_memory"):
        return int(driver.recommended_max_memory() - driver.driver_allocated_memory())
    return None


def size_of(model: Any) -> int:
    """Tell how much memory a model's weights take.

    Parameters
    ----------
    model : torch.nn.Module
        Loaded.

    Returns
    -------
    int
        Bytes; weights that several layers share count once.
    """
    held = {
        t.untyped_storage().data_ptr(): t.untyped_storage().nbytes() for t in (*model.parameters(), *model.buffers())
    }
    return sum(held.values())


def put_model(model: Any, device: str, name: str = "The model", mend: str = MEND) -> Any:
    """Move a model's weights to a device, whose products of float32 are float32 from then on.

    Parameters
    ----------
    model : torch.nn.Module
        Changed in place.
    device : str
        As `find_device` gives it.
    name : str, default "The model"
        What it is called, to begin a sentence with.
    mend : str, optional
        What to do where there is no room for it.

    Returns
    -------
    torch.nn.Module
        The same model.

    Raises
    ------
    Unavailable
        Where the device has no room for it: before anything is moved, if the device says what is free.
    """
    if device != PROCESSOR:
        exact_products()
    if lies_apart(model) or str(where(model)) == device:  # it came there while it was read
        return model
    need = size_of(model)
    check_room(name, device, need, mend)
    try:
        return model.to(device)
    except RuntimeError as error:
        if not is_out_of_memory(error):
            raise
        raise _no_room(name, device, need, free_memory(device), mend) from error


def check_room(name: str, device: str, need: int, mend: str = MEND) -> None:
    """Check that a device has room for a model, if it says what is free.

    Parameters
    ----------
    name : str
        What the model is called, to begin a sentence with.
    device : str
        As `find_device` gives it.
    need : int
        Bytes that its weights take.
    mend : str, optional
        What to do where there is none.

    Raises
    ------
    Unavailable
        Where there is none.
    """
    free = free_memory(device)
    if free is not None and need > free:
        raise _no_room(name, device, need, free, mend)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that a device has no memory left.

    Parameters
    ----------
    error : BaseException
        As torch raises it; its own class for that is not used by every device.

    Returns
    -------
    bool
        True for the processor's memory, too.
    """
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError) and _OUT_OF_MEMORY.search(str(error)) is not None
    )


def _no_room(name: str, device: str, need: int, free: int | None, mend: str) -> Unavailable:
    there = "less" if free is None else f"{free / 1e9:.1f} GB"
    return Unavailable(f"{name} needs {need / 1e9:.1f} GB, and {said_of(device)} has {there} free; {mend}.")


def room_for_weights() -> dict[int | str, int]:
    """Tell how much of each device the weights of a model that is spread may take.

    Returns
    -------
    dict of int or str to int
        Bytes, by what the library accelerate calls the accelerators and the processor.
    """
    room: dict[int | str, int] = {}
    for device, called in accelerators().items():
        if (free := free_memory(device)) is not None:
            room[called] = int(free - min(LEFT_FREE * free, MOST_LEFT))
    return {**room, PROCESSOR: int(OF_MAIN * (free_memory(PROCESSOR) or 0))}
