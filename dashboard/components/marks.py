"""Symbol = kind, colour = family: the marks that stand before a name, and their legends. HTML for `st.html`."""

from collections.abc import Iterable, Sequence

import streamlit as st

from dashboard.session.filtering import KIND_NAMES
from dashboard.session.text import html_text
from fute_core.analysis.skill import WEAK
from fute_core.maps.palette import NO_FAMILY, NO_FAMILY_COLOUR, family_colour, family_order, outline_colour


def dark() -> bool:
    """Whether the viewer sees the dark theme."""
    return st.context.theme.type == "dark"


def colour(family: str | None) -> str:
    """The family's colour on the viewer's theme; for charts and marks alike."""
    return family_colour(None if family == NO_FAMILY else family, dark())


def mark(
    kind: str, family: str | None = None, fill: str | None = None, outline: str = "", *, weak: bool = False
) -> str:
    """An inline shape the height of the text; `st.html` would take an SVG out. weak : faded, as on the map."""
    edge = f";box-shadow:0 0 0 1.5px {outline}" if outline else ""
    return f'<i class="mark {kind}{" weak" if weak else ""}" style="background:{fill or colour(family)}{edge}"></i>'


def named(kind: str, family: str | None, name: str, *, weak: bool = False) -> str:
    """The mark and the escaped name."""
    return f"{mark(kind, family, weak=weak)}{html_text(name)}"


def legend(
    families: Iterable[str | None], kinds: Iterable[str], outlines: Sequence[str] = (), *, weak: bool = False
) -> None:
    """Two lines: kinds in grey and models by outline; families in their colours.

    outlines : from `payload.outline_names`, the first of which has none. weak : say what faded means.
    """
    parts = [f"<span>{mark(k, fill=NO_FAMILY_COLOUR)}{KIND_NAMES[k]}</span>" for k in kinds]
    parts += [
        f"<span>{mark('dataset', fill='transparent', outline=outline_colour(code, dark()))}{html_text(name)}</span>"
        for code, name in enumerate(outlines)
        if name
    ]
    if weak:
        parts.append(f"<span>{mark('prompt', fill=NO_FAMILY_COLOUR, weak=True)}faded: skill below {WEAK:g}</span>")
    coloured = [f"<span>{mark('dataset', f)}{html_text(f or NO_FAMILY)}</span>" for f in family_order(families)]
    st.html(f'<div class="legend">{"".join(coloured)}</div><div class="legend">{"".join(parts)}</div>')
