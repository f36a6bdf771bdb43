"""Which prompt (or model) does the job of a dataset: a ranking that says what cannot be told apart, and when to say no.

Similarity to the target is a function of the probe texts, so the texts are resampled: with counts v_p of text p, the
factor of an item is X diag(v) Z, X = A Q^T the whitened basis of the probes, and both Gram matrices, their centring and
their norms follow from it. The same draws serve all items, so that two are compared on the same texts. No model and no
surrogate is asked again. The references of the calibration stay as they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fute_core.calibration import Calibrator, group_of
from fute_core.errors import BadInput
from fute_core.methods.functional import symmetric
from fute_core.tasks import Block, TaskEmbedding

DRAWS = 300
MIN_TEXTS = 128
"""With fewer probe texts no winner is named: measured, the nearest dataset is the right one in half of the cases."""
ALIKE = 0.025
"""Share of draws on either side within which two items cannot be told apart (a two-sided 95 % interval)."""


@dataclass(frozen=True)
class Answered:
    """An embedding with what it was made from: centred answers, float64 (m, k), on the m probe texts of its space."""

    embedding: TaskEmbedding
    answers: np.ndarray


@dataclass(frozen=True)
class Ranked:
    """similarity : calibrated, with its 95 % interval over probe texts. group : from 1; items of one cannot be told
    apart from the first of it. constant : it answers all texts alike, so nothing can be said."""

    name: str
    family: str | None
    similarity: float
    low: float
    high: float
    group: int
    constant: bool


@dataclass(frozen=True)
class Selection:
    """ranking : best first. winner : the one to take, or None. reason : why it, or why none, in a sentence."""

    target: str
    n_texts: int
    ranking: tuple[Ranked, ...]
    winner: str | None
    reason: str


def select(
    target: Answered,
    items: Sequence[Answered],
    basis: np.ndarray,
    calibrator: Calibrator,
    *,
    level: float = 0.0,
    draws: int = DRAWS,
    seed: int = 0,
) -> Selection:
    """Rank items by their calibrated similarity to the target, and name a winner where there is one.

    basis : orthonormal (m, r), see `methods.functional.probe_basis`.
    level : similarity that pairs of different jobs reach: a best item whose interval falls to it is no winner.
    Raises BadInput for no items, or answers on another number of texts.
    """
    if not items:
        raise BadInput("There is nothing to choose from; name at least one prompt.")
    m = len(basis)
    if wrong := [i.embedding.name for i in (target, *items) if len(i.answers) != m]:
        raise BadInput(f"The answers of {wrong[0]!r} are not on the {m} probe texts of the space; embed it again.")
    counts = np.random.default_rng(seed).multinomial(m, np.full(m, 1 / m), draws)
    drawn = [similarity_draws(target, item, basis, calibrator, counts) for item in items]
    values = np.array([value for value, _ in drawn])
    samples = np.array([sample for _, sample in drawn])
    constant = np.array([not np.any(item.answers) for item in items])
    order = np.lexsort((values.size - np.arange(values.size), -values.round(6), constant))
    groups = rank_groups(values[order], samples[order])
    low, high = np.percentile(samples, [2.5, 97.5], axis=1)
    ranking = tuple(
        Ranked(items[i].embedding.name, items[i].embedding.family, float(values[i]), float(low[i]), float(high[i]),
               int(group), bool(constant[i]))
        for i, group in zip(order, groups, strict=True)
    )  # fmt: skip
    winner, reason = _decide(ranking, target.embedding.name, m, level)
    return Selection(target.embedding.name, m, ranking, winner, reason)


def similarity_draws(
    one: Answered, other: Answered, basis: np.ndarray, calibrator: Calibrator, counts: np.ndarray
) -> tuple[float, np.ndarray]:
    """(calibrated similarity, float64 (draws,) of it under resampled texts).

    counts : int (draws, m), how often each draw has each text.

    Drawing a text twice pairs it with itself, which raises the similarity of all; so the draws are moved to where their
    mean is the value. Parts of the vectors that are not made from answers (Fisher) keep theirs.
    """
    a, b = calibrator.transform([one.embedding, other.embedding]).astype(np.float64)
    value = float(np.clip(a @ b, -1.0, 1.0))
    block = _answer_block(one.embedding)
    part = slice(block.start, block.stop)
    weight = np.linalg.norm(a[part]) * np.linalg.norm(b[part])
    if weight == 0 or not (np.any(one.answers) and np.any(other.answers)):
        return value, np.full(len(counts), value)
    whitened = calibrator.whitening[block.name] @ basis.T if block.name in calibrator.whitening else basis.T
    means = [_mean_gram(calibrator, item.embedding, block, len(whitened)) for item in (one, other)]
    z, w = (_factors(whitened, item.answers, counts) for item in (one, other))
    cosines = _centred_cosines(z, w, *means)
    return value, np.clip(value + weight * (cosines - cosines.mean()), -1.0, 1.0)


def rank_groups(values: np.ndarray, samples: np.ndarray) -> np.ndarray:
    """int (n,) from 1, for items in falling order: a new group begins where an item is surely below its first.

    samples : float (n, draws), paired: draw j of every item used the same texts.
    """
    groups = np.ones(len(values), int)
    first = 0
    for i in range(1, len(values)):
        surely = (samples[first] - samples[i] <= 0).mean() < ALIKE and values[first] > values[i]
        if surely:
            first = i
        groups[i] = groups[i - 1] + int(surely)
    return groups


def _decide(ranking: Sequence[Ranked], target: str, n_texts: int, level: float) -> tuple[str | None, str]:
    best = ranking[0]
    together = [r for r in ranking if r.group == best.group and not r.constant]
    if best.constant:
        return None, "No winner: every candidate answers all probe texts alike."
    if n_texts < MIN_TEXTS:
        return None, f"No winner: {n_texts} probe texts are too few to name one; embed with at least {MIN_TEXTS}."
    if best.low <= level:
        return None, (
            f"No winner: the best, {best.name!r}, is hardly more like {target!r} than tasks of other kinds are "
            f"(similarity {best.similarity:.2f}, 95 % interval from {best.low:.2f}; those reach {level:.2f})."
        )
    if len(together) > 1:
        return None, (
            f"No single winner: the first {len(together)} cannot be told apart on {n_texts} probe texts; "
            "any of them will do, or try them on some labelled rows."
        )
    return best.name, f"{best.name!r} is surely nearer to {target!r} than all others on {n_texts} probe texts."


def _answer_block(embedding: TaskEmbedding) -> Block:
    for block in embedding.blocks:
        if block.part == "functional":
            return block
    raise BadInput(
        f"The vector of {embedding.name!r} (method {embedding.provenance.method}) is not made from answers to probe "
        "texts, so it has no interval over them; use the method fused or functional."
    )


def _mean_gram(calibrator: Calibrator, embedding: TaskEmbedding, block: Block, r: int) -> np.ndarray:
    """The reference mean that calibration subtracts, as a matrix (r, r); zeros where it subtracts none."""
    if calibrator.mode == "none" or sum(calibrator.counts_.values()) < calibrator.min_reference:
        return np.zeros((r, r))
    group = group_of(embedding, calibrator.mode)
    if calibrator.counts_.get(group, 0) >= calibrator.min_reference:
        mean = calibrator.means_[group]
    else:
        mean = np.mean([calibrator.means_[g] for g in sorted(calibrator.means_)], axis=0)
    return symmetric(mean[block.start : block.stop], r)


def _factors(whitened: np.ndarray, answers: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """float64 (draws, r, k): factor F of each draw's Gram matrix F F^T, centred over the texts drawn, at unit norm."""
    total = counts.sum(1)
    centred = answers[None] - (counts @ answers / total[:, None])[:, None, :]
    factors = whitened @ (counts[:, :, None] * centred)
    inner = np.swapaxes(factors, 1, 2) @ factors
    norms = np.linalg.norm(inner, axis=(1, 2))
    return factors / np.sqrt(np.where(norms > 0, norms, 1.0))[:, None, None]


def _centred_cosines(z: np.ndarray, w: np.ndarray, mean_z: np.ndarray, mean_w: np.ndarray) -> np.ndarray:
    """Cosines (draws,) of z z^T - mean_z and w w^T - mean_w for factors of unit-norm Gram matrices."""

    def against(factors: np.ndarray, mean: np.ndarray) -> np.ndarray:
        return (factors * (mean @ factors)).sum((1, 2))

    both = ((np.swapaxes(z, 1, 2) @ w) ** 2).sum((1, 2))
    product = both - against(z, mean_w) - against(w, mean_z) + (mean_z * mean_w).sum()
    norms = [1.0 - 2.0 * against(f, m) + (m * m).sum() for f, m in ((z, mean_z), (w, mean_w))]
    scale = np.sqrt(np.maximum(norms[0], 0) * np.maximum(norms[1], 0))
    return np.where(scale > 1e-9, product / np.where(scale > 1e-9, scale, 1.0), 0.0)
