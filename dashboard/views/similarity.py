"""Similarity: any rows against any columns, ordered by what is alike; a click on a cell opens its evidence."""

from dataclasses import replace

import streamlit as st

from dashboard import navigation
from dashboard.components import evidence, filters, heatmap, leave, page
from dashboard.components.matrix import matrix
from dashboard.reads import cosines, data
from dashboard.reads.moments import kept
from dashboard.session import address, state
from dashboard.session.filtering import KIND_NAMES, item_id, passing, why_empty
from dashboard.session.text import plural, shorten
from dashboard.session.view import View

CHOICES = {"all": "All kinds", **KIND_NAMES, "selection": "Selection"}
ORDERS = {"alike": "What is alike", "family": "Family", "name": "Name"}
COLOURS = {heatmap.CLOSER: "Closer than", heatmap.SIMILARITY: "Similarity"}
TEXTS = 4
MOST_AXIS = 2000
MOST_PINNED = 250_000
MOST_PINNED_NUMBERS = 40_000
"""Cells: beyond, a finding would slow the board that it is pinned on."""


def draw() -> None:
    page.heading(
        "Similarity",
        "How close any two lie, in the original space and not on the map: of the pairs known to do different jobs, "
        "how many are less alike. The bare similarity is one click away.",
    )
    # Which kinds are wanted is said by rows and columns, each for itself.
    view = replace(state.view(), kinds=())
    atlas = page.open_atlas(view.pair)
    with page.trouble():
        with st.container(key="axes", horizontal=True, vertical_alignment="bottom", gap="small"):
            address.spell_out(rows=CHOICES, columns=CHOICES, order=ORDERS, colour=COLOURS)
            rows = axis("Rows", "rows")
            columns = axis("Columns", "columns")
            address.option("order", "order", ORDERS.values())
            by = st.selectbox("Order", list(ORDERS), format_func=ORDERS.get, key="order", bind="query-params",
                              width=150)  # fmt: skip
            address.option("colour", "colour", COLOURS.values())
            colour = st.segmented_control(
                "Colour", list(COLOURS), default=heatmap.CLOSER, required=True, format_func=COLOURS.get, key="colour",
                bind="query-params", width="content",
            )  # fmt: skip
        with st.container(key="bar", horizontal=True, vertical_alignment="bottom", gap="small"):
            filters.draw(atlas.items, kinds=False)
        shown = passing(atlas.items, view)
        if not shown.any():
            page.empty("No rows", why_empty(atlas.items, view), action="Clear the filters", on_click=filters.clear)
            return
        show(atlas, view, wanted(atlas, view, shown, rows), wanted(atlas, view, shown, columns), by, colour)


def axis(label: str, key: str) -> str:
    """What stands along one side."""
    address.option(key, key, CHOICES.values())
    return st.selectbox(label, list(CHOICES), 1, format_func=CHOICES.get, key=key, bind="query-params", width=135)


def wanted(atlas, view: View, shown, choice: str) -> list[int]:
    """Positions of what a choice of rows or columns means, of what the filters let through."""
    chosen = set(view.selected)
    return [
        i
        for i, item in enumerate(atlas.items)
        if shown[i] and (choice in ("all", item.embedding.kind) or (choice == "selection" and item_id(item) in chosen))
    ]


def show(atlas, view: View, rows: list[int], columns: list[int], by: str, colour: str) -> None:
    if not rows or not columns:
        page.empty("Nothing to compare", "No item is both in the filters and in the rows or columns chosen above.",
                   action="Show all datasets", on_click=show_all)  # fmt: skip
        return
    if max(len(rows), len(columns)) > MOST_AXIS:
        page.empty("Too many to draw", f"Choose at most {MOST_AXIS:,} rows and columns, by kind, family or search.")
        return
    pair = view.pair
    across, _ = arranged(pair, data.stamp(), tuple(columns), by)
    columns = [columns[i] for i in across]
    sorting = next((i for i in columns if item_id(atlas.items[i]) == sorted_by()), None)
    said = f"The address sorts by “{shorten(sorted_by())}”, which is no column here."
    address.check("sort", sorting is not None, said)
    order, tree = (
        arranged(pair, data.stamp(), tuple(rows), by)
        if sorting is None
        else (heatmap.by_column(cosines.between(pair, rows, [sorting]), cosines.shares(pair, rows, [sorting])), None)
    )
    rows = [rows[i] for i in order]
    values, shares = cosines.between(pair, rows, columns), cosines.shares(pair, rows, columns)
    down, along = [atlas.items[i] for i in rows], [atlas.items[i] for i in columns]
    cell = opened_cell()
    given = st.query_params.get_all("cell")
    said = f"The address opens the cell of {' and '.join(map(shorten, given[:2]))}, not two items of this space."
    address.check("cell", len(data.chosen(atlas, given)) == 2, said)
    matrix(
        down, along, values, tree, shares=shares, by=colour, key="matrix", picked=cell, selected=view.selected,
        sorted_by="" if sorting is None else item_id(atlas.items[sorting]), on_pick=open_cell, on_sort=sort,
    )  # fmt: skip
    if sorting is not None:
        with st.container(key="sorted", horizontal=True, vertical_alignment="center", gap="small"):
            page.quiet(f"Rows are sorted by {atlas.items[sorting].embedding.name}.")
            st.button(f"Order by {ORDERS[by].lower()} again", key="unsort", type="tertiary", on_click=sort, args=("",))
    with st.container(key="matrix-actions", horizontal=True, vertical_alignment="center", gap="small"):
        # What leaves has the numbers that are coloured.
        small = values.size <= MOST_PINNED_NUMBERS
        coloured = shares if colour == heatmap.CLOSER else None
        stem = "task-atlas-similarity" if coloured is None else "task-atlas-closer-than"
        leave.downloads(lambda: heatmap.table(down, along, values, coloured), stem, "table")
        if values.size <= MOST_PINNED:
            leave.pin_button(
                title(down, along), key="similarity",
                # Without numbers of its own, a figure's are read off its cells.
                figure=lambda: heatmap.figure(down, along, values, tree, coloured if small else None).to_json(),
                table=(lambda: heatmap.table(down, along, values, coloured)) if small else None,
                about=sorted({item_id(i) for i in (*down, *along)}),
            )  # fmt: skip
        page.quiet(f"{len(rows):,} rows, {len(columns):,} columns. Colours along the edges are families; what is "
                   "selected has a bar beside its name.")  # fmt: skip
    if cell:
        opened(atlas, cell)


@kept(32)
def arranged(pair: bool, stamp: str, positions: tuple[int, ...], by: str) -> tuple[list[int], object]:
    """Order and linkage of the items at these positions; a second for a thousand, so it is kept."""
    places, items = list(positions), data.atlas(pair, stamp).items
    return heatmap.ordered([items[i] for i in places], cosines.between(pair, places, places), by)


def opened_cell() -> tuple[str, str] | None:
    """Ids of the cell that is open: that of the address, else the one this session opened last."""
    given = st.query_params.get_all("cell")
    return (given[0], given[1]) if len(given) == 2 else st.session_state.get("similarity.cell")


def show_all() -> None:
    """Datasets against datasets, without a filter."""
    filters.clear()
    st.session_state["rows"] = st.session_state["columns"] = "dataset"


def sorted_by() -> str:
    """Id of the column that the rows are sorted by: that of the address, else the session's last."""
    return st.query_params.get("sort", st.session_state.get("similarity.sort", ""))


def sort(column: str) -> None:
    """Sort the rows by a column; by the same once more, not any longer."""
    wanted = "" if column == sorted_by() else column
    st.session_state["similarity.sort"] = wanted
    if wanted:
        st.query_params["sort"] = wanted
    else:
        st.query_params.pop("sort", None)


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
