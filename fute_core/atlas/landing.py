"""Where something lands while its answers still come in: a place, a region that shrinks, and what is near so far.

A vector from part of the probe texts lies in the space of all of them, since an unanswered text says nothing; what it
is like is judged by the answered texts alone. How sure that is follows from drawing those again with replacement, with
the same calibration and placing, and the spread of what comes out. No model is asked again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from fute_core.errors import BadInput
from fute_core.maps.projection import place_among
from fute_core.methods.functional import compress, log_odds
from fute_core.predictors.scoring import contextual_calibration
from fute_core.space.resampling import Bootstrap, gram_cosines
from fute_core.space.scale import Scale, different_jobs

if TYPE_CHECKING:
    from fute_core.atlas.atlas import Atlas
    from fute_core.predictors import Predictor
    from fute_core.store.store import Store
    from fute_core.tasks import Kind, TaskEmbedding

STAGES = (32, 64, 128, 256, 512)
"""Numbers of answered probe texts at which a place is told."""
DRAWS = 32
SURE = 1.645
"""Standard deviations on either side: about 90 %."""
FEWEST = 16
"""Below so many answers there is no place worth showing."""
REPEATS = 4
"""Independent repeats that the answers are cut into, where each still has `FEWEST_A_REPEAT`."""
FEWEST_A_REPEAT = 64


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
        return self.of(np.arange(min(n, len(self.index))))

    def of(self, rows: np.ndarray) -> "Answers":
        """Those at the positions `rows` (int) among the answered."""
        outside = None if self.outside is None else self.outside[rows]
        return Answers(self.labels, self.index[rows], self.proba[rows], outside)

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
    scale : what such a similarity means after n answers; on few texts, different jobs look more alike.
    """

    n: int
    x: float
    y: float
    rx: float
    ry: float
    similarity: np.ndarray
    low: np.ndarray
    high: np.ndarray
    scale: Scale


@dataclass(frozen=True)
class Repeat:
    """A place from n answers that no other repeat reads. similarity : float32 (n_items,), calibrated, as in `Stage`."""

    n: int
    x: float
    y: float
    similarity: np.ndarray


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


def provisional(
    atlas: "Atlas", answers: Answers, basis: np.ndarray, *, kind: "Kind" = "prompt", calibrate: bool = True
) -> "TaskEmbedding":
    """The embedding that these answers make in the atlas's space, unnamed and not for the store."""
    pattern = atlas.items[0].embedding
    block = next((b for b in pattern.blocks if b.name == "gram"), None)
    if block is None:
        raise BadInput("This space is not made from answers, so nothing can be placed in it before it is done.")
    used = answers.used(calibrate)
    centred = np.zeros((len(basis), used.shape[1]))
    centred[answers.index] = log_odds(used)
    vector = np.zeros(len(pattern.vector), np.float32)
    vector[block.start : block.stop] = compress(centred, basis)[0]
    provenance = replace(pattern.provenance, n_texts=len(answers.index), details={})
    return replace(pattern, name="", kind=kind, vector=vector, key="", family=None, provenance=provenance)


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
    counts = np.random.default_rng(seed).multinomial(m, np.full(m, 1 / m), draws)
    found = similar_on_same_texts(atlas, answers, basis, np.vstack([np.ones(m), counts]), calibrate=calibrate)
    (x, y), *drawn = _places(atlas, found)
    rx, ry = SURE * np.std(drawn, 0)
    spread = SURE * found[1:].std(0)
    low, high = np.clip(found[0] - spread, -1, 1), np.clip(found[0] + spread, -1, 1)
    scale = atlas.scale if m == len(basis) else scale_on(atlas, answers.index, basis)
    return Stage(m, float(x), float(y), float(rx), float(ry), found[0], low, high, scale)


def similar_on_same_texts(
    atlas: "Atlas", answers: Answers, basis: np.ndarray, counts: np.ndarray, *, kind: "Kind" = "prompt",
    calibrate: bool = True,
) -> np.ndarray:  # fmt: skip
    """Similarities to every item of the atlas, float32 (draws, n_items), judged by the texts that were answered alone.

    counts : (draws, m), how often each draw has each of the m answered texts.

    Items' answers on other texts are left out, since they would have nothing to be compared with: of 14 skilled
    prompts on a small model, this finds the family of 6 after 32 texts and of 9 after 128; against whole items, 0
    and 2. With all texts both are the same. Items whose answers are not known are compared as a whole.
    """
    embedding = provisional(atlas, answers, basis, kind=kind, calibrate=calibrate)
    vector = atlas.space.calibrator.transform([embedding])[0]
    drawn = Bootstrap(atlas.space.calibrator, basis[answers.index], counts)
    own = drawn.resample(embedding, log_odds(answers.used(calibrate)), vector)
    whole = atlas.space.vectors @ vector
    found = np.repeat(whole[None], len(counts), 0)
    for i, item in enumerate(atlas.items):
        if item.answers is not None and len(item.answers) == len(basis):
            known = log_odds(item.answers[answers.index])
            other = drawn.resample(item.embedding, known, atlas.space.vectors[i])
            found[:, i] = own.weight * other.weight * gram_cosines(own, other)
    return np.clip(found, -1.0, 1.0).astype(np.float32)


def scale_on(atlas: "Atlas", index: np.ndarray, basis: np.ndarray) -> Scale:
    """The calibrated scale of datasets and prompts by their answers on the probe texts at `index` (m,) alone."""
    drawn = Bootstrap(atlas.space.calibrator, basis[index], np.ones((1, len(index))))
    embeddings, grams = [], []
    for vector, item in zip(atlas.space.vectors, atlas.items, strict=True):
        own = item.embedding
        if own.kind == "model" or not own.family or item.answers is None or len(item.answers) != len(basis):
            continue
        part = drawn.resample(own, log_odds(item.answers[index]), vector)
        gram = (part.factors[0] @ part.factors[0].T - part.mean).ravel()
        embeddings.append(own)
        grams.append((part.weight / max(float(part.norms[0]), 1e-9) * gram).astype(np.float32))
    if not grams:
        return Scale({})
    together = np.stack(grams)
    return Scale(different_jobs(embeddings, together @ together.T))


def _places(atlas: "Atlas", similarity: np.ndarray) -> np.ndarray:
    """Map places (draws, 2) by similarities (draws, n_items) to what the map was made of."""
    known = len(atlas.gallery.items) if atlas.gallery else len(atlas.items)
    return np.array([place_among(row[:known], atlas.coordinates[:known]).coordinates for row in similarity], np.float64)


def repeats(
    atlas: "Atlas", answers: Answers, basis: np.ndarray, *, calibrate: bool = True, seed: int = 0
) -> list[Repeat]:
    """Where the same prompt lands on other probe texts: the answers cut at random into parts that share no text.

    Items are judged by the same texts, so nothing but label priors passes from one repeat to another. Up to `REPEATS`
    of equal size; none where there would be fewer than two of `FEWEST_A_REPEAT` answers. No model is asked again, and
    no answer is read twice.
    """
    m = len(answers.index)
    count = min(REPEATS, m // FEWEST_A_REPEAT)
    if count < 2:
        return []
    size = m // count
    counts = np.zeros((count, m))
    for part, rows in enumerate(np.random.default_rng(seed).permutation(m)[: count * size].reshape(count, size)):
        counts[part, rows] = 1
    found = similar_on_same_texts(atlas, answers, basis, counts, calibrate=calibrate)
    return [Repeat(size, float(x), float(y), row) for (x, y), row in zip(_places(atlas, found), found, strict=True)]


def basis_of(atlas: "Atlas", store: "Store") -> np.ndarray:
    """Orthonormal (n_probes, r) of the atlas's probe texts: shipped with the gallery, else from the surrogate."""
    if (gallery := getattr(atlas, "gallery", None)) is not None:
        return gallery.basis
    from fute_core.methods.functional import Functional, probe_basis
    from fute_core.models.encoder import load_surrogate

    made = atlas.items[0].embedding.provenance
    surrogate = load_surrogate(made.surrogate, store)
    return probe_basis(surrogate.features(atlas.probes.texts), int(made.params.get("rank", Functional().rank)))
