"""The store's contents as one open-format file: a zip of packed values, uncompressed, and `manifest.json`.

An import extracts nothing to the disk and trusts nothing: each value is read by the manifest's digest and size, must be
sealed for its key and of its section's form, and never replaces a sound one.
"""

import hashlib
import json
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from fute_core.errors import BadInput, Unavailable
from fute_core.home import whole_file
from fute_core.store.headers import read_header
from fute_core.store.keys import beside_keys
from fute_core.store.store import Store
from fute_core.store.values import pack, unpack

FORMAT = "task-atlas-store"
VERSION = 1
MANIFEST = "manifest.json"
MANIFEST_BYTES = 512 * 2**20


def export_store(store: Store, path: Path | str, keys: Iterable[str] | None = None) -> int:
    """Write a store's values to one file. An existing file is replaced only when the new one is complete.

    Parameters
    ----------
    store : Store
        What to export.
    path : path-like
        The file to write.
    keys : iterable of str, optional
        Embeddings to export with their names and answers; by default everything in the store.

    Returns
    -------
    int
        How many values were written.

    Raises
    ------
    BadInput
        For a key that is not stored.
    Unavailable
        Where the file cannot be written.
    """
    path = Path(path)
    chosen = None if keys is None else set(keys)
    listed: list[dict[str, Any]] = []
    try:
        with whole_file(path) as out, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
            for section, key, value in _chosen(store, chosen):
                file = f"values/{len(listed):07d}"
                archive.writestr(file, value)
                about = {"section": section, "key": key, "file": file, "size": len(value), "blake2b": _sum(value)}
                listed.append(about)
            if chosen and (unknown := chosen - {e["key"] for e in listed}):
                raise BadInput(f"The store has no embedding with the key {min(unknown)!r}; nothing was exported.")
            archive.writestr(MANIFEST, json.dumps({"format": FORMAT, "version": VERSION, "values": listed}))
    except OSError as error:
        raise Unavailable(f"{path} cannot be written ({error.strerror or error}); choose another place.") from error
    return len(listed)


def _chosen(store: Store, keys: set[str] | None) -> Iterator[tuple[str, str, bytes]]:
    if keys is None:
        yield from store.entries()
        return
    beside = {one for key in keys for one in beside_keys(key)}
    for section, key, value in store.entries(("embeddings", "names", "arrays")):
        meant = {"embeddings": keys, "arrays": beside}.get(section)
        if meant is None:  # a name, which goes with its vector
            header = read_header(unpack(value, key))
            fits = header is not None and header.key in keys
        else:
            fits = key in meant
        if fits:
            yield section, key, value


def import_archive(store: Store, path: Path | str) -> dict[str, int]:
    """Add the values of an exported file; a sound value of the store is never replaced.

    Where a name already means another vector of the same space, the arriving one is called "name (imported)".

    Parameters
    ----------
    store : Store
        What to add to.
    path : path-like
        A file that `export_store` wrote.

    Returns
    -------
    dict of str to int
        How many values were "new", "known" and "damaged".

    Raises
    ------
    BadInput
        For a file that is not such an archive, or that claims more bytes than it has.
    """
    path = Path(path)
    counts = Counter(new=0, known=0, damaged=0)
    try:
        with zipfile.ZipFile(path) as archive:
            members = {m.filename: m for m in archive.infolist()}
            values = _manifest(archive, members, path)
            for entry in sorted(values, key=lambda e: e["section"] == "names"):
                value = _value(archive, members, entry)
                counts[_add(store, entry, value) if value is not None else "damaged"] += 1
    except FileNotFoundError:
        raise BadInput(f"{path} does not exist; name a file that `export` wrote.") from None
    except (OSError, zipfile.BadZipFile) as error:
        raise BadInput(f"{path} cannot be read as an exported store ({error}); export it again.") from error
    return dict(counts)


def _manifest(archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], path: Path) -> list[dict[str, Any]]:
    """The checked list of values. Members are stored as they are, so none can grow beyond the file."""
    inflated = any(m.compress_type != zipfile.ZIP_STORED for m in members.values())
    if inflated or sum(m.file_size for m in members.values()) > path.stat().st_size:
        raise BadInput(f"{path} has compressed or overlapping members, which no exported store has; export it again.")
    if MANIFEST not in members or members[MANIFEST].file_size > MANIFEST_BYTES:
        raise BadInput(f"{path} is no exported store: it has no usable {MANIFEST}; name a file that `export` wrote.")
    try:
        manifest = json.loads(archive.read(MANIFEST))
        if (manifest["format"], manifest["version"]) != (FORMAT, VERSION):
            raise BadInput(
                f"{path} has format {manifest['format']!r} version {manifest['version']!r}, not {FORMAT!r} "
                f"version {VERSION}; export it with a fitting version of Task Atlas."
            )
        values = list(manifest["values"])
        for entry in values:
            fields = [entry[name] for name in ("section", "key", "file", "blake2b")]
            if not all(isinstance(f, str) for f in fields) or not isinstance(entry["size"], int):
                raise TypeError
    except BadInput:
        raise
    except (ValueError, TypeError, KeyError, RecursionError, RuntimeError, EOFError, zipfile.BadZipFile) as error:
        raise BadInput(f"{path} has a damaged {MANIFEST}; export it again.") from error
    return values


def _value(archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], entry: dict[str, Any]) -> bytes | None:
    member = members.get(entry["file"])
    if member is None or member.file_size != entry["size"] or member.is_dir():
        return None
    try:
        value = archive.read(member)
    except (zipfile.BadZipFile, RuntimeError, EOFError):  # wrong checksum, encrypted, cut
        return None
    return value if _sum(value) == entry["blake2b"] else None


def _add(store: Store, entry: dict[str, Any], value: bytes) -> str:
    section, key = entry["section"], entry["key"]
    if section == "names":
        header = read_header(unpack(value, key))
        if header is None or not store.has_embedding(header.key):
            return "damaged"
        present = read_header(store.get(key, "names"))
        if present is not None and present.key != header.key:
            header = replace(header, name=f"{header.name} (imported)")
            key, value = header.entry, pack({}, asdict(header), header.entry)
    return store.add_entry(section, key, value)


def _sum(value: bytes) -> str:
    return hashlib.blake2b(value, digest_size=16).hexdigest()
