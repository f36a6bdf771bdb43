"""Two datasets with each other's heads: a button, a wait, and what came of it."""

from typing import TYPE_CHECKING

import streamlit as st

from dashboard.components import leave, page
from dashboard.reads import swapping
from dashboard.session import said
from dashboard.session.filtering import item_id
from dashboard.session.text import md

if TYPE_CHECKING:
    from fute_core.atlas.gallery import Item

LEAD = (
    "The heads of each dataset answer the rows of the other, and the labels are read off these answers, beside what "
    "the rows' own heads and heads of random weights give. Families do not take part."
)


def section(one: "Item", other: "Item") -> None:
    """Nothing for what is no dataset."""
    if {one.embedding.kind, other.embedding.kind} != {"dataset"}:
        return
    page.section(f"Do {one.embedding.name} and {other.embedding.name} do each other's job?", LEAD)
    lacking = [item.embedding.name for item in (one, other) if swapping.labelled_rows(item) is None]
    if lacking:
        page.quiet(f"Rows with labels are needed, and {' and '.join(lacking)} has none here.")
        return
    key = f"swap-{item_id(one)}-{item_id(other)}"
    if not st.session_state.get(key):
        st.button("Try it on their rows", key=f"{key}-go", on_click=st.session_state.__setitem__, args=(key, True))
        return
    waiting = swapping.swapped(one, other) is None
    st.fragment(_found, run_every=0.7 if waiting else None)(one, other, waiting)


def _found(one: "Item", other: "Item", waiting: bool) -> None:
    with page.trouble():
        swaps = swapping.swapped(one, other)
        if swaps is None:
            page.progress(0, 0, "Reading rows and fitting heads")
            return
        if waiting:
            said.rerun()
        for swap in swaps:
            st.markdown(md(swap.words))
        rows = swapping.rows(swaps)
        two_places = st.column_config.NumberColumn(format="%.2f")
        figures = [name for name in rows[0] if name not in ("rows of", "heads of", "rows")]
        st.dataframe(rows, hide_index=True, column_config=dict.fromkeys(figures, two_places))
        leave.pin_button(f"{one.embedding.name} and {other.embedding.name} on their rows", key=f"swap-{item_id(other)}",
                         table=lambda: rows, note=" ".join(s.words for s in swaps),
                         about=[item_id(one), item_id(other)])  # fmt: skip
