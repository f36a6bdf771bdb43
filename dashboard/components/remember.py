"""Lets the browser keep the key of its boards, so that they are there again after a reload or a restart."""

from functools import lru_cache

import streamlit as st

from dashboard.session.boards import COOKIE, owner, unremembered

SCRIPT = """
export default function ({ data }) {
  document.cookie = `${data.name}=${data.value}; path=/; max-age=31536000; SameSite=Strict`;
}
"""


def boards() -> None:
    """Nothing to see; draws nothing in a browser that has this key already."""
    if unremembered():
        _component()(key="remember-boards", data={"name": COOKIE, "value": owner()}, height=1)


@lru_cache(maxsize=1)
def _component():
    return st.components.v2.component("remember_boards", js=SCRIPT, isolate_styles=False)
