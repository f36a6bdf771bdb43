"""Content-addressed store on diskcache: raw arrays and JSON, never a pickle, safe for several processes.

A value is `MAGIC`, the header's length, a JSON header, the arrays' bytes and a digest of all that, so a torn, cut or
foreign value reads as missing. Embeddings, answers and other arrays lie in folders of their own.
"""

import errno
import hashlib
import json
import sqlite3
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import diskcache
import numpy as np

from fute_core.digest import digest
from fute_core.errors import BadInput, Unavailable
from fute_core.home import fute_home
from fute_core.tasks import Block, Provenance, TaskEmbedding, Text

MAGIC = b"FUTE1\n"
TIMEOUT_SECONDS = 30
SECTIONS = ("embeddings", "names", "answers", "arrays")


class RawDisk(diskcache.Disk):
    """str keys and bytes values only: a pickle is neither written nor read."""

    def put(self, key):
        return _only(str, key), True

    def get(self, key, raw):
        return _only(str, key)

    def store(self, value, read, key=diskcache.UNKNOWN):
        return super().store(_only(bytes, value), read, key)

    def fetch(self, mode, filename, value, read):
        if mode not in (1, 2):  # diskcache's raw and binary; 4 would be a pickle
            raise ValueError(f"value of mode {mode} refused")
        return _only(bytes, super().fetch(mode, filename, value, read))


def _only(kind: type, value):
    if type(value) is not kind:
        raise TypeError(f"{kind.__name__} expected, not {type(value).__name__}")
    return value


def pack(arrays: Mapping[str, np.ndarray], meta: Mapping[str, Any]) -> bytes:
    """Arrays of numbers and JSON values as bytes."""
    specs, parts, offset = {}, [], 0
    for name, array in arrays.items():
        array = np.asarray(array)
        if array.dtype.kind not in "biuf":
            raise TypeError(f"array {name!r} has dtype {array.dtype}; only numbers can be stored")
        raw = np.ascontiguousarray(array.astype(array.dtype.newbyteorder("<"), copy=False)).tobytes()
        specs[name] = [array.dtype.newbyteorder("<").str, list(array.shape), offset, len(raw)]
        parts.append(raw)
        offset += len(raw)
    header = json.dumps({"arrays": specs, "meta": dict(meta)}, ensure_ascii=False).encode()
    body = b"".join([MAGIC, struct.pack("<I", len(header)), header, *parts])
    return body + hashlib.blake2b(body, digest_size=16).digest()


def unpack(value: bytes) -> tuple[dict[str, np.ndarray], dict[str, Any]] | None:
    """What `pack` was given, arrays read-only; None for bytes that are damaged or of another format."""
    body, seal = value[:-16], value[-16:]
    if not body.startswith(MAGIC) or hashlib.blake2b(body, digest_size=16).digest() != seal:
        return None
    start = len(MAGIC) + 4
    (length,) = struct.unpack("<I", body[len(MAGIC) : start])
    header = json.loads(body[start : start + length])
    start += length
    arrays = {
        name: np.frombuffer(body, dtype, count=int(np.prod(shape)), offset=start + offset).reshape(shape)
        for name, (dtype, shape, offset, _) in header["arrays"].items()
    }
    return arrays, header["meta"]


class Store:
    """Vectors, answers and features by content digest. Nothing is ever evicted unless asked."""

    def __init__(self, path: Path | str | None = None):
        self.path = Path(path) if path is not None else fute_home() / "cache"
        self._sections: dict[str, diskcache.Cache] = {}

    # arrays -----------------------------------------------------------------------------------------------------

    def put(self, key: str, arrays: Mapping[str, np.ndarray], meta: Mapping[str, Any], section: str = "arrays") -> None:
        """Store under `key`. A killed writer leaves the old value or the new one. Raises Unavailable for a full disk."""
        value = pack(arrays, meta)
        with self._told():
            self._open(section).set(key, value)

    def get(self, key: str, section: str = "arrays") -> tuple[dict[str, np.ndarray], dict[str, Any]] | None:
        """(arrays, meta), or None for an unknown key or a damaged value."""
        with self._told():
            return self._read(self._open(section), key)

    @staticmethod
    def _read(cache: diskcache.Cache, key: str):
        try:
            value = cache.get(key)
        except (ValueError, TypeError):
            return None
        return None if value is None else unpack(value)

    # embeddings -------------------------------------------------------------------------------------------------

    def put_embedding(self, embedding: TaskEmbedding) -> None:
        """Store the vector under its key, and its name beside it: one vector may carry several names."""
        meta = asdict(embedding)
        meta.pop("vector")
        self.put(embedding.key, {"vector": embedding.vector}, meta, "embeddings")
        self.put_name(embedding)

    def put_name(self, embedding: TaskEmbedding) -> None:
        """Give a stored vector (another) name."""
        meta = {field: getattr(embedding, field) for field in ("name", "kind", "family", "key")}
        self.put(_name_key(embedding), {}, meta, "names")

    def get_embedding(self, key: str) -> TaskEmbedding | None:
        """The embedding as it was first named, or None."""
        found = self.get(key, "embeddings")
        return None if found is None else _embedding(*found)

    def has_embedding(self, key: str) -> bool:
        return self.get_embedding(key) is not None

    def embeddings(self) -> list[TaskEmbedding]:
        """All named embeddings, oldest first; damaged ones are left out and told by `verify`."""
        vectors: dict[str, TaskEmbedding | None] = {}
        named = []
        with self._told():
            names = self._open("names")
            for entry in names.iterkeys():
                if (found := self._read(names, entry)) is None:
                    continue
                meta = found[1]
                if meta["key"] not in vectors:
                    vectors[meta["key"]] = self.get_embedding(meta["key"])
                if (vector := vectors[meta["key"]]) is not None:
                    named.append(replace(vector, **meta))
        return sorted(named, key=lambda e: (e.provenance.created, e.name))

    def delete(self, embedding: TaskEmbedding) -> None:
        """Forget this name, and the vector with its last name."""
        with self._told():
            names = self._open("names")
            names.delete(_name_key(embedding))
            if not any(e.key == embedding.key for e in self.embeddings()):
                self._open("embeddings").delete(embedding.key)

    # answers ----------------------------------------------------------------------------------------------------

    def put_answers(self, predictor: str, texts: Sequence[Text], answers: np.ndarray) -> None:
        """Keep a predictor's raw answers (n, s), one a text, so that any overlap of probe sets is reused."""
        with self._told():
            cache = self._open("answers")
            with cache.transact():
                for text, row in zip(texts, answers, strict=True):
                    cache.set(_answer_key(predictor, text), pack({"answer": np.asarray(row, np.float32)}, {}))

    def get_answers(self, predictor: str, texts: Sequence[Text]) -> tuple[list[np.ndarray | None], np.ndarray]:
        """(answer or None for each text, bool array of the missing)."""
        with self._told():
            cache = self._open("answers")
            found = [self._read(cache, _answer_key(predictor, text)) for text in texts]
        rows = [None if f is None else f[0]["answer"] for f in found]
        return rows, np.array([row is None for row in rows], bool)

    # maintenance ------------------------------------------------------------------------------------------------

    def info(self) -> dict[str, Any]:
        """Path, free bytes of the disk, and for each section its count and bytes."""
        import shutil

        report: dict[str, Any] = {"path": str(self.path)}
        with self._told():
            for section in SECTIONS:
                cache = self._open(section)
                report[section] = {"count": len(cache), "bytes": cache.volume()}
        report["free_bytes"] = shutil.disk_usage(self.path).free
        return report

    def verify(self) -> list[tuple[str, str]]:
        """(section, key) of every value that is damaged: reads them all."""
        damaged = []
        with self._told():
            for section in SECTIONS:
                cache = self._open(section)
                damaged += [(section, key) for key in cache.iterkeys() if self._read(cache, key) is None]
        return damaged

    def prune(self, *, section: str | None = None, older_than: str | None = None, damaged: bool = False) -> int:
        """Delete on request and count: a whole section, embeddings made before an ISO date, or damaged values."""
        count = 0
        with self._told():
            if damaged:
                for where, key in self.verify():
                    count += bool(self._open(where).delete(key))
            if older_than is not None:
                for embedding in self.embeddings():
                    if embedding.provenance.created < older_than:
                        self.delete(embedding)
                        count += 1
            if section is not None:
                count += self._open(section).clear()
        return count

    def entries(self, sections: Iterable[str] = SECTIONS) -> Iterator[tuple[str, str, bytes]]:
        """(section, key, value) of every sound value."""
        with self._told():
            for section in sections:
                cache = self._open(section)
                for key in list(cache.iterkeys()):
                    if self._read(cache, key) is not None:
                        yield section, key, cache.get(key)

    def add_entry(self, section: str, key: str, value: bytes) -> str:
        """Add a packed value from elsewhere: "new", "known" (a sound value is never replaced) or "damaged"."""
        if section not in SECTIONS or unpack(value) is None:
            return "damaged"
        with self._told():
            cache = self._open(section)
            if self._read(cache, key) is not None:
                return "known"
            cache.set(key, value)
        return "new"

    def _open(self, section: str) -> diskcache.Cache:
        if section not in SECTIONS:
            raise BadInput(f"The store has no section {section!r}; choose from {', '.join(SECTIONS)}.")
        if section not in self._sections:
            self._sections[section] = diskcache.Cache(
                str(self.path / section), timeout=TIMEOUT_SECONDS, disk=RawDisk, eviction_policy="none"
            )
        return self._sections[section]

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what the disk and SQLite say into one sentence."""
        try:
            yield
        except diskcache.Timeout as error:
            raise Unavailable(f"The store at {self.path} is locked by another process; try again when it ends.") from error
        except (OSError, sqlite3.Error) as error:
            full = getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT) or "full" in str(error)
            if full:
                raise Unavailable(
                    f"The disk with the store at {self.path} is full; free some room, or set FUTE_HOME to another disk. "
                    "Everything stored before is kept."
                ) from error
            raise Unavailable(
                f"The store at {self.path} cannot be used ({error}); check the folder's permissions or set FUTE_HOME."
            ) from error


@lru_cache(maxsize=8)
def _opened(path: Path, process: int) -> Store:
    return Store(path)


def open_store(path: Path | str | None = None) -> Store:
    """The store at `path` (default: in `fute_home()`), opened once a process."""
    import os

    return _opened(Path(path) if path is not None else fute_home() / "cache", os.getpid())


def _name_key(embedding: TaskEmbedding) -> str:
    return digest((embedding.name, embedding.kind, embedding.key))


def _answer_key(predictor: str, text: Text) -> str:
    return f"{predictor}/{digest(text)}"


def _embedding(arrays: Mapping[str, np.ndarray], meta: dict[str, Any]) -> TaskEmbedding:
    meta = dict(meta)
    blocks = tuple(Block(**block) for block in meta.pop("blocks"))
    provenance = Provenance(**meta.pop("provenance"))
    return TaskEmbedding(vector=arrays["vector"], blocks=blocks, provenance=provenance, **meta)
