"""Folders that last as long as this process, and those of processes that were killed before they could remove them."""

import os
import shutil
import stat
import tempfile
import time
from contextlib import suppress
from pathlib import Path

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
        from filelock import FileLock

        _sweep(Path(tempfile.gettempdir()))
        super().__init__(prefix=PREFIX, ignore_cleanup_errors=True)
        self._lock = FileLock(Path(self.name) / IN_USE, mode=0o600, thread_local=False)
        self._lock.acquire()


def _sweep(where: Path) -> None:
    """Remove folders of ours whose processes are gone: only those that have a lock, which nobody holds."""
    from filelock import FileLock, Timeout

    for folder in where.glob(f"{PREFIX}*"):
        with suppress(OSError, Timeout):
            found = folder.lstat()
            own = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
            lock = (folder / IN_USE).lstat() if own else None
            if lock is None or not stat.S_ISREG(lock.st_mode) or abs(time.time() - lock.st_mtime) < YOUNG_SECONDS:
                continue
            with FileLock(folder / IN_USE, blocking=False):
                shutil.rmtree(folder)
