"""Sealed values in the sections of a store: one diskcache folder each, so that listing one reads none of the others."""

import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import diskcache
import numpy as np

from fute_core.errors import BadInput
from fute_core.home import fute_home
from fute_core.store.disk import count_lost, open_cache, sweep, told
from fute_core.store.headers import read_embedding, read_header
from fute_core.store.values import Value, is_newer, pack, unpack

SECTIONS = ("embeddings", "names", "answers", "arrays")
DAMAGED = "damaged"
NEWER = "written by a newer version"
NO_NUMBERS = "holds NaN or infinity"


class Sections:
    """Arrays of numbers and JSON values under keys, in four sections that keep everything unless asked.

    Every method raises Unavailable, in one sentence, for a full, read-only, locked or damaged disk; what was stored
    before is kept. A damaged value, or one that was stored under another key, reads as missing. A killed writer leaves
    the old value or the new one.

    Parameters
    ----------
    path : path-like, optional
        Folder of the store, made with the first value. By default `cache` in `fute_home()`.
    """

    def __init__(self, path: Path | str | None = None):
        self.path = Path(path) if path is not None else fute_home() / "cache"
        self._caches: dict[str, diskcache.Cache] = {}

    def put(self, key: str, arrays: Mapping[str, np.ndarray], meta: Mapping[str, Any], section: str = "arrays") -> None:
        """Store one value.

        Parameters
        ----------
        key : str
            Where it will lie.
        arrays : mapping of str to ndarray
            Numbers of at most 8 bytes each, any shapes.
        meta : mapping
            JSON values.
        section : str, default "arrays"
            One of `SECTIONS`.
        """
        self.put_many({key: (arrays, meta)}, section)

    def put_many(
        self, values: Mapping[str, tuple[Mapping[str, np.ndarray], Mapping[str, Any]]], section: str = "arrays"
    ) -> None:
        """Store several values; new keys come in together or not at all.

        Present keys are replaced one by one: within `transact`, diskcache 5.6.3 removes a replaced value's file before
        the commit, so a kill in between would leave neither the old value nor the new one.

        Parameters
        ----------
        values : mapping of str to (arrays, meta)
            As `put` takes them.
        section : str, default "arrays"
            One of `SECTIONS`.
        """
        packed = {key: pack(*value, key) for key, value in values.items()}
        with self._told():
            cache = self._open(section)
            with cache.transact():
                present = [key for key in packed if key in cache]
                for key in packed.keys() - present:
                    cache.set(key, packed[key])
            for key in present:
                cache.set(key, packed[key])

    def get(self, key: str, section: str = "arrays") -> Value | None:
        """Read one value.

        Parameters
        ----------
        key : str
            Where it lies.
        section : str, default "arrays"
            One of `SECTIONS`.

        Returns
        -------
        (dict, dict) or None
            Arrays, read-only, and JSON values; None for an unknown key or a damaged value.
        """
        return self.get_many([key], section)[0]

    def get_many(self, keys: Iterable[str], section: str = "arrays") -> list[Value | None]:
        """Read several values.

        Parameters
        ----------
        keys : iterable of str
            Where they lie.
        section : str, default "arrays"
            One of `SECTIONS`.

        Returns
        -------
        list
            `get` of each key.
        """
        with self._told():
            cache = self._open(section)
            return [_read(cache, key) for key in keys]

    def keys(self, section: str) -> list[str]:
        """List the keys of a section.

        Parameters
        ----------
        section : str
            One of `SECTIONS`.

        Returns
        -------
        list of str
            Keys of all values, damaged ones too.
        """
        with self._told():
            return list(self._open(section).iterkeys())

    def remove(self, section: str, key: str) -> bool:
        """Delete one value.

        Parameters
        ----------
        section : str
            One of `SECTIONS`.
        key : str
            Where it lies.

        Returns
        -------
        bool
            Whether there was one.
        """
        with self._told():
            return bool(self._open(section).delete(key))

    def clear(self, section: str) -> int:
        """Delete all values of a section.

        Parameters
        ----------
        section : str
            One of `SECTIONS`.

        Returns
        -------
        int
            How many there were.
        """
        with self._told():
            return int(self._open(section).clear())

    def info(self) -> dict[str, Any]:
        """Tell how much is stored where.

        Returns
        -------
        dict
            "path", "free_bytes" of the disk, and for each section its "count" and "bytes".
        """
        report: dict[str, Any] = {"path": str(self.path)}
        with self._told():
            for section in SECTIONS:
                cache = self._open(section)
                report[section] = {"count": len(cache), "bytes": cache.volume()}
            report["free_bytes"] = shutil.disk_usage(self.path).free
        return report

    def verify(self, drop: bool = False) -> list[tuple[str, str]]:
        """Read every value, to find the damaged ones.

        Parameters
        ----------
        drop : bool, default False
            Delete those, and the files that killed writers left behind.

        Returns
        -------
        list of (str, str)
            Section and key of each damaged value.

        See Also
        --------
        faults : What else may be wrong with a value; none of that is deleted.
        """
        damaged = [(s, key) for s, key, why in self.faults() if why == DAMAGED]
        if drop:
            for section, key in damaged:
                self.remove(section, key)
            with self._told():
                for section in SECTIONS:
                    sweep(self._open(section))
        return damaged

    def faults(self) -> list[tuple[str, str, str]]:
        """Read every value, to find those that are not as they should be.

        Returns
        -------
        list of (str, str, str)
            Section, key and what is wrong: `DAMAGED`, `NEWER` or `NO_NUMBERS`. For files of values that a section's
            index does not name, the key is empty.
        """
        found = []
        for section in SECTIONS:
            for key in self.keys(section):
                if why := self._fault(section, key):
                    found.append((section, key, why))
            with self._told():
                lost = count_lost(self._open(section))
            if lost:
                found.append((section, "", f"{lost} files of values are not in its index {diskcache.core.DBNAME}"))
        return found

    def _fault(self, section: str, key: str) -> str:
        value = self.get(key, section)
        if value is None:
            with self._told():
                try:
                    raw = self._open(section).get(key)
                except (ValueError, TypeError):
                    raw = None
            return NEWER if isinstance(raw, bytes) and is_newer(raw) else DAMAGED
        # An answer may be none, and a measured number unknown; a vector is all numbers.
        vector = section == "embeddings"
        return NO_NUMBERS if vector and any(not np.isfinite(a).all() for a in value[0].values()) else ""

    def entries(self, sections: Iterable[str] = SECTIONS) -> Iterator[tuple[str, str, bytes]]:
        """Read every sound value as it lies on the disk.

        Parameters
        ----------
        sections : iterable of str, optional
            Which sections; by default all.

        Yields
        ------
        (str, str, bytes)
            Section, key, and the packed value.
        """
        for section in sections:
            for key in self.keys(section):
                with self._told():
                    try:
                        value = self._open(section).get(key)
                    except (ValueError, TypeError):
                        continue
                if value is not None and unpack(value, key) is not None:
                    yield section, key, value

    def add_entry(self, section: str, key: str, value: bytes) -> str:
        """Add a packed value from elsewhere; a sound value is never replaced.

        Parameters
        ----------
        section : str
            One of `SECTIONS`; any other counts as damaged.
        key : str
            Key that the value was sealed for.
        value : bytes
            As `entries` yields it.

        Returns
        -------
        str
            "new", "known" where a sound value is there already, or "damaged".
        """
        found = unpack(value, key)
        if section not in SECTIONS or found is None or not _fits(section, key, found):
            return "damaged"
        with self._told():
            cache = self._open(section)
            if _read(cache, key) is not None:
                return "known"
            cache.set(key, pack(*found, key))  # values of the first version do not name their key yet
        return "new"

    def _open(self, section: str) -> diskcache.Cache:
        if section not in SECTIONS:
            raise BadInput(f"The store has no section {section!r}; choose from {', '.join(SECTIONS)}.")
        folder = self.path / section
        if section in self._caches and not (folder / diskcache.core.DBNAME).exists():
            self._caches.pop(section).close()  # the user removed the folder while we ran: begin anew
        if section not in self._caches:
            self._caches[section] = open_cache(folder)
        return self._caches[section]

    def _told(self) -> AbstractContextManager[None]:
        return told(self.path)


def _read(cache: diskcache.Cache, key: str) -> Value | None:
    try:
        value = cache.get(key)
        if value is None and key in cache:  # replaced between the look at its row and at its file
            value = cache.get(key)
    except (ValueError, TypeError):
        return None
    return None if value is None else unpack(value, key)


def _fits(section: str, key: str, value: Value) -> bool:
    """Whether a sound value from elsewhere is what its section holds, under its own key."""
    if not re.fullmatch(r"[\w/.:-]{1,200}", key):
        return False
    if section == "embeddings":
        embedding = read_embedding(value)
        return embedding is not None and embedding.key == key
    if section == "names":
        header = read_header(value)
        return header is not None and header.entry == key
    return section != "answers" or "answer" in value[0]
