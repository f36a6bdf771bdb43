"""Rows of CSV and TSV files."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from fute_core.datasets.files import Row, check_count, text_lines
from fute_core.errors import BadInput


def delimited_rows(path: Path) -> list[tuple[int, Row]]:
    """Read the rows of a file whose cells are split by commas, semicolons or tabs.

    Spreadsheets put quotes around cells of TSV files, and research datasets do not: a TSV file is read with quotes
    first, and without them where that fails.

    Parameters
    ----------
    path : Path
        A file ending in .csv or .tsv, with the column names in its first line.

    Returns
    -------
    list of (int, dict)
        For each row the line it starts on, from 1, and its cells as texts by column.

    Raises
    ------
    BadInput
        For two columns of one name, a row with more or fewer cells than the header, a missing quote or too many rows.
    """
    delimiter = "\t" if path.suffix.lower() == ".tsv" else _delimiter(path)
    try:
        return list(_records(path, delimiter, csv.QUOTE_MINIMAL))
    except BadInput as with_quotes:
        if delimiter != "\t":
            raise
        try:
            return list(_records(path, delimiter, csv.QUOTE_NONE))
        except BadInput:
            raise with_quotes from None


def _delimiter(path: Path) -> str:
    """The sign that splits the header: a comma, or what spreadsheets write where the comma is the decimal sign."""
    header = next(text_lines(path), "")
    return next((d for d in (",", ";", "\t") if d in header), ",")


def _records(path: Path, delimiter: str, quoting: Literal[0, 3]) -> Iterator[tuple[int, Row]]:
    # A line of `text_lines` ends at "\n"; files with bare "\r" are split here, and the reader joins quoted cells again.
    pieces = (piece for line in text_lines(path) for piece in io.StringIO(line, newline=""))
    reader = csv.reader(pieces, delimiter=delimiter, quoting=quoting, strict=True)
    header: list[str] = []
    count = start = 0
    try:
        for cells in reader:
            first, start = start + 1, reader.line_num
            if not any(cell.strip() for cell in cells) and len(cells) <= 1:
                continue
            if not header:
                header = [name.strip() for name in cells]
                if twice := [name for name in header if name and header.count(name) > 1]:
                    raise BadInput(f"{path.name} has two columns called {twice[0]!r}; rename one.")
                continue
            if len(cells) != len(header):
                raise BadInput(
                    f"{path.name}, row {count + 1} (line {first}) has {len(cells)} cells where the header has "
                    f"{len(header)}; put quotes around cells that hold the delimiter."
                )
            count += 1
            check_count(path, count)
            # A column without a name is the index that pandas writes.
            yield first, {name: cell for name, cell in zip(header, cells, strict=True) if name}
    except csv.Error as error:
        reason = f"a cell is longer than {csv.field_size_limit():,} characters" if "limit" in str(error) else str(error)
        raise BadInput(
            f"{path.name}, row {count + 1} (line {start + 1}) is not valid CSV ({reason}); is a quote missing?"
        ) from None
