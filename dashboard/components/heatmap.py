"""Similarities of rows and columns: their order, their colours, a figure for the findings, a table. No Streamlit."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from dashboard.components.dendrogram import branches, cluster
from dashboard.session.filtering import item_id
from dashboard.session.text import html_text, shorten
from fute_core.maps.palette import family_order

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from fute_core.atlas.gallery import Item

MOST_NAMED = 10_000
"""Cells up to which each tells its names under the pointer."""
MOST_NAMES = 80
CLOSER, SIMILARITY = "closer", "similarity"
"""What a cell is coloured by: the share of strangers that are less alike, or the bare number."""
DECADES = 3
"""Of strangers, on the scale of the shares: each part of the bar stands for ten times fewer."""
SHARE_TICKS = (("0", 1.0), ("90", 0.1), ("99", 0.01), ("99.9", 0.001))
SHARES = ((0.0, "#F7F7F3"), (0.25, "#D5E9DF"), (0.5, "#74BFB4"), (0.75, "#1F8388"), (1.0, "#0B3C5D"))
SHARES_DARK = ((0.0, "#1B2024"), (0.25, "#20403F"), (0.5, "#2A7F77"), (0.75, "#6FD0C0"), (1.0, "#F0FFF8"))
"""Pale for what strangers reach, strong for what hardly any does; on a dark page the other way round."""
SCALE = ((0.0, "#8C510A"), (0.25, "#D8B365"), (0.5, "#F5F5F5"), (0.75, "#5AB4AC"), (1.0, "#01665E"))
"""Brown to teal, told apart by all kinds of colour vision; grey is 0."""
DARK = ((0.0, "#E0B15C"), (0.25, "#8A6A2E"), (0.5, "#22272B"), (0.75, "#2A837A"), (1.0, "#7ADCCF"))
"""The same on a dark page, where what is 0 should not shine."""


def at_share(shares: np.ndarray) -> np.ndarray:
    """Where shares of strangers stand on their scale, 0 to 1: by how many times fewer than all of them they are."""
    return np.clip(-np.log10(np.clip(shares, 10.0**-DECADES, 1.0)) / DECADES, 0.0, 1.0)


def reach(values: np.ndarray) -> float:
    """The similarity at which the colours of bare numbers end: the largest that is no item with itself, in tenths."""
    others = np.abs(values[values < 0.9995])
    return min(max(math.ceil(10 * float(others.max(initial=0.0))), 2), 10) / 10


def by_column(values: np.ndarray, shares: np.ndarray) -> list[int]:
    """Positions of rows by their values (n, 1) and shares (n, 1) in one column: the item itself, then the closest."""
    itself = values[:, 0] > 0.9995
    unknown = np.nan_to_num(shares[:, 0], nan=2.0)
    return [int(i) for i in np.lexsort((-values[:, 0], np.where(itself, -1.0, unknown)))]


def colours(values: np.ndarray) -> np.ndarray:
    """Values in [-1, 1] of any shape as colours of the scale, uint8 (..., 3)."""
    stops = [2 * at - 1 for at, _ in SCALE]
    channels = np.array([[int(colour[k : k + 2], 16) for k in (1, 3, 5)] for _, colour in SCALE])
    return np.stack([np.interp(values, stops, channel) for channel in channels.T], -1).round().astype(np.uint8)


def ordered(items: Sequence["Item"], cosines: np.ndarray, by: str) -> tuple[list[int], np.ndarray | None]:
    """Positions in the wanted order ("alike", "name", "family"), and the linkage where there is one.

    cosines : of the items with each other, (n, n).
    """
    if by == "alike":
        order, tree = cluster(cosines)
        return [int(i) for i in order], tree
    families = family_order(i.embedding.family for i in items)

    def key(i: int) -> tuple:
        own = items[i].embedding
        return (families.index(own.family) if by == "family" else 0, own.name.casefold())

    return sorted(range(len(items)), key=key), None


def figure(
    rows: Sequence["Item"],
    columns: Sequence["Item"],
    values: np.ndarray,
    tree: np.ndarray | None = None,
    shares: np.ndarray | None = None,
) -> "go.Figure":
    """For findings. Rows from top to bottom; values : (n_rows, n_columns) in [-1, 1]; tree : linkage of the rows.

    shares : of strangers that are as alike; with them the cells are coloured as on the page that shows these.
    """
    import plotly.graph_objects as go

    n, m = values.shape
    said = "similarity %{customdata:.2f}<extra></extra>"
    hover: dict[str, object] = {"hovertemplate": said}
    if n * m <= MOST_NAMED:
        down, across = ([html_text(shorten(i.embedding.name, 50)) for i in axis] for axis in (rows, columns))
        hover = {"text": [[f"{a}<br>{b}" for b in across] for a in down], "hovertemplate": f"%{{text}}<br>{said}"}
    end = reach(values)
    look: dict[str, object] = {"z": np.round(values, 3).astype(np.float32), "zmin": -end, "zmax": end,
                               "colorscale": SCALE}  # fmt: skip
    bar: dict[str, object] = {"title": "Similarity"}
    if shares is not None:
        look = {"z": np.round(at_share(shares), 3).astype(np.float32), "zmin": 0, "zmax": 1, "colorscale": SHARES}
        bar = {"title": "Closer than, %", "tickvals": [float(at_share(np.array(s))) for _, s in SHARE_TICKS],
               "ticktext": [text for text, _ in SHARE_TICKS]}  # fmt: skip
    drawn = go.Figure(
        go.Heatmap(**look, customdata=np.round(values, 3).astype(np.float32), **hover,
                   colorbar={**bar, "thickness": 12, "len": 0.6, "x": 1.02})
    )  # fmt: skip
    cells = 1.0 if tree is None else 0.9
    if tree is not None:
        along, up = branches(tree)
        drawn.add_scatter(x=up, y=along, xaxis="x2", mode="lines", line={"width": 1, "color": "#8A8A8A"},
                          hoverinfo="skip", showlegend=False)  # fmt: skip
    drawn.update_layout(
        template="plotly_white", height=figure_height(n) + 150, margin={"l": 8, "r": 8, "t": 8, "b": 8},
        xaxis={**_axis(columns), "domain": [0, cells], "tickangle": -50, "range": [-0.5, m - 0.5]},
        yaxis={**_axis(rows), "range": [n - 0.5, -0.5]},
        xaxis2={"domain": [min(cells + 0.005, 0.99), 1], "visible": False},
    )  # fmt: skip
    return drawn


def figure_height(rows: int) -> int:
    """Pixels for the cells."""
    return int(min(900, max(160, 18 * rows)))


def table(
    rows: Sequence["Item"], columns: Sequence["Item"], values: np.ndarray, shares: np.ndarray | None = None
) -> list[dict[str, object]]:
    """The same as rows with names, as shown; a column is called by its id, since kinds may share a name.

    shares : the cells then say of how many strangers each pair is closer, from 0 to 1; none for what is not known.
    """
    cells = values if shares is None else 1 - shares
    return [
        {"kind": a.embedding.kind, "name": a.embedding.name, "family": a.embedding.family or "",
         **{item_id(b): None if np.isnan(v) else round(float(v), 6) for b, v in zip(columns, line, strict=True)}}
        for a, line in zip(rows, cells, strict=True)
    ]  # fmt: skip


def _axis(items: Sequence["Item"]) -> dict[str, object]:
    """Names stand there in any case, so that they can be read off the figure."""
    names = [html_text(shorten(i.embedding.name, 26)) for i in items]
    return {"tickvals": list(range(len(items))), "ticktext": names, "showgrid": False, "zeroline": False, "ticks": "",
            "automargin": True, "tickfont": {"size": 10}, "showticklabels": len(items) <= MOST_NAMES}  # fmt: skip
