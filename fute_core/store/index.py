"""A section's index read without a write: on a read-only or a full disk, and beside a writer, as well as anywhere."""

import os
import shutil
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from diskcache.core import DBNAME

from fute_core.home import check_regular
from fute_core.scratch import ScratchFolder
from fute_core.store.changes import NEWEST, REACHES, SINCE, StoreChange
from fute_core.store.disk import ORPHAN_SECONDS, TELL_SECONDS, RawDisk, is_locked
from fute_core.store.values import Value, unpack

READ = "SELECT mode, filename, value FROM Cache WHERE key = ? AND raw = 1"
READ_ALL = "SELECT rowid, key, mode, filename, value FROM Cache WHERE raw = 1 AND rowid > ? ORDER BY rowid LIMIT ?"
READ_SEVERAL = "SELECT key, mode, filename, value FROM Cache WHERE raw = 1 AND key IN ({0})"
AT_ONCE, SEVERAL = 1000, 500
"""Rows read with one question, and keys asked for with one; SQLite takes 999 at least."""
SIZE = "SELECT COALESCE((SELECT CAST(value AS INTEGER) FROM Settings WHERE key = 'size'), 0)"


class Index:
    """What a section's folder holds; nothing where it does not exist yet, which is not made.

    diskcache writes its settings whenever it opens a folder, so it cannot open what may not be written.

    Parameters
    ----------
    folder : Path
        Folder of the section.
    """

    def __init__(self, folder: Path):
        self._file = folder / DBNAME
        self._disk = RawDisk(str(folder))
        self._held = threading.local()

    def value(self, key: str) -> Value | None:
        """Read one value and open its seal.

        Parameters
        ----------
        key : str
            Where it lies.

        Returns
        -------
        (dict, dict) or None
            Arrays, read-only, and JSON values; None for an unknown key or a damaged value.
        """
        try:
            packed = self.get(key)
            if packed is None and self.has(key):  # replaced between the look at its row and at its file
                packed = self.get(key)
        except (ValueError, TypeError):
            return None
        return None if packed is None else unpack(packed, key)

    def get(self, key: str) -> bytes | None:
        """Read one value as it lies there.

        Parameters
        ----------
        key : str
            Where it lies.

        Returns
        -------
        bytes or None
            None for an unknown key, and for one that was replaced between the look at its row and at its file.

        Raises
        ------
        ValueError
            For a value of another form than is ever written.
        TypeError
            The same.
        """
        rows = self._rows(READ, key)
        try:
            return self._disk.fetch(rows[0][0], rows[0][1], rows[0][2], False) if rows else None
        except FileNotFoundError:
            return None

    def has(self, key: str) -> bool:
        """Tell whether a key has a row.

        Parameters
        ----------
        key : str
            Where it would lie.

        Returns
        -------
        bool
            True also for a damaged value.
        """
        return bool(self._rows("SELECT 1 FROM Cache WHERE key = ? AND raw = 1", key))

    def keys(self) -> list[str]:
        """List the keys.

        Returns
        -------
        list of str
            In their order; also of damaged values.
        """
        return [self._disk.get(*row) for row in self._rows("SELECT key, raw FROM Cache ORDER BY key")]

    def values(self) -> Iterator[tuple[str, Value | None]]:
        """Read all values, many at once.

        Yields
        ------
        (str, (dict, dict) or None)
            Key, and what `value` returns for it.
        """
        last = 0
        while rows := self._rows(READ_ALL, last, AT_ONCE):
            yield from self._opened_rows(row[1:] for row in rows)
            last = rows[-1][0]

    def several(self, keys: Sequence[str]) -> list[Value | None]:
        """Read some values, many at once.

        Parameters
        ----------
        keys : sequence of str
            Where they lie.

        Returns
        -------
        list of ((dict, dict) or None)
            `value` of each key.
        """
        found: dict[str, Value | None] = {}
        for start in range(0, len(keys), SEVERAL):
            some = keys[start : start + SEVERAL]
            found |= self._opened_rows(self._rows(READ_SEVERAL.format(", ".join("?" * len(some))), *some))
        return [found.get(key) for key in keys]

    def newest(self) -> StoreChange | None:
        """Tell which change was the last.

        Returns
        -------
        StoreChange or None
            None where changes are not noted.
        """
        rows = self._rows(NEWEST)
        return StoreChange(str(rows[0][0]), int(rows[0][1]), str(rows[0][2])) if rows else None

    def changed(self, after: StoreChange) -> tuple[StoreChange, list[tuple[str, Value | None]]]:
        """Read what changed.

        Parameters
        ----------
        after : StoreChange
            The last change that is known.

        Returns
        -------
        last : StoreChange
            The last one now.
        values : list of (str, (dict, dict) or None)
            Each key that changed, and what `value` returns for it; None also for what was deleted.
        """
        rows = self._rows(SINCE, after.number)
        last = StoreChange(after.line, int(rows[-1][0]), str(rows[-1][1])) if rows else after
        return last, list(self._opened_rows(row[1:] for row in rows))

    def reaches(self, change: StoreChange) -> bool:
        """Tell whether a change is part of the past of this section.

        Parameters
        ----------
        change : StoreChange
            Seen before, maybe by another process.

        Returns
        -------
        bool
            False for a section that is another one now, such as an older copy that was put back.
        """
        return bool(self._rows(REACHES, change.key, change.number))

    def _opened_rows(self, rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[str, Value | None]]:
        """What lies in rows of key, mode, file name and value; no mode means that nothing does."""
        for key, mode, filename, value in rows:
            if type(key) is not str:
                continue
            try:
                opened = None if mode is None else unpack(self._disk.fetch(mode, filename, value, False), key)
            except (FileNotFoundError, ValueError, TypeError):  # replaced since its row was read, or damaged
                opened = self.value(key)
            yield key, opened

    def left_over(self) -> list[Path]:
        """Find value files that no row names: of killed writers, or all of them where the index was lost.

        Returns
        -------
        list of Path
            Without those younger than `ORPHAN_SECONDS`: another process may be about to write their rows.
        """
        folder = self._file.parent
        found = [file for file in folder.rglob("*.val") if time.time() - _changed(file) > ORPHAN_SECONDS]
        rows = self._rows("SELECT filename FROM Cache WHERE filename IS NOT NULL") if found else []
        named = {folder / str(row[0]) for row in rows}
        return [file for file in found if file not in named]

    def is_lost(self) -> bool:
        """Tell whether a section was here whose index is gone or empty.

        Returns
        -------
        bool
            False where nothing was ever stored.
        """
        return self._file.parent.is_dir() and not (self._file.exists() and self._file.stat().st_size)

    def size(self) -> tuple[int, int]:
        """Tell how much there is.

        Returns
        -------
        (int, int)
            Number of values, and bytes of all of them with their index.
        """
        count, pages, files = (
            sum(row[0] for row in self._rows(question))
            for question in ("SELECT COUNT(*) FROM Cache", "SELECT page_count * page_size "
                             "FROM pragma_page_count(), pragma_page_size()", SIZE)
        )  # fmt: skip
        return count, pages + files

    def _rows(self, question: str, *values: str | int, again: bool = False) -> list[tuple[Any, ...]]:
        try:
            return list(self._connection().execute(question, values))
        except FileNotFoundError:
            return []
        except sqlite3.OperationalError as error:
            if "no such table" in str(error):  # another process is about to make it
                return []
            raise
        except sqlite3.DatabaseError:
            if again:
                raise
            # It may be this connection alone that is no good any more, so nobody is told before another one is tried.
            self._held.mark = None
            return self._rows(question, *values, again=True)

    def _connection(self) -> sqlite3.Connection:
        """One a thread and process, opened anew where the file is another one than before."""
        found = check_regular(self._file)
        mark = (os.getpid(), found.st_dev, found.st_ino)
        if getattr(self._held, "mark", None) != mark:
            self._held.connection, lasting = self._opened()
            self._held.mark = mark if lasting else None
        connection: sqlite3.Connection = self._held.connection
        return connection

    def _opened(self) -> tuple[sqlite3.Connection, bool]:
        """A connection, and whether it sees what others write from now on."""
        try:
            connection = _connect(self._file, "mode=rw")
            connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchall()
            connection.execute("PRAGMA query_only = 1")
            return connection, True
        except sqlite3.OperationalError as error:
            if is_locked(error):
                raise
        log = self._file.with_name(f"{DBNAME}-wal")
        if not (log.exists() and log.stat().st_size):
            return _connect(self._file, "mode=ro&immutable=1"), False
        # A killed writer left changes that only a file which may be written can be brought up to.
        self._held.copy = ScratchFolder()
        for file in (self._file, log):
            shutil.copyfile(file, Path(self._held.copy.name) / file.name)
        return _connect(Path(self._held.copy.name) / DBNAME, "mode=rw"), False


def _changed(file: Path) -> float:
    """When a file was written; now for one that another process has just removed."""
    with suppress(FileNotFoundError):
        return file.stat().st_mtime
    return time.time()


def _connect(file: Path, how: str) -> sqlite3.Connection:
    address = f"file:{quote(str(file.absolute()))}?{how}"
    return sqlite3.connect(address, uri=True, timeout=TELL_SECONDS, isolation_level=None, check_same_thread=False)
