"""What lies beside the answers of items (Fisher), row by row: as it is for few, in eight bits a number for many.

A row has tens of thousands of numbers, so that rounding errors of single ones cancel: with eight bits each, the cosines
of 95 in 100 pairs of rows differ by 0.001 at most (docs/unified-space.md, "What the Fisher part needs"), and a tenth of
the items of a large space no longer holds four fifths of its memory.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fute_core.space.shelf import MANY_BYTES, Shelf, let_go

STEPS = 127
"""Steps from 0 to the largest number of a row."""
AT_ONCE = 8
"""Coarse rows that are unfolded at once: they stay in the processor's cache."""


@dataclass(frozen=True)
class Beside:
    """m rows of v numbers.

    Parameters
    ----------
    codes : ndarray of float32 or int8, shape (m, v)
        The numbers, or for many rows how many steps each is from 0.
    steps : ndarray of float32, shape (m,)
        How large a step is in each row, 1 where the codes are the numbers.
    """

    codes: NDArray[Any]
    steps: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def width(self) -> int:
        """How many numbers a row has."""
        return int(self.codes.shape[1])

    @property
    def coarse(self) -> bool:
        """Whether the numbers are rounded to eight bits."""
        return self.codes.dtype == np.int8

    def take(self, rows: NDArray[np.intp] | slice) -> "Beside":
        """Choose rows.

        Parameters
        ----------
        rows : ndarray of int, shape (n,), or slice
            Positions; a slice is looked at, not copied.

        Returns
        -------
        Beside
            These rows.
        """
        return Beside(self.codes[rows], self.steps[rows])

    def whole(self) -> NDArray[np.float32]:
        """Unfold the numbers.

        Returns
        -------
        ndarray of float32, shape (m, v)
            All of them; not to be changed.
        """
        return self.codes * self.steps[:, None] if self.coarse else self.codes

    def products(self, other: "Beside") -> NDArray[np.float32]:
        """Multiply all rows with all others.

        Parameters
        ----------
        other : Beside
            n rows of the same length.

        Returns
        -------
        ndarray of float32, shape (m, n)
            Inner products.
        """
        if not self.coarse:
            return other.products(self).T if other.coarse else self.codes @ other.codes.T
        right, found = other.whole().T, np.empty((len(self), len(other)), np.float32)
        rows = max(AT_ONCE, min(len(other), len(self)) // 2)  # many with many: a product of few rows would be slow
        unfolded = np.empty((min(rows, len(self)), self.width), np.float32)
        for at in range(0, len(self), rows):
            some = self.codes[at : at + rows]
            np.copyto(unfolded[: len(some)], some)
            np.matmul(unfolded[: len(some)], right, out=found[at : at + rows])
        return found * self.steps[:, None]

    def let_go(self) -> None:
        """Give back the memory of rows that lie in a file, see `shelf.let_go`."""
        let_go(self.codes)


class BesideShelf:
    """A place for rows, one after another: rounded to eight bits where there may be `MANY_BYTES` of them.

    Parameters
    ----------
    rows, width : int
        How many rows there may be, and numbers in each.
    """

    def __init__(self, rows: int, width: int):
        self._coarse = rows * width * np.dtype(np.float32).itemsize >= MANY_BYTES
        self._shelf = Shelf(rows, width, np.int8 if self._coarse else np.float32)
        self._steps: list[NDArray[np.float32]] = []

    def add(self, rows: NDArray[np.floating]) -> None:
        """Put rows down behind those that are there.

        Parameters
        ----------
        rows : ndarray of float, shape (m, width)
            The numbers.
        """
        steps = np.ones(len(rows), np.float32)
        if self._coarse:
            steps = (np.abs(rows).max(1, initial=0.0) / STEPS).astype(np.float32)
            rows = np.rint(rows / np.where(steps > 0, steps, 1.0)[:, None])
        self._shelf.add(rows)
        self._steps.append(steps)

    def rows(self) -> Beside:
        """Read all rows.

        Returns
        -------
        Beside
            Those that were added.
        """
        return Beside(self._shelf.array(), np.concatenate([np.ones(0, np.float32), *self._steps]))


def joined(parts: Sequence[Beside]) -> Beside:
    """Put rows behind one another.

    Parameters
    ----------
    parts : sequence of Beside
        One at least, of rows of one length.

    Returns
    -------
    Beside
        All rows; those that are rounded already stay as they are.
    """
    shelf = BesideShelf(sum(map(len, parts)), parts[0].width)
    for part in parts:
        for at in range(0, len(part), AT_ONCE):
            shelf.add(part.take(slice(at, at + AT_ONCE)).whole())
        part.let_go()
    return shelf.rows()
