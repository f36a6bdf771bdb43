"""Targets from label values: classes or scores, and which rows to draw where not all are wanted."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fute_core.datasets.names import listed
from fute_core.datasets.tables import Table
from fute_core.datasets.values import MAX_CLASSES, as_numbers
from fute_core.errors import BadInput

MAX_NUMBERED_CLASSES = 20
"""More distinct whole numbers are scores, unless they are exactly 0 .. k-1."""


def are_scores(values: Sequence[str | float]) -> bool:
    """Whether label values are scores: numbers that cannot be numbers of classes.

    Parameters
    ----------
    values : sequence of str or float
        Label values, as `cells.read_labels` gives them.

    Returns
    -------
    bool
        True where some are not whole, or where there are more than `MAX_NUMBERED_CLASSES` different ones other than
        0 .. k-1.
    """
    if any(isinstance(v, str) for v in values):
        return False
    distinct = set(values)
    whole = all(v == int(v) for v in distinct)
    numbered = whole and distinct == set(range(len(distinct)))
    return not whole or (len(distinct) > MAX_NUMBERED_CLASSES and not numbered)


def class_targets(
    table: Table, column: str, values: Sequence[str | float], known: Sequence[str] | None
) -> tuple[tuple[str, ...], NDArray[np.float32]]:
    """Make the targets of a classification.

    Parameters
    ----------
    table : Table
        The table, for messages.
    column : str
        Column of the labels, for messages.
    values : sequence of str or float, length n
        Label values.
    known : sequence of str or None
        The labels in their order, where a card lists them; None takes those that occur, sorted.

    Returns
    -------
    labels : tuple of str, length k
        Names of the classes.
    targets : ndarray of float32, shape (n, k)
        1 at the class of each row, 0 elsewhere.

    Raises
    ------
    BadInput
        For one label only, fewer than two rows of a label, more than `MAX_CLASSES` labels, or one that is not `known`.
    """
    counts = Counter(values)
    if len(counts) > MAX_CLASSES:
        raise BadInput(
            f"{table.file}, column {column!r} has {len(counts):,} different labels, more than {MAX_CLASSES}; "
            "is it the right column?"
        )
    named = {v: v if isinstance(v, str) else f"{int(v)}" if v == int(v) else repr(v) for v in sorted(counts)}
    labels = tuple(known) if known else tuple(named.values())
    if unknown := next((name for name in named.values() if name not in labels), None):
        raise BadInput(f"{table.file} has the label {unknown[:60]!r}, which its card does not list: {listed(labels)}.")
    if len(counts) == 1:
        raise BadInput(
            f"{table.file}, column {column!r} has one label only ({next(iter(named.values()))[:60]!r}); "
            "a task needs at least two."
        )
    value, rarest = min(counts.items(), key=lambda item: item[1])
    if rarest < 2:
        raise BadInput(
            f"{table.file}, column {column!r} has a single row with the label {named[value][:60]!r}; "
            "give every label at least two rows, or drop that one."
        )
    position = {name: i for i, name in enumerate(labels)}
    targets = np.zeros((len(values), len(labels)), np.float32)
    targets[np.arange(len(values)), [position[named[v]] for v in values]] = 1
    return labels, targets


def score_targets(
    table: Table, index: Sequence[int], column: str, values: Sequence[str | float]
) -> NDArray[np.float32]:
    """Make the targets of a regression.

    Parameters
    ----------
    table : Table
        The table, for messages.
    index : sequence of int, length n
        Indices of the rows, for messages.
    column : str
        Column of the labels, for messages.
    values : sequence of str or float, length n
        Label values.

    Returns
    -------
    ndarray of float32, shape (n, 1)
        The scores.

    Raises
    ------
    BadInput
        For labels that are no numbers, or all the same.
    """
    for i, value in zip(index, values, strict=True):
        if isinstance(value, str) and as_numbers([value]) is None:
            raise BadInput(f"{table.where(i, column)} is no number ({value[:40]!r}), which scores have to be.")
    if len(set(values)) == 1:
        raise BadInput(f"{table.file}, column {column!r} has the same score everywhere; a task needs different ones.")
    return np.array(values, np.float32)[:, None]


def draw(values: Sequence[str | float], limit: int | None, seed: int, *, scores: bool) -> list[int]:
    """Draw rows evenly over the labels, as far as each has rows; with the same seed, fewer are a part of more.

    Parameters
    ----------
    values : sequence of str or float, length n
        Label values.
    limit : int or None
        How many rows at most; None takes all.
    seed : int
        Seed of the draw.
    scores : bool
        Labels are scores, so that rows are drawn whatever their label is.

    Returns
    -------
    list of int
        Positions in `values`, rising.
    """
    n = len(values)
    if limit is None or limit >= n:
        return list(range(n))
    rng = np.random.default_rng(seed)
    if scores:
        return sorted(rng.permutation(n)[:limit].tolist())
    groups: dict[str | float, list[int]] = {}
    for i, value in enumerate(values):
        groups.setdefault(value, []).append(i)
    queues = [rng.permutation(groups[value]).tolist() for value in sorted(groups)]
    taken: list[int] = []
    while len(taken) < limit:
        taken += [queue.pop() for queue in queues if queue][: limit - len(taken)]
    return sorted(taken)
