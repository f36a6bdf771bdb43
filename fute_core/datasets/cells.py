"""Texts and labels out of the cells of a table, and a sentence for each cell that holds neither."""

import math
from collections.abc import Sequence
from typing import Any

from fute_core.datasets.files import Row
from fute_core.datasets.tables import Table
from fute_core.datasets.values import as_numbers
from fute_core.errors import BadInput
from fute_core.tasks import Text


def read_texts(table: Table, index: Sequence[int], first: str, second: str | None) -> list[Text]:
    """Read the texts of some rows.

    Parameters
    ----------
    table : Table
        The table.
    index : sequence of int
        Indices of the rows.
    first : str
        Column of the texts.
    second : str or None
        Column of the second texts; None for single texts.

    Returns
    -------
    list of str or list of (str, str)
        One text a row, or one pair a row where there is a second column.

    Raises
    ------
    BadInput
        For a cell without text, a number or list in its place, or characters that cannot be written.
    """
    columns = (first,) if second is None else (first, second)
    texts: list[Text] = []
    for i in index:
        row = table.rows[i]
        if second is not None and row.get(second) in (None, "") and isinstance(row.get(first), str):
            raise BadInput(
                f"{table.where(i, second)} is empty, so single texts and pairs are mixed; "
                "keep them in files of their own, or drop the row."
            )
        for column in columns:
            value = row.get(column)
            if not isinstance(value, str):
                raise BadInput(f"{table.where(i, column)} holds {_kind(value)} instead of a text; fill it or drop it.")
            if not value or value.isspace():
                raise BadInput(f"{table.where(i, column)} has no text; fill it or drop the row.")
            _check_unicode(table, i, column, value)
        texts.append(row[first] if second is None else (row[first], row[second]))
    return texts


def _check_unicode(table: Table, i: int, column: str, value: str) -> None:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise BadInput(
            f"{table.where(i, column)} has half of a surrogate pair, which is no character; write the file as UTF-8."
        ) from None


def _has_label(row: Row, column: str) -> bool:
    """Whether a value is there that can be a label at all: what a user gives in memory is not judged further."""
    value = row.get(column)
    if isinstance(value, float):
        return not math.isnan(value)
    return value is not None and not (isinstance(value, str) and value.strip().lower() in ("", "nan"))


def read_labels(table: Table, index: Sequence[int], column: str) -> list[str | float]:
    """Read the labels of some rows.

    Parameters
    ----------
    table : Table
        The table.
    index : sequence of int
        Indices of the rows.
    column : str
        Column of the labels.

    Returns
    -------
    list of str or list of float
        Numbers where every label is one, else texts.

    Raises
    ------
    BadInput
        For a missing label and for lists, objects and other values that are no label.
    """
    values: list[Any] = []
    for i in index:
        value = table.rows[i].get(column)
        if not _has_label(table.rows[i], column):
            raise BadInput(f"{table.where(i, column)} has no label; fill it or drop the row.")
        if not isinstance(value, (str, int, float)):
            raise BadInput(f"{table.where(i, column)} holds {_kind(value)}; give one label a row, as text or number.")
        if isinstance(value, str):
            _check_unicode(table, i, column, value)
        values.append(value.strip() if isinstance(value, str) else value)
    return list(as_numbers(values) or map(str, values))


def _kind(value: Any) -> str:
    names = {type(None): "nothing", bool: "a truth value", int: "a number", float: "a number", list: "a list",
             dict: "an object", str: "a text"}  # fmt: skip
    return names.get(type(value), f"a {type(value).__name__}")
