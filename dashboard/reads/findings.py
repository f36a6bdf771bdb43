"""Boards of findings on disk: JSON under the home, written whole or not at all at every change. No widgets in here.

Each user has a folder of their own. Its name is the key that `session.boards` knows of every visitor.
"""

import json
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dashboard.session.boards import FIRST, OWNER
from fute_core.datasets.writing import write_bytes
from fute_core.declared import checked
from fute_core.errors import BadInput, Unavailable
from fute_core.home import fute_home, private_folder, read_json_file

MOST_PINS = 200
LONGEST_NAME = 80
LONGEST_TITLE = 200
LONGEST_NOTE = 20_000
Rows = Sequence[Mapping[str, Any]]
STEP_SECONDS = 10
"""So long a change waits for one of another tab or server."""


@dataclass(frozen=True)
class Pin:
    """content : plotly JSON of a figure, or rows of a table. address : reopens the view, relative to the server.

    data : a figure's numbers as rows, where the page gave them. about : ids of the items it shows. pair : their space.
    """

    key: str
    title: str
    content: str | list[dict[str, Any]]
    note: str
    address: str
    created: str
    data: list[dict[str, Any]] = field(default_factory=list)
    about: list[str] = field(default_factory=list)
    pair: bool = False

    def rows(self) -> list[dict[str, Any]]:
        """Its numbers as a table. Raises BadInput for a figure that is broken."""
        from fute_core.report.numbers import figure_rows

        if not isinstance(self.content, str):
            return self.content
        return self.data or figure_rows(self.content)


@dataclass(frozen=True)
class Board:
    """pins : in the order of the report. dropped : the last one deleted, with its place, for undo."""

    name: str
    pins: tuple[Pin, ...] = ()
    dropped: tuple[int, Pin] | None = field(default=None)


def boards(owner: str) -> list[str]:
    """Names of the owner's boards that can be read: `FIRST`, which is always there, then the others by name."""
    names = {board.name for _, board in _files(owner) if board is not None}
    return sorted(names | {FIRST}, key=lambda name: (name != FIRST, name.casefold()))


def broken(owner: str) -> list[str]:
    """Names of files among the owner's boards that cannot be read; `remove_broken` takes them."""
    return [file for file, board in _files(owner) if board is None]


def remove_broken(owner: str, file: str) -> None:
    """One of `broken`, for good. Raises BadInput where it is none of them any more."""
    if file not in broken(owner):
        raise BadInput(f"There is no damaged file {file!r} among these boards; open the page again.")
    path = _folder(owner) / file
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def read(owner: str, name: str) -> Board:
    """The board of that name; an empty one where there is none yet. Raises BadInput for a file that is broken."""
    path = _path(owner, name)
    try:
        path.lstat()
    except FileNotFoundError:
        return Board(name)
    except OSError as error:
        raise Unavailable(
            f"The boards in {path.parent} cannot be read ({error.strerror}); see that it is yours."
        ) from error
    if (board := _read(path)) is None:
        raise BadInput(
            f"The board {name!r} cannot be read; remove its file {path.name} on the Findings page and pin anew."
        )
    return board


def talk_key(owner: str, name: str) -> str:
    """Names a board to those who may look at it and change nothing: the owner's key cannot be told from it."""
    return _talk_key(owner, _path(owner, name).name)


def by_talk(key: str) -> Board | None:
    """The board of a `talk_key`; None where there is none, or none any more."""
    for folder in sorted((fute_home() / "boards").glob("*")):
        for path in sorted(folder.glob("*.json")) if OWNER.fullmatch(folder.name) else ():
            if _talk_key(folder.name, path.name) == key:
                return _read(path)
    return None


def change(owner: str, name: str, how: Callable[[Board], Board]) -> Board:
    """Read, change and write a board as one step; another tab or server with the same owner loses nothing.

    Raises Unavailable where the disk refuses, and where another process does not end its step.
    """
    path = _path(owner, name)
    with _alone(path.parent):
        board = how(read(owner, name))
        write_bytes(path, json.dumps(asdict(board), ensure_ascii=False).encode("utf-8"), private=True)
    return board


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the lock on an owner's boards; the system frees it if this process is killed."""
    from filelock import FileLock, Timeout

    try:
        private_folder(folder)
        with FileLock(folder / ".lock", timeout=STEP_SECONDS, mode=0o600, poll_interval=0.005):
            yield
    except Timeout:
        raise Unavailable("Another process is changing these boards and does not end; try again.") from None
    except OSError as error:
        raise Unavailable(
            f"The boards in {folder} cannot be changed ({error.strerror}); see that it can be written."
        ) from error


def create(owner: str, name: str) -> str:
    """An empty board; returns its name in one line. Raises BadInput for a name that is empty or taken."""
    name = " ".join(name.split())[:LONGEST_NAME]
    if not name:
        raise BadInput("A board needs a name; type one.")
    if name.casefold() in (known.casefold() for known in boards(owner)):
        raise BadInput(f"There is a board called {name!r} already; choose another name.")
    if not _path(owner, FIRST).exists():
        change(owner, FIRST, lambda board: board)
    return change(owner, name, lambda board: board).name


def delete(owner: str, name: str) -> None:
    """The whole board, for good."""
    _path(owner, name).unlink(missing_ok=True)


def added(
    board: Board,
    title: str,
    content: str | Rows,
    note: str,
    address: str,
    data: Rows = (),
    about: Sequence[str] = (),
    pair: bool = False,
) -> Board:
    """With one more pin at the end. Raises BadInput where the board is full."""
    if len(board.pins) >= MOST_PINS:
        raise BadInput(f"The board {board.name!r} holds {MOST_PINS} pins, which is the most; start another board.")
    made = datetime.now(UTC).isoformat(timespec="seconds")
    pin = Pin(
        secrets.token_hex(8), title[:LONGEST_TITLE], content if isinstance(content, str) else _plain_rows(content),
        note[:LONGEST_NOTE], address, made, _plain_rows(data), list(about), pair,
    )  # fmt: skip
    return replace(board, pins=(*board.pins, pin))


def moved(board: Board, key: str, by: int) -> Board:
    """The pin `by` places further down, as far as there are places."""
    pins = list(board.pins)
    at = _place(board, key)
    if at is not None:
        pins.insert(min(max(at + by, 0), len(pins) - 1), pins.pop(at))
    return replace(board, pins=tuple(pins))


def edited(board: Board, key: str, **changes: str) -> Board:
    """The pin's title or note."""
    return replace(board, pins=tuple(replace(p, **changes) if p.key == key else p for p in board.pins))


def dropped(board: Board, key: str) -> Board:
    """Without the pin, which `restored` brings back."""
    at = _place(board, key)
    if at is None:
        return board
    return replace(board, pins=(*board.pins[:at], *board.pins[at + 1 :]), dropped=(at, board.pins[at]))


def restored(board: Board) -> Board:
    """The last pin that was deleted, where it was."""
    if board.dropped is None:
        return board
    at, pin = board.dropped
    return replace(board, pins=(*board.pins[:at], pin, *board.pins[at:]), dropped=None)


def _folder(owner: str) -> Path:
    if not OWNER.fullmatch(owner):
        raise BadInput("This link to a findings board is damaged; copy it again from the Findings page.")
    return fute_home() / "boards" / owner


def _path(owner: str, name: str) -> Path:
    """Names are the user's, so the file is called by their digest."""
    from fute_core.digest import digest

    return _folder(owner) / f"{digest(name)[:32]}.json"


def _talk_key(owner: str, file: str) -> str:
    from fute_core.digest import digest

    return digest(("talk", owner, file))[:32]


def _files(owner: str) -> list[tuple[str, Board | None]]:
    """Each file of the owner's boards by name, with its board; None for what is none."""
    return [(path.name, _read(path)) for path in sorted(_folder(owner).glob("*.json"))]


def _read(path: Path) -> Board | None:
    """A board as it was written, under the name of its digest; None for anything else that may lie there."""
    from fute_core.digest import digest

    try:
        known = read_json_file(path)
        gone = known.get("dropped")
        board = checked(
            Board(known["name"], tuple(map(_pin, known["pins"])), (int(gone[0]), _pin(gone[1])) if gone else None)
        )
        sound = path.name == f"{digest(board.name)[:32]}.json" and len({p.key for p in board.pins}) == len(board.pins)
    except Exception:  # whatever it is, it is not ours, and the other boards are
        return None
    return board if sound else None


def _pin(written: Mapping[str, Any]) -> Pin:
    """Raises TypeError for a pin that no page could draw."""
    pin = checked(Pin(**written))
    tables = [pin.data] if isinstance(pin.content, str) else [pin.data, pin.content]
    cells = [cell for rows in tables for row in rows for cell in (*row, *row.values())]
    texts = [
        pin.key,
        pin.title,
        pin.note,
        pin.address,
        pin.created,
        *pin.about,
        *(c for c in cells if isinstance(c, str)),
    ]
    if not all(c is None or isinstance(c, str | float) or (isinstance(c, int) and abs(c) < 2**63) for c in cells):
        raise TypeError("a cell is no plain value")
    "".join(texts).encode("utf-8")
    if not pin.key or len(pin.title) > LONGEST_TITLE or len(pin.note) > LONGEST_NOTE:
        raise TypeError("its texts are longer than they can have been")
    return pin


def _place(board: Board, key: str) -> int | None:
    return next((n for n, p in enumerate(board.pins) if p.key == key), None)


def _plain_rows(rows: Rows) -> list[dict[str, Any]]:
    return [{str(k): _plain(v) for k, v in row.items()} for row in rows]


def _plain(value: Any) -> Any:
    """A value that JSON knows."""
    if hasattr(value, "item"):
        value = value.item()
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
