"""Similarity: any rows against any columns, ordered by what is alike; a click on a cell opens its evidence."""

import streamlit as st

from dashboard import data, navigation, state
from dashboard.components import evidence, filters, heatmap, leave, page, pickers
from dashboard.filtering import KIND_NAMES, item_id, passing, why_empty

CHOICES = {"all": "All kinds", **KIND_NAMES, "selection": "Selection"}


def draw() -> None:
    page.heading("Similarity", "Who does the same job as whom, in the original space and not on the map.")
    view = state.view()
    atlas = page.open_atlas(view.pair)
    with page.trouble():
        with st.container(key="bar", horizontal=True, vertical_alignment="bottom", gap="small"):
            filters.draw(atlas.items)
            options = {"options": list(CHOICES), "format_func": CHOICES.get, "bind": "query-params", "width": 150}
            rows = st.selectbox("Rows", key="rows", index=1, **options)
            columns = st.selectbox("Columns", key="columns", index=1, **options)
            by = st.selectbox("Order", ["alike", "family", "name"], key="order", bind="query-params", width=130)
        shown = passing(atlas.items, view)
        if not shown.any():
            page.empty("No rows", why_empty(atlas.items, view), action="Clear the filters", on_click=filters.clear)
            return
        show(atlas, wanted(atlas, shown, rows), wanted(atlas, shown, columns), by)


def wanted(atlas, shown, choice: str) -> list[int]:
    """Positions of what a choice of rows or columns means, of what the filters let through."""
    chosen = set(state.view().selected)
    return [
        i
        for i, item in enumerate(atlas.items)
        if shown[i] and (choice in ("all", item.embedding.kind) or (choice == "selection" and item_id(item) in chosen))
    ]


def show(atlas, rows: list[int], columns: list[int], by: str) -> None:
    if not rows or not columns:
        page.empty("Nothing to compare", "No item is both in the filters and in the rows or columns chosen above.")
        return
    vectors = atlas.space.vectors
    order, tree = heatmap.ordered([atlas.items[i] for i in rows], vectors[rows], by)
    across, _ = heatmap.ordered([atlas.items[i] for i in columns], vectors[columns], by)
    rows, columns = [rows[i] for i in order], [columns[i] for i in across]
    values = vectors[rows] @ vectors[columns].T
    down, along = [atlas.items[i] for i in rows], [atlas.items[i] for i in columns]
    figure = heatmap.figure(down, along, values, tree)
    image = {"displaylogo": False, "toImageButtonOptions": {"format": "svg", "scale": 2}}
    event = st.plotly_chart(figure, key="heatmap", on_select="rerun", selection_mode="points", config=image)
    with st.container(key="map-actions", horizontal=True, vertical_alignment="center", gap="small"):
        page.quiet(f"{len(rows):,} rows, {len(columns):,} columns. The camera over the chart saves the picture.")
        leave.downloads(lambda: heatmap.table(down, along, values), "task-atlas-similarity", "table")
        leave.pin_button("Similarity", key="similarity", figure=figure.to_json,
                         table=lambda: heatmap.table(down, along, values),
                         about=sorted({item_id(i) for i in (*down, *along)}))  # fmt: skip
    points = event.selection.points if event else []
    cell = points[0].get("customdata") if points else None
    if not cell and len(rows) * len(columns) > heatmap.MOST_CLICKABLE:
        page.quiet("With so many cells, choose the two by name.")
        picked = [pickers.pick_one("Row", down, key="cell-row"), pickers.pick_one("Column", along, key="cell-column")]
        cell = [item_id(i) for i in picked] if all(picked) else None
    if cell:
        opened(atlas, [str(c) for c in cell[:2]])
    else:
        page.quiet("Click a cell to see what stands behind it.")


def opened(atlas, ids: list[str]) -> None:
    """The evidence of one cell, and the way to Compare."""
    pair = data.chosen(atlas, ids)
    if len(pair) < 2:
        return
    one, other = pair
    page.section(f"{one.embedding.name} and {other.embedding.name}")
    page.facts(evidence.pair_facts(atlas, one, other))
    if one is not other and st.button("Open in Compare", key="to-compare"):
        state.go(navigation.path_of("compare"), selected=(item_id(one), item_id(other)))


draw()
