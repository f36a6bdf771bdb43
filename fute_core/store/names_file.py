"""All names of a store as columns in one sealed file: a cache beside the values, so that a new process reads one file.

It says after which change it was written, so what changed since is read from the values. A file that is damaged, of
another form or of another line of changes reads as missing. Columns that say the same of most names hold each value
once, in the file and in memory.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from fute_core.declared import checked, columns_declared
from fute_core.digest import digest
from fute_core.home import mode_within, write_whole
from fute_core.store.changes import StoreChange
from fute_core.store.headers import Header
from fute_core.store.values import pack, unpack
from fute_core.vectors import Provenance

FILE = "names.fute"
_KEY = "names"
_OF_HEADER = tuple(f.name for f in fields(Header) if f.name != "provenance")
_OF_PROVENANCE = tuple(f.name for f in fields(Provenance))
_SHARED = ("kind", "family", "surrogate", "surrogate_digest", "method", "params", "probes", "versions")
_FORM = digest((1, _OF_HEADER, _OF_PROVENANCE, _SHARED))


@dataclass(frozen=True)
class Names:
    """Names as of a change.

    Parameters
    ----------
    change : StoreChange
        The last one that is known.
    headers : mapping of str to Header
        By their keys in the section "names".
    """

    change: StoreChange
    headers: Mapping[str, Header]


def write_names(names: Names, folder: Path) -> None:
    """Write the file; a reader sees the old one or the new one.

    Parameters
    ----------
    names : Names
        What to write.
    folder : Path
        Folder of the section, which exists.

    Raises
    ------
    OSError
        Where the disk refuses.
    """
    headers = names.headers.values()
    columns: dict[str, Any] = {name: [getattr(h, name) for h in headers] for name in _OF_HEADER}
    columns |= {name: [getattr(h.provenance, name) for h in headers] for name in _OF_PROVENANCE}
    arrays = {}
    for name in _SHARED:
        columns[name], arrays[name] = _coded(columns[name])
    meta = {"form": _FORM, "change": asdict(names.change), "entries": list(names.headers), "columns": columns}
    write_whole(folder / FILE, pack(arrays, meta, _KEY), private=not mode_within(folder) & 0o077)


def read_names(folder: Path) -> Names | None:
    """Read the file.

    Parameters
    ----------
    folder : Path
        Folder of the section.

    Returns
    -------
    Names or None
        None where there is no file that this version can use.
    """
    try:
        value = unpack((folder / FILE).read_bytes(), _KEY)
        if value is None or value[1]["form"] != _FORM:
            return None
        arrays, meta = value
        columns = meta["columns"]
        for name in _SHARED:
            columns[name] = [columns[name][code] for code in arrays[name].tolist()]
        headers = _headers(columns)
        change = checked(StoreChange(**meta["change"]))
        return None if headers is None else Names(change, dict(zip(meta["entries"], headers, strict=True)))
    except (OSError, KeyError, IndexError, TypeError, ValueError, AttributeError):
        return None


def _headers(columns: Mapping[str, Sequence[Any]]) -> list[Header] | None:
    """Headers from their columns; None where a value has another type than its field."""
    made = {name: columns[name] for name in _OF_PROVENANCE}
    if not columns_declared(Provenance, made):
        return None
    provenances = [Provenance(*row) for row in zip(*made.values(), strict=True)]
    own = {name: columns[name] for name in _OF_HEADER} | {"provenance": provenances}
    if not columns_declared(Header, own):
        return None
    return [Header(*row) for row in zip(*own.values(), strict=True)]


def _coded(values: Iterable[Any]) -> tuple[list[Any], np.ndarray]:
    """Different values, each once, and for each of the given ones its place among them."""
    places: dict[tuple[bool, str], int] = {}
    different: list[Any] = []
    codes: list[int] = []
    for value in values:
        known = (True, value) if isinstance(value, str) else (False, json.dumps(value))  # null is not "null"
        if known not in places:
            places[known] = len(different)
            different.append(value)
        codes.append(places[known])
    return different, np.array(codes, np.int32)
