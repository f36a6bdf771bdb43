"""Values of one argument as a plain list, whatever container a user holds them in."""

from collections.abc import Iterable, Mapping
from typing import Any

from fute_core.datasets.names import LABEL_COLUMNS, PAIRED_COLUMNS, TEXT_COLUMNS
from fute_core.errors import BadInput

TO_LIST = ("tolist", "to_list", "to_pylist")
"""What arrays, Series, tensors and Arrow columns call the way to a list."""
MISSING = ("NAType", "NaTType")


def listed_values(argument: str, values: Any) -> list[Any]:
    """Take the values out of a list, tuple, array, tensor, Series or any other iterable with an order.

    Parameters
    ----------
    argument : str
        Name of the argument, for messages.
    values : iterable
        The container.

    Returns
    -------
    list
        Plain Python values; None for whatever means that a value is missing.

    Raises
    ------
    BadInput
        For a single string, a dict, a set, a data frame and a torch dataset; says how to give what is in it.
    """
    if isinstance(values, (str, bytes)):
        raise BadInput(f"{argument} is the single string {values[:40]!r}; give a list of them, one for each text.")
    if values is None:
        raise BadInput(f"{argument} is None; give a list, one for each text.")
    if (columns := column_names(values)) is not None:
        raise BadInput(f"{argument} is a {type(values).__name__} with {how_to_take(columns)}")
    if any(base.__module__.startswith("torch.utils.data") for base in type(values).__mro__):
        raise BadInput(
            f"{argument} is a torch {type(values).__name__}; give two lists, such as "
            "fute.Dataset([text for text, label in data], [label for text, label in data])."
        )
    if isinstance(values, (set, frozenset)):
        raise BadInput(f"{argument} is a set, which has no order; give a list.")
    if way := next((way for way in TO_LIST if hasattr(values, way)), None):
        values = getattr(values, way)()
    if not isinstance(values, Iterable):
        raise BadInput(f"{argument} is of type {type(values).__name__}; give a list, one for each text.")
    return [_plain(value) for value in values]


def column_names(values: Any) -> list[str] | None:
    """Names of the columns of a data frame, a dict of columns, or a dataset of the Hub.

    Parameters
    ----------
    values : object
        Anything.

    Returns
    -------
    list of str or None
        None for what has no columns.
    """
    if isinstance(values, Mapping):
        return [str(key) for key in values]
    for name in ("column_names", "columns"):
        found = getattr(values, name, None)
        if found is not None and not callable(found):
            return [str(column) for column in found]
    return None


def how_to_take(columns: list[str]) -> str:
    """Say which columns there are, and how to give them to `Dataset`.

    Parameters
    ----------
    columns : list of str
        Names of the columns.

    Returns
    -------
    str
        The second half of a sentence.
    """
    shown = ", ".join(repr(column[:30]) for column in columns[:8]) + (" and more" if columns[8:] else "")
    by_case = {column.lower(): column for column in reversed(columns)}
    pair = next((p for p in PAIRED_COLUMNS if p[0] in by_case and p[1] in by_case), None)
    text = by_case[pair[0]] if pair else next((by_case[c] for c in TEXT_COLUMNS if c in by_case), "TEXTS")
    label = next((by_case[c] for c in LABEL_COLUMNS if c in by_case), "LABELS")
    second = f", text_pairs=data[{by_case[pair[1]]!r}]" if pair else ""
    return f"the columns {shown}; give them one by one: fute.Dataset(data[{text!r}], data[{label!r}]{second})."


def _plain(value: Any) -> Any:
    """A value of the standard library; None where it is missing."""
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    if not isinstance(value, Mapping) and any(hasattr(value, way) for way in TO_LIST):
        value = getattr(value, next(way for way in TO_LIST if hasattr(value, way)))()
        if isinstance(value, list):
            return [_plain(part) for part in value]
    if type(value).__name__ in MISSING or (isinstance(value, float) and value != value):
        return None
    return value
