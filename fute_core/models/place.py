"""Where a model is, and bringing its inputs there."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

if TYPE_CHECKING:
    import torch


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
