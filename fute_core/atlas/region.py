"""How far from what is seen after some of the probe texts that after all of them may lie: regions and intervals."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

DEVIATIONS_OF_90 = 1.645
"""Standard deviations on either side of a mean that hold 90 % of a normal distribution of one number."""
RADIUS_OF_90 = 2.146
"""The same for two numbers: root of the 90 % quantile of the chi-square distribution with two degrees of freedom."""
WIDER = {
    False: {32: 1.0, 64: 1.05, 128: 1.2, 256: 1.15, 512: 1.0},
    True: {32: 1.4, 64: 1.5, 128: 1.55, 256: 1.6, 512: 1.0},
}
"""How much wider regions have to be, over single texts (False) and over text pairs (True), by the number of answers,
for the place after all texts to lie within in 0.9.

Draws from n texts know no others, and the map's places are no normal distribution; from half of the texts on, those
that are answered are a part of all. Measured on the shipped prompts, each left out of the map: `fute eval coverage`."""
WIDER_INTERVALS = {False: {32: 1.0, 64: 1.05, 128: 1.2, 256: 1.2, 512: 1.0},
                   True: {32: 1.0, 64: 1.15, 128: 1.35, 256: 1.4, 512: 1.0}}  # fmt: skip
"""The same for the 90 % interval of a similarity, over single texts and over text pairs, measured likewise."""


def spread_of_90(drawn: NDArray[np.floating], n: int, pair: bool) -> NDArray[np.float64]:
    """Find half the width of the interval that holds a similarity on all probe texts at 90 %.

    Parameters
    ----------
    drawn : ndarray of float, shape (draws, n_items)
        Similarities of resampled answers.
    n : int
        How many answers there are.
    pair : bool
        The texts are pairs.

    Returns
    -------
    ndarray of float64, shape (n_items,)
        Of each item.
    """
    return np.asarray(DEVIATIONS_OF_90 * _factor(WIDER_INTERVALS[pair], n) * drawn.std(0), np.float64)


def region(
    place: NDArray[np.float64], drawn: NDArray[np.float64], n: int, pair: bool = False
) -> tuple[float, float, float]:
    """Find the ellipse around a place in which the place after all probe texts lies at 90 %.

    Its shape is that of the draws' mean squared deviations from the place, not from their own mean: where draws lie to
    one side of the place, it is that much less sure.

    Parameters
    ----------
    place : ndarray of float64, shape (2,)
        The place after n answers.
    drawn : ndarray of float64, shape (draws, 2)
        Places of resampled answers.
    n : int
        How many answers there are.
    pair : bool, default False
        The texts are pairs.

    Returns
    -------
    tuple of (float, float, float)
        Longer and shorter half axis, and the angle of the longer one in radians.
    """
    deviations = drawn - place
    squares, axes = np.linalg.eigh(deviations.T @ deviations / len(drawn))
    short, long = RADIUS_OF_90 * _factor(WIDER[pair], n) * np.sqrt(np.maximum(squares, 0.0))
    return float(long), float(short), float(np.arctan2(axes[1, 1], axes[0, 1]))


def inside(place: ArrayLike, ellipse: tuple[float, float, float], other: ArrayLike) -> bool:
    """Tell whether a region holds another place.

    Parameters
    ----------
    place : array-like of float, shape (2,)
        The middle of the region.
    ellipse : tuple of (float, float, float)
        From `region`.
    other : array-like of float, shape (2,)
        The other place.

    Returns
    -------
    bool
        True inside and on the edge.
    """
    long, short, turn = ellipse
    across, up = np.asarray(other, np.float64) - np.asarray(place, np.float64)
    along, aside = across * np.cos(turn) + up * np.sin(turn), up * np.cos(turn) - across * np.sin(turn)
    return bool((along / max(long, 1e-9)) ** 2 + (aside / max(short, 1e-9)) ** 2 <= 1.0)


def _factor(table: Mapping[int, float], n: int) -> float:
    """Read between the numbers of answers that factors were measured at."""
    return float(np.interp(n, list(table), list(table.values())))
