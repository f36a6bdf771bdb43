"""The means of references, which calibration takes away.

Means of Gram matrices are never written out: an item's inner product with one is the mean of those with the references.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fute_core.space.factors import Factors, segment_sums
from fute_core.space.strata import Strata, share_there

if TYPE_CHECKING:
    from scipy.sparse import csr_array


@dataclass(frozen=True)
class Mean:
    """A mean of scaled items, or a share of one.

    Parameters
    ----------
    gram : ndarray of float64, shape (r, r)
        Of the whitened Gram matrices; r is 0 for methods without answers.
    values : ndarray of float64, shape (v,)
        Of the scaled values beside.
    """

    gram: NDArray[np.float64]
    values: NDArray[np.float64]


@dataclass(frozen=True)
class Centres:
    """The references, and the strata whose means are taken away.

    Parameters
    ----------
    strata : Strata
        Families of g groups of p references, c in all.
    factors : Factors
        The references' whitened factors at unit norm, K columns in all.
    values : ndarray of float64, shape (g, v)
        The mean of each group's scaled values beside.
    """

    strata: Strata
    factors: Factors
    values: NDArray[np.float64]

    @cached_property
    def averages(self) -> "csr_array":
        """What each column of the factors adds to each stratum's mean, float64 (K, c)."""
        from scipy.sparse import csr_array

        columns, starts = self.factors.columns, self.factors.starts
        return csr_array(self.strata.shares.repeat(np.diff(starts, append=columns.shape[1]), 0))

    @cached_property
    def products(self) -> NDArray[np.float64]:
        """Inner products of the strata's mean Gram matrices, float64 (c, c)."""
        own = self.factors.columns
        return np.asarray(self.averages.T @ self.columns_against(own.T))

    def columns_against(self, rows: NDArray[Any]) -> NDArray[Any]:
        """Compare columns of factors with the strata's mean Gram matrices.

        Parameters
        ----------
        rows : ndarray of float, shape (n, r)
            Whitened columns x, each a row here.

        Returns
        -------
        ndarray of float, shape (n, c)
            x^T M x, of the same type; summed over the columns of an item, its inner product with the mean.
        """
        squares = rows @ self.factors.columns.astype(rows.dtype, copy=False)
        np.square(squares, out=squares)
        return np.asarray((self.averages.T.astype(rows.dtype) @ squares.T).T)

    def against(self, rows: NDArray[Any], starts: NDArray[np.intp]) -> NDArray[Any]:
        """Compare items with the strata's mean Gram matrices.

        Parameters
        ----------
        rows : ndarray of float, shape (K', r)
            The columns of n items' whitened factors, each a row here, item after item.
        starts : ndarray of int, shape (n,)
            Where each item begins.

        Returns
        -------
        ndarray of float, shape (n, c)
            Inner products, of the same type as the columns.
        """
        return segment_sums(self.columns_against(rows), starts, 0)

    def taken(self, base: NDArray[np.float64], few: NDArray[np.bool_], against: NDArray[Any]) -> NDArray[np.float64]:
        """Tell how much of the strata's mean Gram matrices items lose.

        Parameters
        ----------
        base : ndarray of float64, shape (n, g)
            How much of each group's mean at most.
        few : ndarray of bool, shape (n,)
            Items that lose their mean M only as far as it is in them: <G, M> / <M, M>, between 0 and 1.
        against : ndarray of float, shape (n, c)
            Inner products of items and strata.

        Returns
        -------
        ndarray of float64, shape (n, c)
            How much of each.
        """
        lost = self.strata.lost(base, against)
        some = lost[few]
        own, size = (some * against[few]).sum(1), ((some @ self.products) * some).sum(1)
        lost[few] *= share_there(own, size)[:, None]
        return lost

    def gram(self, taken: NDArray[np.float64]) -> NDArray[np.float64]:
        """Write out a mixture of the strata's mean Gram matrices.

        Parameters
        ----------
        taken : ndarray of float64, shape (c,)
            How much of each.

        Returns
        -------
        ndarray of float64, shape (r, r)
            The sum.
        """
        columns = self.factors.columns
        return np.asarray((columns * (self.averages @ taken)) @ columns.T)
