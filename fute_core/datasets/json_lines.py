"""Rows of files with one JSON object a line."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from fute_core.datasets.files import Row, check_count, text_lines
from fute_core.errors import BadInput


def json_rows(path: Path) -> Iterator[tuple[int, Row]]:
    """Read the rows of a file of JSON lines; empty lines are passed over.

    Parameters
    ----------
    path : Path
        The file.

    Yields
    ------
    int
        The line, from 1.
    dict
        Its values by column.

    Raises
    ------
    BadInput
        For a line that is no JSON object, one JSON array over the whole file, or too many rows.
    """
    count = 0
    for number, line in enumerate(text_lines(path), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            if count == 0 and line.lstrip().startswith("["):
                _refuse_array(path)
            reason = error.msg if isinstance(error, json.JSONDecodeError) else "a number too long or nested too deeply"
            raise BadInput(
                f"{path.name}, line {number} is not valid JSON ({reason}); write one object a line."
            ) from None
        if count == 0 and isinstance(row, list):
            _refuse_array(path)
        if not isinstance(row, dict):
            raise BadInput(
                f"{path.name}, line {number} holds {_json_kind(row)} instead of an object; "
                'write {"text": ..., "label": ...} on every line.'
            )
        count += 1
        check_count(path, count)
        yield number, row


def _refuse_array(path: Path) -> NoReturn:
    raise BadInput(f"{path.name} is one JSON array; write one object a line, without brackets and commas around them.")


def _json_kind(value: Any) -> str:
    kinds = {list: "a list", str: "a text", bool: "a truth value", type(None): "null"}
    return kinds.get(type(value), "a number")
