"""Columns of a file of outputs: ids of probe texts, and one distribution, label, raw answer or score for each."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fute_core.datasets.names import listed, plain
from fute_core.datasets.tables import Table
from fute_core.datasets.values import as_numbers, is_missing
from fute_core.errors import BadInput
from fute_core.predictors.probabilities import TOLERANCE, normalised, row_fault, with_rest_spread
from fute_core.predictors.said_labels import is_answer_name, one_hot, said_labels

ID, PROBS, SCORE = "id", "probs", "score"
BESIDE = ("text", "text_pair", "source")
"""Columns of an exported file, which users may leave in place."""
EXTRA = frozenset(
    ("confidence", "latency", "latency_ms", "time", "seconds", "cost", "tokens", "length", "index", "seed")
)


REST_SPREAD = "and what it lacks of 1 is spread evenly over the other labels."
LIKELIHOODS = ("score", "probability", "prob", "proba", "likelihood")
"""Columns beside a label that say how likely it is, as pipelines for text classification write them."""


@dataclass(frozen=True)
class OutputRows:
    """What a file of outputs says.

    Parameters
    ----------
    labels : tuple of str, length k
        In the file's order; none for scores.
    rows : list of int, length n
        Rows of the table that have an answer.
    proba : ndarray of float32, shape (n, k)
        Rows that sum to 1, or (n, 1) scores.
    notes : tuple of str
        How it was read, where that is not the usual way.
    dropped : dict of str to int
        How many rows have no answer that is one, by reason.
    """

    labels: tuple[str, ...]
    rows: list[int]
    proba: NDArray[np.float32]
    notes: tuple[str, ...] = ()
    dropped: Mapping[str, int] | None = None


def id_column(table: Table) -> str:
    """Find the column of the ids.

    Parameters
    ----------
    table : Table
        The file's rows.

    Returns
    -------
    str
        "id" in upper or lower case.

    Raises
    ------
    BadInput
        Where there is none.
    """
    found = ID if ID in table.columns else next((c for c in table.columns if plain(c) in (ID, "probe_id")), None)
    if found is None:
        raise BadInput(f"{table.file} has no column 'id'; keep the ids of the exported probe texts.")
    return found


def probe_ids(table: Table) -> list[str]:
    """Read the ids of a file of outputs.

    Parameters
    ----------
    table : Table
        The file's rows.

    Returns
    -------
    list of str
        The probe text of each row.

    Raises
    ------
    BadInput
        For a file without ids, an empty one, and one that stands twice; the sentence names the row.
    """
    column = id_column(table)
    ids: list[str] = []
    first: dict[str, int] = {}
    for i, row in enumerate(table.rows):
        value = row.get(column)
        name = value.strip() if isinstance(value, str) else ""
        if not name:
            raise BadInput(f"{table.where(i, ID)} is empty or no text; give the probe text's id, such as s0001.")
        if name in first:
            raise BadInput(f"{table.where(i, ID)}: {name} stands in row {first[name] + 1} already; keep one of them.")
        first[name] = i
        ids.append(name)
    return ids


def answer_rows(table: Table, answer_column: str | None = None, labels: Sequence[str] | None = None) -> OutputRows:
    """Read the answers of a file of outputs.

    Parameters
    ----------
    table : Table
        The file's rows.
    answer_column : str, optional
        Column of labels or raw answers; by default it is found where there are no probabilities.
    labels : sequence of str, optional
        The labels that raw answers mean; by default those that the answers themselves show.

    Returns
    -------
    OutputRows
        Distributions, one-hot rows, or scores.

    Raises
    ------
    BadInput
        For what is no answer over one and the same set of labels; the sentence names row and column.
    """
    if answer_column is not None and answer_column not in table.columns:
        raise BadInput(f"{table.file} has no column {answer_column!r}; it has {listed(table.columns)}.")
    if PROBS in table.columns and answer_column is None:
        return _distributions(table, *_from_objects(table), ())
    free = [c for c in table.columns if c != id_column(table) and c not in BESIDE]
    if not free:
        raise BadInput(f"{table.file} has no column beside the ids and texts; give one a label with its probability.")
    numbers = [] if answer_column is not None else _number_columns(table, free)
    if not numbers or all(plain(c) in EXTRA for c in numbers) or (len(numbers) == 1 and is_answer_name(numbers[0])):
        return _said(table, free, answer_column, labels)
    words = [c for c in free if c not in numbers and is_answer_name(c)]
    if words and (len(numbers) == 1 or 2 * _whole(table, numbers) < len(table.rows)):
        return _said(table, words, None, labels, numbers)  # a label, and figures about it
    if len(numbers) > 1 and SCORE in numbers:
        raise BadInput(f"{table.file} has a column 'score' beside {numbers[0]!r}; give either labels or one score.")
    aside = [c for c in free if c not in numbers]
    notes = (f"{table.file}: read as no probability of a label: {', '.join(map(repr, aside))}.",) if aside else ()
    return _distributions(table, tuple(numbers), _rows_of(table, numbers), notes)


def _number_columns(table: Table, free: Sequence[str]) -> list[str]:
    """Columns of probabilities, or of one score: of those that hold numbers, without what is known to stand beside."""
    numbers = [c for c in free if _mostly(table, c, lambda value: as_numbers([value]) is not None)]
    numbers = [c for c in numbers if plain(c) not in EXTRA] or numbers
    if len(numbers) < 2:
        return numbers
    shares = [c for c in numbers if _mostly(table, c, _is_share)]
    if len(shares) < 2:
        return numbers
    if _whole(table, shares) < len(table.rows):
        for column in shares:
            fewer = [c for c in shares if c != column]
            if len(fewer) > 1 and _whole(table, fewer) == len(table.rows):
                return fewer
    return shares


def _mostly(table: Table, column: str, holds: Any) -> bool:
    there = [v for row in table.rows if not is_missing(v := row.get(column)) and not isinstance(v, (list, dict))]
    return bool(there) and 2 * sum(map(holds, there)) > len(there)


def _is_share(value: Any) -> bool:
    number = as_numbers([value])
    return number is not None and 0 <= number[0] <= 1


def _whole(table: Table, columns: Sequence[str]) -> int:
    """Rows whose numbers are a distribution."""
    read = (as_numbers([row.get(c) or 0 for c in columns]) for row in table.rows)
    return sum(numbers is not None and row_fault(np.array(numbers)) is None for numbers in read)


def _said(
    table: Table, free: Sequence[str], column: str | None, labels: Sequence[str] | None, figures: Sequence[str] = ()
) -> OutputRows:
    found = said_labels(table, free, column, labels)
    said, notes = one_hot(found.said, found.labels), found.notes
    if beside := next((c for c in figures if plain(c) in LIKELIHOODS), None):
        values = as_numbers([table.rows[i].get(beside) for i in found.rows])
        likeliest = 1 / len(found.labels) - TOLERANCE
        if values is not None and all(likeliest <= value <= 1 for value in values):
            top = np.where(said == 1, np.array(values)[:, None], np.nan)
            said = normalised(with_rest_spread(top))
            told = f"{table.file}: {beside!r} is read as the probability of the label beside it, {REST_SPREAD}"
            notes = (told, *notes[1:])
        else:
            notes = (*notes, f"{table.file}: {beside!r} is not read: it cannot always be that of the likeliest label.")
    return OutputRows(found.labels, found.rows, said, notes, found.dropped)


def _distributions(
    table: Table, labels: tuple[str, ...], rows: Sequence[Mapping[str, Any]], notes: tuple[str, ...]
) -> OutputRows:
    regression = labels == (SCORE,)
    if len(labels) == 1 and not regression:
        raise BadInput(
            f"{table.file} has one label only ({labels[0]!r}); give one column a label, or call it 'score' if it is a "
            "regression."
        )
    proba = np.zeros((len(rows), len(labels)), np.float64)
    likeliest_only = not regression and _names_likeliest(table, rows, labels)
    for i, row in enumerate(rows):
        for j, label in enumerate(labels):
            left_out = likeliest_only and _is_blank(row.get(label))
            proba[i, j] = np.nan if left_out else _number(table, i, label, row.get(label))
    if likeliest_only:
        notes = (*notes, f"{table.file}: has the likeliest labels of each text alone, {REST_SPREAD}")
        proba = with_rest_spread(proba)
    for i in range(len(rows)):
        if fault := row_fault(proba[i], regression):
            column = next((x for x, p in zip(labels, proba[i], strict=True) if not math.isfinite(p) or p < 0), None)
            raise BadInput(f"{table.where(i, column)}: {fault}")
    everything = list(range(len(rows)))
    if regression:
        return OutputRows((), everything, proba.astype(np.float32), notes)
    return OutputRows(labels, everything, normalised(proba), notes)


def _names_likeliest(table: Table, rows: Sequence[Mapping[str, Any]], labels: Sequence[str]) -> bool:
    """Whether half of the rows leave labels out, and what they lack of 1 makes none of these likelier than the rest."""
    short, partial = False, 0
    for i, row in enumerate(rows):
        known = [_number(table, i, label, row[label]) for label in labels if not _is_blank(row.get(label))]
        if known and len(known) < len(labels):
            rest, partial = 1 - sum(known), partial + 1
            short = short or rest > TOLERANCE
            if rest / (len(labels) - len(known)) > min(known) + TOLERANCE:
                return False
    return short and 2 * partial >= len(rows)


def _is_blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _rows_of(table: Table, labels: Sequence[str]) -> Sequence[Mapping[str, Any]]:
    if _names_likeliest(table, table.rows, labels):
        return table.rows
    for i, row in enumerate(table.rows):
        if lost := next((label for label in labels if label not in row), None):
            raise BadInput(f"{table.where(i)} has no {lost!r}, which other rows have; give every row the same labels.")
    return table.rows


def _from_objects(table: Table) -> tuple[tuple[str, ...], Sequence[Mapping[str, Any]]]:
    rows: list[Mapping[str, Any]] = []
    for i, row in enumerate(table.rows):
        value = row.get(PROBS)
        if not isinstance(value, Mapping) or not value:
            raise BadInput(
                f'{table.where(i, PROBS)} is no object from label to probability; write {{"yes": 0.8, ...}}.'
            )
        rows.append(value)
    labels = tuple(dict.fromkeys(label for row in rows for label in row))
    other = next((i for i, row in enumerate(rows) if set(row) != set(rows[0])), None)
    if other is not None and not _names_likeliest(table, rows, labels):
        given, wanted = ", ".join(map(str, rows[other])), ", ".join(map(str, rows[0]))
        raise BadInput(f"{table.where(other, PROBS)} has the labels {given} where row 1 has {wanted}; use one set.")
    return labels, rows


def _number(table: Table, i: int, column: str, value: Any) -> float:
    if _is_blank(value):
        raise BadInput(f"{table.where(i, column)} is empty; give its probability, or leave the whole row out.")
    try:
        if isinstance(value, bool):
            raise TypeError
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise BadInput(f"{table.where(i, column)} holds {str(value)[:40]!r} instead of a number.") from None
