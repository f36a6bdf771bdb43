"""Whose boards of findings a session sees, and which of them pins go to.

The key is a random one that the browser keeps, so that a reload brings the boards back, and that the address of the
Findings page carries, so that a link reopens them; nobody meets another's by chance.
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
    """The session's key: that of a link to boards, else the browser's own, else a new one that the session keeps."""
    given = st.query_params.get("boards", "")
    if OWNER.fullmatch(given):
        st.session_state["findings.owner"] = given
    if "findings.owner" not in st.session_state:
        st.session_state["findings.owner"] = _kept() or secrets.token_hex(16)
    return st.session_state["findings.owner"]


def unremembered() -> bool:
    """Whether the browser has no key yet, and this session has not merely opened another's link."""
    return not _kept() and st.session_state.setdefault("findings.own", "boards" not in st.query_params)


def current() -> str:
    """The name of the board that pins go to."""
    return st.session_state.get("findings.board", FIRST)


def choose(name: str) -> None:
    """From now on pins go to this board."""
    st.session_state["findings.board"] = name


def _kept() -> str | None:
    """The key that the browser kept."""
    found = str(st.context.cookies.get(COOKIE, ""))
    return found if OWNER.fullmatch(found) else None
