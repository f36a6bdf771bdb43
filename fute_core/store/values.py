"""The store's value format: numbers and JSON as sealed bytes, nothing executable.

`MAGIC`, a safetensors file whose metadata are the value's key and its JSON, and a 16-byte blake2b digest of all that: a
torn, cut or foreign value reads as None, and so does one that lies under another key than its own. Values of the format
before are read as well.
"""

import hashlib
import json
import re
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np

from fute_core.store.first_values import FIRST_MAGIC, read_first

Value = tuple[dict[str, np.ndarray], dict[str, Any]]
"""Arrays and JSON values, as `unpack` returns them."""

FORMAT = 2
MAGIC = b"FUTE%d\n" % FORMAT
_ANY_VERSION = re.compile(rb"FUTE(\d{1,4})\n")
SEAL_BYTES = 16


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
    from safetensors.numpy import save

    plain = {}
    for name, array in arrays.items():
        array = np.asarray(array)
        if array.dtype.kind not in "biuf" or array.dtype.itemsize > 8:
            raise TypeError(f"array {name!r} has dtype {array.dtype}; only numbers of at most 8 bytes can be stored")
        plain[name] = np.asarray(array, array.dtype.newbyteorder("<"), order="C")
    body = MAGIC + save(plain, {"key": key, "meta": json.dumps(dict(meta), default=_number)})
    return body + _seal(body)


def unpack(value: bytes, key: str) -> Value | None:
    """Read what `pack` was given, arrays read-only.

    The seal guards against accidents, not against malice, so what lies inside is checked as well.

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
    mark = bytes(body[: len(MAGIC)])
    if mark not in (MAGIC, FIRST_MAGIC) or _seal(body) != value[-SEAL_BYTES:]:
        return None
    try:
        arrays, meta, sealed_for = (_read if mark == MAGIC else read_first)(body[len(MAGIC) :])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, struct.error):
        return None
    return (arrays, meta) if isinstance(meta, dict) and sealed_for in (key, None) else None


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
    return mark is not None and int(mark[1]) > FORMAT


def _seal(body: bytes | memoryview) -> bytes:
    return hashlib.blake2b(body, digest_size=SEAL_BYTES).digest()


def _read(body: memoryview) -> tuple[dict[str, np.ndarray], Any, str | None]:
    """Arrays, JSON values and key of a safetensors file."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        arrays = load(bytes(body))
    except SafetensorError as error:
        raise ValueError(str(error)) from error
    for array in arrays.values():
        array.flags.writeable = False
    (length,) = struct.unpack("<Q", body[:8])
    about = json.loads(bytes(body[8 : 8 + length]))["__metadata__"]  # which the library reads from files alone
    return arrays, json.loads(about["meta"]), about["key"]


def _number(value: Any) -> Any:
    """NumPy scalars, which methods like to leave in their remarks, as JSON numbers."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"a {type(value).__name__} cannot be stored; use JSON values")
