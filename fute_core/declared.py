"""Dataclasses read back from a disk, which may say anything: only those whose values have the declared types."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import lru_cache
from types import UnionType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")
LARGEST = 2**128
"""Where seeds end, and long before a whole number becomes too large for a float."""


def checked(made: T, **names: type) -> T:
    """Take a dataclass whose values have the declared types; what a list or mapping holds is not looked at.

    Parameters
    ----------
    made : dataclass
        As it was read.
    **names : type
        Types that its module imports for type checkers only.

    Returns
    -------
    dataclass
        The same one.

    Raises
    ------
    TypeError
        For a value of another type, and for a number that is not finite or too large.
    """
    # mypy looks at the hash of instances, not of their class.
    for name, types, words in _declared(type(made), tuple(names.items())):  # type: ignore[arg-type]
        value = getattr(made, name)
        if not (isinstance(value, types) or (words and value in words)) or not _usable(value):
            raise TypeError(f"{name} is {value!r}")
    return made


def columns_declared(of: type, columns: Mapping[str, Sequence[Any]]) -> bool:
    """Tell whether many values of a dataclass's fields have the declared types, as `checked` asks of each.

    Parameters
    ----------
    of : type
        The dataclass.
    columns : mapping of str to sequence
        Values of each field.

    Returns
    -------
    bool
        False also where there are other columns than fields.
    """
    declared = _declared(of, ())
    if {name for name, _, _ in declared} != columns.keys():
        return False
    for name, types, words in declared:
        values = columns[name]
        if any(not issubclass(kind, types) and not (words and kind is str) for kind in {type(v) for v in values}):
            return False
        if words and any(isinstance(v, str) and v not in words for v in values):
            return False
        if {int, float} & {*types} and not all(map(_usable, {*values})):
            return False
    return True


def _usable(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return not isinstance(value, int) or abs(value) < LARGEST


@lru_cache(maxsize=16)
def _declared(
    of: type, names: tuple[tuple[str, type], ...]
) -> tuple[tuple[str, tuple[type, ...], tuple[Any, ...]], ...]:
    """For each field its types and the values of a Literal."""
    hints = get_type_hints(of, localns=dict(names))
    found = []
    for field in fields(of):
        hint = hints[field.name]
        options = get_args(hint) if get_origin(hint) is UnionType else (hint,)
        words = [word for t in options if get_origin(t) is Literal for word in get_args(t)]
        types = [get_origin(t) or t for t in options if get_origin(t) is not Literal]
        found.append((field.name, (*types, *((int,) if float in options else ())), tuple(words)))
    return tuple(found)
