"""Similarities as a picture of our own on a canvas: any size, every cell can be pointed at, clicked and walked to.

A heatmap of plotly tells Streamlit nothing of clicks, and a thousand rows of it are five megabytes. Here a cell is a
byte: hundredths of a similarity, which is what the eye and the hover card need. Exact numbers leave as CSV.
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
from dashboard.components.heatmap import DARK, SCALE
from dashboard.components.served import scripts
from dashboard.session.filtering import KIND_NAME, item_id

if TYPE_CHECKING:
    from fute_core.atlas.gallery import Item

FRONTEND = Path(__file__).parent / "frontend"


def matrix(
    rows: Sequence["Item"],
    columns: Sequence["Item"],
    values: np.ndarray,
    tree: np.ndarray | None = None,
    *,
    key: str,
    picked: tuple[str, str] | None = None,
    on_pick: Callable[[str, str], None],
) -> None:
    """Draw rows from top to bottom. values : (n_rows, n_columns) in [-1, 1]. tree : linkage of the rows.

    picked : ids of the cell that is open. on_pick : called with the row's and the column's id.
    """

    def take() -> None:
        found = st.session_state[key].get("cell")
        if found is not None:
            on_pick(str(found[0]), str(found[1]))

    data = packed(rows, columns, values, tree)
    _component()(key=key, data={**data, "picked": list(picked or ())}, on_cell_change=take)


def packed(
    rows: Sequence["Item"], columns: Sequence["Item"], values: np.ndarray, tree: np.ndarray | None
) -> dict[str, Any]:
    """What travels to the browser: a byte a cell, each axis once where both are the same."""
    same = [item_id(i) for i in rows] == [item_id(i) for i in columns]
    along, up = branches(tree) if tree is not None else ([], [])
    lines = np.array([along, up], np.float64)
    return {
        "rows": _axis(rows),
        "columns": None if same else _axis(columns),
        "values": encode(np.clip(np.rint(100 * values), -100, 100).astype(np.int8)),
        "tree": encode(lines.astype("<f4")) if tree is not None else "",
        "scale": [list(stop) for stop in SCALE],
        "dark": [list(stop) for stop in DARK],
    }


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
