"""Tables from files that users bring: CSV, TSV, JSONL and Parquet, with limits, and one sentence for each fault."""

import codecs
import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fute_core.errors import BadInput

MAX_FILE_BYTES = 200_000_000
MAX_LINE_BYTES = 1_000_000
MAX_ROWS = 200_000
ENDINGS = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet")

Row = dict[str, Any]


def read_rows(path: Path) -> list[Row]:
    """Rows of a file as dicts in file order, each with the same columns for CSV, TSV and Parquet.

    Raises BadInput, naming file, row and column, for whatever cannot be read as such.
    """
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise BadInput(f"{path.name}: files ending in {ending or 'nothing'} are not read; use {', '.join(ENDINGS)}.")
    try:
        size = path.stat().st_size
        if path.is_dir():
            raise BadInput(f"{path} is a folder; give a file.")
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror}); check the path.") from None
    if size == 0:
        raise BadInput(f"{path.name} is empty; it needs a row of column names and rows below it.")
    if size > MAX_FILE_BYTES:
        raise BadInput(
            f"{path.name} has {size / 1e6:.0f} MB, more than the {MAX_FILE_BYTES / 1e6:.0f} MB that are read; give a sample."
        )
    if ending == ".parquet":
        return _parquet(path)
    if ending in (".jsonl", ".ndjson"):
        rows = list(_jsonl(path))
    else:
        rows = list(_delimited(path, "\t" if ending == ".tsv" else ","))
    if not rows:
        raise BadInput(f"{path.name} has column names but no rows; add rows below them.")
    return rows


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """(number, text) of each line; never holds more than a line that is too long."""
    encoding = _encoding(path)
    with path.open("rb") as stream:
        if encoding != "utf-8":
            text = stream.read().decode(encoding, "strict") if encoding != "utf-8-sig" else None
            if text is not None:
                yield from enumerate(text.lstrip("\ufeff").splitlines(keepends=True), 1)
                return
            stream.read(3)
        number = 0
        while line := stream.readline(MAX_LINE_BYTES + 1):
            number += 1
            if len(line) > MAX_LINE_BYTES:
                raise BadInput(
                    f"{path.name}, line {number} is longer than {MAX_LINE_BYTES / 1e6:.0f} MB; is a line break missing?"
                )
            if b"\0" in line:
                raise BadInput(f"{path.name}, line {number} has a zero byte, so it is no text file; save it as UTF-8.")
            try:
                yield number, line.decode("utf-8")
            except UnicodeDecodeError as error:
                raise BadInput(
                    f"{path.name}, line {number} is not UTF-8 (byte {line[error.start]:#04x} at column "
                    f"{error.start + 1}); save the file as UTF-8."
                ) from None


def _encoding(path: Path) -> str:
    with path.open("rb") as stream:
        head = stream.read(4)
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise BadInput(f"{path.name} is UTF-16; save it as UTF-8.")
    return "utf-8"


def _delimited(path: Path, delimiter: str) -> Iterator[Row]:
    reader = csv.reader((line for _, line in _lines(path)), delimiter=delimiter, strict=True)
    csv.field_size_limit(MAX_LINE_BYTES)
    header: list[str] = []
    try:
        for row in reader:
            if not row or (len(row) == 1 and not row[0].strip() and len(header) != 1):
                continue
            if not header:
                header = [name.strip() for name in row]
                _check_header(path, header)
                continue
            if len(row) != len(header):
                raise BadInput(
                    f"{path.name}, line {reader.line_num} has {len(row)} cells where the header has {len(header)}; "
                    "quote cells that hold the delimiter."
                )
            _count(path, reader.line_num)
            yield dict(zip(header, row, strict=True))
    except csv.Error as error:
        raise BadInput(f"{path.name}, line {reader.line_num}: {error}; check the quotes.") from None


def _check_header(path: Path, header: list[str]) -> None:
    if any(not name for name in header) and any(header):
        raise BadInput(f"{path.name}: column {header.index('') + 1} has no name; name every column in the first line.")
    if twice := [name for name in header if header.count(name) > 1]:
        raise BadInput(f"{path.name}: two columns are called {twice[0]!r}; rename one.")


def _jsonl(path: Path) -> Iterator[Row]:
    for number, line in _lines(path):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            reason = getattr(error, "msg", "too deeply nested")
            raise BadInput(f"{path.name}, line {number} is not JSON ({reason}); write one object a line.") from None
        if not isinstance(row, dict):
            raise BadInput(f"{path.name}, line {number} is not a JSON object; write one object a line.")
        _count(path, number)
        yield row


def _parquet(path: Path) -> list[Row]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(path)
        if table.metadata.num_rows > MAX_ROWS:
            _count(path, table.metadata.num_rows)
        rows = table.read().to_pylist()
    except (pa.ArrowException, OSError) as error:
        raise BadInput(f"{path.name} is not a readable Parquet file ({type(error).__name__}); write it again.") from None
    if not rows:
        raise BadInput(f"{path.name} has no rows; add some.")
    return rows


def _count(path: Path, number: int) -> None:
    if number > MAX_ROWS + 1:
        raise BadInput(f"{path.name} has more than {MAX_ROWS:,} rows; give a sample.")


def write_rows(path: Path, columns: list[str], rows: list[list[Any]]) -> None:
    """Write CSV or JSONL by the file's ending, whole or not at all. Raises BadInput for another ending."""
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
        raise BadInput(f"{path.name}: cannot write files ending in {ending or 'nothing'}; use .csv or .jsonl.")
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file whole or not at all. Raises BadInput where the folder is missing or closed."""
    import os

    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise BadInput(f"{path} cannot be written ({error.strerror}); check the folder.") from None
