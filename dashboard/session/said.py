"""Short messages in the corner that a rerun cannot swallow.

Streamlit drops what a run has not sent yet when that run ends in `st.rerun()`, and a toast with it. So what was said
within the last moment is said again by the next run of the page.
"""

import time

import streamlit as st

_SAID = "atlas.said"
MOMENT_SECONDS = 1.0


def say(text: str) -> None:
    """Shows markdown in the corner, now and once more where this run is cut short."""
    st.session_state[_SAID] = (text, time.monotonic())
    st.toast(text)


def rerun() -> None:
    """`st.rerun()` that takes along what this run has said, however long it took after that."""
    if _SAID in st.session_state:
        st.session_state[_SAID] = (st.session_state[_SAID][0], time.monotonic())
    st.rerun()


def again() -> None:
    """At the top of every run."""
    text, when = st.session_state.pop(_SAID, ("", 0.0))
    if text and time.monotonic() - when < MOMENT_SECONDS:
        st.toast(text)


def over() -> None:
    """At the end of a run that came to its end: all that was said has been sent."""
    st.session_state.pop(_SAID, None)
