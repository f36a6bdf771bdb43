"""The means of groups of items, which calibration takes away."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray


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
    """The means of all groups.

    Parameters
    ----------
    means : mapping of str to Mean, length g
        Of each group by its name; the order of everything that is said of all groups.
    r, v : int
        Rows of the Gram matrices, and values beside; known also where there is no group.
    """

    means: Mapping[str, Mean]
    r: int
    v: int

    def of(self, means: Mapping[str, Mean]) -> "Centres":
        """Make centres of the same sizes from other means.

        Parameters
        ----------
        means : mapping of str to Mean
            In any order.

        Returns
        -------
        Centres
            In the order of the groups' names.
        """
        return Centres({group: means[group] for group in sorted(means)}, self.r, self.v)

    @cached_property
    def grams(self) -> NDArray[np.float64]:
        """The mean Gram matrices, float64 (g, r, r)."""
        return np.array([mean.gram for mean in self.means.values()]).reshape(len(self.means), self.r, self.r)

    @cached_property
    def halves(self) -> NDArray[np.float64]:
        """Their upper triangles with half the diagonal, float64 (g, r, r): x^T M x is 2 x^T H x, in half the time."""
        return np.array([np.triu(gram) - np.diag(np.diag(gram)) / 2 for gram in self.grams]).reshape(self.grams.shape)

    @cached_property
    def values(self) -> NDArray[np.float64]:
        """The means of what lies beside, float64 (g, v)."""
        return np.array([mean.values for mean in self.means.values()]).reshape(len(self.means), self.v)

    @cached_property
    def products(self) -> NDArray[np.float64]:
        """Inner products of the mean Gram matrices, float64 (g, g)."""
        flat = self.grams.reshape(len(self.means), self.r * self.r)
        return flat @ flat.T
