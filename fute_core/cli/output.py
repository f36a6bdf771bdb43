"""How commands print: tables and progress for a person, one JSON document for a machine."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click

WIDTH_ELSEWHERE = 200


def emit_json(value: Any) -> None:
    """One JSON document on standard output."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def note(message: str) -> None:
    """A remark on standard error, so that standard output stays parseable."""
    click.echo(message, err=True)


def emit_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """A table on standard output; numbers to the right, user text never read as markup."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    numeric = [all(isinstance(row[i], (int, float)) for row in rows) for i in range(len(columns))]
    for column, right in zip(columns, numeric, strict=True):
        table.add_column(column, justify="right" if right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(_cell(value)) for value in row))
    console = Console(highlight=False)
    if not console.is_terminal:  # a file or a pipe has no width to fold for
        console = Console(highlight=False, width=WIDTH_ELSEWHERE)
    console.print(Text(title, style="bold"), soft_wrap=True)
    console.print(table)


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:.3f}" if isinstance(value, float) else str(value)


class Bars:
    """Progress of several items: a bar each while it is worked on, on a terminal; nothing elsewhere."""

    def __init__(self, progress):
        self._progress = progress
        self._tasks: dict[str, Any] = {}

    def begin(self, name: str, number: int, of: int) -> None:
        """Show that item `number` (from 0) `of` so many is worked on, before it can tell how far it is."""
        if self._progress is not None:
            self._add(name, f"{name} ({number + 1} of {of})" if of > 1 else name)

    def update(self, name: str, done: int, total: int) -> None:
        if self._progress is not None:
            task = self._tasks[name] if name in self._tasks else self._add(name, name)
            self._progress.update(task, completed=done, total=total)

    def end(self, name: str) -> None:
        if name in self._tasks:
            self._progress.remove_task(self._tasks.pop(name))

    def _add(self, name: str, description: str):
        from rich.markup import escape

        self._tasks[name] = self._progress.add_task(escape(description), total=None)
        return self._tasks[name]


@contextmanager
def progress_bars(enabled: bool = True) -> Iterator[Bars]:
    """Bars with count and time left, on standard error and only when that is a terminal."""
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
