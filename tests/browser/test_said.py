"""A message in the corner, and the rerun that would swallow it: AppTest keeps what a browser is never sent."""

import pytest
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


@pytest.mark.parametrize("button", ["Keep it", "Keep it slowly"])
def test_what_was_said_is_seen_although_the_run_was_cut_short(serve, page, tmp_path, button):
    script = tmp_path / "page.py"
    script.write_text(PAGE, "utf-8")
    page.goto(serve(tmp_path, script=str(script)))
    page.get_by_role("button", name=button, exact=True).click()
    expect(page.get_by_text("Kept for you")).to_be_visible(timeout=10_000)
    expect(page.get_by_text("Kept for you")).to_have_count(1)
