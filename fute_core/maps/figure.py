"""The map as a figure and as files."""

import html
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fute_core.datasets.writing import write_bytes, write_rows
from fute_core.display import KIND_NAME
from fute_core.errors import BadInput
from fute_core.maps.name_places import place_labels, place_names
from fute_core.maps.palette import (
    KINDS,
    NO_FAMILY,
    NO_FAMILY_COLOUR,
    PLOTLY_SYMBOLS,
    PLOTLY_SYMBOLS_3D,
    family_colour,
    family_order,
)
from fute_core.maps.points import MapPoint, map_points, shorten

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from fute_core.maps.projection import Projection
    from fute_core.maps.shades import Shades
    from fute_core.space.space import TaskSpace

LONGEST_LINE = 110
MOST_LABELS = 60
FADED = 0.32
FAMILY_REACHES = (12.0, 20.0, 32.0, 46.0)
"""How far from the middle of its family a name may stand, in pixels."""
MAP_ENDINGS = (".csv", ".html", ".png", ".svg", ".pdf")
CAPTION = "Near on the map suggests alike; distances on it are not similarities."


def map_caption(projection: "Projection", n: int) -> str:
    """Say how the map was made, how far to trust it, and what not to read from it.

    Parameters
    ----------
    projection : Projection
        The map.
    n : int
        Number of its items.

    Returns
    -------
    str
        Plain text, one sentence a fact.
    """
    how = {"umap": "UMAP", "pca": "PCA"}[projection.method_used]
    options = "".join(f", {name} {value:g}" for name, value in projection.params.items())
    seed = f", seed {projection.seed}" if projection.method_used == "umap" else ""
    kept = ""
    if projection.neighbour_preservation is not None:
        share = 100 * projection.neighbour_preservation
        kept = f" It keeps {share:.0f} % of each point's {projection.k} nearest neighbours."
    return f"{how}{options}{seed}, n = {n}.{kept} {CAPTION}"


def map_figure(
    points: Sequence[MapPoint],
    caption: str = "",
    title: str = "",
    labels: bool | None = None,
    axes: tuple[str, str] | None = None,
    families: Sequence[tuple[str, NDArray[np.float64]]] = (),
    coloured: "Shades | None" = None,
) -> "go.Figure":
    """Make the interactive map: colour is family, symbol is kind, each point's id is "kind:name".

    Parameters
    ----------
    points : sequence of MapPoint
        The items.
    caption : str
        Below the map.
    title : str
        Above the map.
    labels : bool, optional
        Write names beside the points, where there is room; None does so for at most 60 in two dimensions. Hovering
        shows a name in any case.
    axes : tuple of (str, str), optional
        What lies across and up, where places mean something by themselves; those of a projection do not.
    families : sequence of (str, ndarray of float64, shape (2,))
        Families to be named on a map of two dimensions, and where; those for which there is room.
    coloured : Shades, optional
        What colours mean, where they are not those of families.

    Returns
    -------
    plotly.graph_objects.Figure
        The figure.
    """
    import plotly.graph_objects as go

    flat = all(p.z is None for p in points)
    labelled = flat and len(points) <= MOST_LABELS if labels is None else labels
    sides = _label_sides(points) if labelled and flat else dict.fromkeys(points, "top center")
    figure = go.Figure()
    for name, colour, members in _groups(points, coloured):
        figure.add_trace(_trace(members, name, colour, flat, sides if labelled else None))
    for kind in KINDS:
        if any(p.kind == kind for p in points):
            figure.add_trace(_kind_key(kind, flat))
    axis = {"showticklabels": False, "ticks": "", "zeroline": False, "title": "", "showgrid": not flat}
    figure.update_layout(
        title={"text": html.escape(title), "x": 0, "xref": "paper"} if title else None,
        template="plotly_white",
        margin={"l": 10, "r": 10, "t": 90 if title else 36, "b": 60 if caption else 20},
        legend={"title": {"text": "" if coloured else "Family"}, "itemsizing": "constant"},
        # Symbols have a legend of their own, so that hiding a family cannot hide their meaning; above the map, since
        # twenty families take the whole of its side.
        legend2={"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "itemclick": False, "itemdoubleclick": False},
        hoverlabel={"align": "left"},
    )
    if flat:
        figure.update_xaxes(**axis, showline=True, linecolor="#CCCCCC", mirror=True)
        figure.update_yaxes(**axis, showline=True, linecolor="#CCCCCC", mirror=True)
        if axes:
            across, up = ({"title": {"text": html.escape(a)}, "showticklabels": True} for a in axes)
            figure.update_xaxes(**across, zeroline=True, zerolinecolor="#CCCCCC")
            figure.update_yaxes(**up)
            figure.update_layout(margin={"b": 120 if caption else 60, "l": 60})
    else:
        figure.update_layout(scene={"xaxis": axis, "yaxis": axis, "zaxis": axis})
    if flat and families:
        _name_families(figure, points, families)
    if caption:
        lines = textwrap.wrap(caption, LONGEST_LINE)
        figure.add_annotation(
            text="<br>".join(map(html.escape, lines)), xref="paper", yref="paper",
            x=0, y=0, yshift=-64 if axes else -14, xanchor="left", yanchor="top",
            showarrow=False, align="left", font={"size": 11, "color": "#666666"},
        )  # fmt: skip
    return figure


def write_map(space: "TaskSpace", projection: "Projection", path: str | Path, title: str = "") -> None:
    """Write the map whole or not at all, by the ending of its file.

    Parameters
    ----------
    space : TaskSpace
        The items.
    projection : Projection
        The map that was made of them.
    path : str or Path
        .csv, .html (opens offline), .png, .svg or .pdf (for a paper); a file that is there is replaced.
    title : str
        Above the map.

    Raises
    ------
    BadInput
        For another ending, or a folder that cannot be written.
    """
    path = Path(path)
    ending = path.suffix.lower()
    if ending not in MAP_ENDINGS:
        raise BadInput(f"{path.name} is no map file; end it in one of {', '.join(MAP_ENDINGS)}.")
    points = map_points(space, projection)
    caption = map_caption(projection, len(points))
    if ending == ".csv":
        _write_csv(points, projection, path)
    elif ending == ".html":
        page = map_figure(points, caption, title).to_html(
            include_plotlyjs=True,
            full_html=True,
            default_height="96vh",
            config={"displaylogo": False, "responsive": True},
        )
        write_bytes(path, page.encode("utf-8"))
    else:
        from fute_core.maps.picture import draw_map

        write_bytes(path, draw_map(points, caption, title, ending[1:]))


def _write_csv(points: Iterable[MapPoint], projection: "Projection", path: Path) -> None:
    flat = projection.coordinates.shape[1] == 2
    options = ("n_neighbors", "min_dist")
    made = (projection.method_used, projection.seed, *(projection.params.get(option, "") for option in options))
    columns = ("name", "kind", "family", "x", "y", *(() if flat else ("z",)), "method", "seed", *options)
    rows = [(p.name, p.kind, p.family or "", p.x, p.y, *(() if flat else (p.z,)), *made) for p in points]
    write_rows(path, columns, rows)


def _groups(points: Sequence[MapPoint], coloured: "Shades | None") -> Iterator[tuple[str, str, list[MapPoint]]]:
    """Names, colours and members of what has one colour, in the order of the legend."""
    if coloured is None:
        for family in family_order(p.family for p in points):
            yield family or NO_FAMILY, family_colour(family), [p for p in points if p.family == family]
        return
    for code, (name, (light, _)) in enumerate(zip(coloured.names, coloured.tones, strict=True)):
        if members := [p for p, own in zip(points, coloured.codes, strict=True) if own == code]:
            yield name, light, members


def _trace(
    members: Sequence[MapPoint], name: str, colour: str, flat: bool, sides: Mapping[MapPoint, str | None] | None
) -> "go.Scatter | go.Scatter3d":
    import plotly.graph_objects as go

    symbols = PLOTLY_SYMBOLS if flat else PLOTLY_SYMBOLS_3D
    marker = {
        "color": colour,
        "symbol": [symbols.get(p.kind, "circle") for p in members],
        "size": 11 if flat else 6.6,
        "line": {"color": "#FFFFFF", "width": 1},
        # In three dimensions opacities of single points are not drawn.
        "opacity": [FADED if p.weak else 0.9 for p in members] if flat else 0.9,
    }
    options = {
        "x": [p.x for p in members],
        "y": [p.y for p in members],
        "ids": [f"{p.kind}:{p.name}" for p in members],
        "name": html.escape(name),
        "mode": "markers+text" if sides else "markers",
        "text": [html.escape(shorten(p.name)) if sides and sides[p] else "" for p in members],
        "textposition": [(sides and sides[p]) or "top center" for p in members],
        "textfont": {"size": 10, "color": "#444444"},
        "customdata": [
            [html.escape(shorten(p.name, 80)), KIND_NAME[p.kind], html.escape(p.family or NO_FAMILY)] for p in members
        ],
        "hovertemplate": "<b>%{customdata[0]}</b><br>%{customdata[1]}, %{customdata[2]}<extra></extra>",
        "marker": marker,
    }
    return go.Scatter(**options) if flat else go.Scatter3d(**options, z=[p.z for p in members])


def _name_families(
    figure: "go.Figure", points: Sequence[MapPoint], families: Sequence[tuple[str, NDArray[np.float64]]]
) -> None:
    """Names in bold beside their families, on a plot of about 660 x 330 pixels, as a board and a report have it."""
    dots = np.array([(p.x, p.y) for p in points])
    span, unit = np.ptp(dots, axis=0), np.array([600.0, 290.0])
    unit, low = unit / np.where(span > 0, span, 1.0), dots.min(0)
    at = (np.array([place for _, place in families]) - low) * unit
    sizes = np.array([(7.0 * len(name) + 6, 16.0) for name, _ in families])
    labels = place_names(at, sizes, (dots - low) * unit, (-30, -20, 630, 310), 5.0, FAMILY_REACHES)
    for (name, _), label in zip(families, labels, strict=True):
        if label is not None:
            x, y = np.array([label.x0 + label.x1, label.y0 + label.y1]) / 2 / unit + low
            figure.add_annotation(
                text=f"<b>{html.escape(name)}</b>", x=float(x), y=float(y), showarrow=False,
                font={"size": 12, "color": "#333333"},
            )  # fmt: skip


def _label_sides(points: Sequence[MapPoint]) -> dict[MapPoint, str | None]:
    """On which side of its point each name stands, None for want of room, on a plot of about 900 x 560 pixels."""
    if not points:
        return {}
    at = np.array([(p.x, p.y) for p in points])
    span = np.ptp(at, axis=0)
    at = (at - at.min(0)) / np.where(span > 0, span, 1.0) * (860, 520) + 20
    sizes = np.array([(6.0 * len(shorten(p.name)) + 2, 13.0) for p in points])
    labels = place_labels(at, sizes, (-60, -40, 960, 600), 6.0, [9.0])
    return {point: label and label.side for point, label in zip(points, labels, strict=True)}


def _kind_key(kind: str, flat: bool) -> "go.Scatter | go.Scatter3d":
    """A trace without points that shows a kind's symbol in the second legend."""
    import plotly.graph_objects as go

    symbols = PLOTLY_SYMBOLS if flat else PLOTLY_SYMBOLS_3D
    options = {
        "x": [None],
        "y": [None],
        "name": KIND_NAME[kind],
        "mode": "markers",
        "marker": {"symbol": symbols[kind], "color": NO_FAMILY_COLOUR, "size": 10},
        "legend": "legend2",
    }
    return go.Scatter(**options) if flat else go.Scatter3d(**options, z=[None])
