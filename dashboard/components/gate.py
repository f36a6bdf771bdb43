"""The door: what a visitor sees before anything else where a password is asked for."""

import streamlit as st

from dashboard.session import password

_INSIDE = "gate.inside"


def enter() -> None:
    """Goes on for whoever may come in; for all others draws the door and ends the run."""
    if closed := password.why_closed(st.get_option("server.address") or ""):
        st.error(closed)
        st.stop()
    if not password.is_set() or st.session_state.get(_INSIDE):
        return
    with st.form("gate", border=False, clear_on_submit=True, width=360):
        typed = st.text_input("Password", type="password", key="gate-password", autocomplete="current-password")
        asked = st.form_submit_button("Come in", type="primary")
    if asked:
        if password.fits(typed):
            st.session_state[_INSIDE] = True
            st.rerun()
        st.error("That is not the password.")
    st.stop()
