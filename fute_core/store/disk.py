"""How the store touches the disk: diskcache without pickles, and what can go wrong there as one sentence."""

import errno
import os
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import diskcache

from fute_core.errors import Unavailable

TIMEOUT_SECONDS = 30
ORPHAN_SECONDS = 3600
FOREIGN_KEY = "(a key of another program)"


T = TypeVar("T")


class RawDisk(diskcache.Disk):  # type: ignore[misc]  # diskcache has no type hints
    """How diskcache writes and reads: str keys and bytes values only, never a pickle.

    Parameters
    ----------
    directory : str
        Folder of the cache.
    min_file_size : int, default 0
        Bytes from which a value is a file of its own, not a cell of the database.
    pickle_protocol : int, default 0
        Not used.
    """

    def put(self, key: str) -> tuple[str, bool]:
        """Turn a key into what its column holds.

        Parameters
        ----------
        key : str
            Any other type is a TypeError.

        Returns
        -------
        (str, bool)
            The key as it is, and True for "raw".
        """
        return _only(str, key), True

    def get(self, key: object, raw: object) -> str:
        """Turn what a key's column holds into the key.

        Parameters
        ----------
        key : object
            What was found.
        raw : object
            False for a pickle.

        Returns
        -------
        str
            The key, or `FOREIGN_KEY` for what this class never writes.
        """
        return key if raw and type(key) is str else FOREIGN_KEY

    def store(self, value: bytes, read: bool, key: object = diskcache.UNKNOWN) -> tuple[int, int, str | None, Any]:
        """Write a value.

        Parameters
        ----------
        value : bytes
            Any other type is a TypeError.
        read : bool
            Whether the value is an open file, which is never so here.
        key : object, optional
            Not used.

        Returns
        -------
        (int, int, str or None, bytes or None)
            Size, mode, file name and value of the row.
        """
        stored: tuple[int, int, str | None, Any] = super().store(_only(bytes, value), read, key)
        return stored

    def fetch(self, mode: int, filename: str, value: Any, read: bool) -> bytes:
        """Read a value.

        Parameters
        ----------
        mode : int
            1 for a value in the row, 2 for one in a file; any other, such as a pickle's, is a ValueError.
        filename : str
            Where the file lies below the store; any other place is a ValueError.
        value : object
            What the row holds.
        read : bool
            Whether to return an open file, which is never so here.

        Returns
        -------
        bytes
            The value.
        """
        if mode not in (1, 2):  # diskcache's raw and binary; 4 would be a pickle
            raise ValueError(f"value of mode {mode} refused")
        if mode == 2 and not re.fullmatch(r"[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]+\.val", filename.replace(os.sep, "/")):
            raise ValueError("value outside the store refused")
        return _only(bytes, super().fetch(mode, filename, value, read))

    def _write(self, full_path: str, iterator: Iterator[bytes], mode: str, encoding: str | None = None) -> Any:
        try:
            return super()._write(full_path, iterator, mode, encoding)
        except OSError:
            with suppress(OSError):  # a full disk must not be left with half a file that no row names
                os.remove(full_path)
            raise


def _only(kind: type[T], value: object) -> T:
    if type(value) is not kind:
        raise TypeError(f"{kind.__name__} expected, not {type(value).__name__}")
    return value


def open_cache(folder: Path) -> diskcache.Cache:
    """Open the diskcache in a folder, made if need be, which keeps everything for ever.

    Parameters
    ----------
    folder : Path
        Where it lies.

    Returns
    -------
    diskcache.Cache
        Which writes with `RawDisk` and waits `TIMEOUT_SECONDS` for a lock.
    """
    return diskcache.Cache(str(folder), timeout=TIMEOUT_SECONDS, disk=RawDisk, eviction_policy="none")


def count_lost(cache: diskcache.Cache) -> int:
    """Count value files that no row names: of killed writers, or all of them where the index was lost.

    Parameters
    ----------
    cache : diskcache.Cache
        Whose folder to look through.

    Returns
    -------
    int
        Without those younger than `ORPHAN_SECONDS`.
    """
    return len(_orphans(cache))


def sweep(cache: diskcache.Cache) -> None:
    """Remove value files that no row names, as a killed writer leaves them.

    Files younger than `ORPHAN_SECONDS` stay: another process may be about to write their rows.

    Parameters
    ----------
    cache : diskcache.Cache
        Whose folder to look through.
    """
    for path in _orphans(cache):
        with suppress(OSError):
            path.unlink()


def _orphans(cache: diskcache.Cache) -> list[Path]:
    found = []
    for warning in cache.check():
        if issubclass(warning.category, diskcache.UnknownFileWarning):
            path = Path(str(warning.message).removeprefix("unknown file: "))
            with suppress(OSError):
                if path.suffix == ".val" and time.time() - path.stat().st_mtime > ORPHAN_SECONDS:
                    found.append(path)
    return found


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn what the disk and SQLite say about a store into one sentence.

    Parameters
    ----------
    path : Path
        Folder of the store.

    Yields
    ------
    None
        Nothing; it guards the block below.

    Raises
    ------
    Unavailable
        Where the disk is full, locked, damaged or not to be written.
    """
    try:
        yield
    except (diskcache.Timeout, OSError, sqlite3.Error) as error:
        raise Unavailable(_sentence(path, error)) from error


def _sentence(path: Path, error: Exception) -> str:
    said = str(error)
    if isinstance(error, diskcache.Timeout) or (isinstance(error, sqlite3.Error) and "locked" in said):
        return f"The store at {path} is locked by another process; try again when it ends."
    if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT) or "disk is full" in said:
        return (
            f"The disk with the store at {path} is full; free some room, or set FUTE_HOME to another disk "
            "(everything stored before is kept)."
        )
    if "malformed" in said or "not a database" in said:
        return f"The index of the store at {path} is damaged ({said}); move it aside to begin a new one."
    if any(os.path.exists(place) and not os.path.isdir(place) for place in (path, *path.parents)):
        return f"The store cannot be at {path}, because a file is in the way; set FUTE_HOME to a folder."
    return f"The store at {path} cannot be used ({said}); check the folder's permissions or set FUTE_HOME."
