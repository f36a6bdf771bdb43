"""Which of several ranked items cannot be told apart, at the level of the best of all of them."""

import numpy as np
from numpy.typing import NDArray

LEVEL = 0.025
"""How often, over fresh probe texts, one of several that do equally well may seem to be better than another.

Half of the one in twenty that is promised, since the spread of resampled texts is that of fresh ones only to a tenth.
"""


def rank_groups(
    values: NDArray[np.float64], samples: NDArray[np.float64], tiers: NDArray[np.intp] | None = None
) -> NDArray[np.intp]:
    """Put ranked items into groups: a new one begins after the last item that may be as good as the first of the group.

    Parameters
    ----------
    values : ndarray of float64, shape (n,)
        What items are ranked by, falling within a tier.
    samples : ndarray of float64, shape (n, draws)
        The same under each draw of probe texts; draw j of every item used the same texts.
    tiers : ndarray of int, shape (n,), optional
        Rising; a new tier is a new group, too.

    Returns
    -------
    ndarray of int, shape (n,)
        Number of the group of each item, from 1. A group of one is surely ahead of every other of its tier.
    """
    groups = np.ones(len(values), np.intp)
    tiers = np.zeros(len(values), np.intp) if tiers is None else tiers
    start = 0
    while start < len(values):
        rest = slice(start, int(np.searchsorted(tiers, tiers[start], side="right")))
        start += 1 + int(np.flatnonzero(~surely_behind(values[rest], samples[rest])).max())
        groups[start:] += 1
    return groups


def surely_behind(values: NDArray[np.float64], samples: NDArray[np.float64], level: float = LEVEL) -> NDArray[np.bool_]:
    """Tell which of several ranked items are surely behind the first, which was chosen because it is ahead.

    The best of many is ahead of the rest even where all do equally well. So a lead, in standard errors, has to exceed
    what the greatest lead of any over any other reaches by chance, in all but `level` of the draws (Tukey's studentised
    range, with the draws in place of a table). Who is behind is set aside, and the rest is judged by the smaller range
    of those who are left, until none is found any more (a step-down test).

    Parameters
    ----------
    values : ndarray of float64, shape (n,)
        What items are ranked by; none is above the first.
    samples : ndarray of float64, shape (n, draws)
        The same under each draw of probe texts. Their spread counts and not where they lie.
    level : float, default `LEVEL`
        How often any of equals may be found behind.

    Returns
    -------
    ndarray of bool, shape (n,)
        False for the first.

    Notes
    -----
    Simulated with fresh probe texts in each trial (`benchmarks/false_winners.py`). Among candidates that do equally
    well a false winner was named in 0 of 40 trials with 5 and with 20 of them, on 128 and on 512 texts; with 2, where
    no third can keep the first from winning, in 0 of 40 on 128 texts and in 4 of 130 on 512. One that gives the label
    10 points more often (80 against 70 of 100) was the winner on 128 texts in 40 of 40 trials against 1 other, in 39
    against 4 and in 28 against 19; one that does 20 points more often in all.
    """
    chance = samples - samples.mean(1, keepdims=True)
    leads = _in_errors((values[0] - values)[:, None], chance[0] - chance)[:, 0]
    behind = np.zeros(len(values), bool)
    while not behind[1:].all():
        left = np.flatnonzero(~behind)
        found = left[leads[left] > np.quantile(_greatest_lead(chance[left]), 1.0 - level)]
        if not len(found):
            break
        behind[found] = True
    return behind


def _greatest_lead(chance: NDArray[np.float64]) -> NDArray[np.float64]:
    """In each draw the greatest lead of any item over any other, in standard errors: (n, draws) to (draws,)."""
    greatest = np.zeros(chance.shape[1])
    for i in range(1, len(chance)):
        between = chance[i] - chance[:i]
        greatest = np.maximum(greatest, np.abs(_in_errors(between, between)).max(0))
    return greatest


def _in_errors(leads: NDArray[np.float64], chance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Leads (n, any) divided by the spread of chance (n, draws); 0 for items that are the same in every draw."""
    spread = chance.std(1, keepdims=True)
    return np.where(spread > 1e-9, leads / np.where(spread > 1e-9, spread, 1.0), 0.0)
