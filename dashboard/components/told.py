"""What may be said of an item and its neighbours: the verdict over a list, the line in it, and what is grey."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from dashboard.components.item_list import Row
from dashboard.session.text import html_text
from fute_core.space.told import CUT_OFF, GREY, STANDINGS, Standing, cut_off, headline

if TYPE_CHECKING:
    from fute_core.space.verdict import Verdict


def verdict(told: "Verdict | None", of: str = "") -> None:
    """Whether a dataset here does the item's job, and why that is said; nothing where there is no dataset.

    of : the item's name, where several stand on the page.
    """
    if told is not None:
        said = headline(told.job, told.of)
        said = f"{of}: {said[0].lower()}{said[1:]}" if of else said
        st.html(f'<p class="verdict"><b>{html_text(said)}.</b> <span>{html_text(told.why)}</span></p>')


def parted(rows: Sequence[Row], standings: Sequence[Standing | None]) -> list[Row]:
    """The rows with a line under the last that may be said to do the same job; those by chance are grey."""
    line = cut_off(standings)
    return [
        {**row, "dim": standing == "chance", "line": CUT_OFF if n == line else "",
         "title": f"{row['title']}; {STANDINGS[standing]}" if standing else row["title"]}
        for n, (row, standing) in enumerate(zip(rows, standings, strict=True))
    ]  # fmt: skip


def grey(standings: Sequence[Standing | None]) -> str:
    """What grey means, where any is."""
    return GREY if "chance" in standings else ""
