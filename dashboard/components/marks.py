"""Symbol = kind, colour = family: the marks that stand before a name. HTML for `st.html`."""

import streamlit as st

from dashboard.session.text import html_text
from fute_core.maps.palette import NO_FAMILY, family_colour


def dark() -> bool:
    """Whether the viewer sees the dark theme."""
    return st.context.theme.type == "dark"


def colour(family: str | None) -> str:
    """The family's colour on the viewer's theme; for charts and marks alike."""
    return family_colour(None if family == NO_FAMILY else family, dark())


def mark(kind: str, family: str | None = None, *, weak: bool = False) -> str:
    """An inline shape the height of the text; `st.html` would take an SVG out. weak : faded, as on the map."""
    return f'<i class="mark {kind}{" weak" if weak else ""}" style="background:{colour(family)}"></i>'


def named(kind: str, family: str | None, name: str, *, weak: bool = False) -> str:
    """The mark and the escaped name."""
    return f"{mark(kind, family, weak=weak)}{html_text(name)}"
