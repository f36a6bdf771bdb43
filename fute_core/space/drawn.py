"""Items under resampled probe texts, compared with one another draw by draw."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fute_core.space.placed import Placed


@dataclass(frozen=True)
class Resampled:
    """One item's Gram part under resampled probe texts.

    Parameters
    ----------
    factors : ndarray of float64, shape (draws, r, k)
        F of each draw's Gram matrix F F^T, at unit norm.
    against : ndarray of float64, shape (draws, c)
        Inner products <F F^T, M> with the mean of each stratum of references.
    taken : ndarray of float64, shape (draws, c)
        How much of each calibration subtracts from each draw.
    products : ndarray of float64, shape (c, c)
        Inner products of the strata's means.
    placed : Placed
        The item alone, calibrated.
    """

    factors: NDArray[np.float64]
    against: NDArray[np.float64]
    taken: NDArray[np.float64]
    products: NDArray[np.float64]
    placed: Placed

    @property
    def norms(self) -> NDArray[np.float64]:
        """Norm of each draw's Gram matrix at unit norm without the mean, float64 (draws,)."""
        squares = 1.0 + (self.taken * (self.taken @ self.products - 2.0 * self.against)).sum(1)
        return np.asarray(np.sqrt(np.maximum(squares, 0.0)))


def answer_weight(one: Resampled, other: Resampled) -> float:
    """Give the weight that answers have in the similarity of two items.

    Parameters
    ----------
    one, other : Resampled
        The items.

    Returns
    -------
    float
        0 to 1, see `Placed.weights`.
    """
    return float(one.placed.weights(other.placed)[0, 0])


def gram_cosines(one: Resampled, other: Resampled) -> np.ndarray:
    """Compare centred Gram matrices draw by draw.

    Parameters
    ----------
    one, other : Resampled
        The items.

    Returns
    -------
    ndarray of float64, shape (draws,)
        Cosines; 0 where one of the matrices has no direction of its own.
    """
    both = ((np.swapaxes(one.factors, 1, 2) @ other.factors) ** 2).sum((1, 2))
    mixed = ((one.against - one.taken @ one.products) * other.taken + other.against * one.taken).sum(1)
    product = both - mixed
    scale = one.norms * other.norms
    return np.where(scale > 1e-9, product / np.where(scale > 1e-9, scale, 1.0), 0.0)


def cosines_among(drawn: Sequence[Resampled]) -> np.ndarray:
    """Compare all of some items with one another draw by draw, much faster than by twos.

    Parameters
    ----------
    drawn : sequence of Resampled
        n items under the same draws.

    Returns
    -------
    ndarray of float64, shape (draws, n, n)
        What `gram_cosines` gives for every two.
    """
    starts = np.cumsum([0, *(item.factors.shape[2] for item in drawn)])[:-1]
    taken, against = (np.stack([getattr(item, name) for item in drawn], axis=1) for name in ("taken", "against"))
    lost = against @ taken.transpose(0, 2, 1)  # of each draw, what an item has of what another loses
    means = taken @ drawn[0].products @ taken.transpose(0, 2, 1)
    norms = np.stack([item.norms for item in drawn], axis=1)
    found = np.empty((len(norms), len(drawn), len(drawn)))
    for draw, own in enumerate(norms):
        factors = np.concatenate([item.factors[draw] for item in drawn], axis=1)
        both = np.add.reduceat(np.add.reduceat((factors.T @ factors) ** 2, starts, 0), starts, 1)
        scale = own[:, None] * own
        spoken = scale > 1e-9
        product = both - lost[draw] - lost[draw].T + means[draw]
        found[draw] = np.where(spoken, product / np.where(spoken, scale, 1.0), 0.0)
    return found
