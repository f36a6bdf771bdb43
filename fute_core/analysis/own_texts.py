"""Prompts ranked on a user's own texts: by the labels where there are some, else by how the prompts vote.

All prompts answer the same texts, so each draw of texts is the same for all of them and leads are tested in pairs
(`groups.surely_behind`). What needs no label stands beside: the vote of the prompts, and how much an answer tells.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fute_core.analysis.agreement import same_names
from fute_core.analysis.groups import rank_groups
from fute_core.analysis.zero_label import global_entropy, mutual_information, plurality, voted
from fute_core.errors import BadInput

ROW_DRAWS = 1000
"""Of texts, from which groups come."""
FEWEST_TEXTS = 30
"""Below so many texts the spread of a lead is hardly known, and nothing is told of it."""


@dataclass(frozen=True)
class Answered:
    """What a prompt said on the texts.

    Parameters
    ----------
    name : str
        Of the prompt.
    labels : tuple of str, length l
        Its labels.
    proba : ndarray of float, shape (n, l)
        Label distributions, label priors removed.
    """

    name: str
    labels: tuple[str, ...]
    proba: NDArray[np.floating]


@dataclass(frozen=True)
class OwnRanked:
    """A prompt's place on the texts.

    Parameters
    ----------
    name : str
        Of the prompt.
    right : int
        Texts to which it gave the label that they have; -1 where they have none.
    with_vote : int
        Texts to which it gave the label that most prompts gave.
    information : float
        Mutual information of texts and answers, in nats.
    entropy : float
        Entropy of how often each label was given, in nats.
    group : int
        From 1: whoever comes after a group is surely behind the first of it.
    """

    name: str
    right: int
    with_vote: int
    information: float
    entropy: float
    group: int


@dataclass(frozen=True)
class OwnTexts:
    """A ranking on a user's own texts, and what follows from it.

    Parameters
    ----------
    n_texts : int
        Texts that all prompts answered.
    labelled : bool
        Whether they have labels, by which prompts are ranked; else it is the vote.
    ranking : tuple of OwnRanked
        Best first.
    left_out : tuple of str
        Prompts that have fewer than two of the labels.
    winner : str or None
        The prompt to take; None where the texts are too few to tell.
    reason : str
        Why it, or why none, in a sentence.
    """

    n_texts: int
    labelled: bool
    ranking: tuple[OwnRanked, ...]
    left_out: tuple[str, ...]
    winner: str | None
    reason: str


def rank_on_texts(
    labels: Sequence[str],
    answered: Sequence[Answered],
    truth: NDArray[np.intp] | None = None,
    *,
    draws: int = ROW_DRAWS,
    seed: int = 0,
) -> OwnTexts:
    """Rank prompts by their answers to the same texts.

    Parameters
    ----------
    labels : sequence of str, length k
        Labels that count; a prompt's own are matched by their names.
    answered : sequence of Answered
        At least one, all on the same n texts.
    truth : ndarray of int, shape (n,), optional
        Position of each text's label among `labels`. Without it prompts are ranked by the vote.
    draws : int, default `ROW_DRAWS`
        Draws of texts.
    seed : int, default 0
        Seed of the draws.

    Returns
    -------
    OwnTexts
        Ranking, winner and reason.

    Raises
    ------
    BadInput
        Where no prompt has two of the labels.
    """
    matched = matching(labels, {a.name: a.labels for a in answered})
    usable = [a for a in answered if a.name in matched]
    left_out = tuple(a.name for a in answered if a.name not in matched)
    probas = [_by_labels(a.proba, matched[a.name]) for a in usable]
    said = np.array([p.argmax(1) for p in probas])
    vote, shares = voted(probas), plurality(probas)
    n = said.shape[1]
    right = said == (vote if truth is None else truth)
    counts = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), draws)
    values, samples = right.mean(1), right @ counts.T / n
    # What is as often right keeps the order in which it was given.
    order = np.argsort(-values, kind="stable")
    groups = rank_groups(values[order], samples[order])
    ranking = tuple(
        OwnRanked(usable[i].name, int(right[i].sum()) if truth is not None else -1, round(float(shares[i] * n)),
                  mutual_information(probas[i]), global_entropy(probas[i]), int(group))
        for i, group in zip(order, groups, strict=True)
    )  # fmt: skip
    winner, reason = _decide(ranking, n, labelled=truth is not None)
    return OwnTexts(n, truth is not None, ranking, left_out, winner, reason)


def matching(labels: Sequence[str], of: Mapping[str, Sequence[str]]) -> dict[str, NDArray[np.intp]]:
    """Match the labels of prompts with those that count, before anything is asked for them.

    Parameters
    ----------
    labels : sequence of str, length k
        Labels that count.
    of : mapping of str to sequence of str
        Those of each prompt.

    Returns
    -------
    dict of str to ndarray of int, shape (k,)
        As `same_names`, for the prompts that have two of the labels or more.

    Raises
    ------
    BadInput
        Where no prompt has.
    """
    matched = {name: same_names(labels, own) for name, own in of.items()}
    found = {name: places for name, places in matched.items() if len(set(places[places >= 0])) > 1}
    if not found:
        raise BadInput(
            f"None of the prompts has two of the labels {', '.join(labels[:6])}; name the answers as the dataset does."
        )
    return found


def _by_labels(proba: NDArray[np.floating], matched: NDArray[np.intp]) -> NDArray[np.float64]:
    """(n, k): a label that the prompt does not have is never given."""
    out = np.zeros((len(proba), len(matched)))
    out[:, matched >= 0] = proba[:, matched[matched >= 0]]
    total = out.sum(1, keepdims=True)
    return np.where(total > 0, out / np.where(total > 0, total, 1.0), 1 / len(matched))


def _decide(ranking: Sequence[OwnRanked], n: int, *, labelled: bool) -> tuple[str | None, str]:
    best, *others = ranking
    what = "is right" if labelled else "answers as most prompts do"
    if not others:
        return None, "There is one prompt only, so there is nothing to choose."
    if n < FEWEST_TEXTS:
        return None, f"Too few texts to tell: {n} were asked; ask at least {FEWEST_TEXTS}."
    together = [r for r in ranking if r.group == 1]
    if len(together) > 1:
        return None, f"Too few texts to tell: on these {n} any of the first {len(together)} may be the best."
    count, second = (best.right, others[0].right) if labelled else (best.with_vote, others[0].with_vote)
    return best.name, (
        f"{best.name!r} {what} on {count} of {n} texts, and {others[0].name!r}, the next, on {second}: surely more "
        "often, by a paired test over the texts."
    )
