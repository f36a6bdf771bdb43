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

from fute_core.errors import BadInput

TRIED = 60_000
"""Sets that are tried one and all; 5 of 24 datasets are 42,504."""
AT_ONCE = 5_000


@dataclass(frozen=True)
class Cover:
    """chosen : indices, the one that stands for most first. represents : int (n,), for each item the index of the
    chosen one nearest to it. similarity : float (n,) to that one. coverage : their mean, 1 where every item is chosen.
    """

    chosen: tuple[int, ...]
    represents: np.ndarray
    similarity: np.ndarray

    @property
    def coverage(self) -> float:
        return float(self.similarity.mean())


def cover(similarity: np.ndarray, k: int) -> Cover:
    """The k items that stand for all.

    similarity : float (n, n), symmetric, 1 on the diagonal.
    Raises BadInput for k outside 1..n.
    """
    n = len(similarity)
    if not 0 < k <= n:
        raise BadInput(f"{k} of {n} items cannot be chosen; give -k from 1 to {n}.")
    sims = np.asarray(similarity, np.float64)
    chosen = _exhaustive(sims, k) if comb(n, k) <= TRIED else _exchange(sims, _greedy(sims, k))
    nearest = np.array(chosen)[sims[:, chosen].argmax(1)]
    nearest[chosen] = chosen  # twins of similarity 1 each stand for themselves
    ordered = sorted(chosen, key=lambda item: (-(nearest == item).sum(), item))
    return Cover(tuple(ordered), nearest, sims[np.arange(n), nearest])


def redundant(similarity: np.ndarray, threshold: float, first: Sequence[int] = ()) -> list[tuple[int, int]]:
    """(item, the one it repeats) for every item that another one, kept before it, is as similar to as `threshold`.

    first : items that are kept before all others, such as those of a `Cover`. Else items that most others resemble are
        kept first, so that as few as possible remain.
    """
    sims = np.asarray(similarity, np.float64)
    order = np.argsort(-(sims >= threshold).sum(1), kind="stable")
    order = [*first, *(item for item in order if item not in set(first))]
    kept: list[int] = []
    repeats = []
    for item in order:
        twin = max(kept, key=lambda other: sims[item, other], default=None)
        if twin is not None and sims[item, twin] >= threshold:
            repeats.append((int(item), int(twin)))
        else:
            kept.append(int(item))
    return sorted(repeats)


def rank_agreement(accuracies: np.ndarray, sets: Sequence[Sequence[int]]) -> np.ndarray:
    """Spearman between models ranked by their mean accuracy on all datasets and on those of each set, float (n_sets,).

    accuracies : float (n_models, n_datasets); each dataset is standardised over models, so that none counts more.
    sets : of datasets, all of one size. 0 where one side orders nothing.
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


def _exhaustive(sims: np.ndarray, k: int) -> list[int]:
    """The best of all sets of k."""
    sets = combinations(range(len(sims)), k)
    best, found = -np.inf, []
    while block := list(islice(sets, AT_ONCE)):
        sums = sims[:, np.array(block)].max(2).sum(0)
        if sums.max() > best + 1e-9:
            best, found = sums.max(), list(block[int(sums.argmax())])
    return found


def _greedy(sims: np.ndarray, k: int) -> list[int]:
    chosen: list[int] = []
    best = np.full(len(sims), -1.0)
    for _ in range(k):
        gains = np.maximum(best[:, None], sims).sum(0)
        gains[chosen] = -np.inf
        chosen.append(int(gains.argmax()))
        best = np.maximum(best, sims[:, chosen[-1]])
    return chosen


def _exchange(sims: np.ndarray, chosen: list[int]) -> list[int]:
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
