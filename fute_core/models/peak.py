"""How much memory a device has held at most."""

import sys
from contextlib import suppress

from fute_core.models.device import PROCESSOR
from fute_core.models.driver import driver_of


def forget_peak(device: str) -> None:
    """Begin to measure anew, where a device can.

    Parameters
    ----------
    device : str
        As `find_device` gives it. The peak of a processor is that of the whole process and is never forgotten.
    """
    if device != PROCESSOR and hasattr(driver := driver_of(device)[0], "reset_peak_memory_stats"):
        driver.reset_peak_memory_stats(driver_of(device)[1])


def peak_memory(device: str) -> int | None:
    """Tell how much was held at once, at most, since it was forgotten.

    Parameters
    ----------
    device : str
        As `find_device` gives it.

    Returns
    -------
    int or None
        Bytes that this process has allocated there, or of a processor, all that it held in main memory; None where
        nobody says.
    """
    if device == PROCESSOR:
        with suppress(ImportError):  # Windows has no such module
            import resource

            held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            return held if sys.platform == "darwin" else 1024 * held
        return None
    driver, number = driver_of(device)
    return int(driver.max_memory_allocated(number)) if hasattr(driver, "max_memory_allocated") else None
