"""Rows of numbers that are put down once and read often: few of them in memory, many in a file that is mapped.

What a space of many items is computed from is larger than all else, and lies still between two questions. In a file
without a name, which goes with the process, it takes memory only while it is read, and then as the cache of a file that
the machine may have back. Reading it from there costs what reading memory costs.
"""

import mmap
import shutil
import tempfile
from contextlib import suppress
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

MANY_BYTES = 64 * 2**20
"""From which rows lie in a file."""
ROOM = 4
"""So many times as much has to be free on the disk of temporary files."""


class Shelf:
    """A place for rows, one after another.

    Parameters
    ----------
    rows, width : int
        How many rows there may be, and numbers in each.
    dtype : type
        Of the numbers.
    """

    def __init__(self, rows: int, width: int, dtype: type[np.floating] | type[np.int8]):
        self._shape, self._dtype, self._count = (rows, width), np.dtype(dtype), 0
        size = rows * width * self._dtype.itemsize
        self._file = _file_for(size) if size >= MANY_BYTES else None
        self._memory = None if self._file is not None else np.empty(self._shape, dtype)

    def add(self, rows: NDArray[np.floating]) -> None:
        """Put rows down behind those that are there.

        Parameters
        ----------
        rows : ndarray of float, shape (m, width)
            Kept in the type of this shelf.
        """
        if self._file is not None:
            try:
                self._file.write(np.ascontiguousarray(rows, self._dtype).data)
            except OSError:  # the disk is full: memory may do
                self._memory = np.empty(self._shape, self._dtype)
                self._memory[: self._count] = self._mapped(self._file)
                self._file = None
        if self._memory is not None:
            self._memory[self._count : self._count + len(rows)] = rows
        self._count += len(rows)

    def array(self) -> NDArray[Any]:
        """Read all rows.

        Returns
        -------
        ndarray, shape (n, width)
            Those that were added; not to be changed.
        """
        if self._file is not None:
            self._file.flush()
            return self._mapped(self._file)
        return np.empty((0, self._shape[1]), self._dtype) if self._memory is None else self._memory[: self._count]

    def _mapped(self, file: IO[bytes]) -> NDArray[Any]:
        length = self._count * self._shape[1] * self._dtype.itemsize
        if not length:
            return np.empty((0, self._shape[1]), self._dtype)
        held = mmap.mmap(file.fileno(), length, access=mmap.ACCESS_READ)
        return np.frombuffer(held, self._dtype).reshape(self._count, self._shape[1])


def _file_for(size: int) -> IO[bytes] | None:
    """A file without a name; None where there is no room for one."""
    with suppress(OSError):
        if shutil.disk_usage(tempfile.gettempdir()).free > ROOM * size:
            return tempfile.TemporaryFile(buffering=0)
    return None


def let_go(*arrays: NDArray[Any]) -> None:
    """Give back the memory of rows that lie in a file: they are read from it again when they are next needed.

    Parameters
    ----------
    *arrays : ndarray
        From `Shelf.array`, or rows of it that follow one another; any other is left alone.
    """
    for array in arrays:
        whole: Any = array
        while isinstance(whole.base, np.ndarray):
            whole = whole.base
        held = getattr(whole.base, "obj", None)
        if isinstance(held, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED") and array.nbytes:
            begin = array.__array_interface__["data"][0] - whole.__array_interface__["data"][0]
            start = begin - begin % mmap.PAGESIZE
            held.madvise(mmap.MADV_DONTNEED, start, begin + array.nbytes - start)
