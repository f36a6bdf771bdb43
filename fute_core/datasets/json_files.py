"""Rows of JSON files: one object a line, one array of objects, or one object of columns."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from fute_core.datasets import files
from fute_core.datasets.encodings import encoding_of
from fute_core.datasets.files import Row, check_count, text_lines
from fute_core.errors import BadInput

MAX_WHOLE_BYTES = 64_000_000
"""An object over the whole file has to be read at once; the larger part of SQuAD 2 has 42 MB."""
ARTICLES, PARAGRAPHS = "data", "paragraphs"
"""Where a file in the form of SQuAD has its articles, and an article its passages."""
NEVER_READ = "nested too deeply or a number too long"
PIECE = 1 << 18
BETWEEN = re.compile(r"[ \t\r\n,]*")
Numbered = tuple[int, Row]


def json_rows(path: Path) -> tuple[list[Numbered], tuple[str, ...]]:
    """Read the rows of a JSON file, whichever way they are written.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    rows : list of (int, dict)
        For each row the line it starts on, from 1, and its values by column.
    notes : tuple of str
        Sentences about what is not the usual way.

    Raises
    ------
    BadInput
        For what is no JSON, for rows that are no objects, and for rows inside another object.
    """
    encoding, note = encoding_of(path)
    notes = (note,) if note else ()
    start = next((piece.lstrip() for piece in text_pieces(path, encoding) if piece.strip()), "")
    if start.startswith("[") and not _is_line(start.partition("\n")[0]):
        return _held(path, lambda: array_rows(path, encoding)), (*notes, f"{path.name} is read as one JSON array.")
    fault: BadInput | None = None
    try:
        rows = _held(path, lambda: line_rows(path, encoding))
        whole = len(rows) == 1 and any(isinstance(value, (list, dict)) for value in rows[0][1].values())
    except BadInput as error:
        rows, whole, fault = [], start.startswith("{"), error
    if whole and (found := _whole(path, encoding)) is not None:
        plain = PARAGRAPHS in found[0][1]  # what becomes of articles is told by `answer_pairs`
        return found, notes if plain else (*notes, f"{path.name} is read as one JSON object of columns or rows.")
    if fault is not None:
        raise fault
    return rows, notes


def _is_line(start: str) -> bool:
    """Whether the first line is a list of its own and no array over the file: told of where lines are read."""
    try:
        value = json.loads(start)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, list) and bool(value) and not isinstance(value[0], dict)


def _held(path: Path, rows: Any) -> list[Numbered]:
    """All rows; counted first where the file is large enough for too many, so that no memory is spent on them."""
    if path.stat().st_size > 10 * files.MAX_ROWS:
        for count, _ in enumerate(rows(), 1):
            check_count(path, count)
    found: list[Numbered] = []
    for row in rows():
        check_count(path, len(found) + 1)
        found.append(row)
    return found


def line_rows(path: Path, encoding: str = "utf-8") -> Iterator[Numbered]:
    """Read one JSON object a line; empty lines are passed over.

    Parameters
    ----------
    path : Path
        The file.
    encoding : str, default "utf-8"
        As `encodings.encoding_of` finds it.

    Yields
    ------
    int
        The line, from 1.
    dict
        Its values by column.

    Raises
    ------
    BadInput
        For a line that is no JSON object.
    """
    for number, line in enumerate(text_lines(path, encoding), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            reason = error.msg if isinstance(error, json.JSONDecodeError) else NEVER_READ
            raise BadInput(
                f"{path.name}, line {number} is not valid JSON ({reason}); write one object a line."
            ) from None
        yield number, _object(path, number, row)


def array_rows(path: Path, encoding: str = "utf-8") -> Iterator[Numbered]:
    """Read the objects of one JSON array piece by piece.

    Parameters
    ----------
    path : Path
        The file.
    encoding : str, default "utf-8"
        As `encodings.encoding_of` finds it.

    Yields
    ------
    int
        The line that an object starts on, from 1.
    dict
        Its values by column.

    Raises
    ------
    BadInput
        For an array that is cut off or holds something else, and for an object that is too long.
    """
    decoder, pieces = json.JSONDecoder(), text_pieces(path, encoding)
    buffer, at, number, opened, more = "", 0, 1, False, True
    while True:
        start = BETWEEN.match(buffer, at).end() if opened else len(buffer) - len(buffer.lstrip())  # type: ignore[union-attr]
        number += buffer.count("\n", at, start)
        at = start
        if not opened and at < len(buffer):
            at, opened = at + 1, True
            continue
        if buffer.startswith("]", at):
            return
        try:
            value, end = decoder.raw_decode(buffer, at) if at < len(buffer) else (None, at)
        except RecursionError:
            raise BadInput(f"{path.name}, line {number} is not valid JSON ({NEVER_READ}).") from None
        except ValueError:
            end = at
        if end > at and (end < len(buffer) or not more):  # a number at the end of a piece may go on in the next
            yield number, _object(path, number, value)
            number += buffer.count("\n", at, end)
            at = end
            continue
        if len(buffer) - at > files.MAX_LINE_BYTES or not more:
            raise BadInput(
                f"{path.name}, line {number} is not valid JSON, or longer than {files.MAX_LINE_BYTES / 1e6:.0f} MB; "
                "write one object a row, with commas between them and a bracket at the end."
            )
        added = next(pieces, None)
        more = added is not None
        buffer, at = buffer[at:] + (added or ""), 0


def text_pieces(path: Path, encoding: str) -> Iterator[str]:
    """Characters of a text file in pieces of `PIECE`, whatever its lines.

    Parameters
    ----------
    path : Path
        The file.
    encoding : str
        As `encodings.encoding_of` finds it.

    Yields
    ------
    str
        The next piece.

    Raises
    ------
    BadInput
        For bytes that are not in the encoding.
    """
    try:
        with path.open(encoding=encoding, newline="") as stream:
            while piece := stream.read(PIECE):
                yield piece
    except UnicodeError:
        raise BadInput(f"{path.name} is not UTF-8; save the file as UTF-8.") from None


def _whole(path: Path, encoding: str) -> list[Numbered] | None:
    """Rows of one object over the whole file; None where it is none, or is one row by itself."""
    if path.stat().st_size > MAX_WHOLE_BYTES:
        return None
    try:
        value = json.loads(path.read_text(encoding))
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict) or not value:
        return None
    parts = list(value.values())
    if all(isinstance(part, Mapping) for part in parts):
        return [(1, row) for row in _of_objects(value)]
    if all(isinstance(part, list) for part in parts) and len({len(part) for part in parts}) == 1 and len(parts) > 1:
        return [(1, dict(zip(value, cells, strict=True))) for cells in zip(*parts, strict=True)]
    inside = next((name for name, part in value.items() if _are_rows(part)), None)
    if inside == ARTICLES and any(PARAGRAPHS in article for article in value[inside]):
        return [(1, article) for article in value[inside]]
    if inside is not None:
        raise BadInput(
            f"{path.name} is one JSON object whose rows stand under {inside!r}; write that list alone, such as with "
            f"jq '.[{json.dumps(inside)}]' {path.name}."
        )
    return None


def _are_rows(part: Any) -> bool:
    return isinstance(part, list) and bool(part) and all(isinstance(row, Mapping) for row in part)


def _of_objects(value: Mapping[str, Mapping[str, Any]]) -> list[Row]:
    """Rows of {"text": {"0": ..., "1": ...}, ...}, as pandas writes columns, or of {"0": {"text": ...}, ...}."""
    keys = list(next(iter(value.values())))
    columns = all(list(part) == keys for part in value.values()) and all(key.isdigit() for key in keys)
    if not columns:
        return [dict(part) for part in value.values()]
    return [{name: part[key] for name, part in value.items()} for key in keys]


def _object(path: Path, number: int, value: Any) -> Row:
    if isinstance(value, dict):
        return value
    kinds = {list: "a list", str: "a text", bool: "a truth value", type(None): "null"}
    raise BadInput(
        f"{path.name}, line {number} holds {kinds.get(type(value), 'a number')} instead of an object; "
        'write {"text": ..., "label": ...} for every row.'
    )
