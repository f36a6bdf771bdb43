"""A method's options as a user gives them: checked against the types of its fields, once for all methods."""

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints

from fute_core.errors import BadInput

if TYPE_CHECKING:
    from fute_core.methods import Method


def checked_options(method: "type[Method]", given: Mapping[str, Any]) -> dict[str, Any]:
    """Check a method's options against the types of its fields.

    Parameters
    ----------
    method : type
        The method's class. One of another package that is no dataclass checks its own options.
    given : mapping
        Options as a user gives them.

    Returns
    -------
    dict
        The options with numbers in the option's own type, so that 1 and 1.0 have one store key.

    Raises
    ------
    BadInput
        For an unknown option, and for a value that it cannot take.
    """
    if not is_dataclass(method):
        return dict(given)
    known = [field.name for field in fields(method)]
    if unknown := [name for name in given if name not in known]:
        raise BadInput(
            f"Method {method.name!r} has no option {unknown[0]!r}; its options are: {', '.join(known) or 'none'}."
        )
    types, own = get_type_hints(method), method.name
    return {name: _checked(own, name, types[name], value) for name, value in given.items()}


def _checked(method: str, name: str, declared: Any, value: Any) -> Any:
    types = [declared, *get_args(declared)]
    number = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value) and value >= 0
    if choices := [choice for t in types if get_origin(t) is Literal for choice in get_args(t)]:
        wanted = f"one of {', '.join(map(str, choices))}"
        value = str(value).lower() if isinstance(value, bool) else value  # a word here, such as "true" of Fisher
        fits = value in choices
    elif bool in types:
        wanted = "true or false"
        fits = isinstance(value, bool)
    elif float in types:
        below = 1 if name in ("dropout", "warmup") else math.inf  # shares, of which 1 would leave nothing
        above = name == "C" or name.endswith("_C")  # an inverse strength: 0 would leave nothing of the head
        wanted = "a number above 0" if above else "a number of at least 0"
        wanted += "" if math.isinf(below) else f" and below {below}"
        fits = number and (value > 0 or not above) and value < below
        value = float(value) if fits else value
    elif int in types:
        least = int(name == "rank")  # a rank of 0 would leave no vector
        wanted = f"a whole number of at least {least}"
        fits = number and value == int(value) and value >= least
        value = int(value) if fits else value
    else:
        return value
    if not fits:
        raise BadInput(f"Option {name} of method {method!r} must be {wanted}, not {value!r}.")
    return value
