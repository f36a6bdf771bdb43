"""How the bytes of a text file stand for characters: UTF-8, UTF-16, or the code page of Western Windows."""

import codecs
import re
from pathlib import Path

CHUNK = 1 << 20
SEVERAL_BYTES = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
HIGH = re.compile(rb"[\x80-\xff]")
LETTERS = re.compile(rb"[A-Za-z\x80-\xff]")
MOST_ACCENTS = 0.3
"""Of the letters of a Western text hardly more have accents; in other scripts nearly all bytes are high."""

WINDOWS = "cp1252"


def encoding_of(path: Path) -> tuple[str, str | None]:
    """Find out how a text file is encoded.

    Parameters
    ----------
    path : Path
        A file that can be read.

    Returns
    -------
    encoding : str
        Python's name of it; "utf-8" also for what is no text in any known encoding, so that its fault is told there.
    note : str or None
        A sentence for the user, where it is not UTF-8.
    """
    with path.open("rb") as stream:
        head = stream.read(4096)
    if head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf-16", f"{path.name} is read as UTF-16."
    if (wide := _unmarked_utf16(head)) is not None:
        return wide, f"{path.name} is read as UTF-16, though it has no mark of it."
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig", None
    if b"\0" in head or _decodes(path, "utf-8") or not _is_western(path):
        return "utf-8", None
    return WINDOWS, (
        f"{path.name} is not UTF-8 and is read as Windows-1252; where accents look wrong, save the file as UTF-8."
    )


def _unmarked_utf16(head: bytes) -> str | None:
    """UTF-16 of mostly Western letters has a zero in every second byte."""
    if len(head) < 4 or len(head) % 2:
        return None
    even, odd = head[::2].count(0), head[1::2].count(0)
    half = len(head) / 2
    if odd > 0.8 * half and not even:
        return "utf-16-le"
    return "utf-16-be" if even > 0.8 * half and not odd else None


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(CHUNK):
                if b"\0" in chunk:
                    return encoding == "utf-8"  # a zero byte is told of where lines are read
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _is_western(path: Path) -> bool:
    """Whether bytes beyond ASCII are single accents in Western words, and not damaged UTF-8 or another script."""
    single = several = letters = 0
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            if chunk.isascii():
                letters += len(chunk) // 2
                continue
            found = sum(map(len, SEVERAL_BYTES.findall(chunk)))
            single += len(HIGH.findall(chunk)) - found
            several += found
            letters += len(LETTERS.findall(chunk))
    if several >= single or single > MOST_ACCENTS * letters:
        return False
    return _decodes(path, WINDOWS)
