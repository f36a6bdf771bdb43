"""What may lie in place of a JSON file that was sound once: many kinds of garbage, each by its name."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

VALUES: dict[str, Any] = {
    "null": None, "number": 7, "negative": -1, "text": "x", "list": [], "object": {}, "nested": [[[]]],
    "pairs": [[1, 2]], "objects": [{}], "huge": 10**400, "infinite": float("inf"), "nan": float("nan"),
    "half a character": "\ud800", "escapes": "\x1b[31m\x00", "true": True,
}  # fmt: skip
"""Values of the wrong type, of the wrong size, or that cannot be shown."""


def contents(good: bytes) -> Iterator[tuple[str, bytes]]:
    """Other bytes in place of a sound file's, each with its name."""
    whole = json.loads(good)
    yield "empty", b""
    yield "blank", b" \n\n"
    yield "cut", good[: len(good) // 2]
    yield "cut at the end", good[:-1]
    yield "twice", good + good
    yield "NUL bytes", b"\0" * 100
    yield "NUL within", good.replace(b'"', b'"\0', 3)
    yield "binary", bytes(range(256))
    yield "UTF-16", good.decode().encode("utf-16")
    yield "Latin-1", b'{"id": "\xe9"}'
    yield "a page", b"<!doctype html><p>404"
    yield "not JSON", b"{'id': None}"
    for text in ("null", "true", "0", "1e999", "NaN", "[]", "{}", '"text"', "[[]]", "[1, 2, 3]"):
        yield f"only {text}", text.encode()
    yield "a huge number", b"9" * 5000
    yield "deep lists", b"[" * 100_000
    yield "deep objects", b'{"a":' * 50_000 + b"1" + b"}" * 50_000
    yield "deep within", good.rstrip()[:-1] + b', "more": ' + b"[" * 3000 + b"]" * 3000 + b"}"
    yield "of a newer format", json.dumps({**whole, "format": 99, "novelty": 1}).encode()
    yield from _wrong("", whole, lambda changed: changed)
    for field, items in whole.items():
        if isinstance(items, list) and items and isinstance(items[0], dict):

            def within(changed: dict[str, Any], field: str = field) -> dict[str, Any]:
                return {**whole, field: [changed, *whole[field][1:]]}

            yield from _wrong(f"{field}: ", items[0], within)


def _wrong(
    where: str, part: dict[str, Any], back: Callable[[dict[str, Any]], dict[str, Any]]
) -> Iterator[tuple[str, bytes]]:
    for field in part:
        yield f"{where}no {field}", json.dumps(back({k: v for k, v in part.items() if k != field})).encode()
        for name, value in VALUES.items():
            yield f"{where}{field} is {name}", json.dumps(back({**part, field: value})).encode()


def _folder(path: Path) -> None:
    path.mkdir()
    (path / "x").write_text("x")


PLACES: dict[str, Callable[[Path], None]] = {
    "an empty folder": Path.mkdir,
    "a folder": _folder,
    "a link to itself": lambda path: path.symlink_to(path.name),
    "a link to nothing": lambda path: path.symlink_to("nothing"),
    "a link to a device": lambda path: path.symlink_to("/dev/zero"),
    "a pipe": lambda path: os.mkfifo(path),
    "nothing": lambda path: None,
}
"""What may be there instead of a file."""


def spoil(path: Path, kind: str, content: bytes | None = None) -> None:
    """Put garbage where a sound file is: bytes, or one of `PLACES`; "unreadable" leaves it there and closes it."""
    if content is not None:
        path.write_bytes(content)
    elif kind == "unreadable":
        path.chmod(0)
    else:
        path.unlink()
        PLACES[kind](path)


def kinds(good: bytes) -> list[tuple[str, bytes | None]]:
    """All of them, as `spoil` takes them."""
    return [*contents(good), *((name, None) for name in (*PLACES, "unreadable"))]
