"""Arguments of a wrong kind, told in one sentence before anything is read: what was given, and what is needed."""

from numbers import Integral, Real
from typing import Any

import numpy as np

from fute_core.errors import BadInput


def strings(**given: object) -> None:
    """Refuse what is no string.

    Parameters
    ----------
    **given : str or None
        Values by the names of their arguments.

    Raises
    ------
    BadInput
        For the first that is neither.
    """
    of_kind("a string", str, **given)


def flags(**given: object) -> None:
    """Refuse what is neither True nor False.

    Parameters
    ----------
    **given : bool or None
        Values by the names of their arguments.

    Raises
    ------
    BadInput
        For the first that is none of these.
    """
    of_kind("True or False", (bool, np.bool_), **given)


def whole_numbers(**given: object) -> None:
    """Refuse what is no whole number.

    Parameters
    ----------
    **given : int or None
        Values by the names of their arguments; True and False are none.

    Raises
    ------
    BadInput
        For the first that is neither.
    """
    _numbers("a whole number", Integral, given)


def numbers(**given: object) -> None:
    """Refuse what is no number.

    Parameters
    ----------
    **given : float or None
        Values by the names of their arguments; True and False are none.

    Raises
    ------
    BadInput
        For the first that is neither.
    """
    _numbers("a number", Real, given)


def of_kind(wanted: str, kinds: type | tuple[type, ...], /, **given: object) -> None:
    """Refuse what is of another class.

    Parameters
    ----------
    wanted : str
        What is needed, with its article.
    kinds : type or tuple of type
        Its classes.
    **given : object
        Values by the names of their arguments; None stands for an argument that was left out.

    Raises
    ------
    BadInput
        For the first that is of none of these classes.
    """
    for name, value in given.items():
        if value is not None and not isinstance(value, kinds):
            said = " ".join(repr(value).split())
            raise BadInput(f"{name} is {said:.60} of type {type(value).__name__}; give {wanted}.")


def _numbers(wanted: str, kind: Any, given: dict[str, object]) -> None:
    for name, value in given.items():
        if isinstance(value, bool):
            raise BadInput(f"{name} is {value}; give {wanted}.")
        of_kind(wanted, kind, **{name: value})
