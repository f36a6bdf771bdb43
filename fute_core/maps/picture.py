"""The map as a picture for a paper: 300 dpi or vectors, the legend outside, names where there is room."""

import io
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from fute_core.maps.name_places import place_labels
from fute_core.maps.palette import KINDS, MATPLOTLIB_MARKERS, NO_FAMILY, NO_FAMILY_COLOUR, family_colour, family_order
from fute_core.maps.points import MapPoint, shorten

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DPI = 300
INK = "#333333"
DOT_RADIUS = 3.2
REACHES = (5.0, 10.0, 17.0, 25.0)
"""How far from its point a label may stand, in typographic points; the nearest free place is taken."""


def draw_map(points: Sequence[MapPoint], caption: str, title: str, form: str) -> bytes:
    """Draw a map for a paper.

    Parameters
    ----------
    points : sequence of MapPoint
        The items.
    caption : str
        Below the map; how many names had no room is added.
    title : str
        Above the map.
    form : {"png", "svg", "pdf"}
        The file's form.

    Returns
    -------
    bytes
        The file; the same bytes for the same points.
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    flat = all(p.z is None for p in points)
    # Names are not mathematics, SVG text stays text, PDF fonts are embedded whole (journals ask), files repeat exactly.
    style = {"font.size": 8, "text.usetex": False, "text.parse_math": False, "svg.fonttype": "none",
             "svg.hashsalt": "map", "pdf.fonttype": 42}  # fmt: skip
    with mpl.rc_context(style):  # type: ignore[arg-type]  # its keys are listed one by one in the hints
        figure = Figure(figsize=(7.0, 4.6), dpi=DPI)
        FigureCanvasAgg(figure)
        axes = figure.add_axes((0.02, 0.1, 0.76, 0.84 if title else 0.88), projection=None if flat else "3d")
        for family in family_order(p.family for p in points):
            for kind in KINDS:
                members = [p for p in points if p.family == family and p.kind == kind]
                _draw(axes, members, family_colour(family), MATPLOTLIB_MARKERS[kind], flat)
        _frame(axes, flat)
        axes.set_title(title, loc="left", fontsize=9)
        _legends(figure, points)
        figure.draw_without_rendering()  # Settles the axis limits, on which the places of labels depend.
        left_out = _label(axes, points) if flat else 0
        if left_out:
            caption = f"{caption} {left_out} names are left out for want of room."
        figure.text(0.02, 0.03, textwrap.fill(caption, 150), fontsize=6, color="#666666", va="bottom", ha="left")
        buffer = io.BytesIO()
        dated = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(form, {})
        figure.savefig(buffer, format=form, dpi=DPI, metadata=dated)
    return buffer.getvalue()


def _draw(axes: "Axes", members: Sequence[MapPoint], colour: str, marker: str, flat: bool) -> None:
    if not members:
        return
    at = np.array([(p.x, p.y) if flat else (p.x, p.y, p.z) for p in members], float)
    size = {"D": 26, "s": 32}.get(marker, 36)
    draw: Any = axes.scatter  # of two axes or three
    draw(*at.T, s=size, c=colour, marker=marker, linewidths=0.6, edgecolors="white", zorder=3)


def _frame(axes: "Axes", flat: bool) -> None:
    for name in ("xaxis", "yaxis") if flat else ("xaxis", "yaxis", "zaxis"):
        axis = getattr(axes, name)
        axis.set_ticklabels([])
        axis.set_tick_params(length=0)
    if flat:
        axes.set_xticks([])
        axes.set_yticks([])
        axes.margins(0.09)
        for spine in axes.spines.values():
            spine.set_color("#CCCCCC")


def _legends(figure: "Figure", points: Sequence[MapPoint]) -> None:
    from matplotlib.lines import Line2D

    def key(marker: str, colour: str, label: str) -> Line2D:
        return Line2D([], [], marker=marker, color=colour, label=label, linestyle="", markersize=5)

    families = [key("o", family_colour(f), f or NO_FAMILY) for f in family_order(p.family for p in points)]
    kinds = [key(MATPLOTLIB_MARKERS[k], NO_FAMILY_COLOUR, k) for k in KINDS if any(p.kind == k for p in points)]
    look = {"frameon": False, "fontsize": 7, "title_fontsize": 7, "alignment": "left", "borderaxespad": 0}
    figure.legend(handles=families, title="Family", loc="upper left", bbox_to_anchor=(0.8, 0.97), **look)
    figure.legend(handles=kinds, title="Kind", loc="lower left", bbox_to_anchor=(0.8, 0.1), **look)


def _label(axes: "Axes", points: Sequence[MapPoint]) -> int:
    """Write each name where there is room, with a line to its point if far; returns how many had none."""
    canvas: Any = axes.figure.canvas
    renderer = canvas.get_renderer()
    unit = axes.figure.dpi / 72
    to_data = axes.transData.inverted()
    at = axes.transData.transform([(p.x, p.y) for p in points])
    frame = axes.get_window_extent(renderer).extents
    texts = [axes.text(p.x, p.y, shorten(p.name, 22), fontsize=5.5, color=INK, va="bottom") for p in points]
    extents = [text.get_window_extent(renderer) for text in texts]
    sizes = np.array([(extent.width, extent.height) for extent in extents])
    labels = place_labels(at, sizes, frame, DOT_RADIUS * unit, [reach * unit for reach in REACHES])
    for text, label, point in zip(texts, labels, at, strict=True):
        if label is None:
            text.remove()
            continue
        # Data coordinates, since a vector file has other pixels.
        x, y = to_data.transform(label[:2])
        text.set_position((float(x), float(y)))
        if label.reach > REACHES[1] * unit:
            edge = np.clip(point, label[:2], label[2:4])
            axes.plot(*to_data.transform([point, edge]).T, color="#AAAAAA", linewidth=0.4, zorder=2)
    return labels.count(None)
