"""Tables and other files that users ask for, written whole or not at all."""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fute_core.errors import BadInput
from fute_core.home import write_whole


def write_rows(path: Path, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Write CSV or JSON lines by the file's ending, whole or not at all; `tables.read_rows` gives the same cells back.

    Parameters
    ----------
    path : Path
        The file, ending in .csv, .jsonl or .ndjson.
    columns : sequence of str
        Names of the columns.
    rows : sequence of sequences
        The cells of each row, in the order of the columns.

    Raises
    ------
    BadInput
        For another ending, or a folder that cannot be written.
    """
    ending = path.suffix.lower()
    if ending in (".jsonl", ".ndjson"):
        text = "".join(json.dumps(dict(zip(columns, r, strict=True)), ensure_ascii=False) + "\n" for r in rows)
    elif ending == ".csv":
        buffer = io.StringIO(newline="")
        writer = csv.writer(buffer)
        writer.writerow(columns)
        writer.writerows(rows)
        text = buffer.getvalue()
    else:
        raise BadInput(f"{path.name}: files ending in {ending or 'nothing'} are not written; use .csv or .jsonl.")
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, content: bytes, private: bool = False) -> None:
    """Write a file whole or not at all.

    Parameters
    ----------
    path : Path
        The file.
    content : bytes
        All of it.
    private : bool, default False
        Only its owner may read it.

    Raises
    ------
    BadInput
        Where the folder is missing or closed.
    """
    try:
        write_whole(path, content, private)
    except OSError as error:
        raise BadInput(f"{path} cannot be written ({error.strerror}); check the folder.") from None
