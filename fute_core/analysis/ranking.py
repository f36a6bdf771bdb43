"""Which prompt (or model) does the job of a dataset: a ranking that says who may be the best, and when to say no.

Two measures share the work. Candidates are ranked by how far their answers agree with the target's, label by label
(`agreement`), and by a smaller part with those of the other candidates (`consensus`); whether the best of them does the
job at all is asked of the calibrated similarity. Both stand in their interval over probe texts (`space.resampling`),
for which all candidates are drawn the same texts.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fute_core.analysis.agreement import answer_agreement, same_names
from fute_core.analysis.consensus import WEIGHT, agreement_with_others
from fute_core.analysis.groups import rank_groups
from fute_core.errors import BadInput
from fute_core.space.calibration import Calibrator
from fute_core.space.drawn import Resampled, answer_weight, gram_cosines
from fute_core.space.placed import Placed
from fute_core.space.resampling import Resampler, about_zero, check_answers, half_samples
from fute_core.vectors import TaskEmbedding

RANKING_DRAWS = 300
"""Halves of the probe texts that intervals and groups come from, complements counted."""
MIN_TEXTS = 128
"""With fewer probe texts no winner is named: measured, the nearest dataset is the right one in half of the cases."""


@dataclass(frozen=True)
class Rankable:
    """An embedding with the answers it was made from, which ranking compares.

    Parameters
    ----------
    embedding : TaskEmbedding
        The embedding.
    answers : ndarray of float64, shape (m, k)
        Centred answers on the m probe texts of its space, see `methods.functional.log_odds`.
    labels : tuple of str, length k
        Names of the labels; empty where they are not known.
    """

    embedding: TaskEmbedding
    answers: NDArray[np.float64]
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ranked:
    """An item's place in a ranking.

    Parameters
    ----------
    name : str
        The item's name.
    family : str or None
        Its family, where it is known.
    agreement : float
        What items are ranked by, -1 to 1: agreement with the target, and with the others by a share of `WEIGHT`.
    with_target : float
        Agreement with the target alone, -1 to 1.
    with_others : float or None
        Agreement with the other items that may do the job, -1 to 1; None where none of them has the item's labels.
    similarity : float
        Calibrated similarity to the target, -1 to 1.
    low, high : float
        Its 95 % interval over probe texts.
    group : int
        Number of its group, from 1; whatever comes after a group is surely below the first of it.
    constant : bool
        The item answers all texts alike, so that nothing can be said of it.
    """

    name: str
    family: str | None
    agreement: float
    with_target: float
    with_others: float | None
    similarity: float
    low: float
    high: float
    group: int
    constant: bool


@dataclass(frozen=True)
class Selection:
    """A ranking and what follows from it.

    Parameters
    ----------
    target : str
        Name of the target.
    n_texts : int
        Probe texts that all have answered.
    ranking : tuple of Ranked
        Best first.
    winner : str or None
        Name of the item to take; None where none can be told.
    reason : str
        Why it, or why none, in a sentence.
    """

    target: str
    n_texts: int
    ranking: tuple[Ranked, ...]
    winner: str | None
    reason: str


def select(
    target: Rankable,
    items: Sequence[Rankable],
    basis: NDArray[np.float64],
    calibrator: Calibrator,
    *,
    level: float = 0.0,
    draws: int = RANKING_DRAWS,
    seed: int = 0,
) -> Selection:
    """Rank items by their agreement with the target and with one another, and name a winner where there is one.

    Items that may do the target's job come first. Then come those whose whole interval lies at or below `level`, and
    last those that answer all texts alike.

    Parameters
    ----------
    target : Rankable
        What is to be done, such as a dataset.
    items : sequence of Rankable
        Who may do it, such as prompts.
    basis : ndarray of float64, shape (m, r)
        Orthonormal basis of the m probe texts, see `methods.functional.probe_basis`.
    calibrator : Calibrator
        Of the space, by the same texts, see `atlas.same_texts.calibrator_on`.
    level : float, default 0
        Similarity that pairs of different jobs reach: where the interval of the best item reaches down to it, there is
        no winner.
    draws : int, default `RANKING_DRAWS`
        Draws of probe texts; more make intervals and groups steadier.
    seed : int, default 0
        Seed of the draws.

    Returns
    -------
    Selection
        Ranking, winner and reason.

    Raises
    ------
    BadInput
        For no items, or answers on another number of texts.
    """
    if not items:
        raise BadInput("There is nothing to choose from; name at least one prompt.")
    m = len(basis)
    if wrong := [i.embedding.name for i in (target, *items) if len(i.answers) != m]:
        raise BadInput(f"The answers of {wrong[0]!r} are not on the {m} probe texts of the space; embed it again.")
    counts = half_samples(m, draws, seed)
    resampler = Resampler(calibrator, basis, np.vstack([np.ones(m, int), counts]))
    check_answers(target.embedding)
    placed = calibrator.place([target.embedding, *(i.embedding for i in items)])
    aimed = resampler.resample(target.embedding, target.answers, placed.take([0]))
    drawn = [resampler.resample(i.embedding, i.answers, placed.take([n])) for n, i in enumerate(items, 1)]
    values = _similarities_on_these(placed, aimed, drawn)
    samples = np.array([
        np.clip(v + answer_weight(aimed, d) * about_zero(gram_cosines(aimed, d)[1:]), -1.0, 1.0)
        for d, v in zip(drawn, values, strict=True)
    ])  # fmt: skip
    paired = np.array([
        answer_agreement(aimed.factors, d.factors, same_names(target.labels, i.labels))
        for d, i in zip(drawn, items, strict=True)
    ])  # fmt: skip
    constant = np.array([not _says_something(item.embedding) for item in items])
    low, high = np.percentile(samples, [2.5, 97.5], axis=1)
    tiers = np.where(constant, 2, (high <= level).astype(int))
    others = agreement_with_others([d.factors for d in drawn], [i.labels for i in items], tiers == 0)
    both = np.where(np.isnan(others), paired, (1.0 - WEIGHT) * paired + WEIGHT * others)
    agreements = both[:, 0]
    order = np.lexsort((np.arange(values.size), -agreements.round(6), tiers))
    groups = rank_groups(agreements[order], about_zero(both[:, 1:].T).T[order], tiers[order])
    ranking = tuple(
        Ranked(items[i].embedding.name, items[i].embedding.family, float(agreements[i]), float(paired[i, 0]),
               None if np.isnan(others[i, 0]) else float(others[i, 0]), float(values[i]), float(low[i]),
               float(high[i]), int(group), bool(constant[i]))
        for i, group in zip(order, groups, strict=True)
    )  # fmt: skip
    winner, reason = _decide(ranking, target.embedding.name, m, level)
    return Selection(target.embedding.name, m, ranking, winner, reason)


def _similarities_on_these(placed: Placed, aimed: Resampled, drawn: Sequence[Resampled]) -> NDArray[np.float64]:
    """(n,): answers by these texts alone, as the draws are; on all texts that is what the space says."""
    target = placed.take([0])
    others = (target.cosines(placed) - target.cosines(placed, beside=False))[0, 1:]
    answers = np.array([answer_weight(aimed, d) * gram_cosines(aimed, d)[0] for d in drawn])
    return np.asarray(np.clip(others + answers, -1.0, 1.0))


def _says_something(embedding: TaskEmbedding) -> bool:
    return embedding.factor is not None and embedding.factor.shape[1] > 0


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
            f"No single winner: any of the first {len(together)} may be the best, as far as {n_texts} probe texts "
            "tell; take one of them, or try them on some labelled rows."
        )
    return best.name, (
        f"{best.name!r} is surely ahead of every other that may do the job of {target!r}, by its agreement with it and "
        f"with the others, on {n_texts} probe texts."
    )
