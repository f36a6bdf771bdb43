"""Where something lands while its answers still come in: a place, a region that shrinks, and what is near so far.

What it is like is judged by the answered texts alone, see `same_texts`. To tell how sure that is, these texts are drawn
again with replacement; each draw is calibrated and placed in the same way, and the region is where the draws fall. No
model is asked again.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fute_core.atlas.region import region, spread_of_90
from fute_core.atlas.same_texts import scale_on_texts, similar_on_same_texts
from fute_core.errors import BadInput
from fute_core.maps.placing import place_among
from fute_core.predictors.answers import ProbeAnswers
from fute_core.space.scale import Scale

if TYPE_CHECKING:
    from fute_core.atlas.atlas import Atlas

STAGES = (32, 64, 128, 256, 512)
"""Numbers of answered probe texts at which a place is told."""
LANDING_DRAWS = 32
"""Resampled sets of answers that the region and the intervals come from."""
HELD = "nine in ten"
"""How many shipped prompts end within such a region: over single texts 0.89 to 0.92, over text pairs 0.87 to 0.96.

Over text pairs there are few prompts (47), on which the factors were also chosen."""
FEWEST_ANSWERS = 16
"""Below so many answers there is no place worth showing."""
REPEATS = 4
"""Parts that the answers are cut into at most; each has at least `FEWEST_A_REPEAT` of them."""
FEWEST_A_REPEAT = 64


@dataclass(frozen=True)
class Stage:
    """A place on the map after n answers, the region around it, and what is near so far.

    Parameters
    ----------
    n : int
        Number of answers.
    x, y : float
        The place, in map units.
    rx, ry, turn : float
        The region, an ellipse around the place: its longer and shorter half axis, in map units, and the angle from the
        map's first axis to the longer one, in radians, counter-clockwise. How often the place after all probe texts
        lies within tells `HELD`; after all of them the region is where other texts would put it.
    similarity : ndarray of float32, shape (n_items,)
        Calibrated cosine to every item of the atlas, -1 to 1.
    low, high : ndarray of float32, shape (n_items,)
        Its 90 % interval, which also holds the similarity on all texts as often, but that to the nearest dataset less
        often (0.50 after 32 texts, 0.75 after 128): the nearest is near by choice.
    scale : Scale
        What such a similarity means after n answers; on few texts, items for different jobs look more alike.
    """

    n: int
    x: float
    y: float
    rx: float
    ry: float
    turn: float
    similarity: NDArray[np.float32]
    low: NDArray[np.float32]
    high: NDArray[np.float32]
    scale: Scale


@dataclass(frozen=True)
class Repeat:
    """A place on the map made from n answers that no other repeat uses.

    Parameters
    ----------
    n : int
        Number of answers.
    x, y : float
        The place, in map units.
    similarity : ndarray of float32, shape (n_items,)
        Calibrated cosine to every item of the atlas, -1 to 1.
    """

    n: int
    x: float
    y: float
    similarity: NDArray[np.float32]


def stages_of(n_answered: int, n_wanted: int) -> list[int]:
    """Choose after how many answers to tell a place.

    Parameters
    ----------
    n_answered : int
        Answers there are.
    n_wanted : int
        Answers there will be.

    Returns
    -------
    list of int
        Those of `STAGES` that are reached and, once all answers are there, their number.
    """
    there = [n for n in STAGES if n <= n_answered]
    if n_answered >= n_wanted and n_answered not in there:
        there.append(n_answered)
    return [n for n in there if n >= FEWEST_ANSWERS]


def land(
    atlas: "Atlas",
    answers: ProbeAnswers,
    basis: NDArray[np.float64],
    *,
    calibrate: bool = True,
    language_model: str = "",
    draws: int = LANDING_DRAWS,
    seed: int = 0,
) -> Stage:
    """Find where something lies after these answers, and what is near it.

    Parameters
    ----------
    atlas : Atlas
        The space and its map.
    answers : ProbeAnswers
        At least `FEWEST_ANSWERS`.
    basis : ndarray of float64, shape (n_probes, r)
        See `same_texts.atlas_basis`.
    calibrate : bool, default True
        Remove label priors.
    language_model : str
        That the prompt was put to, if known.
    draws : int, default `LANDING_DRAWS`
        How often the answered texts are drawn again; more make the intervals steadier, and take longer.
    seed : int, default 0
        Seed of the draws.

    Returns
    -------
    Stage
        Place, region and similarities.

    Raises
    ------
    BadInput
        For a space whose vectors are not made from answers, or for too few of them.
    """
    m = len(answers.index)
    if m < FEWEST_ANSWERS:
        raise BadInput(f"{m} answers are too few for a place; wait for {FEWEST_ANSWERS}.")
    counts = np.random.default_rng(seed).multinomial(m, np.full(m, 1 / m), draws)
    found = similar_on_same_texts(
        atlas,
        answers,
        basis,
        np.vstack([np.ones(m), counts]),
        calibrate=calibrate,
        language_model=language_model,
    )
    place, *drawn = _places(atlas, found)
    rx, ry, turn = region(place, np.array(drawn), m, atlas.probes.pair)
    spread = spread_of_90(found[1:], m, atlas.probes.pair)
    low, high = np.clip(found[0] - spread, -1, 1), np.clip(found[0] + spread, -1, 1)
    scale = scale_on_texts(atlas, m)
    return Stage(m, float(place[0]), float(place[1]), rx, ry, turn, found[0], low, high, scale)


def _places(atlas: "Atlas", similarity: NDArray[np.float32]) -> NDArray[np.float64]:
    """Map places (draws, 2) by similarities (draws, n_items) to what the map was made of."""
    known = len(atlas.gallery.items) if atlas.gallery else len(atlas.items)
    return np.array([place_among(row[:known], atlas.coordinates[:known]).coordinates for row in similarity], np.float64)


def repeats(
    atlas: "Atlas",
    answers: ProbeAnswers,
    basis: NDArray[np.float64],
    *,
    calibrate: bool = True,
    language_model: str = "",
    seed: int = 0,
) -> list[Repeat]:
    """Find where the same prompt lands on other probe texts: its answers are cut at random into parts of equal size.

    Parts share no text, and the items of the atlas are judged by the same texts, so nothing passes from one repeat to
    another. No model is asked again.

    Parameters
    ----------
    atlas : Atlas
        The space and its map.
    answers : ProbeAnswers
        The answers.
    basis : ndarray of float64, shape (n_probes, r)
        See `same_texts.atlas_basis`.
    calibrate : bool, default True
        Remove label priors.
    language_model : str
        As for `land`.
    seed : int, default 0
        Seed of the cut.

    Returns
    -------
    list of Repeat
        At most `REPEATS`; empty where there would be fewer than two of `FEWEST_A_REPEAT` answers.

    Raises
    ------
    BadInput
        For a space whose vectors are not made from answers.
    """
    m = len(answers.index)
    count = min(REPEATS, m // FEWEST_A_REPEAT)
    if count < 2:
        return []
    size = m // count
    parts = np.sort(np.random.default_rng(seed).permutation(m)[: count * size].reshape(count, size))
    found = [
        similar_on_same_texts(
            atlas, answers.of(rows), basis, np.ones((1, size)), calibrate=calibrate, language_model=language_model
        )[0]
        for rows in parts
    ]
    places = _places(atlas, np.array(found))
    return [Repeat(size, float(x), float(y), row) for (x, y), row in zip(places, found, strict=True)]
