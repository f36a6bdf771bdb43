"""Two disjoint halves of each dataset: whether they lie nearest to each other among the halves of all datasets."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fute_core.tasks import TaskDataset


@dataclass(frozen=True)
class Halves:
    """Two halves of a dataset among the halves, of that size, of all datasets.

    Parameters
    ----------
    rows : int
        Of the smaller half.
    similarity : float
        Of the two halves.
    others : float
        Mean similarity to halves of other families; NaN where there are none.
    nearest : tuple of two str
        The dataset whose half is nearest to the first half, and to the second.
    mutual : bool
        Whether the two halves are nearest to each other.
    family : float
        Share of the two halves whose nearest half is of their family.
    """

    rows: int
    similarity: float
    others: float
    nearest: tuple[str, str]
    mutual: bool
    family: float


def compare_halves(
    similar: NDArray[np.float64], one: Sequence[int], two: Sequence[int], sizes: Sequence[int], names: Sequence[str],
    families: Sequence[str | None],
) -> list[Halves]:  # fmt: skip
    """Compare the halves of n datasets.

    Parameters
    ----------
    similar : ndarray of float64, shape (n_items, n_items)
        Similarities of all items.
    one, two : sequence of n int
        Positions of the items that are first and second halves, dataset by dataset.
    sizes : sequence of n int
        Rows of the smaller half of each dataset.
    names : sequence of n str
        Of the datasets.
    families : sequence of n str or None
        Of the datasets; None is a family of its own.

    Returns
    -------
    list of n Halves
        One a dataset.
    """
    both, n = [*one, *two], len(one)
    inner = similar[np.ix_(both, both)] - 3 * np.eye(2 * n)
    nearest = inner.argmax(1)
    found = []
    for i in range(n):
        theirs = nearest[i] % n, nearest[n + i] % n
        alike = [j == i or (families[i] is not None and families[j] == families[i]) for j in theirs]
        mutual = bool(nearest[i] == n + i and nearest[n + i] == i)
        similarity = float(inner[i, n + i])
        other = [j for j in range(2 * n) if j % n != i and (families[i] is None or families[j % n] != families[i])]
        others = float(inner[np.ix_([i, n + i], other)].mean()) if other else float("nan")
        found.append(
            Halves(sizes[i], similarity, others, (names[theirs[0]], names[theirs[1]]), mutual, float(np.mean(alike)))
        )
    return found


def shuffled(rows: TaskDataset, seed: int = 0) -> TaskDataset:
    """Give each text the label of another one.

    Parameters
    ----------
    rows : TaskDataset
        What is shuffled.
    seed : int
        Draws the order.

    Returns
    -------
    TaskDataset
        The same texts and the same labels in another order.
    """
    order = np.random.default_rng(seed).permutation(len(rows.texts))
    return replace(rows, targets=rows.targets[order])
