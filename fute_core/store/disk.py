"""How the store touches the disk: diskcache without pickles, and what can go wrong there as one sentence."""

import errno
import logging
import os
import re
import sqlite3
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import diskcache

from fute_core.errors import Unavailable
from fute_core.home import beside, check_regular, mode_within, private_folder

TELL_SECONDS = 4
"""So long a lock is waited for in silence."""
TIMEOUT_SECONDS = 30
"""So long a writer waits in all: what took minutes to compute is worth it."""
ORPHAN_SECONDS = 3600
FOREIGN_KEY = "(a key of another program)"


_LOG = logging.getLogger("fute_core.store")
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
            1 for a value in the row, 2 for one in a file.
        filename : str
            Where the file lies below the store.
        value : object
            What the row holds.
        read : bool
            Whether to return an open file, which is never so here.

        Returns
        -------
        bytes
            The value.

        Raises
        ------
        ValueError
            For another mode, such as that of a pickle, for a file elsewhere, and for what is no bytes.
        """
        if mode not in (1, 2):  # diskcache's raw and binary; 4 would be a pickle
            raise ValueError(f"value of mode {mode} refused")
        if mode == 2 and not re.fullmatch(r"[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]+\.val", filename.replace(os.sep, "/")):
            raise ValueError("value outside the store refused")
        return _only(bytes, super().fetch(mode, filename, value, read))

    @cached_property
    def _mode(self) -> int:
        return mode_within(Path(self._directory))

    def _make(self, folder: Path) -> None:
        """A folder for those alone whom the store's lets in; diskcache would make it for all that the umask does."""
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
            folder.chmod(0o700 | stat.S_IMODE(Path(self._directory).stat().st_mode) & 0o2077)

    def _write(self, full_path: str, iterator: Iterator[bytes], mode: str, encoding: str | None = None) -> Any:
        try:
            for folder in (Path(full_path).parents[1], Path(full_path).parent):
                self._make(folder)
            size = super()._write(full_path, iterator, mode, encoding)
            os.chmod(full_path, self._mode)
            return size
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
        Which writes with `RawDisk` and waits `TELL_SECONDS` for a lock.

    Raises
    ------
    sqlite3.OperationalError
        Where another process holds the lock; diskcache itself would wait for minutes.
    """
    wait = min(TELL_SECONDS, TIMEOUT_SECONDS)
    if (index := folder / diskcache.core.DBNAME).exists():
        check_regular(index)
        with closing(sqlite3.connect(index, timeout=wait, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
    private_folder(folder)
    _close_index(index, mode_within(folder))
    return diskcache.Cache(str(folder), timeout=wait, disk=RawDisk, eviction_policy="none")


def _close_index(index: Path, mode: int) -> None:
    """The database and what SQLite keeps beside it, which takes over its mode, for those alone whom the folder lets in.

    It is made here, since SQLite would make it for all to read, and under another name first: to close any descriptor
    of a file drops every POSIX lock that the process has on it (POSIX, fcntl), so one that SQLite has open is never
    opened here.
    """
    if not index.exists():
        made = beside(index)
        try:
            os.close(os.open(made, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode))
            with suppress(OSError):  # another process was first, or the disk knows no links: then SQLite makes it
                os.link(made, index)
        finally:
            made.unlink(missing_ok=True)
    for path in (index, *(index.with_name(index.name + end) for end in ("-wal", "-shm"))):
        with suppress(OSError):  # it is not there, or another account's, who may share it
            if stat.S_IMODE(path.stat().st_mode) & 0o077 & ~mode:
                path.chmod(mode)


def patiently(path: Path, write: Callable[[], T]) -> T:
    """Write, and wait for `TIMEOUT_SECONDS` where another process has the lock; after `TELL_SECONDS` that is told.

    Parameters
    ----------
    path : Path
        Folder of the store.
    write : callable
        What to do; done again from its start after each wait.

    Returns
    -------
    object
        What `write` returns.

    Raises
    ------
    diskcache.Timeout
        Where the lock is held for longer; or sqlite3.OperationalError.
    """
    started, said = time.monotonic(), False
    while True:
        try:
            return write()
        except (diskcache.Timeout, sqlite3.OperationalError) as error:
            waited = time.monotonic() - started
            if not is_locked(error) or waited >= TIMEOUT_SECONDS:
                raise
            if not said and waited >= TELL_SECONDS:
                said = True
                _LOG.warning("The store at %s is locked by another process; waiting for it.", path)
            time.sleep(0.01)


def is_locked(error: Exception) -> bool:
    """Whether another process has the lock.

    Parameters
    ----------
    error : Exception
        What diskcache or SQLite raised.

    Returns
    -------
    bool
        False for every other trouble.
    """
    return isinstance(error, diskcache.Timeout) or (isinstance(error, sqlite3.Error) and "locked" in str(error))


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
    if is_locked(error):
        return f"The store at {path} is locked by another process; try again when it ends."
    if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) or "disk is full" in said:
        return (
            f"The disk with the store at {path} is full; free some room, or set FUTE_HOME to another disk "
            "(everything stored before is kept)."
        )
    if "disk I/O error" in said:
        return (
            f"The disk with the store at {path} cannot be written, as a full or a failing one; free some room, or set "
            "FUTE_HOME to another disk (everything stored before is kept)."
        )
    if "malformed" in said or "not a database" in said:
        return f"The index of the store at {path} is damaged ({said}); move it aside to begin a new one."
    if any(os.path.exists(place) and not os.path.isdir(place) for place in (path, *path.parents)):
        return f"The store cannot be at {path}, because a file is in the way; set FUTE_HOME to a folder."
    return f"The store at {path} cannot be used ({said}); check the folder's permissions or set FUTE_HOME."
