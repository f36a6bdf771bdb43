"""Whose boards of findings a session sees, and which of them pins go to.

The key is a random one that the browser keeps, so that a reload brings the boards back, and that the address of the
Findings page carries, so that a link reopens them; nobody meets another's by chance. A link shows its boards and takes
no later pins, unless its reader asks for that.
"""

import re
import secrets

import streamlit as st

FIRST = "Findings"
"""The board that everybody has."""
OWNER = re.compile(r"[0-9a-f]{32}")
"""What a key looks like."""
COOKIE = "task_atlas_boards"


def owner() -> str:
    """The key of this visitor's own boards, which pins go to: the browser's, else a new one that the session keeps."""
    if "findings.owner" not in st.session_state:
        st.session_state["findings.owner"] = _kept() or secrets.token_hex(16)
    return st.session_state["findings.owner"]


def is_key(given: str) -> bool:
    """Whether it looks like a key to boards."""
    return OWNER.fullmatch(given) is not None


def shown() -> str:
    """The key of the boards that the address names, which a link may have brought; else the visitor's own."""
    given = st.query_params.get("boards", "")
    return given if is_key(given) else owner()


def adopt(key: str) -> None:
    """Take over the boards of a link, as its reader asked: pins go there from now on."""
    st.session_state["findings.owner"] = key
    st.session_state.pop("findings.board", None)


def unremembered() -> bool:
    """Whether the browser has to be given the key: it knows none yet, or its user took over another's."""
    return _kept() != owner()


def current() -> str:
    """The name of the board that pins go to."""
    return st.session_state.get("findings.board", FIRST)


def choose(name: str) -> None:
    """From now on pins go to this board."""
    st.session_state["findings.board"] = name


def _kept() -> str | None:
    """The key that the browser kept."""
    found = str(st.context.cookies.get(COOKIE, ""))
    return found if is_key(found) else None
