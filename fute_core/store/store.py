"""Content-addressed store on diskcache: raw arrays and JSON, never a pickle, safe for several processes.

Values are sealed by `fute_core.store.values`. Embeddings, their names, answers and other arrays lie in folders of their
own, so that listing one reads none of the others. Nothing is evicted unless asked.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import lru_cache
from pathlib import Path
from types import UnionType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

import diskcache
import numpy as np

from fute_core.digest import digest
from fute_core.errors import BadInput
from fute_core.home import fute_home
from fute_core.store.disk import open_cache, sweep, told
from fute_core.store.keys import answers_key
from fute_core.store.values import pack, unpack
from fute_core.tasks import Block, Kind, Provenance, TaskEmbedding, Text

SECTIONS = ("embeddings", "names", "answers", "arrays")
Value = tuple[dict[str, np.ndarray], dict[str, Any]]
T = TypeVar("T")


@dataclass(frozen=True)
class Header:
    """A named embedding without its numbers: what a list shows. dim : length of the vector."""

    name: str
    kind: Kind
    family: str | None
    key: str
    dim: int
    provenance: Provenance

    space = TaskEmbedding.space  # it asks the provenance only

    @property
    def entry(self) -> str:
        """Key among the names: a name of a kind is unique within its space."""
        return digest((self.name, self.kind, self.space()))


class Store:
    """Vectors, answers and features by content digest.

    Every method raises Unavailable, in one sentence, for a full, read-only, locked or damaged disk; what was stored
    before is kept. A damaged value, or one that was stored under another key, reads as missing. A killed writer leaves
    the old value or the new one.
    """

    def __init__(self, path: Path | str | None = None):
        self.path = Path(path) if path is not None else fute_home() / "cache"
        self._sections: dict[str, diskcache.Cache] = {}

    # arrays -----------------------------------------------------------------------------------------------------

    def put(self, key: str, arrays: Mapping[str, np.ndarray], meta: Mapping[str, Any], section: str = "arrays") -> None:
        """Store arrays of numbers and JSON values under `key`."""
        self.put_many({key: (arrays, meta)}, section)

    def put_many(self, values: Mapping[str, tuple[Mapping, Mapping]], section: str = "arrays") -> None:
        """Store (arrays, meta) under each key; new keys come in together or not at all.

        Present keys are replaced one by one: within `transact`, diskcache 5.6.3 removes a replaced value's file before
        the commit, so a kill in between would leave neither the old value nor the new one.
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
        """(arrays, meta), arrays read-only; None for an unknown key or a damaged value."""
        return self.get_many([key], section)[0]

    def get_many(self, keys: Iterable[str], section: str = "arrays") -> list[Value | None]:
        """`get` of each key."""
        with self._told():
            cache = self._open(section)
            return [self._read(cache, key) for key in keys]

    @staticmethod
    def _read(cache: diskcache.Cache, key: str) -> Value | None:
        try:
            value = cache.get(key)
            if value is None and key in cache:  # replaced between the look at its row and at its file
                value = cache.get(key)
        except (ValueError, TypeError):
            return None
        return None if value is None else unpack(value, key)

    def _keys(self, section: str) -> list[str]:
        with self._told():
            return list(self._open(section).iterkeys())

    # embeddings -------------------------------------------------------------------------------------------------

    def put_embedding(self, embedding: TaskEmbedding) -> None:
        """Store the vector under its key, and its name beside it: one vector may carry several names."""
        meta = asdict(replace(embedding, vector=None))
        meta.pop("vector")
        self.put(embedding.key, {"vector": embedding.vector}, meta, "embeddings")
        self.put_name(embedding)

    def put_name(self, named: TaskEmbedding | Header) -> None:
        """Give a stored vector (another) name. Within a space a name of a kind means the vector it was given last."""
        header = header_of(named)
        self.put(header.entry, {}, asdict(header), "names")

    def is_named(self, named: TaskEmbedding) -> bool:
        """Whether that name, with that family, means this vector now."""
        header = header_of(named)
        holder = self._holder(header)
        return holder is not None and (holder.key, holder.family) == (header.key, header.family)

    def _holder(self, header: Header) -> Header | None:
        """What has the name of `header` in its space."""
        return read_header(self.get(header.entry, "names"))

    def get_embedding(self, key: str) -> TaskEmbedding | None:
        """The embedding as it was first named, or None."""
        return _embedding(self.get(key, "embeddings"))

    def has_embedding(self, key: str) -> bool:
        return self.get_embedding(key) is not None

    def headers(self, kind: Kind | None = None) -> list[Header]:
        """All names without their vectors, oldest first: milliseconds where `embeddings` takes seconds."""
        found = (read_header(value) for value in self.get_many(self._keys("names"), "names"))
        return sorted((h for h in found if h and kind in (None, h.kind)), key=_age)

    def embeddings(self, kind: Kind | None = None) -> list[TaskEmbedding]:
        """All named embeddings, oldest first; damaged ones are left out and told by `verify`."""
        headers = self.headers(kind)
        keys = list({h.key for h in headers})
        stored = {key: _embedding(value) for key, value in zip(keys, self.get_many(keys, "embeddings"), strict=True)}
        return [
            replace(embedding, name=h.name, kind=h.kind, family=h.family)
            for h in headers
            if (embedding := stored[h.key]) is not None
        ]

    def find(self, name: str, kind: Kind | None = None) -> list[Header]:
        """All that carry this name, oldest first: one in each space and kind at most."""
        return [h for h in self.headers(kind) if h.name == name]

    def runs(self, name: str, kind: Kind) -> list[TaskEmbedding]:
        """Everything made under this name, oldest first: also what lost it to a newer vector of its space."""
        own = [h for h in self.headers(kind) if h.name == name]
        found = [_embedding(value) for value in self.get_many([h.key for h in own], "embeddings")]
        runs = [replace(e, name=name, family=h.family) for h, e in zip(own, found, strict=True) if e is not None]
        runs += [e for e in self._nameless() if (e.name, e.kind) == (name, kind)]
        return sorted(runs, key=lambda e: e.provenance.created)

    def _nameless(self) -> list[TaskEmbedding]:
        """Vectors that no name means now, under the name they were made with; evaluations give theirs none."""
        named = {h.key for h in self.headers()}
        keys = [key for key in self._keys("embeddings") if key not in named]
        found = map(_embedding, self.get_many(keys, "embeddings"))
        return [e for e in found if e is not None]

    def rename(self, named: TaskEmbedding | Header, name: str) -> None:
        """Replace a name by another. Raises BadInput where another vector of the space has the new one."""
        old = header_of(named)
        new = replace(old, name=name)
        taken = self._holder(new)
        if taken is not None and taken.key != old.key:
            raise BadInput(f"Another {old.kind} of the same space is called {name!r}; choose another name.")
        if name != old.name:
            self.put_name(new)
            self._remove("names", old.entry)

    def delete(self, named: TaskEmbedding | Header) -> None:
        """Forget this name, and the vector with its last name."""
        self._remove("names", header_of(named).entry)
        if not any(h.key == named.key for h in self.headers()):
            self._remove_embedding(named.key)

    def _remove_embedding(self, key: str) -> bool:
        """The vector, and the answers that were kept beside it."""
        self._remove("arrays", answers_key(key))
        return self._remove("embeddings", key)

    def _remove(self, section: str, key: str) -> bool:
        with self._told():
            return bool(self._open(section).delete(key))

    # answers ----------------------------------------------------------------------------------------------------

    def put_answers(self, predictor: str, texts: Sequence[Text], answers: np.ndarray) -> None:
        """Keep a predictor's raw answers (n, s), one a text, so that any overlap of probe sets is reused."""
        rows = zip(texts, np.asarray(answers, np.float32), strict=True)
        self.put_many({_answer_key(predictor, text): ({"answer": row}, {}) for text, row in rows}, "answers")

    def get_answers(self, predictor: str, texts: Sequence[Text]) -> tuple[list[np.ndarray | None], np.ndarray]:
        """(answer (s,) or None for each text, bool array of the missing)."""
        found = self.get_many((_answer_key(predictor, text) for text in texts), "answers")
        rows = [None if value is None else value[0].get("answer") for value in found]
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

    def verify(self, drop: bool = False) -> list[tuple[str, str]]:
        """(section, key) of every value that is damaged: reads them all.

        drop : delete those, and what killed writers left behind.
        """
        damaged = [
            (section, key) for section in SECTIONS for key in self._keys(section) if self.get(key, section) is None
        ]
        if drop:
            for section, key in damaged:
                self._remove(section, key)
            with self._told():
                for section in SECTIONS:
                    sweep(self._open(section))
        return damaged

    def prune(
        self, *, section: str | None = None, kind: Kind | None = None, older_than: str | None = None,
        keep: Iterable[str] | None = None, unnamed: bool = False, damaged: bool = False,
    ) -> int:  # fmt: skip
        """Delete what is asked for, and count it.

        section : everything in it ("embeddings" takes names and kept answers along).
        kind, older_than, keep : embeddings that fit all of the given: of that kind, made before that ISO date, with a
            key not among `keep`.
        unnamed : vectors whose name was given to a newer one; what evaluations keep never had one, and stays.
        damaged : values that `verify` reports.
        """
        count = len(self.verify(drop=True)) if damaged else 0
        if (kind, older_than, keep) != (None, None, None):
            kept = frozenset(keep or ())
            for header in self.headers(kind):
                if header.key not in kept and (older_than is None or header.provenance.created < older_than):
                    self.delete(header)
                    count += 1
        if unnamed:
            named = {h.entry for h in self.headers()}
            count += sum(self._remove_embedding(e.key) for e in self._nameless() if header_of(e).entry in named)
        if section == "embeddings":
            for key in self._keys("embeddings"):
                self._remove("arrays", answers_key(key))
        if section is not None:
            with self._told():
                count += self._open(section).clear()
                if section == "embeddings":
                    self._open("names").clear()
        return count

    def export(self, path: Path | str, keys: Iterable[str] | None = None) -> int:
        """Write everything, or the embeddings `keys` with their names, to one open-format file; returns how many."""
        from fute_core.store.archive import export_store

        return export_store(self, Path(path), keys)

    def import_(self, path: Path | str) -> dict[str, int]:
        """Add what an exported file holds; counts of "new", "known" and "damaged". A sound value is never replaced."""
        from fute_core.store.archive import import_archive

        return import_archive(self, Path(path))

    def entries(self, sections: Iterable[str] = SECTIONS) -> Iterator[tuple[str, str, bytes]]:
        """(section, key, packed value) of every sound value."""
        for section in sections:
            for key in self._keys(section):
                with self._told():
                    try:
                        value = self._open(section).get(key)
                    except (ValueError, TypeError):
                        continue
                if value is not None and unpack(value, key) is not None:
                    yield section, key, value

    def add_entry(self, section: str, key: str, value: bytes) -> str:
        """Add a packed value from elsewhere: "new", "known" (a sound value is never replaced) or "damaged"."""
        found = unpack(value, key)
        if section not in SECTIONS or found is None or not _means(section, key, found):
            return "damaged"
        with self._told():
            cache = self._open(section)
            if self._read(cache, key) is not None:
                return "known"
            cache.set(key, pack(*found, key))  # values of the first version do not name their key yet
        return "new"

    def _open(self, section: str) -> diskcache.Cache:
        if section not in SECTIONS:
            raise BadInput(f"The store has no section {section!r}; choose from {', '.join(SECTIONS)}.")
        folder = self.path / section
        if section in self._sections and not (folder / diskcache.core.DBNAME).exists():
            self._sections.pop(section).close()  # the user removed the folder while we ran: begin anew
        if section not in self._sections:
            self._sections[section] = open_cache(folder)
        return self._sections[section]

    def _told(self):
        return told(self.path)


@lru_cache(maxsize=8)
def _opened(path: Path, process: int) -> Store:
    return Store(path)


def open_store(path: Path | str | None = None) -> Store:
    """The store at `path` (default: in `fute_home()`), opened once a process, and anew after a fork.

    Examples
    --------
    >>> import fute_core as fute
    >>> fute.open_store().headers()
    []
    """
    return _opened(Path(path) if path is not None else fute_home() / "cache", os.getpid())


def header_of(named: TaskEmbedding | Header) -> Header:
    if isinstance(named, Header):
        return named
    return Header(named.name, named.kind, named.family, named.key, len(named.vector), named.provenance)


def _answer_key(predictor: str, text: Text) -> str:
    return f"{predictor}/{digest(text)}"


def _age(header: Header) -> tuple[str, str, str]:
    return header.provenance.created, header.name, header.kind


def _embedding(value: Value | None) -> TaskEmbedding | None:
    """None where the value has other fields than an embedding of this version, or numbers that are not finite."""
    try:
        arrays, meta = value
        blocks = tuple(_checked(Block(**block)) for block in meta["blocks"])
        meta = {**meta, "blocks": blocks, "provenance": _checked(Provenance(**meta["provenance"]))}
        embedding = _checked(TaskEmbedding(vector=arrays["vector"], **meta))
        return embedding if np.isfinite(embedding.vector).all() else None
    except (TypeError, KeyError):
        return None


def read_header(value: Value | None) -> Header | None:
    """The header in a value of the section "names", or None where it has other fields, or values of other types."""
    try:
        return _checked(Header(**{**value[1], "provenance": _checked(Provenance(**value[1]["provenance"]))}))
    except (TypeError, KeyError):
        return None


def _checked(made: T) -> T:
    """A dataclass whose values have the declared types; TypeError else, since what lies on a disk may say anything."""
    for name, declared in _declared(type(made)).items():
        value = getattr(made, name)
        if not any(value in get_args(t) if get_origin(t) is Literal else isinstance(value, t) for t in declared):
            raise TypeError(f"{name} is {value!r}")
    return made


@lru_cache(maxsize=8)
def _declared(of: type) -> dict[str, tuple[Any, ...]]:
    """For each field the types that it may have, without what they hold."""
    hints = get_type_hints(of)
    found = {}
    for field in fields(of):
        hint = hints[field.name]
        options = get_args(hint) if get_origin(hint) is UnionType else (hint,)
        found[field.name] = tuple(t if get_origin(t) is Literal else get_origin(t) or t for t in options)
        found[field.name] += (int,) if float in options else ()
    return found


def _means(section: str, key: str, value: Value) -> bool:
    """Whether a sound value from elsewhere is what its section holds, under its own key."""
    if not re.fullmatch(r"[\w/.:-]{1,200}", key):
        return False
    if section == "embeddings":
        embedding = _embedding(value)
        return embedding is not None and embedding.key == key and embedding.vector.ndim == 1
    if section == "names":
        header = read_header(value)
        return header is not None and header.entry == key
    return section != "answers" or "answer" in value[0]
