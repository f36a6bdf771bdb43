"""Token sequences that stand in one column, and what was kept of those that they continue."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Kept:
    """Keys and values of token sequences that were read.

    Parameters
    ----------
    layers : list of (Tensor, Tensor)
        Keys and values (t, heads, size) of every layer, in one column.
    places : ndarray of int, shape (sum of lengths,)
        Where in that column the tokens of each sequence are, one sequence after the other. Several may share tokens.
    lengths : ndarray of int, shape (n,)
        Tokens of each sequence.
    """

    layers: "list[tuple[torch.Tensor, torch.Tensor]]"
    places: NDArray[np.intp]
    lengths: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.lengths)


@dataclass(frozen=True)
class Sequences:
    """Token sequences, one after the other, each continuing one that was read before.

    Parameters
    ----------
    ids : list of list of int
        Token ids of n sequences; none is empty.
    past : Kept, optional
        What was read before; by default nothing.
    continued : ndarray of int, shape (n,), optional
        Which sequence of `past` each continues; by default all the first.
    """

    ids: list[list[int]]
    past: Kept | None = None
    continued: NDArray[np.intp] | None = None

    @cached_property
    def lengths(self) -> NDArray[np.intp]:
        """Tokens of each sequence, without what it continues.

        Returns
        -------
        ndarray of int, shape (n,)
            One or more.
        """
        return np.array([len(ids) for ids in self.ids], np.intp)

    @cached_property
    def before(self) -> NDArray[np.intp]:
        """How many tokens stand before each sequence.

        Returns
        -------
        ndarray of int, shape (n,)
            0 for none.
        """
        return np.zeros(len(self.ids), np.intp) if self.past is None else self.past.lengths[self._rows]

    @property
    def _rows(self) -> NDArray[np.intp]:
        return np.zeros(len(self.ids), np.intp) if self.continued is None else self.continued

    def positions(self) -> NDArray[np.intp]:
        """Tell at which place of its whole sequence each token stands.

        Returns
        -------
        ndarray of int, shape (sum of lengths,)
            Counted from 0.
        """
        return runs(self.before, self.lengths)

    @cached_property
    def places(self) -> NDArray[np.intp]:
        """Where in the column of `known` all tokens of each whole sequence are.

        Returns
        -------
        ndarray of int, shape (sum of before and lengths,)
            One sequence after the other.
        """
        total = int(self.lengths.sum())
        if self.past is None:
            return np.arange(total)
        starts = np.cumsum(self.before + self.lengths) - self.before - self.lengths
        found = np.empty(int((self.before + self.lengths).sum()), np.intp)
        first = np.cumsum(self.past.lengths) - self.past.lengths
        found[runs(starts, self.before)] = self.past.places[runs(first[self._rows], self.before)]
        found[runs(starts + self.before, self.lengths)] = len(self.past.layers[0][0]) + np.arange(total)
        return found

    def known(self, layer: int, k: "torch.Tensor", v: "torch.Tensor") -> "tuple[torch.Tensor, torch.Tensor]":
        """Put keys and values of these tokens below those that were kept.

        Parameters
        ----------
        layer : int
            Which layer they are of.
        k, v : Tensor, shape (t, heads, size)
            Of the tokens of all sequences.

        Returns
        -------
        tuple of (Tensor, Tensor)
            The column that `places` speaks of.
        """
        import torch

        if self.past is None:
            return k, v
        before = self.past.layers[layer]
        return torch.cat([before[0], k]), torch.cat([before[1], v])

    def kept(self, layers: "list[tuple[torch.Tensor, torch.Tensor]]") -> Kept:
        """Keep what was read.

        Parameters
        ----------
        layers : list of (Tensor, Tensor)
            As `known` gives them, of every layer.

        Returns
        -------
        Kept
            The sequences of `past`, then these as a whole.
        """
        whole = self.before + self.lengths
        if self.past is None:
            return Kept(layers, self.places, whole)
        return Kept(layers, np.concatenate([self.past.places, self.places]), np.concatenate([self.past.lengths, whole]))


def runs(starts: NDArray[np.intp], lengths: NDArray[np.intp]) -> NDArray[np.intp]:
    """Write numbers that follow each other, run after run.

    Parameters
    ----------
    starts, lengths : ndarray of int, shape (n,)
        Where each run begins, and how long it is.

    Returns
    -------
    ndarray of int, shape (sum of lengths,)
        All runs.
    """
    return np.repeat(starts - np.cumsum(lengths) + lengths, lengths) + np.arange(int(lengths.sum()))
