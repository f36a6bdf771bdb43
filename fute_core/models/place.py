"""Where a model is, and bringing its inputs there.

Of a model that is spread over several devices some layers may be elsewhere, which torch calls `meta`: in main memory or
in the model's file, from where each is brought to the first device while it computes.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from fute_core.models.device import PROCESSOR

if TYPE_CHECKING:
    import torch


def where(model: Any) -> "torch.device":
    """Tell where a model computes.

    Parameters
    ----------
    model : torch.nn.Module
        With its weights in one place, or spread.

    Returns
    -------
    torch.device
        That place, or the first of several; the processor where all layers are elsewhere.
    """
    import torch

    for weights in model.parameters():
        if not weights.is_meta:
            device: torch.device = weights.device
            return device
    return torch.device(PROCESSOR)


def places(model: Any) -> "set[torch.device]":
    """List the devices on which a model's weights lie.

    Parameters
    ----------
    model : torch.nn.Module
        Loaded.

    Returns
    -------
    set of torch.device
        Among them `meta` for what is elsewhere.
    """
    return {weights.device for weights in model.parameters()}


def lies_apart(model: Any) -> bool:
    """Whether a model is spread over several devices, so that it can be moved to none.

    Parameters
    ----------
    model : torch.nn.Module
        Loaded.

    Returns
    -------
    bool
        True also where all its layers are elsewhere.
    """
    found = places(model)
    return len(found) > 1 or any(device.type == "meta" for device in found)


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


def sent(numbers: NDArray[Any], device: "torch.device", ahead: bool) -> "torch.Tensor":
    """Send numbers to a device.

    Parameters
    ----------
    numbers : ndarray
        They are not written to afterwards.
    device : torch.device
        Where a model is.
    ahead : bool
        Whether not to wait for what the device is at work on, which it must be able to do.

    Returns
    -------
    Tensor
        The same numbers there.
    """
    import torch

    here = torch.from_numpy(numbers)
    return here.pin_memory().to(device, non_blocking=True) if ahead else here.to(device)
