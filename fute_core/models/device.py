"""Where models compute: the one place that names kinds of devices, and finds what is chosen.

Everything else asks a model where it is. Results come back to the processor, which also has the heads and the space.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Any

from fute_core.errors import BadInput, Unavailable
from fute_core.models.asked import asked_inside
from fute_core.models.processor import has_bf16, main_memory

VARIABLE = "FUTE_DEVICE"
PROCESSOR = "cpu"
KINDS = ("cuda", "mps", "xpu")  # accelerators, as torch calls them, in the order in which `auto` looks for them
SPREAD = "spread"
"""A language model may lie on all accelerators of the first kind, and what has no room there in main memory."""
CHOICES = "auto, cpu, cuda, cuda:N, mps, xpu or spread"
_DRIVERS = ("nvidiactl", "nvidia0", "kfd", "dri", "dxg")  # what Linux has in /dev where there is an accelerator
_asked: ContextVar[str | None] = ContextVar("asked", default=None)


@contextmanager
def computing_on(wanted: str | None) -> Iterator[None]:
    """Choose the device of everything that is computed inside, in this thread.

    Whether it is there is asked when a model is loaded: the key of a vector may be looked up on another machine.

    Parameters
    ----------
    wanted : str or None
        One of `CHOICES`; None changes nothing.

    Yields
    ------
    None
        Load models and ask them inside.

    Raises
    ------
    BadInput
        For what is no choice.
    """
    if wanted is not None:
        read_choice(wanted)
    with asked_inside(_asked, wanted):
        yield


def chosen_device() -> str:
    """Tell the device on which models are to compute: as `computing_on` says, else `FUTE_DEVICE`, else `auto`.

    Returns
    -------
    str
        As torch calls it, such as "cpu" or "cuda:0".

    Raises
    ------
    BadInput, Unavailable
        As `find_device`.
    """
    return find_device(wanted_device())


def chose_processor() -> bool:
    """Whether models are to compute on the processor; a device that is named need not be there.

    Returns
    -------
    bool
        As `chosen_device` says, if that can be had.

    Raises
    ------
    BadInput
        For a variable `FUTE_DEVICE` that is no choice.
    """
    kind = read_choice(wanted_device())[0]
    return chosen_device() == PROCESSOR if kind in ("auto", SPREAD) else kind == PROCESSOR


def spreads() -> bool:
    """Whether a language model may lie on several devices.

    Returns
    -------
    bool
        As was asked for, however many there are.

    Raises
    ------
    BadInput
        For a variable `FUTE_DEVICE` that is no choice.
    """
    return read_choice(wanted_device())[0] == SPREAD


def wanted_device() -> str:
    """Tell what was asked for, as it was said: one of `CHOICES`, if it was said rightly.

    Returns
    -------
    str
        Said for this block, in the environment, or "auto".
    """
    return _asked.get() or os.environ.get(VARIABLE) or "auto"


def read_choice(wanted: str) -> tuple[str, int]:
    """Read a choice of a device, whether or not it is there.

    Parameters
    ----------
    wanted : str
        One of `CHOICES`.

    Returns
    -------
    tuple of (str, int)
        "auto", "spread", the processor or a kind of accelerator, and the number of the device.

    Raises
    ------
    BadInput
        For anything else.
    """
    kind, colon, number = wanted.strip().lower().partition(":")
    if kind in ("auto", SPREAD, PROCESSOR) and not colon:
        return kind, 0
    if kind not in KINDS or (colon and not number.isdecimal()):
        raise BadInput(f"{wanted!r} is no device; choose {CHOICES}.")
    return kind, int(number or 0)


def find_device(wanted: str) -> str:
    """Find the device that a choice means. Torch is imported only where there may be an accelerator.

    Parameters
    ----------
    wanted : str
        One of `CHOICES`. `auto` means the first accelerator that is there, else the processor; so does `spread`, for
        what is not spread.

    Returns
    -------
    str
        As torch calls it, such as "cpu" or "cuda:0".

    Raises
    ------
    BadInput
        For what is no choice.
    Unavailable
        For a device that is not there.
    """
    kind, number = read_choice(wanted)
    if kind in ("auto", SPREAD):
        return next(iter(accelerators()), PROCESSOR)
    if kind == PROCESSOR:
        return PROCESSOR
    count = count_devices(kind)
    if not count:
        raise Unavailable(f"Torch finds no {kind} device here; choose auto or cpu, or install torch for {kind}.")
    if number >= count:
        raise Unavailable(f"There is no {kind}:{number} here; the last {kind} device is {kind}:{count - 1}.")
    return f"{kind}:{number}"


def accelerators() -> dict[str, int | str]:
    """List the accelerators that one model may be spread over.

    Returns
    -------
    dict of str to int or str
        Those of the first kind that is there, as `find_device` gives them; each with what the library accelerate calls
        it.
    """
    kind = next((kind for kind in KINDS if count_devices(kind)), None)
    return {} if kind is None else {f"{kind}:{n}": kind if kind == "mps" else n for n in range(count_devices(kind))}


@lru_cache(maxsize=8)
def count_devices(kind: str) -> int:
    """Count the accelerators of a kind.

    Parameters
    ----------
    kind : str
        One of `KINDS`.

    Returns
    -------
    int
        0 where torch cannot use any.
    """
    if _processor_only():
        return 0
    import torch

    return int(getattr(torch, kind).device_count())


def _processor_only() -> bool:
    """Whether there is no accelerator for sure, known without torch, whose import takes longer than a stored vector."""
    try:
        if "+cpu" in metadata.version("torch"):
            return True
    except metadata.PackageNotFoundError:
        return True
    return sys.platform == "linux" and not any(Path("/dev", name).exists() for name in _DRIVERS)


def list_devices() -> list[dict[str, Any]]:
    """List the devices on which models can compute.

    Returns
    -------
    list of dict
        The processor, then accelerators: "name", "title", "memory" in bytes or None, and "precisions", those whose
        products it has natively.
    """
    here = ["float32", *(["bfloat16"] if has_bf16() else [])]
    found: list[dict[str, Any]]
    found = [{"name": PROCESSOR, "title": "processor", "memory": main_memory(), "precisions": here}]
    for kind in KINDS:
        found += [_described(kind, number) for number in range(count_devices(kind))]
    return found


def _described(kind: str, number: int) -> dict[str, Any]:
    import torch

    title, memory, bf16 = "Apple GPU", None, True
    if kind == "mps":
        memory = torch.mps.recommended_max_memory()
    else:
        facts = getattr(torch, kind).get_device_properties(number)
        title, memory = facts.name, facts.total_memory
        bf16 = kind != "cuda" or torch.version.hip is not None or (facts.major, facts.minor) >= (8, 0)
    precisions = ["float32", "float16", *(["bfloat16"] if bf16 else [])]
    return {"name": f"{kind}:{number}", "title": title, "memory": memory, "precisions": precisions}


def said_of(device: str) -> str:
    """Name a device for a reader.

    Parameters
    ----------
    device : str
        As `find_device` gives it.

    Returns
    -------
    str
        With what it is: "cuda:0 (NVIDIA H200)".
    """
    title = next((d["title"] for d in list_devices() if d["name"] == device), None)
    return f"{device} ({title})" if title else device


def exact_products() -> None:
    """Let products of float32 be float32 on an accelerator: TF32 would keep ten bits of each number."""
    import torch

    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False


def has_flash_attention(device: str) -> bool:
    """Whether torch has its attention kernel for half precision there; cards without bfloat16 lack it.

    Parameters
    ----------
    device : str
        As `find_device` gives it.

    Returns
    -------
    bool
        False for every other kind.
    """
    kind, number = read_choice(device)
    return kind == "cuda" and "bfloat16" in _described(kind, number)["precisions"]
