"""How things leave the dashboard: files made only when asked for, and pins on the findings board."""

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from dashboard.reads import findings
from dashboard.session import boards, state
from dashboard.session.said import say
from dashboard.session.text import md
from fute_core.errors import FuteError
from fute_core.report.numbers import csv_text

Rows = Sequence[Mapping[str, Any]]


def csv_bytes(rows: Rows) -> bytes:
    """UTF-8 with a mark so that spreadsheets read it; what would start a formula gets an apostrophe."""
    return csv_text(rows).encode("utf-8-sig", "replace")


def parquet_bytes(rows: Rows) -> bytes:
    import pandas as pd

    buffer = io.BytesIO()
    pd.DataFrame(list(rows)).to_parquet(buffer, index=False)
    return buffer.getvalue()


def downloads(make: Callable[[], Rows], stem: str, what: str = "selection") -> None:
    """CSV and Parquet buttons. `make` is called on the click, in which nothing else runs again."""
    for name, mime, write in (
        ("CSV", "text/csv", csv_bytes),
        ("Parquet", "application/vnd.apache.parquet", parquet_bytes),
    ):
        st.download_button(
            name, lambda write=write: write(make()), f"{stem}.{name.lower()}", mime, on_click="ignore",
            key=f"download-{stem}-{name}", help=md(f"The {what} with names, as {name}"),
        )  # fmt: skip


def pin_button(
    title: str,
    *,
    key: str,
    figure: Callable[[], str] | None = None,
    table: Callable[[], Rows] | None = None,
    note: str | Callable[[], str] = "",
    label: str = "Pin to findings",
    about: Sequence[str] = (),
    picture: Callable[[], str] | None = None,
) -> None:
    """A button that puts a figure (plotly JSON) or a table on the findings board, with a link back to this view.

    figure, table : called on the click only, as is a note; with both, the table holds the figure's numbers.
    picture : a figure that belongs to the table, and follows it as a pin of its own.
    about : ids of the items it shows; their methods, licences and citations go into the report.
    """
    if not st.button(md(label), key=f"pin-{key}", help="Put this on the findings board, with a link back to this view"):
        return
    rows = list(table()) if table is not None else []
    content, data = (rows, []) if figure is None else (figure(), rows)
    said = note if isinstance(note, str) else note()
    drawn = picture() if picture is not None else None
    address, pair = state.address(), state.view().pair

    def with_it(board: findings.Board) -> findings.Board:
        board = findings.added(board, title, content, said, address, data, about, pair)
        return (
            board
            if drawn is None
            else findings.added(board, f"{title}, on the map", drawn, "", address, (), about, pair)
        )

    try:
        findings.change(boards.owner(), boards.current(), with_it)
    except FuteError as error:
        st.error(md(error))
    else:
        say(f"Pinned: {md(title)}")
