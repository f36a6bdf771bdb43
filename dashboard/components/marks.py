"""Symbol = kind, colour = family: the marks that stand before a name, and their legends. HTML for `st.html`."""

from collections.abc import Iterable

import streamlit as st

from dashboard.filtering import KIND_NAMES
from dashboard.text import html_text
from fute_core.palette import NO_FAMILY, family_colour, family_order

_SHAPES = {
    "dataset": '<circle cx="8" cy="8" r="6.5"/>',
    "model": '<rect x="2" y="2" width="12" height="12"/>',
    "prompt": '<rect x="2.6" y="2.6" width="10.8" height="10.8" transform="rotate(45 8 8)"/>',
}


def dark() -> bool:
    """Whether the viewer sees the dark theme."""
    return st.context.theme.type == "dark"


def colour(family: str | None) -> str:
    """The family's colour on the viewer's theme; for charts and marks alike."""
    return family_colour(None if family == NO_FAMILY else family, dark())


def mark(kind: str, family: str | None = None, fill: str | None = None) -> str:
    """An inline SVG the height of the text."""
    return f'<svg class="mark" viewBox="0 0 16 16" fill="{fill or colour(family)}" aria-hidden="true">{_SHAPES[kind]}</svg>'


def named(kind: str, family: str | None, name: str) -> str:
    """The mark and the escaped name."""
    return f"{mark(kind, family)}{html_text(name)}"


def legend(families: Iterable[str | None], kinds: Iterable[str]) -> None:
    """One line: kinds in grey, families in their colours."""
    parts = [f"<span>{mark(k, fill='#8A8A8A')}{KIND_NAMES[k]}</span>" for k in kinds]
    parts += [f"<span>{mark('dataset', f)}{html_text(f or NO_FAMILY)}</span>" for f in family_order(families)]
    st.html(f'<div class="legend">{"".join(parts)}</div>')
