"""Folders that last as long as this process, and those of processes that were killed before they could remove them."""

import os
import shutil
import stat
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import IO

from fute_core.home import owners_alone

PREFIX = "task-atlas-"
IN_USE = ".in-use"
"""A file that is locked for as long as the folder's process lives; the system frees it whatever ends that."""
YOUNG_SECONDS = 60
"""A folder this young may be of a process that is about to take its lock."""


class ScratchFolder(tempfile.TemporaryDirectory[str]):
    """A folder for the owner alone, removed when it is not used any more, and at the latest when the process ends.

    What was left by processes of the same user that were killed is removed before.
    """

    def __init__(self) -> None:
        _sweep(Path(tempfile.gettempdir()))
        super().__init__(prefix=PREFIX, ignore_cleanup_errors=True)
        self._held = _lock(Path(self.name) / IN_USE)
        if self._held is None:  # a disk that knows no locks: then nobody may take it for unused
            with suppress(OSError):
                (Path(self.name) / IN_USE).unlink(missing_ok=True)


def _lock(file: Path) -> IO[bytes] | None:
    """The open file, locked while it is open; None where another process holds it, and where there are no locks.

    Not by the library filelock, which takes a tenth of a second to load: most commands have such a folder.
    """
    with suppress(OSError, ImportError):
        import fcntl

        held = open(file, "ab", opener=owners_alone)  # noqa: SIM115 - it is held
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            held.close()
            raise
        return held
    return None


def _sweep(where: Path) -> None:
    """Remove folders of ours whose processes are gone: only those that have a lock, which nobody holds."""
    for folder in where.glob(f"{PREFIX}*"):
        with suppress(OSError):
            found = folder.lstat()
            lock = (folder / IN_USE).lstat()
            own = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and stat.S_ISREG(lock.st_mode)
            if own and abs(time.time() - lock.st_mtime) >= YOUNG_SECONDS and (held := _lock(folder / IN_USE)):
                with held:
                    shutil.rmtree(folder)
