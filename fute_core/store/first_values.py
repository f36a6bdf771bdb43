"""Values as the first format held them: read for homes that were made by it, and never written.

`FIRST_MAGIC`, the header's length (4 bytes), a JSON header with each array's dtype, shape and place, the arrays' raw
little-endian bytes, and the seal. The first of them name no key.
"""

import json
import math
import struct
from typing import Any

import numpy as np

FIRST_MAGIC = b"FUTE1\n"


def read_first(body: memoryview) -> tuple[dict[str, np.ndarray], Any, str | None]:
    """Read a value whose seal is right.

    Parameters
    ----------
    body : memoryview
        What lies between `FIRST_MAGIC` and the seal.

    Returns
    -------
    tuple of (dict of str to ndarray, object, str or None)
        Arrays, read-only; JSON values; the key, None where it names none.

    Raises
    ------
    ValueError, TypeError, KeyError, AttributeError, RecursionError, struct.error
        For what does not fit together.
    """
    (length,) = struct.unpack("<I", body[:4])
    header = json.loads(str(body[4 : 4 + length], "utf-8"))
    arrays = {name: _array(body[4 + length :], *spec) for name, spec in header["arrays"].items()}
    return arrays, header["meta"], header.get("key")


def _array(data: memoryview, dtype: str, shape: list[int], offset: int, size: int) -> np.ndarray:
    kind = np.dtype(dtype)
    inside = 0 <= offset <= offset + size <= len(data)
    number = kind.kind in "biuf" and kind.itemsize <= 8
    if not number or not inside or math.prod(shape) * kind.itemsize != size:
        raise ValueError("array does not fit")
    return np.frombuffer(data[offset : offset + size], kind).reshape(shape)
