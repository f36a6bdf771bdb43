"""Similarities as a picture of our own on a canvas: any size, every cell can be pointed at, clicked and walked to.

A heatmap of plotly tells Streamlit nothing of clicks, and a thousand rows of it are five megabytes. Here a cell is a
byte: hundredths of a similarity, or of the scale of shares, which is what the eye and the hover card need. Where there
are not too many cells, both travel. Exact numbers leave as CSV.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from dashboard.components import marks
from dashboard.components.atlas_map.payload import encode
from dashboard.components.dendrogram import branches
from dashboard.components.heatmap import (
    CLOSER,
    DARK,
    DECADES,
    SCALE,
    SHARE_TICKS,
    SHARES,
    SHARES_DARK,
    SIMILARITY,
    at_share,
    reach,
)
from dashboard.components.served import scripts
from dashboard.session.filtering import KIND_NAME, item_id

if TYPE_CHECKING:
    from fute_core.atlas.gallery import Item

FRONTEND = Path(__file__).parent / "frontend"
MOST_WITH_BOTH = 250_000
"""Cells up to which the card tells both numbers of each."""
NOT_KNOWN = 255
"""In place of a share that nobody knows."""


def matrix(
    rows: Sequence["Item"],
    columns: Sequence["Item"],
    values: np.ndarray,
    tree: np.ndarray | None = None,
    *,
    shares: np.ndarray,
    by: str,
    key: str,
    picked: tuple[str, str] | None = None,
    selected: Sequence[str] = (),
    sorted_by: str = "",
    on_pick: Callable[[str, str], None],
    on_sort: Callable[[str], None],
) -> None:
    """Draw rows from top to bottom. values : (n_rows, n_columns) in [-1, 1]. tree : linkage of the rows.

    shares : of strangers that are as alike. by : which of both gives the colours, `CLOSER` or `SIMILARITY`.
    picked : ids of the cell that is open. on_pick : called with the row's and the column's id.
    selected : ids of the items whose names are marked. sorted_by : id of the column that the rows are sorted by.
    on_sort : called with a column's id.
    """

    def take() -> None:
        found = st.session_state[key].get("cell")
        if found is not None:
            on_pick(str(found[0]), str(found[1]))

    def sort() -> None:
        found = st.session_state[key].get("sort")
        if found is not None:
            on_sort(str(found))

    data = packed(rows, columns, values, tree, shares, by)
    chosen = {"picked": list(picked or ()), "selected": list(selected), "sortedBy": sorted_by}
    _component()(key=key, data={**data, **chosen}, on_cell_change=take, on_sort_change=sort)


def packed(
    rows: Sequence["Item"],
    columns: Sequence["Item"],
    values: np.ndarray,
    tree: np.ndarray | None,
    shares: np.ndarray,
    by: str,
) -> dict[str, Any]:
    """What travels to the browser: a byte or two a cell, each axis once where both are the same."""
    same = [item_id(i) for i in rows] == [item_id(i) for i in columns]
    along, up = branches(tree) if tree is not None else ([], [])
    lines = np.array([along, up], np.float64)
    both = values.size <= MOST_WITH_BOTH
    return {
        "rows": _axis(rows),
        "columns": None if same else _axis(columns),
        "by": by,
        "similarity": "" if by == CLOSER and not both else encode(_hundredths(values)),
        "shares": "" if by == SIMILARITY and not both else encode(_codes(shares)),
        "tree": encode(lines.astype("<f4")) if tree is not None else "",
        "decades": DECADES,
        "reach": reach(values),
        "ticks": [[text, float(at_share(np.array(share)))] for text, share in SHARE_TICKS],
        "scale": [list(stop) for stop in (SHARES if by == CLOSER else SCALE)],
        "dark": [list(stop) for stop in (SHARES_DARK if by == CLOSER else DARK)],
    }


def _hundredths(values: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(100 * values), -100, 100).astype(np.int8)


def _codes(shares: np.ndarray) -> np.ndarray:
    """Two hundredths of the scale, rounded down, so that no cell claims more than is known."""
    at = np.floor(200 * at_share(np.nan_to_num(shares, nan=1.0)) + 1e-6)
    return np.where(np.isnan(shares), NOT_KNOWN, at).astype(np.uint8)


def _axis(items: Sequence["Item"]) -> dict[str, Any]:
    """Ids, and codes of families with the colour and the name of each code; kinds are in the ids."""
    families = list(dict.fromkeys(i.embedding.family for i in items))
    return {
        "ids": [item_id(i) for i in items],
        "family": [families.index(i.embedding.family) for i in items],
        "families": [f or "" for f in families],
        "colours": [marks.colour(f) for f in families],
        "kinds": KIND_NAME,
    }


@lru_cache(maxsize=1)
def _component():
    return st.components.v2.component(
        "similarity_matrix",
        html='<div class="matrix"></div>',
        css=(FRONTEND / "style.css").read_text("utf-8"),
        js=scripts("similarity_matrix", FRONTEND, "renderMatrix"),
        isolate_styles=False,
    )
