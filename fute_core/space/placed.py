"""Calibrated items as contiguous arrays: what similarities, neighbours and maps are computed from.

An item is a Gram matrix G = U U^T of answers, U its whitened factor at unit norm, and a vector v beside it (Fisher).
Calibration takes M = sum_c t_c M_c, a mixture of the means of families of references, from G, so that two items are
alike by

    a = (||U^T U'||^2 - <G, M'> - <G', M> + <M, M'>) / (||G - M|| ||G' - M'||)

and, where both have something beside, by w w' a + <v, v'>, the weighted mean of both parts. So what one of them lacks
lowers nothing: a dataset may be as like a classifier, which has no Fisher part, as two classifiers are like one
another. `python benchmarks/kinds_of_pairs.py` compares this with other rules.

The inner products with the means are kept with each item. So adding an item costs its own factor only, and comparing n
items with m is one product of (sum of k, r) by (r, sum of k').
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fute_core.gram import triangle_length, upper_triangle
from fute_core.space.beside import Beside, joined
from fute_core.space.centres import Centres
from fute_core.space.factors import segment_sums
from fute_core.space.shelf import Shelf, let_go

EXACT = 1000
"""Items up to which factors are kept in double precision."""
QUESTION = 64
"""Items up to which a comparison with all others is taken for a question, and not for a part of all comparisons."""
AT_ONCE = 8192
"""Items compared at once: of a large space, more are never in memory."""


@dataclass(frozen=True)
class Placed:
    """n calibrated items.

    Parameters
    ----------
    columns : ndarray of float32 or float64, shape (K, r)
        The columns of all whitened factors, each a row here, item after item; every item has one at least. In double
        precision up to `EXACT` items, since of an item near its group's mean little is left.
    starts : ndarray of int, shape (n,)
        Where each item's columns begin.
    against : ndarray of float, shape (n, c)
        Inner products of G with the mean Gram matrix of each stratum, in the precision of the columns.
    taken : ndarray of float, shape (n, c)
        How much of each stratum's mean is taken away.
    scale : ndarray of float64, shape (n,)
        1 over the norm that G has without the mean; 0 where it says nothing.
    weight : ndarray of float64, shape (n,)
        w, the norm of the Gram part in the calibrated item, 0 to 1: the rest is what lies beside.
    values : Beside
        What lies beside, calibrated and weighted, of the m items that have it.
    row : ndarray of int, shape (n,)
        Its row there, rising, -1 for none.
    centres : Centres
        The means.
    """

    columns: NDArray[np.floating]
    starts: NDArray[np.intp]
    against: NDArray[np.floating]
    taken: NDArray[np.floating]
    scale: NDArray[np.float64]
    weight: NDArray[np.float64]
    values: Beside
    row: NDArray[np.intp]
    centres: Centres

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def widths(self) -> NDArray[np.intp]:
        """How many columns each item has, int (n,)."""
        return np.diff(self.starts, append=len(self.columns))

    def take(self, rows: Sequence[int] | NDArray[np.integer]) -> "Placed":
        """Choose items.

        Parameters
        ----------
        rows : sequence of int, length m
            Positions, in the order wanted.

        Returns
        -------
        Placed
            These m items, in that order.
        """
        rows = np.asarray(rows, np.intp)
        if len(rows) > 1 and (np.diff(rows) == 1).all():
            return self._stretch(rows[0], rows[-1] + 1)
        widths = self.widths[rows]
        starts = np.cumsum(widths) - widths
        row = self.row[rows]
        has = row >= 0
        columns = self.columns[np.repeat(self.starts[rows] - starts, widths) + np.arange(widths.sum())]
        return Placed(
            columns, starts, self.against[rows], self.taken[rows], self.scale[rows], self.weight[rows],
            self.values.take(row[has]), np.where(has, np.cumsum(has) - 1, -1), self.centres,
        )  # fmt: skip

    def _stretch(self, first: int, last: int) -> "Placed":
        """Items from one up to before another: neighbours in memory, which are looked at and not copied."""
        some = slice(first, last)
        starts, row = self.starts[some], self.row[some]
        end = self.starts[last] if last < len(self) else len(self.columns)
        own = row[row >= 0]
        values = self.values.take(slice(own[0], own[-1] + 1) if len(own) else slice(0))
        return Placed(
            self.columns[starts[0] : end], starts - starts[0], self.against[some], self.taken[some], self.scale[some],
            self.weight[some], values, np.where(row >= 0, row - (own[0] if len(own) else 0), -1), self.centres,
        )  # fmt: skip

    def joined(self, *others: "Placed") -> "Placed":
        """Put items of one calibration side by side.

        Parameters
        ----------
        *others : Placed
            Under the same calibration.

        Returns
        -------
        Placed
            All of them, in order.
        """
        parts = (self, *others)
        shifts = np.cumsum([0, *(len(p.columns) for p in parts)])
        rows = np.cumsum([0, *(len(p.values) for p in parts)])

        def stacked(name: str) -> NDArray[Any]:
            return np.concatenate([getattr(p, name) for p in parts])

        columns = Shelf(shifts[-1], self.columns.shape[1], np.float32 if sum(map(len, parts)) > EXACT else np.float64)
        for part in parts:
            columns.add(part.columns)
            let_go(part.columns)
        return Placed(
            columns.array(),
            np.concatenate([p.starts + s for p, s in zip(parts, shifts[:-1], strict=True)]),
            stacked("against"), stacked("taken"), stacked("scale"), stacked("weight"),
            joined([p.values for p in parts]),
            np.concatenate([np.where(p.row >= 0, p.row + s, -1) for p, s in zip(parts, rows[:-1], strict=True)]),
            self.centres,
        )  # fmt: skip

    def cosines(self, other: "Placed", beside: bool = True) -> NDArray[np.float32]:
        """Compare all items with all others.

        Parameters
        ----------
        other : Placed
            m items under the same calibration.
        beside : bool, default True
            Count what lies beside the answers; without it, this is what the answers add to the similarity.

        Returns
        -------
        ndarray of float32, shape (n, m)
            Calibrated similarities, -1 to 1; 0 for an item that says nothing.
        """
        if max(len(self), len(other)) <= AT_ONCE:
            return self._cosines(other, beside)
        out = np.empty((len(self), len(other)), np.float32)
        for left in _stretches(len(self)):
            some = self._stretch(*left)
            for right in _stretches(len(other)):
                out[slice(*left), slice(*right)] = some._cosines(other._stretch(*right), beside)
        return out

    def _cosines(self, other: "Placed", beside: bool) -> NDArray[np.float32]:
        coarse = min(self.columns.dtype, other.columns.dtype)
        squares = self.columns.astype(coarse, copy=False) @ other.columns.astype(coarse, copy=False).T
        np.square(squares, out=squares)
        found = segment_sums(segment_sums(squares, self.starts, 0), other.starts, 1)
        few, many = (self, other) if len(self) <= len(other) else (other, self)  # what follows is done for the few
        without = few.against - few.taken @ self.centres.products
        taken, against = (a.astype(coarse, copy=False) for a in (many.taken, many.against))
        means = without.astype(coarse) @ taken.T + few.taken.astype(coarse) @ against.T
        found -= means if few is self else means.T
        found *= self.scale.astype(coarse)[:, None]
        found *= other.scale.astype(coarse)
        one, two = np.flatnonzero(self.row >= 0), np.flatnonzero(other.row >= 0)
        if len(one) and len(two):
            both = found[np.ix_(one, two)] * self.weight[one, None] * other.weight[two]
            if beside:
                both += self.values.products(other.values)  # rows stand in the order of their items
            found[np.ix_(one, two)] = both
        if min(len(self), len(other)) > QUESTION:  # after a question the next one comes soon
            let_go(self.columns, other.columns)
            self.values.let_go()
            other.values.let_go()
        return np.clip(found, -1.0, 1.0, out=found).astype(np.float32, copy=False)

    def beside_at_most(self, other: "Placed") -> NDArray[np.float32]:
        """Bound what lies beside the answers adds to similarities, without looking at it.

        Parameters
        ----------
        other : Placed
            m items under the same calibration.

        Returns
        -------
        ndarray of float32, shape (n, m)
            The product of the norms of v, which is sqrt(1 - w^2) sqrt(1 - w'^2) since both items have unit norm; 0
            where one has no v.
        """
        one, two = (np.where(p.row >= 0, np.sqrt(np.maximum(1.0 - p.weight**2, 0.0)), 0.0) for p in (self, other))
        return np.outer(one, two).astype(np.float32)

    def weights(self, other: "Placed") -> NDArray[np.float64]:
        """Give the weight that answers have in the similarity of each two.

        Parameters
        ----------
        other : Placed
            m items under the same calibration.

        Returns
        -------
        ndarray of float64, shape (n, m)
            w w' where both have something beside, else 1; 0 where one answers all alike.
        """
        speak = np.outer(self.scale > 0, other.scale > 0).astype(np.float64)
        both = np.outer(self.row >= 0, other.row >= 0)
        return np.where(both, np.outer(self.weight, other.weight), speak)

    def vectors(self) -> NDArray[np.float32]:
        """Write every item as one vector: large, so for export only.

        Returns
        -------
        ndarray of float32, shape (n, r (r + 1) / 2 + v)
            The unfolded Gram matrices without their means, then what lies beside, of unit norm together. Inner products
            are the similarities but of an item that has something beside with one that has not: those are w of it.
        """
        out = np.zeros((len(self), triangle_length(self.columns.shape[1]) + self.values.width), np.float32)
        for i in range(len(self)):
            triangle = upper_triangle(self.take([i]).grams()[0])
            out[i, : len(triangle)] = triangle
            if self.row[i] >= 0:
                out[i, len(triangle) :] = self.values.take(self.row[[i]]).whole()[0]
        return out

    def factors(self) -> list[NDArray[np.floating]]:
        """List the whitened factors U, before any mean is taken away.

        Returns
        -------
        list of n ndarrays of float, shape (r, k)
            Of each item, one column of zeros for answers that are all alike.
        """
        return [self.columns[a:b].T for a, b in zip(self.starts, self.starts + self.widths, strict=True)]

    def grams(self) -> NDArray[np.float64]:
        """Write out the calibrated Gram matrices.

        Returns
        -------
        ndarray of float64, shape (n, r, r)
            Without their means, of norm w.
        """
        means = [self.centres.gram(taken) for taken in self.taken.astype(np.float64)]
        own = [u.astype(np.float64) for u in self.factors()]
        return (np.array([u @ u.T for u in own]) - means) * (self.scale * self.weight)[:, None, None]


def _stretches(n: int) -> list[tuple[int, int]]:
    return [(start, min(start + AT_ONCE, n)) for start in range(0, n, AT_ONCE)]
