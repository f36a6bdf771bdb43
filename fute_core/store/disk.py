"""How the store touches the disk: diskcache without pickles, and what can go wrong there as one sentence."""

import errno
import os
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import diskcache

from fute_core.errors import Unavailable

TIMEOUT_SECONDS = 30
ORPHAN_SECONDS = 3600
FOREIGN_KEY = "(a key of another program)"


class RawDisk(diskcache.Disk):
    """str keys and bytes values only: a pickle is neither written nor read."""

    def put(self, key):
        return _only(str, key), True

    def get(self, key, raw):
        return key if raw and type(key) is str else FOREIGN_KEY

    def store(self, value, read, key=diskcache.UNKNOWN):
        return super().store(_only(bytes, value), read, key)

    def fetch(self, mode, filename, value, read):
        if mode not in (1, 2):  # diskcache's raw and binary; 4 would be a pickle
            raise ValueError(f"value of mode {mode} refused")
        if mode == 2 and not re.fullmatch(r"[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]+\.val", filename.replace(os.sep, "/")):
            raise ValueError("value outside the store refused")
        return _only(bytes, super().fetch(mode, filename, value, read))

    def _write(self, full_path, iterator, mode, encoding=None):
        try:
            return super()._write(full_path, iterator, mode, encoding)
        except OSError:
            with suppress(OSError):  # a full disk must not be left with half a file that no row names
                os.remove(full_path)
            raise


def _only(kind: type, value):
    if type(value) is not kind:
        raise TypeError(f"{kind.__name__} expected, not {type(value).__name__}")
    return value


def open_cache(folder: Path) -> diskcache.Cache:
    """The diskcache in `folder`, made if need be, which keeps everything for ever."""
    return diskcache.Cache(str(folder), timeout=TIMEOUT_SECONDS, disk=RawDisk, eviction_policy="none")


def sweep(cache: diskcache.Cache) -> None:
    """Remove value files that no row names, as a killed writer leaves them.

    Young ones stay: another process may have written the file and be about to write its row.
    """
    for warning in cache.check():
        if issubclass(warning.category, diskcache.UnknownFileWarning):
            path = Path(str(warning.message).removeprefix("unknown file: "))
            with suppress(OSError):
                if path.suffix == ".val" and time.time() - path.stat().st_mtime > ORPHAN_SECONDS:
                    path.unlink()


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn what the disk and SQLite say about the store at `path` into Unavailable."""
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
