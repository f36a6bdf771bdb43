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
from fute_core.store.changes import track
from fute_core.store.disk import TELL_SECONDS, open_cache, patiently, told
from fute_core.store.headers import read_embedding, read_header
from fute_core.store.index import Index
from fute_core.store.values import Value, pack, unpack

SECTIONS = ("embeddings", "names", "answers", "arrays")


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
        self._indexes: dict[str, Index] = {}

    def __reduce__(self) -> tuple[type["Sections"], tuple[Path]]:
        # A copy, also one in another process, opens the same folder anew: connections are not shared.
        return type(self), (self.path,)

    def check_writable(self, section: str = "arrays") -> None:
        """Tell a disk that cannot be written before anything is computed for it.

        Parameters
        ----------
        section : str, default "arrays"
            One of `SECTIONS`.
        """
        with self._told():
            patiently(self.path, lambda: self._open(section))

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

        def write() -> None:
            cache = self._open(section)
            with cache.transact():
                present = [key for key in packed if key in cache]
                for key in packed.keys() - present:
                    cache.set(key, packed[key])
            for key in present:
                cache.set(key, packed[key])

        with self._told():
            patiently(self.path, write)

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
        index = self._index(section)
        with self._told():
            return index.several(list(keys))

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
            return self._index(section).keys()

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
            return patiently(self.path, lambda: bool(self._open(section).delete(key)))

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
            return patiently(self.path, lambda: int(self._open(section).clear()))

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
                count, size = self._index(section).size()
                report[section] = {"count": count, "bytes": size}
            there = next(place for place in (self.path.absolute(), *self.path.absolute().parents) if place.exists())
            report["free_bytes"] = shutil.disk_usage(there).free
        return report

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
                        value = self._index(section).get(key)
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
        if self.get(key, section) is not None:
            return "known"
        packed = pack(*found, key)  # values of the first version do not name their key yet
        with self._told():
            patiently(self.path, lambda: self._open(section).set(key, packed))
        return "new"

    def _index(self, section: str) -> Index:
        """For reading, which makes and writes nothing."""
        if section not in self._indexes:
            self._indexes[section] = Index(self.path / _known(section))
        return self._indexes[section]

    def _open(self, section: str) -> diskcache.Cache:
        """For writing."""
        _known(section)
        folder = self.path / section
        if section in self._caches and not (folder / diskcache.core.DBNAME).exists():
            self._caches.pop(section).close()  # the user removed the folder while we ran: begin anew
        if section not in self._caches:
            cache = open_cache(folder)
            if section == "names":
                track(folder, TELL_SECONDS)
            self._caches[section] = cache
        return self._caches[section]

    def _told(self) -> AbstractContextManager[None]:
        return told(self.path)


def _known(section: str) -> str:
    if section not in SECTIONS:
        raise BadInput(f"The store has no section {section!r}; choose from {', '.join(SECTIONS)}.")
    return section


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
