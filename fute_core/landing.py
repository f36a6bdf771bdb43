"""Where something lands while its answers still come in: a place, a region that shrinks, and what is near so far.

A vector from part of the probe texts lies in the space of all of them, since an unanswered text says nothing. How sure
it is follows from drawing the answered texts again with replacement: weights w_p on the rows of the centred answers,
the same compression, calibration and placing, and the spread of what comes out. No model is asked again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from fute_core.errors import BadInput
from fute_core.methods.functional import PROBABILITY_FLOOR, compress
from fute_core.predictors.scoring import contextual_calibration
from fute_core.projection import place

if TYPE_CHECKING:
    from fute_core.atlas import Atlas
    from fute_core.predictors import Predictor
    from fute_core.store import Store
    from fute_core.tasks import TaskEmbedding

STAGES = (32, 64, 128, 256, 512)
"""Numbers of answered probe texts at which a place is told."""
DRAWS = 32
SURE = 1.645
"""Standard deviations on either side: about 90 %."""
FEWEST = 16
"""Below so many answers there is no place worth showing."""


@dataclass(frozen=True)
class Answers:
    """What a black box has said so far on the probe texts of a space.

    index : int (m,), the probe texts answered, in order. proba : float32 (m, k), before label priors are removed.
    outside : mean probability outside all answer choices, None where that is not known.
    """

    labels: tuple[str, ...]
    index: np.ndarray
    proba: np.ndarray
    outside: np.ndarray | None = None

    def first(self, n: int) -> "Answers":
        """The first n that were answered."""
        return Answers(self.labels, self.index[:n], self.proba[:n], None if self.outside is None else self.outside[:n])

    def used(self, calibrate: bool = True) -> np.ndarray:
        """float32 (m, k) as the vector is made from them: label priors removed, unless told not to."""
        return contextual_calibration(self.proba) if calibrate and len(self.proba) else self.proba

    def full(self, n_probes: int, calibrate: bool = True) -> np.ndarray:
        """float32 (n_probes, k), NaN where there is no answer yet."""
        out = np.full((n_probes, self.proba.shape[1]), np.nan, np.float32)
        out[self.index] = self.used(calibrate)
        return out


@dataclass(frozen=True)
class Stage:
    """A place after n answers, in map units, with half the width and height of the region it lies in with 90 %.

    similarity, low, high : float32 (n_items,), calibrated cosine to every item of the atlas with its 90 % interval.
    """

    n: int
    x: float
    y: float
    rx: float
    ry: float
    similarity: np.ndarray
    low: np.ndarray
    high: np.ndarray


def read_answers(predictor: "Predictor", store: "Store", probes: Sequence) -> Answers:
    """What the store holds of a predictor's answers on these texts; asks nobody."""
    scoring = hasattr(predictor, "score_fingerprint")
    rows, missing = store.get_answers(predictor.score_fingerprint() if scoring else predictor.fingerprint(), probes)
    index = np.flatnonzero(~missing)
    if not len(index):
        return Answers(tuple(predictor.labels), index, np.zeros((0, max(len(predictor.labels), 1)), np.float32))
    raw = np.stack([rows[i] for i in index])
    answered = ~np.isnan(raw).any(1)
    index, raw = index[answered], raw[answered]
    outside = predictor.outside_mass(raw) if hasattr(predictor, "outside_mass") else None
    return Answers(tuple(predictor.labels), index, predictor.proba(raw) if scoring else raw, outside)


def stages_of(n_answered: int, n_wanted: int) -> list[int]:
    """The numbers of answers to tell a place at: the usual ones, and the last of all."""
    there = [n for n in STAGES if n <= n_answered]
    if n_answered >= n_wanted and n_answered not in there:
        there.append(n_answered)
    return [n for n in there if n >= FEWEST]


def provisional(atlas: "Atlas", answers: Answers, basis: np.ndarray, *, calibrate: bool = True) -> "TaskEmbedding":
    """The embedding that these answers make in the atlas's space, unnamed and not for the store."""
    return _embedding(atlas, answers, basis, np.ones(len(answers.index)), answers.used(calibrate))


def land(
    atlas: "Atlas", answers: Answers, basis: np.ndarray, *, calibrate: bool = True, draws: int = DRAWS, seed: int = 0
) -> Stage:
    """Place, region and similarities after these answers.

    basis : orthonormal (n_probes, r), see `methods.functional.probe_basis`. Raises BadInput for a space whose vectors
    are not made from answers, or for too few of them.
    """
    m = len(answers.index)
    if m < FEWEST:
        raise BadInput(f"{m} answers are too few for a place; wait for {FEWEST}.")
    used = answers.used(calibrate)
    counts = np.random.default_rng(seed).multinomial(m, np.full(m, 1 / m), draws)
    weighted = [np.ones(m), *counts.astype(np.float64)]
    vectors = atlas.space.calibrator.transform([_embedding(atlas, answers, basis, w, used) for w in weighted])
    cosines = np.clip(vectors @ atlas.space.vectors.T, -1.0, 1.0)
    x, y = place(atlas.projection, vectors[0]).coordinates
    places = np.array([place(atlas.projection, v).coordinates for v in vectors[1:]], np.float64)
    rx, ry = SURE * places.std(0)
    spread = SURE * cosines[1:].std(0)
    low, high = np.clip(cosines[0] - spread, -1, 1), np.clip(cosines[0] + spread, -1, 1)
    return Stage(m, float(x), float(y), float(rx), float(ry), cosines[0], low, high)


def basis_of(atlas: "Atlas", store: "Store") -> np.ndarray:
    """Orthonormal (n_probes, r) of the atlas's probe texts: shipped with the gallery, else from the surrogate."""
    if (gallery := getattr(atlas, "gallery", None)) is not None:
        return gallery.basis
    from fute_core.methods.functional import Functional, probe_basis
    from fute_core.surrogate import load_surrogate

    made = atlas.items[0].embedding.provenance
    surrogate = load_surrogate(made.surrogate)
    surrogate.remember_in(store)
    return probe_basis(surrogate.features(atlas.probes.texts), int(made.params.get("rank", Functional().rank)))


def _embedding(
    atlas: "Atlas", answers: Answers, basis: np.ndarray, weights: np.ndarray, used: np.ndarray
) -> "TaskEmbedding":
    pattern = atlas.items[0].embedding
    block = next((b for b in pattern.blocks if b.name == "gram"), None)
    if block is None:
        raise BadInput("This space is not made from answers, so nothing can be placed in it before it is done.")
    centred = np.zeros((len(basis), used.shape[1]))
    centred[answers.index] = _weighted(used, weights)
    vector = np.zeros(len(pattern.vector), np.float32)
    vector[block.start : block.stop] = compress(centred, basis)[0]
    provenance = replace(pattern.provenance, n_texts=len(answers.index), details={})
    return replace(pattern, name="", kind="prompt", vector=vector, key="", family=None, provenance=provenance)


def _weighted(proba: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Centred log answers (m, k), with the texts' weights in the mean and on the rows."""
    z = proba.astype(np.float64)
    if z.shape[1] > 1:
        z = np.log(np.maximum(z, PROBABILITY_FLOOR))
        z -= z.mean(1, keepdims=True)
    z -= (weights[:, None] * z).sum(0) / weights.sum()
    return z * weights[:, None]
