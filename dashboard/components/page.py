"""Heading, states and messages, the same on every page."""

import errno
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from dashboard.reads import data
from dashboard.session.filtering import ALL_KINDS
from dashboard.session.text import html_text, md
from fute_core.errors import FuteError
from fute_core.home import fute_home

if TYPE_CHECKING:
    from fute_core.atlas.atlas import Atlas


REFUSALS = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT)
"""What a disk says that is locked, read-only or full; any other error is ours, and shown whole."""
STYLE = Path(__file__).parent.parent / "static" / "style.css"
QUOTE = '<div class="quote"><span dir="auto">'


def look() -> None:
    """The style sheet; before anything else of a page."""
    st.html(STYLE)


def brand() -> None:
    """Whose pages these are."""
    st.html(f'<div class="brand">Task Atlas<span>{ALL_KINDS} in one space</span></div>')


def heading(title: str, lead: str = "") -> None:
    """The page's name and, in one or two sentences, what it is for."""
    shown = f'<p class="lead">{html_text(lead)}</p>' if lead else ""
    st.html(f'<h1 class="page-title">{html_text(title)}</h1>{shown}')


def section(title: str, lead: str = "") -> None:
    """A part of a page."""
    st.subheader(md(title), anchor=False)
    if lead:
        quiet(lead)


def eyebrow(text: str, right: str = "") -> None:
    """A small heading over a group of things. right : the heading of the figures at the right."""
    st.html(f'<div class="eyebrow"><span>{html_text(text)}</span><span>{html_text(right)}</span></div>')


def quiet(text: str) -> None:
    """An explanation that may be passed over."""
    st.html(f'<p class="quiet">{html_text(text)}</p>')


def notice(text: str) -> None:
    """A caveat that belongs to what is shown, such as the map's. For failures there is `trouble`."""
    st.html(f'<p class="notice">{html_text(text)}</p>')


def empty(title: str, sentence: str, *, action: str = "", on_click: Callable[[], None] | None = None) -> None:
    """In place of what is not there: what is missing, why, and one button that mends it.

    sentence : where filters emptied the view, `filtering.why_empty(...)`.
    """
    st.html(f'<div class="empty"><b>{html_text(title)}</b><span class="quiet">{html_text(sentence)}</span></div>')
    if action and on_click:
        st.button(md(action), on_click=on_click, key=f"empty-{title}")


def facts(rows: dict[str, object]) -> None:
    """Names and values as a quiet list; values that are None or empty are left out."""
    shown = "".join(
        f"<dt>{html_text(name)}</dt><dd>{html_text(value)}</dd>"
        for name, value in rows.items()
        if value is not None and value != ""
    )
    if shown:
        st.html(f'<dl class="facts">{shown}</dl>')


def open_atlas(pair: bool) -> "Atlas":
    """The atlas of that space. Where there is none, says why and how to mend it, and ends the run."""
    try:
        return data.atlas(pair)
    except FuteError as error:
        empty("No text pairs yet" if pair else "Nothing here yet", str(error))
        st.stop()


def quotes(
    rows: Iterable[tuple[str, str | None, str]], *, blurred: Sequence[bool] | bool = False, most: int = 240,
    thoughts: Sequence[str] | None = None,
) -> None:  # fmt: skip
    """Texts with a quiet line below each: (text, second text of a pair or None, what is said about it).

    blurred : all, or which. Texts run in the direction of their script. thoughts : what a model said before its answer.
    """
    rows = list(rows)
    hidden = [blurred] * len(rows) if isinstance(blurred, bool) else blurred
    said = [""] * len(rows) if thoughts is None else thoughts
    quoted = (_quote(*row, hide, most, own) for row, hide, own in zip(rows, hidden, said, strict=True))
    st.html(f"<div>{''.join(quoted)}</div>")


def _quote(text: str, pair: str | None, said: str, hidden: bool, most: int, thought: str = "") -> str:
    """A blurred text is nothing for screen readers either, nor is what was thought of it."""
    shown = html_text(_cut(text, most)) + (f" &#8741; {html_text(_cut(pair, most))}" if pair else "")
    before = '<div class="quote blurred"><span dir="auto" aria-hidden="true">' if hidden else QUOTE
    aside = ' aria-hidden="true"' if hidden else ""
    own = f'<span class="thought" dir="auto"{aside}>{html_text(_cut(thought, most))}</span>'
    return f"{before}{shown}</span>{own if thought else ''}<small>{html_text(said)}</small></div>"


def hides_abusive(any_there: bool) -> bool:
    """Whether abusive texts are blurred: asked at most once a page, and answered for all pages of the session.

    any_there : whether there are any among all that the page is about to show; without, nothing is asked.
    """
    return any_there and not st.toggle("Show abusive texts", key="show-abusive", persist_state="session")


def careful_quotes(rows: Iterable[tuple[str, str | None, str]], abusive: Sequence[bool]) -> None:
    """`quotes` with the abusive ones blurred until asked for, where they are all that the page shows of them."""
    quotes(rows, blurred=abusive if hides_abusive(any(abusive)) else False)


def _cut(text: str, most: int) -> str:
    line = " ".join(str(text).split())
    return line if len(line) <= most else line[: most - 1] + "…"


@contextmanager
def trouble() -> Iterator[None]:
    """Around anything that can fail on purpose: shows the error's one sentence where it happened, and goes on.

    A disk that refuses is told in a sentence as well, wherever it was asked.
    """
    from fute_core.store.disk import told

    try:
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            if isinstance(error, OSError) and error.errno not in REFUSALS:
                raise
            with told(fute_home()):
                raise
    except FuteError as error:
        st.error(md(error))


def progress(done: int, total: int, text: str) -> None:
    """A bar with words: `text` says what is being done; the numbers are added."""
    share = min(1.0, done / total) if total else 0.0
    st.progress(share, f"{md(text)}, {done:,} of {total:,}" if total else md(text))
