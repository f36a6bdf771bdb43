"""Intervals over probe texts, judged on texts that had no part in them: two halves that share no text.

Each half gives a similarity of its own, and an interval by halves of its own texts. The difference of two independent
halves varies twice as much as either of them, so the interval is widened by the root of two about its similarity, and
should then hold the similarity of the other half in 95 % of cases.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fute_core.atlas.gallery import Gallery
from fute_core.methods.functional import log_odds
from fute_core.space.drawn import cosines_among
from fute_core.space.resampling import INTERVAL_DRAWS, Resampler, about_zero, half_samples
from fute_core.space.some_texts import calibrated_on

DRAWS_AT_ONCE = 20


@dataclass(frozen=True)
class Judged:
    """Similarities of n items on one half of the probe texts, and what that half says of them.

    Parameters
    ----------
    value : ndarray of float64, shape (n, n)
        Similarities on the half's texts.
    spread : ndarray of float64, shape (n, n)
        Standard deviation of the draws about it.
    low, high : ndarray of float64, shape (n, n)
        Percentiles 2.5 and 97.5 of the draws, less the value.
    """

    value: NDArray[np.float64]
    spread: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    def holds(self, other: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell which similarities of another half the intervals of this one hold.

        Parameters
        ----------
        other : ndarray of float64, shape (n, n)
            The similarities on the other half.

        Returns
        -------
        ndarray of bool, shape (n, n)
            Whether it lies within.
        """
        off = (other - self.value) / np.sqrt(2)
        return np.asarray((off >= self.low) & (off <= self.high))


def drawn_similarities(
    gallery: Gallery, chosen: Sequence[int], texts: NDArray[np.intp], counts: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Compare items of a gallery on some of the probe texts, draw by draw.

    Parameters
    ----------
    gallery : Gallery
        Items with answers.
    chosen : sequence of int
        Positions of n items.
    texts : ndarray of int, shape (m,)
        Positions of the probe texts.
    counts : ndarray of int, shape (draws, m)
        How often each draw has each of them.

    Returns
    -------
    ndarray of float64, shape (draws, n, n)
        What their Gram parts add to their similarities.
    """
    answers = {i: log_odds(known) for i in chosen if (known := gallery.items[i].answers) is not None}
    placed = gallery.space.placed.take(chosen)
    references = [(i.embedding, log_odds(i.answers[texts])) for i in gallery.items if i.answers is not None]
    calibrator = calibrated_on(gallery.calibrator, gallery.basis[texts], references)
    found = []
    for start in range(0, len(counts), DRAWS_AT_ONCE):
        resampler = Resampler(calibrator, gallery.basis[texts], counts[start : start + DRAWS_AT_ONCE])
        drawn = [
            resampler.resample(gallery.items[i].embedding, answers[i][texts], placed.take([at]))
            for at, i in enumerate(chosen)
        ]
        found.append(placed.weights(placed) * cosines_among(drawn))
    return np.concatenate(found)


def judged_halves(gallery: Gallery, chosen: Sequence[int], seed: int, draws: int = INTERVAL_DRAWS) -> list[Judged]:
    """Cut the probe texts in two at random, and judge items on each half alone.

    Parameters
    ----------
    gallery : Gallery
        Items with answers.
    chosen : sequence of int
        Positions of n items.
    seed : int
        Of the cut and the draws.
    draws : int, default `INTERVAL_DRAWS`
        Draws of the texts of a half, an even number.

    Returns
    -------
    list of two Judged
        One a half.
    """
    m = len(gallery.basis)
    found = []
    for texts in np.split(np.random.default_rng(seed).permutation(m)[: m // 2 * 2], 2):
        counts = np.vstack([np.ones(len(texts), np.intp), half_samples(len(texts), draws, seed)])
        value, *drawn = drawn_similarities(gallery, chosen, texts, counts)
        about = about_zero(np.array(drawn))
        low, high = np.percentile(about, [2.5, 97.5], axis=0)
        found.append(Judged(value, about.std(0), low, high))
    return found
