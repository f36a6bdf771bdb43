"""How commands print: tables and progress for a person, one JSON document for a machine."""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

WIDTH_ELSEWHERE = 200
_BEYOND_ASCII = "\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff"
UNSEEN = re.compile(f"[\x00-\x08\x0b-\x1f{_BEYOND_ASCII}]")
"""What steers a terminal, turns the direction of what follows, or is half a character that none can be sent."""


def plain(text: object) -> str:
    """Show any text as it is, but for what would steer the terminal: that is written as an escape.

    Parameters
    ----------
    text : object
        Names, and what servers and files said, as well as sentences of ours.

    Returns
    -------
    str
        Ends of lines and tabs stay.
    """
    return UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode(), str(text))


def say(text: object) -> None:
    """Print lines on standard output.

    Parameters
    ----------
    text : object
        May hold what users or servers wrote; see `plain`.
    """
    click.echo(plain(text))


def emit_json(value: Any) -> None:
    """Print one JSON document on standard output.

    Parameters
    ----------
    value : object
        JSON values; anything else in it is written as text.
    """
    text = json.dumps(value, ensure_ascii=False, indent=2, default=str)
    click.echo(re.sub(f"[{_BEYOND_ASCII}]", lambda found: f"\\u{ord(found[0]):04x}", text))  # JSON's own escapes


def note(message: str) -> None:
    """Print a remark on standard error, so that standard output stays parseable.

    Parameters
    ----------
    message : str
        One or a few sentences.
    """
    click.echo(plain(message), err=True)


def emit_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print a table on standard output; numbers to the right, user text never read as markup.

    Parameters
    ----------
    title : str
        Stands above.
    columns : sequence of str
        Headings.
    rows : sequence of sequence
        A cell a column; None is shown as "-", a float with three digits.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    numeric = [all(isinstance(row[i], (int, float)) for row in rows) for i in range(len(columns))]
    for column, right in zip(columns, numeric, strict=True):
        table.add_column(Text(plain(column)), justify="right" if right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(_cell(value)) for value in row))
    console = Console(highlight=False)
    if not console.is_terminal:  # a file or a pipe has no width to fold for
        console = Console(highlight=False, width=WIDTH_ELSEWHERE)
    console.print(Text(plain(title), style="bold"), soft_wrap=True)
    console.print(table)


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:z.3f}" if isinstance(value, float) else plain(value)


class Bars:
    """Progress of several items: a bar each while it is worked on.

    Parameters
    ----------
    progress : rich.progress.Progress or None
        Draws the bars; None draws nothing.
    """

    def __init__(self, progress: "Progress | None"):
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def begin(self, name: str, number: int, of: int) -> None:
        """Show that an item is worked on, before it can tell how far it is.

        Parameters
        ----------
        name : str
            Of the item; later calls name it so.
        number, of : int
            Its place, from 0, and how many there are.
        """
        if self._progress is not None:
            self._add(self._progress, name, f"{name} ({number + 1} of {of})" if of > 1 else name)

    def update(self, name: str, done: int, total: int) -> None:
        """Show how far an item is.

        Parameters
        ----------
        name : str
            Of the item; a new one gets a bar of its own.
        done, total : int
            Texts, for example.
        """
        if self._progress is not None:
            task = self._tasks[name] if name in self._tasks else self._add(self._progress, name, name)
            self._progress.update(task, completed=done, total=total)

    def end(self, name: str) -> None:
        """Take an item's bar away.

        Parameters
        ----------
        name : str
            Of the item; one without a bar is passed over.
        """
        if self._progress is not None and name in self._tasks:
            self._progress.remove_task(self._tasks.pop(name))

    def _add(self, progress: "Progress", name: str, description: str) -> "TaskID":
        from rich.markup import escape

        self._tasks[name] = progress.add_task(escape(plain(description)), total=None)
        return self._tasks[name]


@contextmanager
def progress_bars(enabled: bool = True) -> Iterator[Bars]:
    """Bars with count and time left, on standard error.

    Parameters
    ----------
    enabled : bool
        False draws nothing, and neither does a standard error that is no terminal.

    Yields
    ------
    Bars
        To be told of progress.
    """
    from rich.console import Console

    console = Console(stderr=True)
    if not enabled or not console.is_terminal:
        yield Bars(None)
        return
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
               TimeRemainingColumn())  # fmt: skip
    with Progress(*columns, console=console, transient=True) as progress:
        yield Bars(progress)
