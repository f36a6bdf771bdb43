"""Rows of files whose cells are split by commas, semicolons, tabs or bars, with or without a line of column names."""

import csv
import io
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal

from fute_core.datasets import files
from fute_core.datasets.encodings import encoding_of
from fute_core.datasets.files import Row, text_lines
from fute_core.datasets.headers import has_header
from fute_core.errors import BadInput

DELIMITERS = (",", ";", "\t", "|")
SAMPLE_LINES = 2_000
SAMPLE_CHARACTERS = 1_000_000
Quoting = Literal[0, 3]
Cells = tuple[int, list[str]]


@dataclass(frozen=True)
class _Way:
    """How a file is cut into cells. skip : lines before the first row."""

    path: Path
    encoding: str
    delimiter: str
    quoting: Quoting = csv.QUOTE_MINIMAL
    skip: int = 0


def delimited_rows(path: Path) -> tuple[tuple[str, ...], list[tuple[int, Row]], tuple[str, ...]]:
    """Read the rows of a file of cells.

    What splits the cells is what splits all lines into equally many. Spreadsheets put quotes around cells of TSV files,
    and research datasets do not: a file of tabs is read with quotes unless that joins lines or fails.

    Parameters
    ----------
    path : Path
        A file of one of `files.DELIMITED`.

    Returns
    -------
    columns : tuple of str
        Names of the columns; "column 1" and so on where the file has no line of names.
    rows : list of (int, dict)
        For each row the line it starts on, from 1, and its cells as texts by column.
    notes : tuple of str
        Sentences about what is not the usual way.

    Raises
    ------
    BadInput
        For two columns of one name, a row with more or fewer cells than the first, a missing quote or too many rows.
    """
    encoding, note = encoding_of(path)
    way, notes = _way(path, encoding), [note] if note else []
    _check_rows(way)
    held = list(_cells(way))
    if not held:
        return (), [], tuple(notes)
    first = held[0][1]
    if has_header(first, [cells for _, cells in islice(held, 1, SAMPLE_LINES)]):
        header = [name.strip() for name in first]
        if twice := [name for name in header if name and header.count(name) > 1]:
            raise BadInput(f"{path.name} has two columns called {twice[0]!r}; rename one.")
        n = len(held) - 1
        held = [(line, cells) for line, cells in islice(held, 1, None) if cells != first]
        if len(held) < n:
            notes.append(f"{path.name} repeats its line of column names {n - len(held):,} times; they are left out.")
    else:
        header = [f"column {i}" for i in range(1, len(first) + 1)]
        notes.append(
            f"{path.name} has no line of column names, so its columns are called "
            f"{', '.join(map(repr, header[:4]))}{' and so on' if header[4:] else ''}."
        )
    # A column without a name is the index that pandas writes.
    rows = [(line, {n: _short(c) for n, c in zip(header, cells, strict=True) if n}) for line, cells in held]
    return tuple(name for name in header if name), rows, tuple(notes)


def _short(cell: str) -> str:
    """One object for all cells of the same few letters: labels repeat."""
    return sys.intern(cell) if len(cell) < 20 else cell


def _way(path: Path, encoding: str) -> _Way:
    lines = list(islice(text_lines(path, encoding), SAMPLE_LINES))
    while len(lines) > 1 and sum(map(len, lines)) > SAMPLE_CHARACTERS:
        lines = lines[: len(lines) // 2]
    skip = 0
    if lines and (told := lines[0].strip().strip('"').lower()).startswith("sep=") and len(told) <= 5:
        mark = lines[0].strip().strip('"')[4:] or "\t"
        return _quoted(_Way(path, encoding, mark, skip=1))
    tried = DELIMITERS if path.suffix.lower() in (".csv", ".txt") else ("\t", ",", ";", "|")
    best = max(tried, key=lambda d: _evenness(lines, d))  # the first of equals
    return _quoted(_Way(path, encoding, best, skip=skip))


def _evenness(lines: list[str], delimiter: str) -> float:
    """Share of the records that have as many cells as the first, which has two or more; less for a sign of prose."""
    shares = [0.0]
    found = sum(line.count(delimiter) for line in lines)
    prose = 0.9 if 2 * sum(line.count(f"{delimiter} ") for line in lines) > found else 1.0
    for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
        if quoting == csv.QUOTE_NONE and delimiter not in "\t|":
            continue
        try:
            counts = [len(cells) for cells in csv.reader(lines, delimiter=delimiter, quoting=quoting) if cells]
        except csv.Error:
            continue
        if counts and counts[0] > 1:
            shares.append(counts.count(counts[0]) / len(counts) * min(1.0, 2 * len(counts) / len(lines)))
    return prose * max(shares)


def _quoted(way: _Way) -> _Way:
    """Whether quotes join the cells of a file of tabs: not where that fails, or swallows lines."""
    if way.delimiter not in "\t|":
        return way
    bare = _Way(way.path, way.encoding, way.delimiter, csv.QUOTE_NONE, way.skip)
    try:
        plain = sum(1 for _ in _cells(bare))
    except BadInput:
        return way
    try:
        joined = sum(1 for _ in _cells(way))
    except BadInput:
        return bare
    return bare if plain > joined else way


def _check_rows(way: _Way) -> None:
    """Count rows before any is held, where there are lines enough for too many."""
    if sum(1 for _ in islice(text_lines(way.path, way.encoding), files.MAX_ROWS + 2)) > files.MAX_ROWS + 1:
        for count, _ in enumerate(_cells(way)):
            files.check_count(way.path, count)


def _cells(way: _Way) -> Iterator[Cells]:
    """Records that are not empty, each with its line."""
    # A line of `text_lines` ends at "\n"; files with bare "\r" are split here, and the reader joins quoted cells again.
    lines = islice(text_lines(way.path, way.encoding), way.skip, None)
    pieces = (piece for line in lines for piece in io.StringIO(line, newline=""))
    reader = csv.reader(pieces, delimiter=way.delimiter, quoting=way.quoting, strict=True)
    count = width = start = 0
    try:
        for cells in reader:
            first, start = start + 1, reader.line_num
            if not any(cell.strip() for cell in cells) and len(cells) <= 1:
                continue
            width = width or len(cells)
            if len(cells) != width:
                raise BadInput(
                    f"{way.path.name}, row {count} (line {first + way.skip}) has {len(cells)} cells where the header "
                    f"has {width}; put quotes around cells that hold the delimiter."
                )
            yield first + way.skip, cells
            count += 1
    except csv.Error as error:
        reason = f"a cell is longer than {csv.field_size_limit():,} characters" if "limit" in str(error) else str(error)
        raise BadInput(
            f"{way.path.name}, row {max(count, 1)} (line {start + 1 + way.skip}) is not valid CSV ({reason}); is a "
            "quote missing?"
        ) from None
