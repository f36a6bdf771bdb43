"""The few items that stand for the rest, and which are redundant: facility location in the space.

A set S covers n items as well as sum_i max_{s in S} similarity(i, s). Where all sets can be tried in a moment the best
is found so; else a greedy choice, which reaches at least 1 - 1/e of the best gain (Nemhauser et al. 1978), is followed
by exchanges until none raises the sum.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, islice
from math import comb

import numpy as np
from numpy.typing import NDArray

from fute_core.errors import BadInput

TRIED = 60_000
"""Up to so many sets, every one is tried; of 24 datasets there are 42,504 sets of 5."""
AT_ONCE = 5_000
"""Sets whose sums are computed in one step, which bounds the memory."""


@dataclass(frozen=True)
class Cover:
    """A choice of items that stand for all n.

    Parameters
    ----------
    chosen : tuple of int
        Indices, the one that stands for most items first.
    represents : ndarray of int, shape (n,)
        For each item the index of the chosen one nearest to it.
    similarity : ndarray of float64, shape (n,)
        Similarity of each item to that one.
    """

    chosen: tuple[int, ...]
    represents: NDArray[np.intp]
    similarity: NDArray[np.float64]

    @property
    def coverage(self) -> float:
        """How well the chosen ones stand for all.

        Returns
        -------
        float
            Mean of `similarity`, 1 where every item is chosen.
        """
        return float(self.similarity.mean())


def cover(similarity: NDArray[np.float64], k: int) -> Cover:
    """Choose the k items that stand for all: those with the largest sum of similarities to their nearest chosen one.

    Parameters
    ----------
    similarity : ndarray of float64, shape (n, n)
        Symmetric, 1 on the diagonal.
    k : int
        How many, 1 to n.

    Returns
    -------
    Cover
        The best set where at most `TRIED` can be chosen; else a greedy set, improved by exchanges.

    Raises
    ------
    BadInput
        For k outside 1 to n.

    References
    ----------
    Nemhauser, Wolsey and Fisher (1978), for the bound of the greedy choice.
    """
    n = len(similarity)
    if not 0 < k <= n:
        raise BadInput(f"{k} of {n} items cannot be chosen; give -k from 1 to {n}.")
    sims = np.asarray(similarity, np.float64)
    chosen = _exhaustive(sims, k) if comb(n, k) <= TRIED else _exchange(sims, _greedy(sims, k))
    nearest: NDArray[np.intp] = np.array(chosen, np.intp)[sims[:, chosen].argmax(1)]
    nearest[chosen] = chosen  # Of two chosen items that are equal, each stands for itself.
    ordered = sorted(chosen, key=lambda item: (-(nearest == item).sum(), item))
    return Cover(tuple(ordered), nearest, sims[np.arange(n), nearest])


def random_coverage(similarity: NDArray[np.float64], k: int) -> float:
    """Tell how well k items chosen by lot stand for all, on average over all choices.

    Parameters
    ----------
    similarity : ndarray of float64, shape (n, n)
        Symmetric, 1 on the diagonal.
    k : int
        How many, 1 to n.

    Returns
    -------
    float
        Mean of `Cover.coverage` over the sets of k, without going through them: of all sets, `comb(n - r, k - 1)` have
        the r-th nearest of an item as its nearest one.
    """
    n = len(similarity)
    nearest = np.sort(np.asarray(similarity, np.float64), axis=1)[:, ::-1].mean(0)
    return sum(float(value) * (comb(n - r, k - 1) / comb(n, k)) for r, value in enumerate(nearest, 1))


def reached_by_lot(alike: NDArray[np.bool_], k: int) -> float:
    """Tell how many items are alike to one at least of k items that are chosen by lot, on average over all choices.

    Parameters
    ----------
    alike : ndarray of bool, shape (n, n)
        Which items are alike; each is to itself.
    k : int
        How many are chosen, 1 to n.

    Returns
    -------
    float
        0 to n.
    """
    n = len(alike)
    return sum(1 - comb(n - int(own), k) / comb(n, k) for own in alike.sum(1))


def redundant(
    similarity: NDArray[np.float64], threshold: float | NDArray[np.float64], first: Sequence[int] = ()
) -> list[tuple[int, int]]:
    """List the items that repeat another one.

    Items are gone through in turn, those first that most others are similar to, so that few remain. An item is kept
    unless one that was kept before it is as similar to it as `threshold`.

    Parameters
    ----------
    similarity : ndarray of float64, shape (n, n)
        Symmetric.
    threshold : float or ndarray of float64, shape (n, n)
        Similarity from which an item repeats another one, the same for all pairs or one for each.
    first : sequence of int, optional
        Items to go through before all others, such as those of a `Cover`.

    Returns
    -------
    list of (int, int)
        Each item that is not kept, and the kept one most similar to it.
    """
    sims = np.asarray(similarity, np.float64)
    reached = sims >= threshold
    by_likeness = np.argsort(-reached.sum(1), kind="stable").tolist()
    order = [*first, *(item for item in by_likeness if item not in set(first))]
    kept: list[int] = []
    repeats = []
    for item in order:
        twin = max((other for other in kept if reached[item, other]), key=lambda other: sims[item, other], default=None)
        if twin is not None:
            repeats.append((int(item), int(twin)))
        else:
            kept.append(int(item))
    return sorted(repeats)


def rank_agreement(accuracies: NDArray[np.float64], sets: Sequence[Sequence[int]]) -> NDArray[np.float64]:
    """Correlate the ranking of models by all datasets with their ranking by a few.

    Parameters
    ----------
    accuracies : ndarray of float64, shape (n_models, n_datasets)
        Accuracies; each dataset is standardised over models, so that none counts more than another.
    sets : sequence of sequences of int, length n_sets
        Sets of datasets, all of one size.

    Returns
    -------
    ndarray of float64, shape (n_sets,)
        Spearman's correlation of the mean accuracies for each set; 0 where all models are equal on one side.
    """
    from scipy.stats import rankdata

    spread = accuracies.std(0)
    scores = (accuracies - accuracies.mean(0)) / np.where(spread > 0, spread, 1.0)
    on_sets = scores[:, np.array(sets)].mean(2)
    ranks = rankdata(np.column_stack([scores.mean(1), on_sets]).round(12), axis=0)
    ranks -= ranks.mean(0)
    norms = np.linalg.norm(ranks, axis=0)
    products = ranks[:, 0] @ ranks[:, 1:]
    scale = norms[0] * norms[1:]
    return np.where(scale > 0, products / np.where(scale > 0, scale, 1.0), 0.0)


def _exhaustive(sims: NDArray[np.float64], k: int) -> list[int]:
    """The best of all sets of k."""
    sets = combinations(range(len(sims)), k)
    best, found = -np.inf, list[int]()
    while block := list(islice(sets, AT_ONCE)):
        sums = sims[:, np.array(block)].max(2).sum(0)
        if sums.max() > best + 1e-9:
            best, found = sums.max(), list(block[int(sums.argmax())])
    return found


def _greedy(sims: NDArray[np.float64], k: int) -> list[int]:
    chosen: list[int] = []
    best = np.full(len(sims), -1.0)
    for _ in range(k):
        gains = np.maximum(best[:, None], sims).sum(0)
        gains[chosen] = -np.inf
        chosen.append(int(gains.argmax()))
        best = np.maximum(best, sims[:, chosen[-1]])
    return chosen


def _exchange(sims: NDArray[np.float64], chosen: list[int]) -> list[int]:
    """Replace a chosen item by another one while that raises the sum."""
    current = sims[:, chosen].max(1).sum()
    improved = True
    while improved:
        improved = False
        for place in range(len(chosen)):
            others = chosen[:place] + chosen[place + 1 :]
            base = sims[:, others].max(1) if others else np.full(len(sims), -np.inf)
            sums = np.maximum(base[:, None], sims).sum(0)
            sums[others] = -np.inf
            candidate = int(sums.argmax())
            if sums[candidate] > current + 1e-9:
                chosen = [*chosen[:place], candidate, *chosen[place + 1 :]]
                current, improved = sums[candidate], True
    return chosen
