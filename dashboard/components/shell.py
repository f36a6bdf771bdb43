"""What surrounds every page: the look, the navigation, the space switch and the one selection."""

from itertools import groupby
from pathlib import Path

import streamlit as st

from dashboard import data, navigation, state
from dashboard.filtering import KIND_NAME
from dashboard.text import md, plural, shorten

STYLE = Path(__file__).parent.parent / "static" / "style.css"
SHOWN_SELECTED = 8


def draw() -> None:
    """The sidebar and the style sheet."""
    st.html(STYLE)
    with st.sidebar:
        st.html('<div class="brand">Task Atlas<span>datasets, models and prompts in one space</span></div>')
        for group, entries in groupby(navigation.present(), key=lambda e: e.group):
            with st.container(key=f"nav-{group.lower()}", gap=None):
                st.html(f'<div class="eyebrow">{group}</div>')
                for entry in entries:
                    st.page_link(
                        navigation.path_of(entry.file), label=entry.title, width="stretch", query_params=state.params()
                    )
        _space()
        _selection()


def _space() -> None:
    names = {False: "Texts", True: "Text pairs"}
    with st.container(key="space", gap=None):
        st.html('<div class="eyebrow">Space</div>')
        st.segmented_control(
            "Space", list(names), format_func=names.get, required=True, label_visibility="collapsed",
            width="stretch", **state.bound("pair"),
        )  # fmt: skip


def _selection() -> None:
    view = state.view()
    with st.container(key="selection", gap=None):
        if not view.selected:
            st.html(
                '<div class="eyebrow">Selection</div><p class="quiet">Nothing yet. What you pick on one page '
                "is picked on all of them.</p>"
            )
            return
        st.html(f'<div class="eyebrow">Selection, {plural(len(view.selected), "item")}</div>')
        there = data.positions(data.atlas(view.pair)) if _has_atlas(view.pair) else {}
        for number, item in enumerate(reversed(view.selected[-SHOWN_SELECTED:])):
            kind, _, name = item.partition(":")
            st.button(
                md(shorten(name, 28)), key=f"selected-{number}", type="tertiary", width="stretch",
                help=f"{md(name)}, {KIND_NAME[kind]}. " + ("Take it out" if item in there else "Not in this space. Take it out"),
                on_click=state.toggle, args=(item,),
            )  # fmt: skip
        if (more := len(view.selected) - SHOWN_SELECTED) > 0:
            st.html(f'<p class="quiet">and {more:,} more</p>')
        st.button("Clear the selection", key="clear-selection", on_click=state.select, width="stretch")


def _has_atlas(pair: bool) -> bool:
    from fute_core.errors import FuteError

    try:
        data.atlas(pair)
    except FuteError:
        return False
    return True
