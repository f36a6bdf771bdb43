"""A message in the corner, and the rerun that would swallow it: AppTest keeps what a browser is never sent."""

import pytest
from driving import serving
from playwright.sync_api import expect

PAGE = """
import time

import streamlit as st
from dashboard.session import said

said.again()
if st.button("Keep it"):
    said.say("Kept for you")
    st.rerun()
if st.button("Keep it slowly"):
    said.say("Kept for you")
    time.sleep(2 * said.MOMENT_SECONDS)
    said.rerun()
st.write("Idle")
said.over()
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    (home / "page.py").write_text(PAGE, "utf-8")
    with serving(home, script=str(home / "page.py")) as started:
        yield started


@pytest.mark.parametrize("button", ["Keep it", "Keep it slowly"])
def test_what_was_said_is_seen_although_the_run_was_cut_short(address, page, button):
    page.goto(address)
    page.get_by_role("button", name=button, exact=True).click()
    expect(page.get_by_text("Kept for you")).to_be_visible(timeout=10_000)
    expect(page.get_by_text("Kept for you")).to_have_count(1)
