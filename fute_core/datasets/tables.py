"""Tables from files that users bring: CSV, TSV, JSON and Parquet, with limits and a sentence for each fault."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fute_core.datasets.delimited import delimited_rows
from fute_core.datasets.files import DELIMITED, JSON_LINES, Row, check_file
from fute_core.datasets.json_files import json_rows
from fute_core.datasets.parquet import parquet_rows
from fute_core.errors import BadInput


@dataclass(frozen=True)
class Table:
    """Rows of a file, at least one, in file order.

    Parameters
    ----------
    file : str
        The file's name, for messages.
    columns : tuple of str
        Every column that some row has, in order of first appearance.
    rows : sequence of dict
        Values by column.
    lines : sequence of int
        For each row the line of the file it starts on, from 1; empty for Parquet, which has no lines.
    notes : tuple of str
        Sentences about how the file was read, where it is not the usual way.
    dropped : mapping of str to int
        How much of the file is in no row, by reason.
    """

    file: str
    columns: tuple[str, ...]
    rows: Sequence[Row]
    lines: Sequence[int] = ()
    notes: tuple[str, ...] = ()
    dropped: Mapping[str, int] = field(default_factory=dict)

    def where(self, row: int, column: str | None = None) -> str:
        """Say where a cell is, such as "reviews.csv, row 3 (line 4), column 'label'" for the row with index 2.

        Parameters
        ----------
        row : int
            Index of the row, from 0.
        column : str, optional
            Name of the column, where the message is about one cell.

        Returns
        -------
        str
            The place, for the start of a message.
        """
        line = f" (line {self.lines[row]})" if self.lines else ""
        return f"{self.file}, row {row + 1}{line}" + (f", column {column!r}" if column else "")


def read_rows(path: Path | str) -> Table:
    """All rows of a file, read by its ending. A file over a limit of `datasets.files` is refused unread.

    Parameters
    ----------
    path : Path or str
        The file, of one of `files.ENDINGS`.

    Returns
    -------
    Table
        At least one row.

    Raises
    ------
    BadInput
        For whatever cannot be read; names the file, the row or line, and how to mend it.
    """
    path = Path(path)
    check_file(path)
    ending = path.suffix.lower()
    if ending == ".parquet":
        return Table(path.name, *parquet_rows(path))
    try:
        if ending in JSON_LINES:
            numbered, notes = json_rows(path)
            columns = tuple(dict.fromkeys(name for _, row in numbered for name in row))
        else:
            columns, numbered, notes = delimited_rows(path)
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror}); check the file.") from None
    if not numbered:
        raise BadInput(f"{path.name} has no rows; add some" + (" below the header." if ending in DELIMITED else "."))
    return Table(path.name, columns, [row for _, row in numbered], [line for line, _ in numbered], notes)
