"""Similarities of rows and columns as a picture whose cells can be clicked. No Streamlit in here."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from dashboard.components.dendrogram import branches, cluster
from dashboard.filtering import item_id
from dashboard.text import html_text, shorten
from fute_core.palette import family_order

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from fute_core.atlas import Item

MOST_CLICKABLE = 10_000
"""Cells up to which each has an invisible mark that takes the click: a heatmap's own clicks come back empty."""
MOST_NAMES = 80
SCALE = ((0.0, "#8C510A"), (0.25, "#D8B365"), (0.5, "#F5F5F5"), (0.75, "#5AB4AC"), (1.0, "#01665E"))
"""Brown to teal, told apart by all kinds of colour vision; grey is 0."""


def colours(values: np.ndarray) -> np.ndarray:
    """Values in [-1, 1] of any shape as colours of the scale, uint8 (..., 3)."""
    stops = [2 * at - 1 for at, _ in SCALE]
    channels = np.array([[int(colour[k : k + 2], 16) for k in (1, 3, 5)] for _, colour in SCALE])
    return np.stack([np.interp(values, stops, channel) for channel in channels.T], -1).round().astype(np.uint8)


def ordered(items: Sequence["Item"], vectors: np.ndarray, by: str) -> tuple[list[int], np.ndarray | None]:
    """Positions in the wanted order ("alike", "name", "family"), and the linkage where there is one."""
    if by == "alike":
        order, tree = cluster(vectors)
        return [int(i) for i in order], tree
    families = family_order(i.embedding.family for i in items)

    def key(i: int) -> tuple:
        own = items[i].embedding
        return (families.index(own.family) if by == "family" else 0, own.name.casefold())

    return sorted(range(len(items)), key=key), None


def figure(
    rows: Sequence["Item"], columns: Sequence["Item"], values: np.ndarray, tree: np.ndarray | None = None
) -> "go.Figure":
    """Rows from top to bottom. values : (n_rows, n_columns) in [-1, 1]. tree : linkage of the rows, drawn at the right.

    A point that is clicked has its cell, (row id, column id), as customdata.
    """
    import plotly.graph_objects as go

    n, m = values.shape
    drawn = go.Figure(
        go.Heatmap(
            z=np.round(values, 3).astype(np.float32), zmin=-1, zmax=1, colorscale=SCALE, hoverinfo="skip",
            colorbar={"title": "Similarity", "thickness": 12, "len": 0.6, "x": 1.12 if tree is not None else 1.02},
        )
    )  # fmt: skip
    if n * m <= MOST_CLICKABLE:
        size = max(4.0, min(760 / m, figure_height(n) / n))
        drawn.add_scatter(
            x=np.tile(np.arange(m), n), y=np.repeat(np.arange(n), m), mode="markers", opacity=0, showlegend=False,
            marker={"symbol": "square", "size": size},
            customdata=[[item_id(a), item_id(b), html_text(shorten(a.embedding.name, 50)),
                         html_text(shorten(b.embedding.name, 50)), f"{values[i, j]:.3f}"]
                        for i, a in enumerate(rows) for j, b in enumerate(columns)],
            hovertemplate="%{customdata[2]}<br>%{customdata[3]}<br>similarity %{customdata[4]}<extra></extra>",
        )  # fmt: skip
    else:
        drawn.data[0].update(hoverinfo="z")
    if tree is not None:
        along, up = branches(tree)
        drawn.add_scatter(x=up, y=along, xaxis="x2", mode="lines", line={"width": 1, "color": "#8A8A8A"},
                          hoverinfo="skip", showlegend=False)  # fmt: skip
    drawn.update_layout(
        height=figure_height(n) + 170, margin={"l": 8, "r": 8, "t": 8, "b": 8}, paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        xaxis={**_axis(columns), "domain": [0, 0.86 if tree is not None else 1], "tickangle": -50},
        yaxis={**_axis(rows), "autorange": "reversed"},
        xaxis2={"domain": [0.88, 1], "visible": False},
    )  # fmt: skip
    return drawn


def figure_height(rows: int) -> int:
    """Pixels for the cells."""
    return int(min(900, max(160, 16 * rows)))


def table(rows: Sequence["Item"], columns: Sequence["Item"], values: np.ndarray) -> list[dict[str, object]]:
    """The same as rows with names, as shown."""
    return [
        {"name": a.embedding.name, **{item_id(b): round(float(v), 6) for b, v in zip(columns, line, strict=True)}}
        for a, line in zip(rows, values, strict=True)
    ]


def _axis(items: Sequence["Item"]) -> dict[str, object]:
    if len(items) > MOST_NAMES:
        return {"showticklabels": False, "showgrid": False, "zeroline": False}
    names = [html_text(shorten(i.embedding.name, 26)) for i in items]
    return {"tickvals": list(range(len(items))), "ticktext": names, "showgrid": False, "zeroline": False,
            "automargin": True, "tickfont": {"size": 10}}  # fmt: skip
