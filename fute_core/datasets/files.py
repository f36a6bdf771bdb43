"""What every kind of file has in common: its limits, its check before it is read, and its lines of text."""

import codecs
import io
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fute_core.errors import BadInput

MAX_FILE_BYTES = 200_000_000
MAX_LINE_BYTES = 1_000_000
MAX_ROWS = 200_000
DELIMITED = (".csv", ".tsv", ".tab", ".txt")
JSON_LINES = (".jsonl", ".ndjson", ".json")
ENDINGS = (*DELIMITED, *JSON_LINES, ".parquet")

Row = dict[str, Any]


def check_file(path: Path) -> None:
    """Refuse what is no readable file of a known ending and a sensible size; nothing of it is read.

    Parameters
    ----------
    path : Path
        The file.

    Raises
    ------
    BadInput
        Where it is missing, closed, a folder, empty, over `MAX_FILE_BYTES`, or of an ending outside `ENDINGS`.
    """
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


def text_lines(path: Path, encoding: str = "utf-8") -> Iterator[str]:
    """Lines of a text file with their ends.

    Of a line that is too long, no more than `MAX_LINE_BYTES` is held in memory.

    Parameters
    ----------
    path : Path
        The file.
    encoding : str, default "utf-8"
        As `encodings.encoding_of` finds it.

    Yields
    ------
    str
        One line, with its line end where it has one.

    Raises
    ------
    BadInput
        For a line that is too long, holds a zero byte, or is not in the encoding; it names the line.
    """
    with path.open("rb") as stream:
        if encoding.startswith("utf-16"):
            yield from _utf16_lines(path, stream, encoding)
            return
        if encoding == "utf-8-sig":
            stream.seek(len(codecs.BOM_UTF8))
            encoding = "utf-8"
        number, before = 0, stream.tell()
        while line := stream.readline(MAX_LINE_BYTES + 1):
            number += 1
            _check_line(path, number, len(line), b"\0" in line)
            try:
                yield line.decode(encoding)
            except UnicodeDecodeError as error:
                raise BadInput(
                    f"{path.name}, line {number} is not UTF-8 (byte {line[error.start]:#04x} at byte "
                    f"{before + error.start + 1} of the file); save the file as UTF-8."
                ) from None
            before += len(line)


def _utf16_lines(path: Path, stream: io.BufferedReader, encoding: str) -> Iterator[str]:
    number = 0
    text = io.TextIOWrapper(stream, encoding=encoding, newline="")
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


def check_count(path: Path, count: int) -> None:
    """Refuse a file with more rows than `MAX_ROWS`, before they are held in memory.

    Parameters
    ----------
    path : Path
        The file, for the message.
    count : int
        Rows found so far.

    Raises
    ------
    BadInput
        Where there are too many.
    """
    if count > MAX_ROWS:
        raise BadInput(f"{path.name} has more than {MAX_ROWS:,} rows; give a sample of them.")
