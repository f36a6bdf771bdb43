"""What objects and functions are made of, as plain values for a digest: no pickle, and the same in every process."""

import contextlib
import dis
import functools
import inspect
import types
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fute_core.errors import BadInput

UNIMPORTANT = frozenset({"n_jobs", "verbose", "memory", "random_state", "_stop_words_id", "_sklearn_version"})
"""Attributes that change no answer of a fitted estimator, or differ from process to process."""


def object_content(value: Any) -> Any:
    """Take an object apart into plain values for `digest`: parameters and learned arrays, as deep as they go.

    An object or function with an attribute `fute_content`, called without arguments, says itself what it is known by.
    Unlike its source and its module, that stays the same when only its wording or its place changes.

    Parameters
    ----------
    value : object
        Mostly a fitted estimator.

    Returns
    -------
    object
        Nested lists, tuples, numbers, texts and bytes; the same in every process.

    Raises
    ------
    BadInput
        For what shows no content, such as an open file or a compiled handle; the sentence names its type.
    """
    return _content(value, ())


def _content(value: Any, above: tuple[int, ...]) -> Any:
    if value is None or isinstance(value, (bool, int, float, str, bytes)):
        return value
    if id(value) in above:
        return "itself"
    above = (*above, id(value))
    if isinstance(value, np.ndarray):
        return _array(value, above)
    if isinstance(value, np.generic):
        return value.dtype.str, value.tobytes()
    if isinstance(value, Mapping):
        items = sorted(value.items(), key=lambda item: (type(item[0]).__name__, repr(item[0])))
        return "map", [(_content(k, above), _content(v, above)) for k, v in items]
    if isinstance(value, (list, tuple)):
        return [_content(item, above) for item in value]
    if isinstance(value, (set, frozenset)):
        return "set", [_content(item, above) for item in sorted(value, key=repr)]
    if isinstance(value, (np.dtype, slice, range, complex)):
        return repr(value)
    if isinstance(value, type):
        return _name(value)
    if own := getattr(value, "fute_content", None):  # without its class's place, which may change
        return "known by", _content(own(), above)
    if callable(value) and isinstance(value, (types.FunctionType, types.BuiltinFunctionType, functools.partial)):
        return function_content(value)
    if hasattr(value, "tocsr"):
        rows = value.tocsr()
        return "sparse", rows.shape, [_array(a, above) for a in (rows.data, rows.indices, rows.indptr)]
    return _state(value, above)


def _array(array: NDArray[Any], above: tuple[int, ...]) -> Any:
    if array.dtype.names:  # field by field: the gaps between fields hold whatever memory held before
        return "fields", [(name, _array(np.ascontiguousarray(array[name]), above)) for name in array.dtype.names]
    if array.dtype.hasobject:
        return "objects", array.shape, [_content(item, above) for item in array.ravel().tolist()]
    return array


def _state(value: Any, above: tuple[int, ...]) -> Any:
    if isinstance(value, (np.random.RandomState, np.random.Generator)):
        return "random numbers"
    name = _name(type(value))
    try:
        _, arguments, *states = value.__reduce_ex__(2)
    except Exception:  # whatever a compiled class raises: it has no content to show
        raise BadInput(f"A {name} inside the model has no content to know it by; give a `version`.") from None
    state = states[0] if states else None
    if isinstance(state, Mapping):
        state = {str(k): v for k, v in state.items() if k not in UNIMPORTANT}
    return name, _content(arguments, above), _content(state, above)


def function_content(function: Any) -> Any:
    """Take a function apart: its source text, and the plain values that it reads from outside.

    Parameters
    ----------
    function : callable
        Written with def.

    Returns
    -------
    object
        Nested values that `digest` understands.

    Raises
    ------
    BadInput
        For a lambda, a method or callable object, a function without source, and one that reads what has no obvious
        content (a model, an open file); the sentence asks for a `version`.
    """
    if isinstance(function, functools.partial):
        given = [_content(value, ()) for value in (function.args, dict(function.keywords))]
        return "partial", function_content(function.func), given
    if isinstance(function, types.BuiltinFunctionType):
        return f"{function.__module__}.{function.__qualname__}"
    if not isinstance(function, types.FunctionType):
        raise BadInput(
            f"A {_name(type(function))} does not show what it computes; give a `version` that changes when it does."
        )
    name = function.__qualname__
    if function.__name__ == "<lambda>":
        raise BadInput("A lambda has no name to know it by; write a function with def, or give a `version`.")
    try:
        source = inspect.getsource(function)
    except (OSError, TypeError):
        raise BadInput(f"The source of {name} cannot be read; give a `version` that changes when it does.") from None
    values = _read_from_outside(function)
    return "function", source, [(key, _outside(name, key, values[key])) for key in sorted(values)]


def _read_from_outside(function: types.FunctionType) -> dict[str, Any]:
    """What a function and the comprehensions and functions inside it close over, and the globals they read."""
    values = {}
    for key, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        with contextlib.suppress(ValueError):  # not filled yet
            values[key] = cell.cell_contents
    codes = [function.__code__]
    while codes:
        code = codes.pop()
        codes += [constant for constant in code.co_consts if isinstance(constant, types.CodeType)]
        read = {i.argval for i in dis.get_instructions(code) if i.opname in ("LOAD_GLOBAL", "LOAD_NAME")}
        values |= {key: function.__globals__[key] for key in read if key in function.__globals__}
    return values


def _outside(function: str, key: str, value: Any) -> Any:
    """A module, class or function that is called counts by its name, any other value by its content."""
    if isinstance(value, types.ModuleType):
        return value.__name__
    if isinstance(value, (type, types.FunctionType, types.BuiltinFunctionType, np.ufunc)):
        return getattr(value, "__module__", ""), getattr(value, "__qualname__", value.__name__)
    try:
        return _content(value, ())
    except BadInput:
        raise BadInput(
            f"{function} reads {key!r}, whose content cannot be seen; give a `version` that changes when it does."
        ) from None


def _name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"
