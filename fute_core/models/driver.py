"""What torch offers for a kind of device: how much is free there, and how much was held."""

from typing import Any

from fute_core.models.device import PROCESSOR


def driver_of(device: str) -> tuple[Any, int]:
    """Give the module of torch for a kind of device.

    Parameters
    ----------
    device : str
        As `find_device` gives it.

    Returns
    -------
    tuple of (module or None, int)
        None for the processor and for a kind that torch has nothing for; and the number of the device.
    """
    import torch

    kind, _, number = device.partition(":")
    return None if kind == PROCESSOR else getattr(torch, kind, None), int(number or 0)
