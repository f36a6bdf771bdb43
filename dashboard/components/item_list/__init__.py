"""A list of items with their marks, to be clicked: neighbours, a selection, search results."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TypedDict

import streamlit as st

from dashboard.components import marks

FRONTEND = Path(__file__).parent / "frontend"


class Row(TypedDict, total=False):
    """One line. name, note, figure and title are shown as text, so they need no escaping.

    note : a second, quiet line. figure : a number at the right. value : 0 to 1, drawn as a bar, or left out.
    line : words on a line that parts this row from those above. dim : drawn grey. weak : its mark is faded.
    number : that of its ring on the map.
    """

    id: str
    kind: str
    family: str | None
    name: str
    note: str
    figure: str
    title: str
    value: float
    current: bool
    line: str
    dim: bool
    weak: bool
    number: int


def item_list(
    rows: Sequence[Row],
    *,
    key: str,
    label: str,
    on_pick: Callable[[str], None],
    on_drop: Callable[[str], None] | None = None,
) -> None:
    """Draw the rows; calls back with the id of the one that was clicked, or taken out by its cross.

    label : what the list is, for screen readers.
    """

    def clicked(what: str, act: Callable[[str], None] | None) -> Callable[[], None]:
        def take() -> None:
            found = st.session_state[key].get(what)
            if found is not None and act is not None:
                act(str(found))

        return take

    _component()(
        key=key,
        data={
            "label": label,
            "droppable": on_drop is not None,
            "rows": [
                {
                    "id": row["id"],
                    "kind": row["kind"],
                    "colour": marks.colour(row.get("family")),
                    "name": row["name"],
                    "note": row.get("note", ""),
                    "figure": row.get("figure", ""),
                    "title": row.get("title", ""),
                    "value": row.get("value"),
                    "current": row.get("current", False),
                    "line": row.get("line", ""),
                    "dim": row.get("dim", False),
                    "weak": row.get("weak", False),
                    "number": row.get("number"),
                }
                for row in rows
            ],
        },
        on_picked_change=clicked("picked", on_pick),
        on_dropped_change=clicked("dropped", on_drop),
    )


@lru_cache(maxsize=1)
def _component():
    return st.components.v2.component(
        "item_list",
        html='<ul class="item-list"></ul>',
        css=(FRONTEND / "list.css").read_text("utf-8"),
        js=(FRONTEND / "list.js").read_text("utf-8"),
        isolate_styles=False,
    )
