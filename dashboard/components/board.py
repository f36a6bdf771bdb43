"""One pinned finding as it is drawn on a board, and the report made of a board."""

import json
from datetime import UTC, datetime

import streamlit as st

from dashboard import data
from dashboard.findings import Board, Pin
from fute_core.errors import FuteError
from fute_core.report import Section, report

IMAGE = {"displaylogo": False, "toImageButtonOptions": {"format": "svg", "width": 1000, "height": 640}}


def draw_pin(pin: Pin) -> None:
    """The figure or the table. A figure that cannot be drawn says so and leaves the others alone."""
    if not isinstance(pin.content, str):
        st.dataframe(pin.content, hide_index=True, key=f"table-{pin.key}")
        return
    import plotly.io

    try:
        figure = plotly.io.from_json(pin.content, skip_invalid=True)
    except (ValueError, KeyError, TypeError):
        st.error("This figure cannot be read; delete it and pin it again.")
        return
    st.plotly_chart(figure, key=f"figure-{pin.key}", config=IMAGE)


def board_report(board: Board, server: str) -> str:
    """The board as one HTML file. server : such as "http://127.0.0.1:8501"; stands before addresses."""
    sections = [Section(p.title, p.content, p.note, f"{server}{p.address}" if p.address else "") for p in board.pins]
    made = f"Task Atlas, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    return report(board.name, sections, about(board), made)


def about(board: Board) -> list:
    """The items that the pins name, and the datasets behind them: their licences and methods go into the report."""
    text = "\n".join(p.title + (p.content if isinstance(p.content, str) else json.dumps(p.content)) for p in board.pins)
    found = []
    for pair in (False, True):
        try:
            items = data.atlas(pair).items
        except FuteError:
            continue
        named = [i for i in items if json.dumps(i.embedding.name)[1:-1] in text or i.embedding.name in text]
        behind = {i.facts.get("dataset") for i in named}
        found += _with_datasets(items, named, behind)
    return found


def _with_datasets(items, named, behind) -> list:
    known = {id(i) for i in named}
    return [i for i in items if id(i) in known or (i.embedding.kind == "dataset" and i.embedding.name in behind)]
