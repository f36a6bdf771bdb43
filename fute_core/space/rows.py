"""What maps and searches need of items: to be counted, chosen and compared."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

R = TypeVar("R", bound="Rows")


class Rows(Protocol):
    """n items of one space; `Placed` is one, `UnitRows` another."""

    def __len__(self) -> int:
        """Count the items."""
        ...

    def take(self: R, rows: Sequence[int] | NDArray[np.integer]) -> R:
        """Choose items.

        Parameters
        ----------
        rows : sequence of int, length m
            Positions.

        Returns
        -------
        Rows
            These m items, in that order.
        """
        ...

    def cosines(self: R, other: R) -> NDArray[np.float32]:
        """Compare all with all others.

        Parameters
        ----------
        other : Rows
            m items of the same space.

        Returns
        -------
        ndarray of float32, shape (n, m)
            Similarities, -1 to 1.
        """
        ...


@dataclass(frozen=True)
class UnitRows:
    """Plain vectors as rows, of which only the direction counts.

    Parameters
    ----------
    vectors : ndarray of float32, shape (n, d)
        Of unit norm, or zeros; see `of`.
    """

    vectors: NDArray[np.float32]

    @classmethod
    def of(cls, vectors: NDArray[np.floating]) -> "UnitRows":
        """Bring vectors to unit norm.

        Parameters
        ----------
        vectors : ndarray of float, shape (n, d)
            Any; a row of zeros stays one.

        Returns
        -------
        UnitRows
            The same directions.
        """
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        return cls((vectors / np.where(norms > 0, norms, 1.0)).astype(np.float32))

    def __len__(self) -> int:
        return len(self.vectors)

    def take(self, rows: Sequence[int] | NDArray[np.integer]) -> "UnitRows":
        """Choose items.

        Parameters
        ----------
        rows : sequence of int, length m
            Positions.

        Returns
        -------
        UnitRows
            These m items, in that order.
        """
        return UnitRows(self.vectors[np.asarray(rows, np.intp)])

    def cosines(self, other: "UnitRows") -> NDArray[np.float32]:
        """Compare all with all others.

        Parameters
        ----------
        other : UnitRows
            m rows of the same length.

        Returns
        -------
        ndarray of float32, shape (n, m)
            Cosines; 0 with a row of zeros.
        """
        return np.asarray(np.clip(self.vectors @ other.vectors.T, -1.0, 1.0))
