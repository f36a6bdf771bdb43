"""What surrounds every page: the look, the navigation, the space switch and the one selection."""

from itertools import groupby
from typing import TYPE_CHECKING

import streamlit as st

from dashboard import navigation
from dashboard.components import compute, gate, page, remember, served
from dashboard.components.item_list import Row, item_list
from dashboard.reads import data
from dashboard.session import boards, filtering, login, state
from dashboard.session.filtering import KIND_NAME, item_id
from dashboard.session.text import plural
from fute_core.errors import FuteError

if TYPE_CHECKING:
    from fute_core.atlas.gallery import Item

SHOWN_SELECTED = 8


def draw() -> None:
    """The sidebar and the style sheet."""
    page.look()
    with st.sidebar:
        page.brand()
        for group, entries in groupby(navigation.present(), key=lambda e: e.group):
            with st.container(key=f"nav-{group.lower()}", gap=None):
                st.html(f'<div class="eyebrow">{group}</div>')
                for entry in entries:
                    # The address of the findings carries the key to the boards, so that it reopens them.
                    own = {"boards": [boards.owner()]} if entry.file == "findings" else {}
                    st.page_link(
                        navigation.path_of(entry.file), label=entry.title, width="stretch",
                        query_params=state.params() | own,
                    )  # fmt: skip
        _space()
        _selection()
        compute.draw()
        st.html('<p class="quiet">Light, dark or as the system: in the menu &#8942; at the top right.</p>')
        if login.is_chosen():
            gate.leave()
        remember.boards()
        served.ahead()


def missing() -> dict[str, list[str]]:
    """What the selection and the filters name and this space does not have; nothing where it cannot be opened."""
    return filtering.missing([*there.values()], state.view()) if (there := _positions()) else {}


def _space() -> None:
    names = {False: "Texts", True: "Text pairs"}
    with st.container(key="space", gap=None):
        st.html('<div class="eyebrow">Space</div>')
        st.segmented_control(
            "Space", list(names), format_func=names.get, required=True, label_visibility="collapsed",
            width="stretch", **state.bound("pair"),
        )  # fmt: skip


def _selection() -> None:
    chosen = state.view().selected
    with st.container(key="selection", gap=None):
        if not chosen:
            st.html(
                '<div class="eyebrow">Selection</div><p class="quiet">Nothing yet. What you pick on one page '
                "is picked on all of them.</p>"
            )
            return
        st.html(f'<div class="eyebrow">Selection, {plural(len(chosen), "item")}</div>')
        there = _positions()
        rows = [_row(item, there) for item in reversed(chosen[-SHOWN_SELECTED:])]
        item_list(rows, key="selection-list", label="Selection", on_pick=_make_current, on_drop=state.toggle)
        if (more := len(chosen) - SHOWN_SELECTED) > 0:
            st.html(f'<p class="quiet">and {more:,} more</p>')
        st.button("Clear", key="clear-selection", on_click=state.select, type="tertiary")


def _row(item: str, there: dict[str, "Item"]) -> Row:
    kind, _, name = item.partition(":")
    family = there[item].embedding.family if item in there else None
    note = "" if item in there else "not in this space"
    return Row(id=item, kind=kind, family=family, name=name, note=note, title=f"{name}, {KIND_NAME[kind]}",
               current=item == state.view().current)  # fmt: skip


def _make_current(item: str) -> None:
    state.select(*(i for i in state.view().selected if i != item), item)


def _positions() -> dict[str, "Item"]:
    """The items of this space by id; none where it cannot be opened, which the page will say."""
    try:
        atlas = data.atlas(state.view().pair)
    except FuteError:
        return {}
    return {item_id(item): item for item in atlas.items}
