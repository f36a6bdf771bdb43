"""Which rows of a dataset serve what, always the same ones.

The rows of `split` "train" are halved within each label: one half makes the dataset's embedding (DTE), the other trains
black boxes. Accuracies come from the rows of split "test", which neither has seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fute_core.datasets.catalog import load_dataset
from fute_core.home import DATA
from fute_core.tasks import TaskDataset

HALVING_SEED = 7


@dataclass(frozen=True)
class Parts:
    """The rows of one dataset in three parts; no row is in two.

    Parameters
    ----------
    dte : TaskDataset
        Rows for its embedding.
    train : TaskDataset
        Rows that train black boxes.
    test : TaskDataset
        Rows that measure them.
    """

    dte: TaskDataset
    train: TaskDataset
    test: TaskDataset


def dataset_parts(name: str, folder: Path = DATA) -> Parts:
    """Load a dataset in three parts.

    Parameters
    ----------
    name : str
        Of a dataset of the folder.
    folder : Path
        Has `datasets.json` and `datasets/NAME.jsonl`; by default the shipped data.

    Returns
    -------
    Parts
        The same parts each time.
    """
    first, second = halves(load_dataset(name, split="train", folder=folder))
    return Parts(first, second, load_dataset(name, split="test", folder=folder))


def test_rows(name: str, limit: int | None = None, folder: Path = DATA) -> TaskDataset:  # noqa: PT028
    """Load the rows that measure.

    Parameters
    ----------
    name : str
        Of a dataset of the folder.
    limit : int, optional
        So many rows at most, even over the labels; all by default.
    folder : Path
        By default the shipped data.

    Returns
    -------
    TaskDataset
        Rows of split "test".
    """
    return load_dataset(name, split="test", limit=limit, folder=folder)


def halves(rows: TaskDataset, seed: int = HALVING_SEED) -> tuple[TaskDataset, TaskDataset]:
    """Divide rows into two disjoint halves within each label.

    Parameters
    ----------
    rows : TaskDataset
        What is divided.
    seed : int
        Seed of the draw.

    Returns
    -------
    tuple of two TaskDatasets
        The first and the second half; an odd row of a label is in the second.
    """
    rng = np.random.default_rng(seed)
    of_label = rows.targets.argmax(1)
    first = [rng.permutation(np.flatnonzero(of_label == c))[: (of_label == c).sum() // 2] for c in np.unique(of_label)]
    chosen = np.sort(np.concatenate(first))
    rest = np.setdiff1d(np.arange(len(of_label)), chosen)
    return take(rows, chosen), take(rows, rest)


def take(rows: TaskDataset, index: Sequence[int] | NDArray[np.intp]) -> TaskDataset:
    """Keep some rows.

    Parameters
    ----------
    rows : TaskDataset
        What is chosen from.
    index : sequence of int
        Positions of the rows to keep, in their new order.

    Returns
    -------
    TaskDataset
        These rows under the same name.
    """
    return replace(rows, texts=tuple(rows.texts[i] for i in index), targets=rows.targets[index])


def even(targets: np.ndarray, count: int) -> NDArray[np.intp]:
    """Choose rows even over the labels: the first of each label, then the second of each, and so on.

    Parameters
    ----------
    targets : ndarray of float, shape (n, k)
        Label distribution of each row.
    count : int
        How many rows at most.

    Returns
    -------
    ndarray of int, shape (count,)
        Positions in file order; a smaller choice is part of every larger one.
    """
    of_label = targets.argmax(1)
    turns = sorted(
        (turn, place) for label in np.unique(of_label) for turn, place in enumerate(np.flatnonzero(of_label == label))
    )
    return np.sort(np.array([place for _, place in turns[:count]], np.intp))


def first_rows(rows: TaskDataset, count: int) -> TaskDataset:
    """Keep about `count` rows, at least two a label.

    Parameters
    ----------
    rows : TaskDataset
        What is chosen from.
    count : int
        How many rows; rounded up to an equal number for each label.

    Returns
    -------
    TaskDataset
        The first rows of each label, in the given order.
    """
    of_label = rows.targets.argmax(1)
    labels = np.unique(of_label)
    each = max(2, -(-count // len(labels)))
    return take(rows, np.sort(np.concatenate([np.flatnonzero(of_label == label)[:each] for label in labels])))


def train_part(name: str, count: int) -> TaskDataset:
    """Load the rows of a shipped dataset that an encoder is tuned on.

    Parameters
    ----------
    name : str
        Of the dataset.
    count : int
        How many rows at most, even over the labels.

    Returns
    -------
    TaskDataset
        Of the rows for its embedding.
    """
    rows = dataset_parts(name).dte
    return take(rows, even(rows.targets, count))


def held_out(name: str, count: int) -> TaskDataset:
    """Load the rows of a shipped dataset that measure a tuned encoder.

    Parameters
    ----------
    name : str
        Of the dataset.
    count : int
        How many rows at most, even over the labels.

    Returns
    -------
    TaskDataset
        Of the rows of split "test".
    """
    rows = dataset_parts(name).test
    return take(rows, even(rows.targets, count))
