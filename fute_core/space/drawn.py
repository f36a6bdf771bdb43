"""Items under resampled probe texts, compared with one another draw by draw."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from fute_core.space.placed import Placed

MOST_MEANS = 8
"""Kept apart: groups of the calibration have one each, and items of few texts one of their own."""


@dataclass(frozen=True)
class Resampled:
    """One item's Gram part under resampled probe texts.

    Parameters
    ----------
    factors : ndarray of float64, shape (draws, r, k)
        F of each draw's Gram matrix F F^T, at unit norm.
    mean : ndarray of float64, shape (r, r)
        What calibration subtracts.
    norms : ndarray of float64, shape (draws,)
        Of F F^T - mean.
    placed : Placed
        The item alone, calibrated.
    known : dict of int to (ndarray, ndarray)
        Means by their identity, each with what `against` gives for it.
    """

    factors: np.ndarray
    mean: np.ndarray
    norms: np.ndarray
    placed: Placed
    known: dict[int, tuple[np.ndarray, np.ndarray]] = field(default_factory=dict, repr=False, compare=False)

    def against(self, mean: np.ndarray) -> np.ndarray:
        """Compare each draw with a mean, once for each of the first means: an item meets few, and the same ones again.

        Parameters
        ----------
        mean : ndarray of float64, shape (r, r)
            What calibration subtracts from this item or another one.

        Returns
        -------
        ndarray of float64, shape (draws,)
            Inner products <F F^T, mean>.
        """
        found = self.known.get(id(mean))  # no other array has its identity while it is kept here
        if found is None:
            found = (mean, _against(self.factors, mean))
            if len(self.known) < MOST_MEANS:
                self.known[id(mean)] = found
        return found[1]


def _against(factors: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """<F F^T, mean> of each draw, (draws,). One product for all draws: one a draw reads the mean anew each time."""
    draws, r, k = factors.shape
    columns = factors.transpose(1, 0, 2).reshape(r, draws * k)
    return np.asarray((columns * (mean @ columns)).sum(0).reshape(draws, k).sum(1))


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
    mixed = one.against(other.mean) + other.against(one.mean)
    product = both - mixed + (one.mean * other.mean).sum()
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
    means = {item.mean.tobytes(): item.mean for item in drawn}
    of = np.array([list(means).index(item.mean.tobytes()) for item in drawn])
    products = np.array([[(a * b).sum() for b in means.values()] for a in means.values()])[np.ix_(of, of)]
    norms = np.stack([item.norms for item in drawn], axis=1)
    found = np.empty((len(norms), len(drawn), len(drawn)))
    for draw, own in enumerate(norms):
        factors = np.concatenate([item.factors[draw] for item in drawn], axis=1)
        both = np.add.reduceat(np.add.reduceat((factors.T @ factors) ** 2, starts, 0), starts, 1)
        against = np.stack([np.add.reduceat((factors * (m @ factors)).sum(0), starts) for m in means.values()])[of]
        scale = own[:, None] * own
        spoken = scale > 1e-9
        found[draw] = np.where(spoken, (both - against - against.T + products) / np.where(spoken, scale, 1.0), 0.0)
    return found
