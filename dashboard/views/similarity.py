"""Similarity: any rows against any columns, ordered by what is alike; a click on a cell opens its evidence."""

import streamlit as st

from dashboard import navigation
from dashboard.components import evidence, filters, heatmap, leave, page
from dashboard.components.matrix import matrix
from dashboard.reads import cosines, data
from dashboard.session import state
from dashboard.session.filtering import KIND_NAMES, item_id, options, passing, why_empty
from dashboard.session.text import plural
from fute_core.maps.palette import NO_FAMILY

CHOICES = {"all": "All kinds", **KIND_NAMES, "selection": "Selection"}
ORDERS = {"alike": "What is alike", "family": "Family", "name": "Name"}
TEXTS = 4
MOST_AXIS = 2000
MOST_PINNED = 250_000
MOST_PINNED_NUMBERS = 40_000
"""Cells: beyond, a finding would slow the board that it is pinned on."""


def draw() -> None:
    page.heading("Similarity", "How close any two lie, in the original space and not on the map.")
    view = state.view()
    atlas = page.open_atlas(view.pair)
    with page.trouble():
        with st.container(key="bar", horizontal=True, vertical_alignment="bottom", gap="small"):
            filters.draw(atlas.items)
        families = options(atlas.items)["families"]
        with st.container(key="axes", horizontal=True, vertical_alignment="bottom", gap="small"):
            rows = axis("Rows", "rows", families)
            columns = axis("Columns", "columns", families)
            by = st.selectbox("Order", list(ORDERS), format_func=ORDERS.get, key="order", bind="query-params",
                              width=150)  # fmt: skip
        shown = passing(atlas.items, view)
        if not shown.any():
            page.empty("No rows", why_empty(atlas.items, view), action="Clear the filters", on_click=filters.clear)
            return
        show(atlas, wanted(atlas, shown, *rows), wanted(atlas, shown, *columns), by)


def axis(label: str, key: str, families: list[str]) -> tuple[str, list[str]]:
    """What stands along one side: a kind, and families of it."""
    kind = st.selectbox(label, list(CHOICES), 1, format_func=CHOICES.get, key=key, bind="query-params", width=135)
    of = st.multiselect(f"{label}: families", families, key=f"{key}-family", bind="query-params", width=210,
                        placeholder="Any family")  # fmt: skip
    return kind, of


def wanted(atlas, shown, choice: str, families: list[str]) -> list[int]:
    """Positions of what a choice of rows or columns means, of what the filters let through."""
    chosen = set(state.view().selected)
    return [
        i
        for i, item in enumerate(atlas.items)
        if shown[i]
        and (not families or (item.embedding.family or NO_FAMILY) in families)
        and (choice in ("all", item.embedding.kind) or (choice == "selection" and item_id(item) in chosen))
    ]


def show(atlas, rows: list[int], columns: list[int], by: str) -> None:
    if not rows or not columns:
        page.empty("Nothing to compare", "No item is both in the filters and in the rows or columns chosen above.")
        return
    if max(len(rows), len(columns)) > MOST_AXIS:
        page.empty("Too many to draw", f"Choose at most {MOST_AXIS:,} rows and columns, by kind, family or search.")
        return
    pair = state.view().pair
    order, tree = arranged(pair, data.stamp(), tuple(rows), by)
    across, _ = arranged(pair, data.stamp(), tuple(columns), by)
    rows, columns = [rows[i] for i in order], [columns[i] for i in across]
    values = cosines.between(pair, rows, columns)
    down, along = [atlas.items[i] for i in rows], [atlas.items[i] for i in columns]
    cell = opened_cell()
    matrix(down, along, values, tree, key="matrix", picked=cell, on_pick=open_cell)
    with st.container(key="matrix-actions", horizontal=True, vertical_alignment="center", gap="small"):
        leave.downloads(lambda: heatmap.table(down, along, values), "task-atlas-similarity", "table")
        numbers = (lambda: heatmap.table(down, along, values)) if values.size <= MOST_PINNED_NUMBERS else None
        if values.size <= MOST_PINNED:
            leave.pin_button(
                title(down, along), key="similarity",
                figure=lambda: heatmap.figure(down, along, values, tree).to_json(), table=numbers,
                about=sorted({item_id(i) for i in (*down, *along)}),
            )  # fmt: skip
        page.quiet(f"{len(rows):,} rows, {len(columns):,} columns. Colours along the edges are families.")
    if cell:
        opened(atlas, cell)


@st.cache_data(show_spinner=False, max_entries=32)
def arranged(pair: bool, stamp: str, positions: tuple[int, ...], by: str) -> tuple[list[int], object]:
    """Order and linkage of the items at these positions; a second for a thousand, so it is kept."""
    places = list(positions)
    return heatmap.ordered([data.atlas(pair).items[i] for i in places], cosines.between(pair, places, places), by)


def opened_cell() -> tuple[str, str] | None:
    """Ids of the cell that is open: that of the address, else the one this session opened last."""
    given = st.query_params.get_all("cell")
    return (given[0], given[1]) if len(given) == 2 else st.session_state.get("similarity.cell")


def title(rows, columns) -> str:
    """Of a pin: how many items, once where rows and columns are the same."""
    if [item_id(i) for i in rows] == [item_id(i) for i in columns]:
        return f"Similarity of {plural(len(rows), 'item')}"
    return f"Similarity of {plural(len(rows), 'row')} and {plural(len(columns), 'column')}"


def open_cell(row: str, column: str) -> None:
    st.session_state["similarity.cell"] = (row, column)
    st.query_params["cell"] = [row, column]


def opened(atlas, ids: tuple[str, str]) -> None:
    """The evidence of one cell, and the way to Compare."""
    pair = data.chosen(atlas, ids)
    if len(pair) < 2:
        return
    one, other = pair
    with st.container(key="card-cell"):
        page.section(f"{one.embedding.name} and {other.embedding.name}")
        if one is other:
            page.quiet("The item itself.")
            return
        page.facts(evidence.pair_facts(atlas, one, other))
        found = evidence.sides(atlas, one, other, TEXTS)
        hide = page.hides_abusive(evidence.any_abusive(atlas, found))
        evidence.texts(atlas, one, other, found, hide=hide)
        if st.button("Open in Compare", key="to-compare"):
            state.go(navigation.path_of("compare"), selected=(item_id(one), item_id(other)))


draw()
