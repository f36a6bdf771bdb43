"""What a link asks of a page that is not there: told in a sentence above it, where Streamlit would take the default.

A page checks each parameter before the widget that reads it. What was found stays told until the address names
something else for it, or another page is opened: Streamlit itself takes what it cannot read out of the address.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

import streamlit as st
from streamlit.errors import StreamlitAPIException

from dashboard.session import state
from dashboard.session.text import html_text, shorten
from dashboard.session.view import NAMES, unread

_PAGE, _PLACE = "address.page", "address.place"
_TOLD, _KNOWN, _MISSING = "address.told", "address.known", "address.missing"
UNCHOSEN = "None"
"""Streamlit writes it for a choice that is still open."""
LONGEST = 60
"""Characters of a value that are shown."""


def begin(page: str, asks: Iterable[str], missing: Callable[[], Mapping[str, Sequence[str]]], opened: bool) -> None:
    """Before a page is drawn: the place above it, and what no page could read.

    page : its file, as for `st.switch_page`. asks : the parameters that it has besides those of the view. missing :
    finds what the view names and its space does not have. opened : an address was, so that what is missing came by it.
    """
    if st.session_state.get(_PAGE) != page:
        st.session_state[_PAGE] = page
        st.session_state[_TOLD], st.session_state[_KNOWN], st.session_state[_MISSING] = {}, set(), set()
    st.session_state[_PLACE] = st.container(key="address", gap=None)
    given = {name: st.query_params.get_all(name) for name in st.query_params}
    if unknown := [name for name in given if name not in {*NAMES, *asks}]:
        _draw(f"This page asks for nothing by the name {_named(unknown)}, which the address has; it is passed over.")
    for sentence in unread(given, state.view().selected):
        _draw(sentence)
    if opened or st.session_state[_MISSING]:
        now = missing()
        if opened:
            st.session_state[_MISSING] = {name for names in now.values() for name in names}
        for does, names in now.items():
            if by_link := [name for name in names if name in st.session_state[_MISSING]]:
                _draw(f"The address {does} {_named(by_link)}, which this space does not have.")


def spell_out(**choices: Mapping[str, str]) -> None:
    """Before any widget of a page: open it again where its address has options by their short names.

    choices : labels by short names, by the key of the widget. Streamlit names options in addresses by their labels, and
    lets nobody write a parameter once its widget is there.
    """
    given = {name: st.query_params.get_all(name) for name in st.query_params}
    asked = {key: given[key][-1] for key, names in choices.items() if given.get(key, [""])[-1] in names}
    short = {key: name for key, name in asked.items() if choices[key][name] != name}
    if not short:
        return
    try:
        st.switch_page(st.session_state[_PAGE], query_params=given | {k: [choices[k][n]] for k, n in short.items()})
    except StreamlitAPIException:  # Back led here, where the widgets are: Streamlit shows and writes what is usual
        st.session_state[_KNOWN] |= set(short.items())


def option(key: str, what: str, labels: Iterable[str], lacks: str = "which is not here") -> None:
    """Before the widget `key`: an option that it has not got is told of.

    what : the choice in words, as "order". lacks : why it is no option.
    """
    given = st.query_params.get(key)
    known = given in {*labels, UNCHOSEN}
    _lasting(key, known, f"The address asks for the {what} {_named([given])}, {lacks}; another is shown.")


def number(key: str, what: str, least: float, most: float, whole: bool = True) -> None:
    """Before the widget `key`: what is no number, or none that it takes, is told of."""
    given = st.query_params.get(key)
    try:
        asked = float(given or "")
        fits = least <= asked <= most and (asked.is_integer() or not whole)
    except ValueError:
        fits = False
    kind = "a whole number" if whole else "a number"
    _lasting(key, fits, f"The address asks for {_named([given])} as the {what}, which is {kind} from {least:,} to "
                     f"{most:,}; another is shown.")  # fmt: skip


def switch(key: str, what: str) -> None:
    """Before the toggle `key`: what is neither true nor false is told of."""
    given = st.query_params.get(key)
    fits = str(given).lower() in ("true", "false")
    _lasting(
        key, fits, f"The address asks for {_named([given])} as “{what}”, which is true or false; it is passed over."
    )


def check(key: str, known: bool, sentence: str) -> None:
    """Tells that what the address has for `key`, a parameter that no widget is bound to, is not known."""
    if key in st.query_params and not known:
        _draw(sentence)


def _lasting(key: str, known: bool, sentence: str) -> None:
    """The same of a widget's, also in later runs, until the address has something else for it."""
    told, before = st.session_state[_TOLD], st.session_state[_KNOWN]
    if key in st.query_params:
        own = (key, st.query_params[key])
        told.pop(key, None)
        if known:
            before.add(own)
        elif own not in before:  # else another choice on the page took it away, and not a link brought it
            told[key] = sentence
    if key in told:
        _draw(told[key])


def _named(values: Sequence[str | None]) -> str:
    shown = [f"“{shorten(str(value), LONGEST)}”" for value in values[:3]]
    more = [f"{len(values) - 3:,} more"] if len(values) > 3 else []
    return " and ".join(shown + more)


def _draw(sentence: str) -> None:
    st.session_state[_PLACE].html(f'<p class="notice">{html_text(sentence)}</p>')
