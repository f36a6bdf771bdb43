"""Which prompt (or model) does the job of a dataset: a ranking that says what cannot be told apart, and when to say no.

Two measures share the work. Candidates are ranked by how far their answers agree with the target's, label by label
(`agreement`); whether the best of them does the job at all is asked of the calibrated similarity. Both stand in their
interval over probe texts (`scale.Bootstrap`); all candidates are drawn the same texts.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fute_core.analysis.agreement import agreement, same_names
from fute_core.errors import BadInput
from fute_core.space.calibration import Calibrator
from fute_core.space.resampling import Bootstrap, answer_block, text_counts
from fute_core.tasks import TaskEmbedding

DRAWS = 300
MIN_TEXTS = 128
"""With fewer probe texts no winner is named: measured, the nearest dataset is the right one in half of the cases."""
ALIKE = 0.025
"""Share of draws on either side within which two items cannot be told apart (a two-sided 95 % interval)."""


@dataclass(frozen=True)
class Answered:
    """An embedding with what it was made from: centred answers, float64 (m, k), on the m probe texts of its space.

    labels : names of the k columns, where they are known.
    """

    embedding: TaskEmbedding
    answers: np.ndarray
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ranked:
    """agreement : what they are ranked by, -1 to 1. similarity : calibrated, with its 95 % interval over probe texts.
    group : from 1; items of one cannot be told apart from the first of it. constant : it answers all texts alike, so
    nothing can be said."""

    name: str
    family: str | None
    agreement: float
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
    """Rank items by their agreement with the target, and name a winner where there is one.

    Items that surely are no more like the target than other jobs are come after those that may do its job, and those
    that answer all texts alike come last.

    basis : orthonormal (m, r), see `methods.functional.probe_basis`.
    level : similarity that pairs of different jobs reach: a best item whose interval falls to it is no winner.
    Raises BadInput for no items, or answers on another number of texts.
    """
    if not items:
        raise BadInput("There is nothing to choose from; name at least one prompt.")
    m = len(basis)
    if wrong := [i.embedding.name for i in (target, *items) if len(i.answers) != m]:
        raise BadInput(f"The answers of {wrong[0]!r} are not on the {m} probe texts of the space; embed it again.")
    counts = text_counts(m, draws, seed)
    bootstrap = Bootstrap(calibrator, basis, np.vstack([np.ones(m, int), counts]))
    vectors = calibrator.transform([target.embedding, *(i.embedding for i in items)])
    values = np.clip(vectors[1:].astype(np.float64) @ vectors[0], -1.0, 1.0)
    aimed = bootstrap.resample(target.embedding, target.answers, vectors[0])
    drawn = [bootstrap.resample(i.embedding, i.answers, z) for i, z in zip(items, vectors[1:], strict=True)]
    samples = np.array([bootstrap.similarities(aimed, d, v)[1:] for d, v in zip(drawn, values, strict=True)])
    paired = np.array([
        agreement(aimed.factors, d.factors, same_names(target.labels, i.labels))
        for d, i in zip(drawn, items, strict=True)
    ])  # fmt: skip
    agreements, paired = paired[:, 0], paired[:, 1:]
    constant = np.array([not _says_something(item.embedding) for item in items])
    low, high = np.percentile(samples, [2.5, 97.5], axis=1)
    tiers = np.where(constant, 2, (high <= level).astype(int))
    order = np.lexsort((np.arange(values.size), -agreements.round(6), tiers))
    groups = rank_groups(agreements[order], paired[order], tiers[order])
    ranking = tuple(
        Ranked(items[i].embedding.name, items[i].embedding.family, float(agreements[i]), float(values[i]),
               float(low[i]), float(high[i]), int(group), bool(constant[i]))
        for i, group in zip(order, groups, strict=True)
    )  # fmt: skip
    winner, reason = _decide(ranking, target.embedding.name, m, level)
    return Selection(target.embedding.name, m, ranking, winner, reason)


def rank_groups(values: np.ndarray, samples: np.ndarray, tiers: np.ndarray | None = None) -> np.ndarray:
    """int (n,) from 1, for items in falling order: a new group begins where an item is surely below its first.

    samples : float (n, draws), paired: draw j of every item used the same texts.
    tiers : int (n,), rising; a new one is a new group, too.
    """
    groups = np.ones(len(values), int)
    tiers = np.zeros(len(values), int) if tiers is None else tiers
    first = 0
    for i in range(1, len(values)):
        below = (samples[first] - samples[i] <= 0).mean() < ALIKE and values[first] > values[i]
        surely = below or tiers[i] > tiers[first]
        if surely:
            first = i
        groups[i] = groups[i - 1] + int(surely)
    return groups


def _says_something(embedding: TaskEmbedding) -> bool:
    block = answer_block(embedding)
    return bool(np.any(embedding.vector[block.start : block.stop]))


def _decide(ranking: Sequence[Ranked], target: str, n_texts: int, level: float) -> tuple[str | None, str]:
    best = ranking[0]
    together = [r for r in ranking if r.group == best.group and not r.constant]
    if best.constant:
        return None, "No winner: every candidate answers all probe texts alike."
    if n_texts < MIN_TEXTS:
        return None, f"No winner: {n_texts} probe texts are too few to name one; ask at least {MIN_TEXTS}."
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
    return best.name, f"{best.name!r} surely agrees more with {target!r} than all others on {n_texts} probe texts."
