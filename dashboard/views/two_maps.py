"""Two maps: the same items by two models, methods or encoders, with the points whose neighbours changed most."""

from dataclasses import replace

import numpy as np
import streamlit as st

from dashboard.components import beside, filters, leave, page
from dashboard.reads import own_vectors, two_views
from dashboard.session import address, said, state
from dashboard.session.filtering import passing, why_empty
from dashboard.session.text import md, plural
from fute_core.errors import FuteError

BROUGHT, READ = "two_maps.brought", "two_maps.read"


def draw() -> None:
    view = replace(state.view(), models=())
    page.heading(
        "Two maps",
        "The same items by two language models, by two methods, by two encoders, or by vectors of yours: which of them "
        "have other neighbours? What is chosen on one map is marked on the other.",
    )
    atlas = page.open_atlas(view.pair)
    with page.trouble():
        with st.container(key="bar", horizontal=True, vertical_alignment="bottom", gap="small"):
            filters.draw(atlas.items, models=False)
            bring(view.pair)
        brought = st.session_state.get(BROUGHT)
        views = two_views.views(view.pair, brought)
        if not views:
            page.empty(
                "Nothing to lay side by side yet",
                "Two maps need three prompts that were asked of two language models, or three datasets whose vectors "
                "have a Fisher part beside their answers; or bring vectors of your own.",
            )
            return
        columns = st.columns(2, gap="medium")
        with columns[0]:
            address.option("left", "left map", views)
            left = st.selectbox("Left", list(views), key="left", bind="query-params")
        others = [name for name, (way, _) in views.items() if way == views[left][0] and name != left]
        with columns[1]:
            address.option("right", "right map beside it", others)
            right = st.selectbox("Right", others, key="right", bind="query-params")
        of = (
            two_views.beside_own(view.pair, brought, turned=views[left][1] != two_views.SPACE)
            if views[left][0] == "own"
            else two_views.sides(view.pair, *views[left], views[right][1])
        )
        shown = passing(of.items[0], view) & passing(of.items[1], view)
        maps(of, columns, shown, "" if shown.any() else why_empty(atlas.items, view))
        page.notice(reading(of, shown))
        lists(of, shown)
        with st.container(key="beside-actions", horizontal=True, vertical_alignment="center", gap="small"):
            both = dict(zip(("left", "right"), of.names, strict=True))
            leave.downloads(lambda: [row | both for row in two_views.table(of)], "task-atlas-two-maps", "beside")
            leave.pin_button(f"Neighbours kept: {', '.join(of.names)}", key="beside", note=reading(of, shown),
                             table=lambda: two_views.table(of), about=sorted({*of.ids[0], *of.ids[1]}))  # fmt: skip


def bring(pair: bool) -> None:
    """A file of vectors, which stay as long as the visit; the page then shows them beside the space."""
    with st.popover("Your own vectors"):
        file = st.file_uploader(
            "Vectors for items here", ["parquet"], key="own-vectors", max_upload_size=50,
            help="Parquet with a row an item: its name as on the map, or its id such as dataset:sst2, and a list of "
            "numbers. They are compared by their cosines, as they are.",
        )  # fmt: skip
        page.quiet("They are kept in memory for this visit alone.")
        if file is None or st.session_state.get(READ) == (file.file_id, pair):
            return
        try:
            st.session_state[BROUGHT] = own_vectors.read(file.getvalue(), file.name, pair)
        except FuteError as error:
            st.error(md(error))
            return
        st.session_state[READ] = (file.file_id, pair)
        # before the two boxes are drawn, which show it
        st.session_state.update(left=two_views.SPACE, right=two_views.called_own(st.session_state[BROUGHT]))


def maps(of: two_views.Sides, columns, shown: np.ndarray, note: str) -> None:
    """Both, once both are there."""
    places = [two_views.places(of, side) for side in (0, 1)]
    if any(place is None for place in places):
        st.fragment(until_fitted, run_every=0.7)(of)
        return
    for side, column in enumerate(columns):
        with column:
            beside.one_map(of, side, places, shown, note)


def until_fitted(of: two_views.Sides) -> None:
    """Says that maps are being made; the page runs again once they are there."""
    if all(two_views.places(of, side) is not None for side in (0, 1)):
        said.rerun()
    page.notice("The maps are being fitted, the first one of a server slowest. The lists below are there already.")


def reading(of: two_views.Sides, shown: np.ndarray) -> str:
    """What may be compared from one map to the other, and how much is kept on the whole."""
    where = (
        "Both are cut out of the shared map, where what is no prompt keeps its place; how far a prompt went on it "
        "means nothing."
        if of.shared_map
        else "Each map is fitted by itself, so places on the two cannot be compared."
    )
    kept = of.near.kept[shown]
    told = (
        f" Of the {of.near.k} nearest {100 * kept.mean():.0f} % are kept, on average over {plural(len(kept), 'item')}; "
        f"by chance it would be {100 * of.near.chance:.0f} %."
        if len(kept)
        else ""
    )
    return f"{where} Neighbours can be compared: they are found by similarity, not on the maps.{told}"


def lists(of: two_views.Sides, shown: np.ndarray) -> None:
    """Who moved most, and the nearest of the one that is chosen on either side."""
    moved, *near = st.columns([1.25, 1, 1], gap="large")
    with moved:
        beside.moved_list(of, shown)
    chosen = of.chosen(state.view().selected)
    for side, column in enumerate(near):
        with column:
            if chosen:
                beside.nearest_list(of, side, chosen[-1])
            elif side == 0:
                page.quiet("Choose a point on a map or in the list: its nearest by both stand here, those grey that "
                           "are near by one only.")  # fmt: skip


draw()
