"""Where models compute: the one place that names kinds of devices, finds what is chosen, and puts a model there.

Everything else asks a model where it is. Results come back to the processor, which also has the heads and the space.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fute_core.errors import BadInput, Unavailable

if TYPE_CHECKING:
    import torch

VARIABLE = "FUTE_DEVICE"
PROCESSOR = "cpu"
KINDS = ("cuda", "mps", "xpu")
"""Accelerators, as torch calls them, in the order in which `auto` looks for them."""
CHOICES = "auto, cpu, cuda, cuda:N, mps or xpu"
_DRIVERS = ("nvidiactl", "nvidia0", "kfd", "dri", "dxg")
"""What Linux has in /dev where there is an accelerator."""
_asked: ContextVar[str | None] = ContextVar("asked", default=None)


@contextmanager
def computing_on(wanted: str | None) -> Iterator[None]:
    """Choose the device of everything that is computed inside, in this thread.

    Parameters
    ----------
    wanted : str or None
        One of `CHOICES`; None leaves the choice as it is.

    Yields
    ------
    None
        Load models and ask them inside.

    Raises
    ------
    BadInput, Unavailable
        As `find_device`.
    """
    if wanted is None:
        yield
        return
    find_device(wanted)
    token = _asked.set(wanted)
    try:
        yield
    finally:
        _asked.reset(token)


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
    return find_device(_asked.get() or os.environ.get(VARIABLE) or "auto")


def find_device(wanted: str) -> str:
    """Find the device that a choice means. Torch is imported only where there may be an accelerator.

    Parameters
    ----------
    wanted : str
        One of `CHOICES`. `auto` means the first accelerator that is there, else the processor.

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
    kind, colon, number = wanted.strip().lower().partition(":")
    if kind == "auto" and not colon:
        return next((f"{kind}:0" for kind in KINDS if count_devices(kind)), PROCESSOR)
    if kind == PROCESSOR and not colon:
        return PROCESSOR
    if kind not in KINDS or (colon and not number.isdecimal()):
        raise BadInput(f"{wanted!r} is no device; choose {CHOICES}.")
    count = count_devices(kind)
    if not count:
        raise Unavailable(f"Torch finds no {kind} device here; choose auto or cpu, or install torch for {kind}.")
    if int(number or 0) >= count:
        raise Unavailable(f"There is no {kind}:{int(number)} here; the last {kind} device is {kind}:{count - 1}.")
    return f"{kind}:{int(number or 0)}"


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


@lru_cache(maxsize=1)
def has_bf16() -> bool:
    """Whether the processor multiplies bfloat16 natively; without that, bfloat16 is slower than float32.

    Returns
    -------
    bool
        As the processor says of itself.
    """
    try:
        flags = Path("/proc/cpuinfo").read_text().split("flags", 1)[-1].split("\n", 1)[0]
    except OSError:
        return False
    return any(feature in flags for feature in ("avx512_bf16", "amx_bf16"))


def list_devices() -> list[dict[str, Any]]:
    """List the devices on which models can compute.

    Returns
    -------
    list of dict
        The processor, then accelerators: "name", "title", "memory" in bytes or None, and "precisions", those whose
        products it has natively.
    """
    precisions = ["float32", *(["bfloat16"] if has_bf16() else [])]
    found: list[dict[str, Any]] = [
        {"name": PROCESSOR, "title": "processor", "memory": _main_memory(), "precisions": precisions}
    ]
    for kind in KINDS:
        found += [_described(kind, number) for number in range(count_devices(kind))]
    return found


def _main_memory() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):  # Windows has no sysconf
        return None


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


def put_model(model: Any, device: str) -> Any:
    """Move a model's weights to a device.

    On an accelerator, products of float32 are float32: TF32 would keep ten bits of each number.

    Parameters
    ----------
    model : torch.nn.Module
        Changed in place.
    device : str
        As `find_device` gives it.

    Returns
    -------
    torch.nn.Module
        The same model.

    Raises
    ------
    Unavailable
        Where the device has no room for it.
    """
    import torch

    if device == PROCESSOR:
        return model
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    try:
        return model.to(device)
    except RuntimeError as error:
        if "memory" not in str(error):
            raise
        raise Unavailable(f"The model does not fit into the memory of {said_of(device)}; choose cpu.") from error


def where(model: Any) -> "torch.device":
    """Tell where a model computes.

    Parameters
    ----------
    model : torch.nn.Module
        With all its weights in one place.

    Returns
    -------
    torch.device
        That place.
    """
    device: torch.device = next(model.parameters()).device
    return device


def put(tensors: "Mapping[str, torch.Tensor]", device: "torch.device") -> "dict[str, torch.Tensor]":
    """Move a batch to a device.

    Parameters
    ----------
    tensors : mapping of str to Tensor
        What a model takes, by name.
    device : torch.device
        Where the model is.

    Returns
    -------
    dict of str to Tensor
        The same tensors where they are there already.
    """
    return {name: tensor.to(device) for name, tensor in tensors.items()}
