"""The door: what a visitor sees before anything else where a password is asked for, or a login."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from dashboard.components import page
from dashboard.session import login, password
from dashboard.session.text import md

_INSIDE = "gate.inside"


def enter() -> None:
    """Goes on for whoever may come in; for all others draws the door and ends the run."""
    if closed := password.why_closed(st.get_option("server.address") or ""):
        st.error(closed)
        st.stop()
    if login.is_chosen():
        if st.get_option("server.trustedUserHeaders"):  # which would outrank what the provider says of an account
            st.error(f"Streamlit takes accounts from headers (server.trustedUserHeaders), so {login.NAME} keeps nobody "
                     "out; leave that setting away.")  # fmt: skip
            st.stop()
        _by_login()
        return
    if not password.is_set() or st.session_state.get(_INSIDE):
        return
    with _door():
        with st.form("gate", border=False, clear_on_submit=True):
            typed = st.text_input("Password", type="password", key="gate-password", autocomplete="current-password")
            asked = st.form_submit_button("Come in", type="primary")
        if asked:
            if password.fits(typed):
                st.session_state[_INSIDE] = True
                st.rerun()
            st.error("That is not the password.")
    st.stop()


@contextmanager
def _door() -> Iterator[None]:
    """All that is drawn of a page: whose it is, and what is asked or told."""
    page.look()
    with st.container(key="gate", width=360):
        page.brand()
        yield


def _by_login() -> None:
    """Goes on for an account that may come in; for all others draws the way to one and ends the run."""
    if not st.user.get("is_logged_in"):
        with _door():
            for provider in login.providers():
                label = f"Log in with {provider}" if provider else "Log in"
                st.button(md(label), type="primary", key=f"gate-login-{provider}", on_click=st.login, args=(provider,))
        st.stop()
    if not login.may_enter(st.user):
        account = st.user.get("email") or "without an address"
        with _door():
            st.error(f"The account {md(str(account))} may not come in; ask whoever runs this server, or take another.")
            leave()
        st.stop()


def leave() -> None:
    """The way out for who has logged in."""
    st.button("Log out", key="gate-logout", type="tertiary", on_click=st.logout)
