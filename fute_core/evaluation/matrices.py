"""How far two similarity matrices of the same items agree: as matrices, and in who is near whom."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fute_core.analysis.two_views import K, Neighbourhoods
from fute_core.evaluation.estimates import Estimate, estimate
from fute_core.evaluation.metrics import spearman

PERMUTATIONS = 999
MANTEL_DRAWS = 200


def mantel(
    left: NDArray[np.floating], right: NDArray[np.floating], groups: Sequence[str],
    permutations: int = PERMUTATIONS, draws: int = MANTEL_DRAWS, seed: int = 0,
) -> tuple[Estimate, float]:  # fmt: skip
    """Correlate two similarity matrices over all pairs of items (Mantel 1967), by ranks.

    Parameters
    ----------
    left, right : ndarray of float, shape (n, n)
        Symmetric; the diagonals are not read.
    groups : sequence of n str
        The dataset of each item. The interval draws datasets with all their items; pairs of an item with itself, which
        such draws have, are left out.
    permutations : int
        How often the items of one matrix are shuffled; more make a smaller p possible.
    draws : int
        Of the bootstrap.
    seed : int
        Of both.

    Returns
    -------
    Estimate
        Spearman's correlation with its 95 % bootstrap interval; n is the number of items.
    float
        Share of shuffles, with the matrix as it is among them, that correlate as well or better.
    """
    n, rng = len(left), np.random.default_rng(seed)
    upper = np.triu_indices(n, 1)
    value = spearman(left[upper], right[upper])
    # Ranks stay the same under shuffling, so that each correlation is one product.
    ranks = [_centred_ranks(matrix, upper) for matrix in (left, right)]
    observed = float((ranks[0][upper] * ranks[1][upper]).sum())
    orders = (rng.permutation(n) for _ in range(permutations))
    as_well = sum((ranks[0][upper] * ranks[1][np.ix_(order, order)][upper]).sum() >= observed for order in orders)
    names = sorted(set(groups))
    members = [np.flatnonzero(np.array(groups) == name) for name in names]
    found = []
    for drawn in rng.integers(0, len(names), (draws, len(names))):
        items = np.concatenate([members[group] for group in drawn])
        first, second = np.triu_indices(len(items), 1)
        first, second = items[first], items[second]
        other = first != second
        if other.sum() > 1:
            found.append(spearman(left[first[other], second[other]], right[first[other], second[other]]))
    low, high = np.percentile(found, [2.5, 97.5])
    return Estimate(value, float(low), float(high), 0.0, n), (1 + int(as_well)) / (1 + permutations)


def neighbours_kept(
    left: NDArray[np.floating], right: NDArray[np.floating], groups: Sequence[str], k: int = K
) -> Estimate:
    """Compute the mean share of an item's nearest in one matrix that are among its nearest in the other.

    Parameters
    ----------
    left, right : ndarray of float, shape (n, n)
        Similarities of n items.
    groups : sequence of n str
        The dataset of each item; the interval draws datasets with all their items.
    k : int
        How many are near; half of the others where there are fewer than twice as many.

    Returns
    -------
    Estimate
        The share, and that of two matrices that have nothing to do with one another.
    """
    orders = []
    for matrix in (left, right):
        others = np.array(matrix, np.float64)
        np.fill_diagonal(others, -np.inf)
        orders.append(np.argsort(-others, axis=1, kind="stable")[:, :-1])
    near = Neighbourhoods(orders[0], orders[1], max(1, min(k, (len(left) - 1) // 2)))
    return estimate(near.kept, near.chance, groups)


def _centred_ranks(matrix: NDArray[np.floating], upper: tuple[NDArray[np.intp], ...]) -> NDArray[np.float64]:
    from scipy.stats import rankdata

    ranks = np.zeros(matrix.shape)
    ranks[upper] = rankdata(matrix[upper])
    ranks[upper] -= ranks[upper].mean()
    return ranks + ranks.T
