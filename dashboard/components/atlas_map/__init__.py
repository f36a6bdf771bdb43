"""The map as a component of our own around plotly.js.

`st.plotly_chart` loses zoom and selection whenever its figure changes; this one keeps them over filters, new points,
themes and page changes, and draws tens of thousands of points from a compact payload. Points go in one message, which
Streamlit does not send again while it is the same; everything that changes often goes in another.
"""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np
import streamlit as st

from dashboard.components.atlas_map.payload import pack_edges, pack_shown
from dashboard.components.served import scripts

if TYPE_CHECKING:
    from collections.abc import Callable

FRONTEND = Path(__file__).parent / "frontend"


class Landing(TypedDict, total=False):
    """A new point on its way: where it is now, in map units, and the ellipse in which it may lie.

    rx, ry, turn : half axes, and the angle of the first in radians, counter-clockwise from the map's first axis.
    trail : earlier places (x, y), the first one first. colour : of the point; the text's where left out.
    """

    id: str
    name: str
    x: float
    y: float
    rx: float
    ry: float
    turn: float
    trail: list[tuple[float, float]]
    colour: str


class Axes(TypedDict):
    """What lies at both ends of the axis across, and up; shown as they are."""

    left: str
    right: str
    up: str


class Near(TypedDict):
    """A neighbour to be joined to the current item. same : it may do the same job."""

    id: str
    same: bool


def atlas_map(
    points: dict[str, Any],
    *,
    key: str,
    frame: str,
    passing: np.ndarray,
    hide: bool = False,
    selected: Sequence[str] = (),
    on_select: "Callable[[list[str]], None] | None" = None,
    labels: Sequence[dict[str, Any]] = (),
    edges: np.ndarray | None = None,
    landing: Landing | None = None,
    height: int | None = None,
    note: str = "",
    near: Sequence[Near] = (),
    axes: Axes | None = None,
    room: Sequence[tuple[float, float]] | None = None,
) -> None:
    """Draw the map.

    points : from `payload.pack_points`. frame : names the coordinate system; zoom is kept as long as it is the same.
    passing : bool (n,), what the filters let through; the rest is grey, or gone where `hide`, and cannot be picked.
    on_select : called with the selected ids, in the order they were picked, when the user changed the selection.
    labels : from `payload.family_labels`. edges : positions (m, 2). height : in pixels; None follows the window's.
    note : a sentence in the map's corner, shown as it is. near : the nearest of the last that is selected, the first
    first: they get rings with numbers, and lines. axes : where places mean something by themselves.
    room : least and greatest x, and y, of the whole map; None for those of the points.
    """
    mount_points, mount_map = _components()
    mount_points(key=f"{key}-points", data=points, height=1)
    dims = 3 if points["z"] else 2

    def take() -> None:
        found = st.session_state[key].get("selected")
        if on_select is not None and found is not None:
            on_select([str(i) for i in found])

    mount_map(
        key=key,
        data={
            "key": key,
            "points": points["digest"],
            "frame": f"{frame} {dims}",
            "dims": dims,
            "shown": pack_shown(passing),
            "hide": hide,
            "selected": list(selected),
            "labels": list(labels),
            "edges": pack_edges(edges),
            "landing": landing,
            "height": height,
            "note": note,
            "current": selected[-1] if selected else "",
            "near": list(near),
            "axes": axes,
            "room": room,
            "aria": f"Map of {int(passing.sum())} of {len(passing)} items. Arrow keys go from point to point, Enter "
            "selects, Shift and Enter adds, Escape clears, plus, minus and zero zoom."
            + (f" To the left: {axes['left']}; to the right: {axes['right']}; up: {axes['up']}." if axes else ""),
        },
        on_selected_change=take,
    )


@lru_cache(maxsize=1)
def _components():
    """Declared once a process: the two mounts."""
    style = (FRONTEND / "style.css").read_text("utf-8")
    component = st.components.v2.component
    return (
        component("atlas_points", js=scripts("atlas_map", FRONTEND, "renderPoints"), isolate_styles=False),
        component(
            "atlas_map", html='<div class="atlas-map"></div>', css=style, isolate_styles=False,
            js=scripts("atlas_map", FRONTEND, "renderMap", plotly="meanwhile"),
        ),
    )  # fmt: skip
