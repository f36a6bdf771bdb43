"""One way to turn content into a short, stable, type-safe digest."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np


def digest(value: Any) -> str:
    """Hex digest (32 characters, blake2b) of nested content.

    Mappings are order-free, sequences are not. `1`, `1.0`, `"1"` and `True` differ. Arrays count by dtype, shape
    and bytes.

    Parameters
    ----------
    value : object
        None, numbers, strings, bytes, arrays, and mappings and sequences of such.

    Returns
    -------
    str
        The same for the same content, in every process.

    Raises
    ------
    TypeError
        For anything without an obvious content, such as an open file, a function, or a set, whose order may differ
        from process to process.
    """
    state = hashlib.blake2b(digest_size=16)
    _feed(state, value)
    return state.hexdigest()


def _feed(state: hashlib.blake2b, value: Any) -> None:
    if isinstance(value, np.ndarray):
        array = np.ascontiguousarray(value)
        state.update(f"a{array.dtype.str}{array.shape}".encode())
        state.update(array.data.cast("B") if array.size else b"")
    elif isinstance(value, str):
        raw = value.encode("utf-8", "surrogatepass")
        state.update(b"s%d:" % len(raw) + raw)
    elif isinstance(value, bytes):
        state.update(b"b%d:" % len(value) + value)
    elif value is None or isinstance(value, (bool, int, float)):
        state.update(f"{type(value).__name__}:{json.dumps(value)};".encode())
    elif isinstance(value, Mapping):
        state.update(b"m%d:" % len(value))
        for key in sorted(value):
            _feed(state, key)
            _feed(state, value[key])
    elif isinstance(value, Sequence):
        state.update(b"l%d:" % len(value))
        for item in value:
            _feed(state, item)
    else:
        raise TypeError(f"cannot digest a {type(value).__name__}; give numbers, text, arrays, mappings or sequences")
