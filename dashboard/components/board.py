"""One pinned finding as it is drawn on a board, and the report made of a board."""

from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

import streamlit as st

from dashboard.components import page
from dashboard.components.figure import figure
from dashboard.reads import data
from dashboard.reads.findings import Board, Pin
from dashboard.session.filtering import item_id
from fute_core.errors import FuteError
from fute_core.report.numbers import figure_rows
from fute_core.report.page import Section, report

if TYPE_CHECKING:
    from fute_core.atlas.gallery import Item


def draw_pin(pin: Pin) -> None:
    """The figure or the table. A figure that cannot be drawn says so and leaves the others alone."""
    if isinstance(pin.content, str):
        with page.trouble():
            figure(pin.content, key=f"figure-{pin.key}", name=pin.title)
    else:
        st.dataframe(pin.content, hide_index=True, key=f"table-{pin.key}")


def board_report(board: Board, server: str, *, slides: bool = False) -> str:
    """The board as one HTML file. server : such as "http://127.0.0.1:8501"; stands before addresses.

    slides : opens as a talk.
    """
    sections = [
        Section(p.title, p.content, p.note, f"{server}{p.address}" if p.address else "", p.data) for p in board.pins
    ]
    made = f"Task Atlas {version('task-atlas')}, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    return report(board.name, sections, about(board), made, slides=slides)


def about(board: Board) -> list["Item"]:
    """The items that the pins show, and the datasets behind them: their licences and methods go into the report."""
    found: list[Item] = []
    for pair in (False, True):
        pins = [p for p in board.pins if p.pair == pair]
        if not pins:
            continue
        try:
            items = data.atlas(pair).items
        except FuteError:
            continue
        shown = set().union(*(shown_in(p) for p in pins))
        behind = {f"dataset:{i.facts.get('dataset')}" for i in items if item_id(i) in shown}
        found += [i for i in items if item_id(i) in shown | behind]
    return found


def shown_in(pin: Pin) -> set[str]:
    """Ids of items: those that the page gave, else those that stand in the figure, or in rows as name and kind."""
    if pin.about:
        return set(pin.about)
    if isinstance(pin.content, str):
        try:
            return {str(row["id"]) for row in figure_rows(pin.content) if "id" in row}
        except FuteError:
            return set()
    return {f"{row['kind']}:{row['name']}" for row in pin.content if row.get("kind") and row.get("name")}
