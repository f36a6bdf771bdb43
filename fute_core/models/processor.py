"""What the processor of this machine has, known without torch."""

import os
from functools import lru_cache
from pathlib import Path


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


def main_memory() -> int | None:
    """Tell how much memory this machine has.

    Returns
    -------
    int or None
        Bytes; None where the system does not say.
    """
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):  # Windows has no sysconf
        return None
