"""Tables from files that users bring: CSV, TSV, JSON lines and Parquet, with limits and a sentence for each fault."""

import codecs
import csv
import io
import json
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from fute_core.errors import BadInput
from fute_core.home import write_whole

MAX_FILE_BYTES = 200_000_000
MAX_LINE_BYTES = 1_000_000
MAX_ROWS = 200_000
DELIMITED = (".csv", ".tsv")
JSON_LINES = (".jsonl", ".ndjson", ".json")
ENDINGS = (*DELIMITED, *JSON_LINES, ".parquet")

Row = dict[str, Any]


@dataclass(frozen=True)
class Table:
    """Rows of a file, at least one, in file order.

    file : the file's name, for messages.
    columns : every column that some row has, in order of first appearance.
    lines : for each row the line of the file it starts on; empty for Parquet, which has none.
    """

    file: str
    columns: tuple[str, ...]
    rows: Sequence[Row]
    lines: Sequence[int] = ()

    def where(self, row: int, column: str | None = None) -> str:
        """ "reviews.csv, row 3 (line 4), column 'label'" for the row with index 2."""
        line = f" (line {self.lines[row]})" if self.lines else ""
        return f"{self.file}, row {row + 1}{line}" + (f", column {column!r}" if column else "")


def read_rows(path: Path | str) -> Table:
    """All rows of a file, read by its ending.

    Raises BadInput, naming file, row or line, and the mend, for whatever cannot be read: see `MAX_FILE_BYTES`,
    `MAX_LINE_BYTES` and `MAX_ROWS` for the limits. A file over the limit is refused unread.
    """
    path = Path(path)
    check_file(path)
    ending = path.suffix.lower()
    if ending == ".parquet":
        return _parquet(path)
    try:
        numbered = list(_json_rows(path) if ending in JSON_LINES else _delimited_rows(path, ending))
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror}); check the file.") from None
    if not numbered:
        raise BadInput(f"{path.name} has no rows; add some" + (" below the header." if ending in DELIMITED else "."))
    rows = [row for _, row in numbered]
    columns = tuple(rows[0] if ending in DELIMITED else dict.fromkeys(name for row in rows for name in row))
    return Table(path.name, columns, rows, [line for line, _ in numbered])


def check_file(path: Path) -> None:
    """Raises BadInput for what is no readable file of a known ending and a sensible size."""
    ending = path.suffix.lower()
    try:
        facts = path.stat()
    except FileNotFoundError:
        raise BadInput(f"{path} does not exist; check the path.") from None
    except (OSError, ValueError) as error:
        raise BadInput(f"{path} cannot be read ({getattr(error, 'strerror', error)}); check the path.") from None
    if stat.S_ISDIR(facts.st_mode):
        raise BadInput(f"{path} is a folder; give a file ending in {', '.join(ENDINGS)}.")
    if not stat.S_ISREG(facts.st_mode):
        raise BadInput(f"{path} is no regular file; save the data to one first.")
    if ending not in ENDINGS:
        raise BadInput(f"{path.name}: files ending in {ending or 'nothing'} are not read; use {', '.join(ENDINGS)}.")
    if facts.st_size == 0:
        raise BadInput(f"{path.name} is empty; it needs " + ("a header and rows." if ending in DELIMITED else "rows."))
    if facts.st_size > MAX_FILE_BYTES:
        raise BadInput(
            f"{path.name} has {facts.st_size / 1e6:.0f} MB, and files over {MAX_FILE_BYTES / 1e6:.0f} MB are not read; "
            "give a sample of its rows."
        )


def _lines(path: Path) -> Iterator[str]:
    """Lines with their ends; holds no more of a line that is too long than the limit."""
    with path.open("rb") as stream:
        head = stream.read(3)
        if head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            stream.seek(0)
            yield from _utf16_lines(path, stream)
            return
        if head != codecs.BOM_UTF8:
            stream.seek(0)
        number, before = 0, stream.tell()
        while line := stream.readline(MAX_LINE_BYTES + 1):
            number += 1
            _check_line(path, number, len(line), b"\0" in line)
            try:
                yield line.decode("utf-8")
            except UnicodeDecodeError as error:
                raise BadInput(
                    f"{path.name}, line {number} is not UTF-8 (byte {line[error.start]:#04x} at byte "
                    f"{before + error.start + 1} of the file); save the file as UTF-8."
                ) from None
            before += len(line)


def _utf16_lines(path: Path, stream: io.BufferedReader) -> Iterator[str]:
    number = 0
    text = io.TextIOWrapper(stream, encoding="utf-16", newline="")
    try:
        while line := text.readline(MAX_LINE_BYTES + 1):
            number += 1
            _check_line(path, number, len(line), "\0" in line)
            yield line
    except UnicodeError:
        raise BadInput(
            f"{path.name} starts like UTF-16 but is not, after line {number}; save the file as UTF-8."
        ) from None


def _check_line(path: Path, number: int, length: int, zero: bool) -> None:
    if length > MAX_LINE_BYTES:
        raise BadInput(
            f"{path.name}, line {number} is longer than {MAX_LINE_BYTES / 1e6:.0f} MB; is a line break missing?"
        )
    if zero:
        raise BadInput(f"{path.name}, line {number} has a zero byte, so it is no text file; save it as UTF-8 text.")


def _delimited_rows(path: Path, ending: str) -> list[tuple[int, Row]]:
    """(line, row) of each row. Spreadsheets quote cells in TSV, research datasets do not: quotes are tried first."""
    delimiter = "\t" if ending == ".tsv" else _delimiter(path)
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
    """What the header is split by: a comma, or what spreadsheets write where the comma is the decimal sign."""
    header = next(_lines(path), "")
    return next((d for d in (",", ";", "\t") if d in header), ",")


def _records(path: Path, delimiter: str, quoting: int) -> Iterator[tuple[int, Row]]:
    # A line of `_lines` ends at "\n"; files with bare "\r" are split here, and the reader joins quoted cells again.
    pieces = (piece for line in _lines(path) for piece in io.StringIO(line, newline=""))
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
            _check_count(path, count)
            # pandas writes its index under an empty name
            yield first, {name: cell for name, cell in zip(header, cells, strict=True) if name}
    except csv.Error as error:
        reason = f"a cell is longer than {csv.field_size_limit():,} characters" if "limit" in str(error) else str(error)
        raise BadInput(
            f"{path.name}, row {count + 1} (line {start + 1}) is not valid CSV ({reason}); is a quote missing?"
        ) from None


def _json_rows(path: Path) -> Iterator[tuple[int, Row]]:
    count = 0
    for number, line in enumerate(_lines(path), 1):
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
        _check_count(path, count)
        yield number, row


def _refuse_array(path: Path) -> NoReturn:
    raise BadInput(f"{path.name} is one JSON array; write one object a line, without brackets and commas around them.")


def _json_kind(value: Any) -> str:
    kinds = {list: "a list", str: "a text", bool: "a truth value", type(None): "null"}
    return kinds.get(type(value), "a number")


def _parquet(path: Path) -> Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows: list[Row] = []
    size = 0
    try:
        with pq.ParquetFile(path) as file:
            _check_count(path, file.metadata.num_rows)
            columns = tuple(file.schema_arrow.names)
            names = _class_names(file.schema_arrow.metadata or {})
            for batch in file.iter_batches(batch_size=1024):
                size += batch.nbytes
                if size > MAX_FILE_BYTES:
                    raise BadInput(
                        f"{path.name} holds over {MAX_FILE_BYTES / 1e6:.0f} MB once unpacked; "
                        "give a sample of its rows, or its text and label columns alone."
                    )
                rows += batch.to_pylist()
    except BadInput:
        raise
    except (pa.ArrowException, OSError, ValueError, TypeError, OverflowError) as error:
        raise BadInput(
            f"{path.name} is not a readable Parquet file ({type(error).__name__}); write it again."
        ) from None
    if not rows:
        raise BadInput(f"{path.name} has no rows; add some.")
    for column, of_class in names.items():
        for row in rows:
            value = row.get(column)
            row[column] = of_class[value] if isinstance(value, int) and 0 <= value < len(of_class) else None
    return Table(path.name, columns, rows)


def _class_names(metadata: dict[bytes, bytes]) -> dict[str, list[str]]:
    """Names of the classes behind integer columns, where the `datasets` library has written them into the schema."""
    try:
        features = json.loads(metadata[b"huggingface"])["info"]["features"]
        return {name: list(f["names"]) for name, f in features.items() if f.get("_type") == "ClassLabel"}
    except (KeyError, TypeError, ValueError, AttributeError):
        return {}


def _check_count(path: Path, count: int) -> None:
    if count > MAX_ROWS:
        raise BadInput(f"{path.name} has more than {MAX_ROWS:,} rows; give a sample of them.")


def write_rows(path: Path, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Write CSV or JSON lines by the file's ending, whole or not at all; `read_rows` gives the same cells back.

    Raises BadInput for another ending, or a folder that cannot be written.
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


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file whole or not at all. Raises BadInput where the folder is missing or closed."""
    try:
        write_whole(path, content)
    except OSError as error:
        raise BadInput(f"{path} cannot be written ({error.strerror}); check the folder.") from None
