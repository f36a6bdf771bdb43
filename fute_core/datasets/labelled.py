"""Rows with a text and a label out of a table: which are left out and why, and whether labels are classes or scores."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from fute_core.datasets.cells import read_labels
from fute_core.datasets.columns import TOKENS_NOT_READ, Columns
from fute_core.datasets.names import is_scale, listed
from fute_core.datasets.tables import Table
from fute_core.datasets.targets import MAX_NUMBERED_CLASSES, are_scores, class_targets, score_targets
from fute_core.datasets.values import MAX_CLASSES, is_missing
from fute_core.errors import BadInput, Undecided

NO_LABEL, NO_TEXT, NO_PAIR, RARE = "no label", "no text", "no second text", "a single row of its label"
MOST_DROPPED = 0.5
"""A column of texts that is emptier is taken for the wrong one."""
MOST_RARE = 0.1
"""More rows with a label of their own are no rare classes: they are another kind of column."""


PART_OF_ENTITY = re.compile(r"O|[BIESLU]-.+")
"""Tags that say where in an entity a word stands, as in files with a word and its tag a line."""


@dataclass(frozen=True)
class Labelled:
    """What a table gives as a dataset, before rows are drawn and texts read.

    Parameters
    ----------
    index : list of int, length n
        Rows of the table, rising.
    values : list of str or float, length n
        Their labels.
    labels : tuple of str, length k
        Names of the classes; empty for scores.
    targets : ndarray of float32, shape (n, k) or (n, 1)
        One-hot rows, or scores.
    dropped : dict of str to int
        How many rows were left out, by reason.
    notes : tuple of str
        A sentence for each reason.
    """

    index: list[int]
    values: list[str | float]
    labels: tuple[str, ...]
    targets: NDArray[np.float32]
    dropped: dict[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def scores(self) -> bool:
        """Whether labels are scores.

        Returns
        -------
        bool
            True where there are no classes.
        """
        return not self.labels


def read_labelled(
    table: Table, rows: Sequence[int], columns: Columns, *, regression: bool | None = None,
    known: Sequence[str] | None = None, label_case: str | None = None,
) -> Labelled:  # fmt: skip
    """Read the labels of a table, and leave out rows that have no label, no text, or a label of their own.

    Parameters
    ----------
    table : Table
        The table.
    rows : sequence of int
        Which of its rows.
    columns : Columns
        With a text and a label.
    regression : bool, optional
        True reads labels as scores, False as classes; by default the values decide.
    known : sequence of str, optional
        The labels in their order, where a card lists them.
    label_case : {"merge", "keep"}, optional
        What becomes of labels that differ in upper and lower case alone.

    Returns
    -------
    Labelled
        At least two labels, or two scores.

    Raises
    ------
    BadInput
        Where the values are no labels, where whole numbers of a scale may be labels or scores, and where labels differ
        in upper and lower case alone; says how to decide.
    """
    assert columns.text is not None
    assert columns.label is not None
    dropped: dict[str, list[int]] = {}
    left = _without(table, rows, columns.label, NO_LABEL, dropped)
    if not left:
        raise BadInput(
            f"{table.file}, column {columns.label!r} has no label in any row; name another with --label-column."
        )
    for column, reason in ((columns.text, NO_TEXT), (columns.text_pair, NO_PAIR)):
        if column is not None:
            left = _without(table, left, column, reason, dropped)
            _check_left(table, len(dropped.get(reason, ())), len(left), column)
    values = read_labels(table, left, columns.label)
    if len(tags := set(values)) > 1 and "O" in tags and all(PART_OF_ENTITY.fullmatch(str(tag)) for tag in tags):
        raise BadInput(
            f"{table.file}, column {columns.label!r} has tags of words ({listed(sorted(map(str, tags))[:2])}), "
            f"and {TOKENS_NOT_READ}"
        )
    if regression is None and not known and _asks_kind(columns.label, values):
        raise Undecided("kind", _kind_question(table, columns.label, values))
    scores = (not known and are_scores(values)) if regression is None else regression
    if scores:
        targets = score_targets(table, left, columns.label, values)
        return Labelled(left, values, (), targets, _counts(dropped), _notes(table, dropped))
    if not known:
        left, values = _without_gold(left, values, dropped)
        values = _one_case(table, columns.label, values, label_case)
        left, values, rare = _without_rare(table, columns.label, left, values, dropped)
    else:
        rare = []
    labels, targets = class_targets(table, columns.label, values, known)
    return Labelled(left, values, labels, targets, _counts(dropped), _notes(table, dropped, rare))


def _kind_question(table: Table, label: str, values: Sequence[str | float]) -> str:
    numbers = sorted({int(v) for v in values if not isinstance(v, str)})
    return (
        f"{table.file}, column {label!r} holds whole numbers from {numbers[0]} to {numbers[-1]}, which may be labels "
        "or scores; choose with --classification or --regression."
    )


def _asks_kind(label: str, values: Sequence[str | float]) -> bool:
    if not is_scale(label) or are_scores(values) or any(isinstance(v, str) for v in values):
        return False
    return 2 < len(set(values)) <= MAX_NUMBERED_CLASSES


def _without(table: Table, rows: Sequence[int], column: str, reason: str, dropped: dict[str, list[int]]) -> list[int]:
    empty = _blank if reason != NO_LABEL else is_missing
    gone = [i for i in rows if empty(table.rows[i].get(column))]
    if gone:
        dropped[reason] = gone
        away = set(gone)
        return [i for i in rows if i not in away]
    return list(rows)


def _blank(value: object) -> bool:
    """Whether a cell has no text; "None" and "-" are texts."""
    return value is None or value != value or (isinstance(value, str) and (not value or value.isspace()))


def _check_left(table: Table, gone: int, left: int, column: str) -> None:
    if gone > MOST_DROPPED * (gone + left):
        raise BadInput(
            f"{table.file}, column {column!r} is empty in {gone:,} of {gone + left:,} rows; choose another column, or "
            "keep single texts and pairs in files of their own."
        )


def _without_gold(
    rows: list[int], values: list[str | float], dropped: dict[str, list[int]]
) -> tuple[list[int], list[str | float]]:
    """Without what is numbered -1 beside 0, 1 and so on: there nobody has given a label."""
    distinct = set(values)
    if -1 not in distinct or len(distinct) < 3 or distinct - {-1} != set(range(len(distinct) - 1)):
        return rows, values
    dropped[NO_LABEL] = sorted([*dropped.get(NO_LABEL, ()), *(i for i, v in zip(rows, values, strict=True) if v == -1)])
    kept = [(i, v) for i, v in zip(rows, values, strict=True) if v != -1]
    return [i for i, _ in kept], [v for _, v in kept]


def _one_case(table: Table, label: str, values: list[str | float], label_case: str | None) -> list[str | float]:
    """Labels that differ in case alone as one, as two, or asked about."""
    counts = Counter(v for v in values if isinstance(v, str))
    alike: dict[str, list[str]] = {}
    for value, _ in counts.most_common():
        alike.setdefault(" ".join(value.casefold().split()), []).append(value)
    if label_case == "keep" or not any(len(names) > 1 for names in alike.values()):
        return values
    if label_case == "merge":
        name = {value: names[0] for names in alike.values() for value in names}
        return [name.get(v, v) if isinstance(v, str) else v for v in values]
    one, other, *_ = next(names for names in alike.values() if len(names) > 1)
    raise Undecided(
        "case",
        f"{table.file}, column {label!r} has the labels {one!r} ({counts[one]:,} rows) and {other!r} "
        f"({counts[other]:,}), which differ only in case; choose with --label-case merge (one label) or "
        "--label-case keep (two).",
    )


def _without_rare(
    table: Table, label: str, rows: list[int], values: list[str | float], dropped: dict[str, list[int]]
) -> tuple[list[int], list[str | float], list[str | float]]:
    counts = Counter(values)
    rare = [value for value, n in counts.items() if n < 2]
    if not rare or len(counts) > MAX_CLASSES or len(counts) - len(rare) < 2:
        if rare and len(counts) <= MAX_CLASSES:
            raise BadInput(
                f"{table.file}, column {label!r} has a single row with the label {str(rare[0])[:60]!r}; give every "
                "label at least two rows."
            )
        return rows, values, []
    if len(rare) > max(1, MOST_RARE * len(rows)):
        raise BadInput(
            f"{table.file}, column {label!r} has {len(rare)} labels with a single row, such as "
            f"{str(rare[0])[:60]!r}; is it the right column? Name another with --label-column."
        )
    alone = set(rare)
    dropped[RARE] = [i for i, v in zip(rows, values, strict=True) if v in alone]
    kept = [(i, v) for i, v in zip(rows, values, strict=True) if v not in alone]
    return [i for i, _ in kept], [v for _, v in kept], rare


def _counts(dropped: Mapping[str, Sequence[int]]) -> dict[str, int]:
    return {reason: len(rows) for reason, rows in dropped.items()}


def _notes(table: Table, dropped: Mapping[str, Sequence[int]], rare: Sequence[str | float] = ()) -> tuple[str, ...]:
    said = []
    for reason, rows in dropped.items():
        n = len(rows)
        what = {NO_LABEL: "without a label", NO_TEXT: "without a text", NO_PAIR: "without a second text"}.get(reason)
        first = table.where(rows[0]).removeprefix(f"{table.file}, ")
        if what is None:
            names = ", ".join(repr(str(v)[:60]) for v in rare[:3])
            what = f"whose label stands in no other row ({names}{' and more' if len(rare) > 3 else ''})"
        gone = "1 row" if n == 1 else f"{n:,} rows"
        said.append(f"{gone} {what} {'is' if n == 1 else 'are'} left out, the first being {first}.")
    return tuple(said)
