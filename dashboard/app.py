"""Entry point of the dashboard: `streamlit run dashboard/app.py`. Navigation and look, nothing else."""

from pathlib import Path

import streamlit as st

from dashboard import navigation
from dashboard.components import gate, shell
from dashboard.reads import moments
from dashboard.session import address, said, state
from dashboard.session.filtering import ALL_KINDS

# The menu at the upper right is there for the choice of theme, which Streamlit puts into one that has an entry of ours.
about = f"**Task Atlas** places {ALL_KINDS} in one space, by the job that they do."
mark = str(Path(__file__).parent / "static" / "mark.svg")
st.set_page_config("Task Atlas", page_icon=mark, layout="wide", menu_items={"About": about})
# Before the door, or the link that somebody came by would be forgotten behind it. Nothing of a page runs here.
entries = navigation.present()
pages = [
    st.Page(navigation.path_of(e.file), title=e.title, url_path=navigation.address_of(e), default=e.file == "map")
    for e in entries
]
page = st.navigation(pages, position="hidden")
gate.enter()
with moments.one_moment():
    opened = state.begin()
    said.again()
    shell.draw()
    entry = entries[pages.index(page)]
    address.begin(navigation.path_of(entry.file), entry.asks, shell.missing, opened)
    page.run()
    said.over()
