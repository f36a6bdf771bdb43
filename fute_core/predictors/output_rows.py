"""Columns of a file of outputs: ids of probe texts, and one distribution or score for each of them."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fute_core.datasets.tables import Table
from fute_core.errors import BadInput
from fute_core.predictors.probabilities import normalised, row_fault

ID, PROBS, SCORE = "id", "probs", "score"
BESIDE = ("text", "text_pair", "source")
"""Columns of an exported file, which users may leave in place."""


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
    if ID not in table.columns:
        raise BadInput(f"{table.file} has no column 'id'; keep the ids of the exported probe texts.")
    ids: list[str] = []
    first: dict[str, int] = {}
    for i, row in enumerate(table.rows):
        value = row.get(ID)
        name = value.strip() if isinstance(value, str) else ""
        if not name:
            raise BadInput(f"{table.where(i, ID)} is empty or no text; give the probe text's id, such as s0001.")
        if name in first:
            raise BadInput(f"{table.where(i, ID)}: {name} stands in row {first[name] + 1} already; keep one of them.")
        first[name] = i
        ids.append(name)
    return ids


def answer_rows(table: Table) -> tuple[tuple[str, ...], NDArray[np.float32]]:
    """Read the answers of a file of outputs.

    Parameters
    ----------
    table : Table
        The file's rows.

    Returns
    -------
    tuple of (tuple of str, ndarray)
        Labels in the file's order, none for scores; and float32 (n, k), rows that sum to 1, or (n, 1) scores.

    Raises
    ------
    BadInput
        For what is no distribution over one and the same set of labels; the sentence names row and column.
    """
    if PROBS in table.columns:
        labels, rows = _from_objects(table)
    else:
        labels, rows = _from_columns(table)
    regression = labels == (SCORE,)
    if len(labels) == 1 and not regression:
        raise BadInput(
            f"{table.file} has one label only ({labels[0]!r}); give one column a label, or call it 'score' if it is a "
            "regression."
        )
    proba = np.zeros((len(rows), len(labels)), np.float64)
    for i, row in enumerate(rows):
        for j, label in enumerate(labels):
            proba[i, j] = _number(table, i, label, row[label])
        if fault := row_fault(proba[i], regression):
            column = next((x for x, p in zip(labels, proba[i], strict=True) if not math.isfinite(p) or p < 0), None)
            raise BadInput(f"{table.where(i, column)}: {fault}")
    if regression:
        return (), proba.astype(np.float32)
    return labels, normalised(proba)


def _from_columns(table: Table) -> tuple[tuple[str, ...], Sequence[Mapping[str, Any]]]:
    labels = tuple(name for name in table.columns if name != ID and name not in BESIDE)
    if not labels:
        raise BadInput(f"{table.file} has no column beside the ids and texts; give one a label with its probability.")
    if len(labels) > 1 and SCORE in labels:
        raise BadInput(f"{table.file} has a column 'score' beside {labels[0]!r}; give either labels or one score.")
    for i, row in enumerate(table.rows):
        if lost := next((label for label in labels if label not in row), None):
            raise BadInput(f"{table.where(i)} has no {lost!r}, which other rows have; give every row the same labels.")
    return labels, table.rows


def _from_objects(table: Table) -> tuple[tuple[str, ...], Sequence[Mapping[str, Any]]]:
    rows: list[Mapping[str, Any]] = []
    for i, row in enumerate(table.rows):
        value = row.get(PROBS)
        if not isinstance(value, Mapping) or not value:
            raise BadInput(
                f'{table.where(i, PROBS)} is no object from label to probability; write {{"yes": 0.8, ...}}.'
            )
        if i and set(value) != set(rows[0]):
            given, wanted = ", ".join(map(str, value)), ", ".join(map(str, rows[0]))
            raise BadInput(f"{table.where(i, PROBS)} has the labels {given} where row 1 has {wanted}; use one set.")
        rows.append(value)
    return tuple(rows[0]), rows


def _number(table: Table, i: int, column: str, value: Any) -> float:
    if value is None or (isinstance(value, str) and not value.strip()):
        raise BadInput(f"{table.where(i, column)} is empty; give its probability, or leave the whole row out.")
    try:
        if isinstance(value, bool):
            raise TypeError
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise BadInput(f"{table.where(i, column)} holds {str(value)[:40]!r} instead of a number.") from None
