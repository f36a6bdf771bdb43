"""The session's view: read it with `view()`, change it with `change(...)`, take it to another page with `go(...)`.

It lies in session keys that belong to no widget, so it survives page changes, and in the address, so that a link, a
reload and Back bring it back. The address is the truth whenever it says something else than what was last written.
"""

import time
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode, urlparse

import streamlit as st

from dashboard.session.view import NAMES, View, from_params, to_params

_VIEW, _WRITTEN, _BEFORE, _WHEN = "atlas.view", "atlas.written", "atlas.written_before", "atlas.written_at"
SETTLING_SECONDS = 0.4
"""For so long a browser may still send the address from before the last change."""


def begin() -> bool:
    """At the top of every run: takes over an address that was opened, reloaded or gone back to; whether one was."""
    params = {name: st.query_params.get_all(name) for name in NAMES if name in st.query_params}
    written = st.session_state.get(_WRITTEN)
    if params == written:
        return False
    late = time.monotonic() - st.session_state.get(_WHEN, -SETTLING_SECONDS) < SETTLING_SECONDS
    if late and params == st.session_state.get(_BEFORE):
        _write(written)
        return False
    st.session_state[_VIEW] = from_params(params, st.session_state.get(_VIEW))
    st.session_state[_WRITTEN] = params
    return True


def view() -> View:
    """The view as it is now."""
    return st.session_state.get(_VIEW) or View()


def change(**changes: Any) -> None:
    """Change fields of the view; from a callback or in the course of a page. The address follows."""
    new = replace(view(), **changes)
    if new == view():
        return
    st.session_state[_VIEW] = new
    params = to_params(new)
    if params != (written := st.session_state.get(_WRITTEN, {})):
        st.session_state[_BEFORE] = written
        st.session_state[_WRITTEN] = params
        st.session_state[_WHEN] = time.monotonic()
        _write(params)


def select(*ids: str) -> None:
    """These and no others; the last one is the current one."""
    change(selected=tuple(dict.fromkeys(ids)))


def toggle(item: str) -> None:
    """In or out of the selection."""
    chosen = view().selected
    select(*(i for i in chosen if i != item)) if item in chosen else select(*chosen, item)


def params() -> dict[str, list[str]]:
    """For `st.page_link(..., query_params=params())`: Streamlit drops the address's parameters on a page change."""
    return to_params(view())


def address() -> str:
    """This view of this page as a relative address, page options and all: what a pin or a copied link reopens.

    Without the key to the session's boards, which is not for readers of a report.
    """
    path = urlparse(st.context.url or "").path or "/"
    given = [(name, v) for name in st.query_params for v in st.query_params.get_all(name) if name != "boards"]
    return f"{path}?{urlencode(given)}" if given else path


def go(page: str, **changes: Any) -> None:
    """Open `views/NAME.py` with the view, changed first where asked. Ends the run."""
    change(**changes)
    st.switch_page(page, query_params=params())


def bound(field: str, key: str | None = None) -> dict[str, Any]:
    """`key` and `on_change` for a widget that edits one field of the view: `st.multiselect(..., **bound("kinds"))`.

    The widget shows the view's value on every page and after Back, and writes to it.
    """
    key = key or f"view-{field}"
    value = getattr(view(), field)
    st.session_state[key] = list(value) if isinstance(value, tuple) else value

    def take() -> None:
        chosen = st.session_state[key]
        change(**{field: tuple(chosen) if isinstance(value, tuple) else chosen})

    return {"key": key, "on_change": take}


def _write(params: dict[str, list[str]]) -> None:
    for name in NAMES:
        if name in params:
            if st.query_params.get_all(name) != params[name]:
                st.query_params[name] = params[name]
        elif name in st.query_params:
            del st.query_params[name]
