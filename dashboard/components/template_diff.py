"""Two templates side by side with the words that only one of them has marked. HTML, escaped."""

import streamlit as st

from dashboard.session.text import html_text
from fute_core.templates.likeness import parts


def marked(one: str, other: str) -> tuple[str, str]:
    """HTML of both texts, words of the one that the other has not there in `<mark>`, and the other way round.

    Texts that are too long or have too little in common are unmarked.
    """
    found = parts(one, other)
    if found is None:
        return html_text(one), html_text(other)
    return "".join(_part(a, same) for a, _, same in found), "".join(_part(b, same) for _, b, same in found)


def side_by_side(one: str, other: str) -> None:
    """Both in boxes of their own."""
    for column, shown in zip(st.columns(2, gap="large"), marked(one, other), strict=True):
        with column:
            st.html(f'<div class="template" dir="auto">{shown}</div>')


def _part(text: str, same: bool) -> str:
    """Blanks alone are not marked: nobody would see what it means."""
    return html_text(text) if same or not text.strip() else f"<mark>{html_text(text)}</mark>"
