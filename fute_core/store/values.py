"""The store's value format: numbers and JSON as sealed bytes, nothing executable.

`MAGIC`, the header's length (4 bytes), a JSON header with the value's key and each array's dtype, shape and place, the
arrays' raw little-endian bytes, and a 16-byte blake2b digest of all that: a torn, cut or foreign value reads as None,
and so does one that lies under another key than its own. Values of the first version name no key, and are read as well.
"""

import hashlib
import json
import math
import re
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np

Value = tuple[dict[str, np.ndarray], dict[str, Any]]
"""Arrays and JSON values, as `unpack` returns them."""

MAGIC = b"FUTE1\n"
_ANY_VERSION = re.compile(rb"FUTE(\d{1,4})\n")
SEAL_BYTES = 16
ALIGN = 16
"""Arrays start at multiples of this: unaligned ones are slower, and may take other code paths with other last bits."""


def pack(arrays: Mapping[str, np.ndarray], meta: Mapping[str, Any], key: str) -> bytes:
    """Arrays of booleans, integers and floats of at most 8 bytes, and JSON values, as bytes that name their key.

    Parameters
    ----------
    arrays : mapping of str to ndarray
        Any shapes.
    meta : mapping
        JSON values.
    key : str
        Where the value will lie; the same content under two keys gives different bytes.

    Returns
    -------
    bytes
        The sealed value.

    Raises
    ------
    TypeError
        For any other dtype, and for what JSON cannot hold.
    """
    specs: dict[str, list[Any]] = {}
    parts: list[bytes] = []
    offset = 0
    for name, array in arrays.items():
        array = np.asarray(array)
        if not _storable(array.dtype):
            raise TypeError(f"array {name!r} has dtype {array.dtype}; only numbers of at most 8 bytes can be stored")
        little = array.dtype.newbyteorder("<")
        raw = np.ascontiguousarray(array, little).tobytes()
        specs[name] = [little.str, list(array.shape), offset, len(raw)]
        padding = -len(raw) % ALIGN
        parts += [raw, b"\0" * padding]
        offset += len(raw) + padding
    header = json.dumps({"key": key, "arrays": specs, "meta": dict(meta)}, default=_number).encode()
    header += b" " * (-(len(MAGIC) + 4 + len(header)) % ALIGN)
    body = b"".join([MAGIC, struct.pack("<I", len(header)), header, *parts])
    return body + hashlib.blake2b(body, digest_size=SEAL_BYTES).digest()


def unpack(value: bytes, key: str) -> Value | None:
    """Read what `pack` was given, arrays read-only.

    The seal guards against accidents, not against malice, so the header is checked as well.

    Parameters
    ----------
    value : bytes
        What was found.
    key : str
        Where it was found.

    Returns
    -------
    (dict, dict) or None
        Arrays and JSON values; None for bytes that are damaged, of another format, or sealed for another key.
    """
    body = memoryview(value)[:-SEAL_BYTES]
    start = len(MAGIC) + 4
    if len(body) < start or body[: len(MAGIC)] != MAGIC:
        return None
    if hashlib.blake2b(body, digest_size=SEAL_BYTES).digest() != value[-SEAL_BYTES:]:
        return None
    (length,) = struct.unpack("<I", body[len(MAGIC) : start])
    try:
        header = json.loads(str(body[start : start + length], "utf-8"))
        arrays = {name: _array(body[start + length :], *spec) for name, spec in header["arrays"].items()}
        meta, sealed_for = header["meta"], header.get("key", key)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return (arrays, meta) if isinstance(meta, dict) and sealed_for == key else None


def is_newer(value: bytes) -> bool:
    """Whether bytes are a value of a format that only a newer version writes.

    Parameters
    ----------
    value : bytes
        What was found.

    Returns
    -------
    bool
        False for what is damaged.
    """
    mark = _ANY_VERSION.match(value)
    return mark is not None and not value.startswith(MAGIC)


def _array(data: memoryview, dtype: str, shape: list[int], offset: int, size: int) -> np.ndarray:
    kind = np.dtype(dtype)
    inside = 0 <= offset <= offset + size <= len(data)
    if not _storable(kind) or not inside or math.prod(shape) * kind.itemsize != size:
        raise ValueError("array does not fit")
    return np.frombuffer(data[offset : offset + size], kind).reshape(shape)


def _storable(dtype: np.dtype) -> bool:
    return dtype.kind in "biuf" and dtype.itemsize <= 8


def _number(value: Any) -> Any:
    """NumPy scalars, which methods like to leave in their remarks, as JSON numbers."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"a {type(value).__name__} cannot be stored; use JSON values")
