"""Maps of the atlas: the shared one, and others made in the background, since UMAP's first fit takes ten seconds."""

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import streamlit as st

from dashboard.reads import data
from dashboard.reads.moments import kept
from fute_core.maps.projection import MIN_DIST

if TYPE_CHECKING:
    from fute_core.atlas.atlas import Atlas
    from fute_core.atlas.landing import Stage
    from fute_core.maps.points import MapPoint
    from fute_core.maps.shades import Shades

MOST_ITEMS_FOR_EDGES = 5000
MOST_ITEMS_FOR_QUALITY = 3000
NEIGHBOURS_JUDGED = 10
EXAMPLE_ENDS = ("sentiment", "toxicity")
"""Of an axis that nobody has chosen yet, where there are such families."""
Method = Literal["shared", "umap", "pca", "axis"]


@dataclass(frozen=True)
class Wanted:
    """What a map is made by. "shared" is the atlas's own, in which nothing ever moves; the rest is for the others.

    start, end : of an axis, each an item's id, or a family as "family:name".
    """

    method: Method = "shared"
    n_neighbors: int = 15
    min_dist: float = MIN_DIST
    seed: int = 42
    dims: int = 2
    start: str = ""
    end: str = ""

    @property
    def frame(self) -> str:
        """Names the coordinate system: zoom is kept within it."""
        if self.method == "axis":
            return f"axis {self.start} to {self.end}"
        return f"{self.method} {self.n_neighbors} {self.min_dist} {self.seed}" if self.method == "umap" else self.method

    @property
    def ends(self) -> tuple[str, str]:
        """What both ends of an axis are called."""
        return self.start.partition(":")[2], self.end.partition(":")[2]

    @property
    def family_ends(self) -> tuple[str, str]:
        """The families at both ends of an axis; "" for an item, or where there is no axis."""
        left, right = (
            end.removeprefix("family:") if end.startswith("family:") else "" for end in (self.start, self.end)
        )
        return left, right


@dataclass(frozen=True)
class Map:
    """coordinates : float32 (n, 2 or 3), in the order of the atlas's items.

    kept : share of each item's `k` most similar that are among its `k` nearest on the map; None where not known.
    ready : False for a stand-in while the map that was asked for is being made.
    """

    wanted: Wanted
    coordinates: np.ndarray
    kept: float | None
    k: int
    notes: tuple[str, ...] = ()
    ready: bool = True


def get_map(pair: bool, wanted: Wanted, patience: float = 0.25) -> Map:
    """The map, or the shared one as a stand-in if it takes over `patience` seconds; raises what fitting raised."""
    stamp = data.stamp()
    if wanted.method == "axis":
        return _axis(pair, stamp, wanted)
    if wanted.method == "shared" and wanted.dims == 2:
        return _shared(pair, stamp)
    running = _fitting(pair, stamp, wanted)
    try:
        return running.result(patience)
    except TimeoutError:
        return _stand_in(_shared(pair, stamp), wanted)


def is_ready(pair: bool, wanted: Wanted) -> bool:
    return _fitting(pair, data.stamp(), wanted).done()


@kept(2)
def edges(pair: bool, stamp: str, k: int) -> np.ndarray:
    """int32 (m, 2): each item's k nearest in the original space; none beyond `MOST_ITEMS_FOR_EDGES` items."""
    from fute_core.maps.edges import nearest_edges

    space = data.atlas(pair, stamp).space
    return nearest_edges(space.placed, k) if len(space) <= MOST_ITEMS_FOR_EDGES else np.zeros((0, 2), np.int32)


def caption(made: Map, n: int) -> str:
    """How the map was made and how far to trust it; for a figure that leaves."""
    from fute_core.maps.figure import CAPTION

    wanted = made.wanted
    if wanted.method == "axis":
        return f"{axis_words(wanted)} n = {n}."
    how = {"shared": "The shared map", "pca": "PCA", "umap": "UMAP"}[wanted.method]
    if wanted.method == "umap":
        how += f", n_neighbors {wanted.n_neighbors}, min_dist {wanted.min_dist:g}, seed {wanted.seed}"
    kept = "" if made.kept is None else f" It keeps {100 * made.kept:.0f} % of each item's {made.k} nearest neighbours."
    return f"{how}, n = {n}.{kept} {CAPTION}"


def families(atlas: "Atlas") -> tuple[str, ...]:
    """Those that can be an end of an axis, the usual example first."""
    from fute_core.analysis.chosen_axis import families_of

    found = families_of(atlas.items)
    return tuple(sorted(found, key=lambda family: family not in EXAMPLE_ENDS))


def axes_of(made: Map) -> dict[str, str] | None:
    """What lies at the ends of a map's axes; None where they mean nothing by themselves."""
    start, end = made.wanted.ends
    if not end:
        return None
    return {"left": f"more like {start}", "right": f"more like {end}", "up": "similarity to the nearer end"}


def axis_words(wanted: Wanted) -> str:
    """How a map with a chosen axis is to be read."""
    start, end = wanted.ends
    return (
        f"Across: how much more alike to {end} than to {start}. Up: how alike to the nearer end, so that what lies "
        "low between both has to do with neither. Nothing is projected: both are similarities of the space. A family "
        "counts by the centre of its items, without those close to guessing and without the item itself."
    )


def figure_json(atlas: "Atlas", made: Map, passing: np.ndarray, coloured: "Shades | None" = None) -> str:
    """The map of what the filters let through as a plotly figure, for the findings board; coloured as on the page."""
    from fute_core.maps.figure import map_figure
    from fute_core.maps.name_places import family_middles

    points = _map_points(atlas, made, passing)
    shown = coloured.take(passing) if coloured else None
    start, end = made.wanted.ends
    axes = (f"more like {end} than like {start}", "similarity to the nearer end") if end else None
    names = family_middles(np.array([(p.x, p.y) for p in points]), np.array([p.family or "" for p in points]),
                           made.wanted.family_ends) if points else ()  # fmt: skip
    return map_figure(points, caption(made, len(points)), axes=axes, families=names, coloured=shown).to_json()


def landing_json(atlas: "Atlas", stage: "Stage", name: str) -> str:
    """The shared map with a new point where it landed, and the region in which it may lie."""
    from dashboard.session.text import html_text, shorten
    from fute_core.maps.figure import map_figure

    made = _shared(atlas.items[0].embedding.provenance.pair, data.stamp())
    others = np.array([item.embedding.name != name for item in atlas.items])
    points = _map_points(atlas, made, others)
    figure = map_figure(points, caption(made, len(points)), labels=False)
    turn = np.linspace(0, 2 * np.pi, 73)
    along, across = stage.rx * np.cos(turn), stage.ry * np.sin(turn)
    figure.add_scatter(
        x=stage.x + along * np.cos(stage.turn) - across * np.sin(stage.turn),
        y=stage.y + along * np.sin(stage.turn) + across * np.cos(stage.turn),
        mode="lines", line={"color": "#1B1F23", "width": 1}, hoverinfo="skip", showlegend=False,
    )  # fmt: skip
    figure.add_scatter(
        x=[stage.x], y=[stage.y], ids=[f"prompt:{name}"], mode="markers+text", text=[html_text(shorten(name))],
        textposition="top center", name=html_text(shorten(name)),
        textfont={"size": 14, "color": "#1B1F23", "weight": 700, "shadow": "auto"},
        marker={"size": 15, "symbol": "diamond", "color": "#1B1F23", "line": {"color": "#FFFFFF", "width": 2}},
        hovertemplate="%{text}<extra></extra>", showlegend=False,
    )  # fmt: skip
    return figure.to_json()


def _map_points(atlas: "Atlas", made: Map, wanted: np.ndarray) -> "list[MapPoint]":
    from fute_core.analysis.skill import is_weak
    from fute_core.maps.points import MapPoint

    return [
        MapPoint(item.embedding.name, item.embedding.kind, item.embedding.family, *map(float, place),
                 weak=is_weak(item.facts))
        for item, place, there in zip(atlas.items, made.coordinates, wanted, strict=True)
        if there
    ]  # fmt: skip


@kept(2)
def _shared(pair: bool, stamp: str) -> Map:
    from fute_core.maps.quality import neighbour_preservation

    atlas = data.atlas(pair, stamp)
    n = len(atlas.items)
    k = min(NEIGHBOURS_JUDGED, (n - 1) // 2)
    kept = None
    if k and n <= MOST_ITEMS_FOR_QUALITY:
        kept = neighbour_preservation(1.0 - atlas.space.cosines(), atlas.coordinates, k)
    return Map(Wanted(), atlas.coordinates, kept, k)


@kept(16)
def _axis(pair: bool, stamp: str, wanted: Wanted) -> Map:
    from fute_core.analysis.chosen_axis import chosen_axis, end_members

    atlas = data.atlas(pair, stamp)
    start, end = (end_members(atlas.items, e) for e in (wanted.start, wanted.end))
    return Map(wanted, chosen_axis(atlas.space.placed, start, end).coordinates, None, 0)


def _stand_in(shared: Map, wanted: Wanted) -> Map:
    flat = shared.coordinates
    deep = np.column_stack([flat, np.zeros(len(flat), np.float32)]) if wanted.dims == 3 else flat
    return Map(wanted, deep, None, shared.k, ready=False)


@st.cache_resource(show_spinner=False)
def workers() -> ThreadPoolExecutor:
    """One map at a time: a second fit beside the first would only slow both, and numba's threads do not bear it."""
    return ThreadPoolExecutor(1, thread_name_prefix="map")


@kept(24)
def _fitting(pair: bool, stamp: str, wanted: Wanted) -> "Future[Map]":
    return workers().submit(_fit, data.atlas(pair, stamp), wanted)


def _fit(atlas: "Atlas", wanted: Wanted) -> Map:
    from fute_core.maps.projection import project

    method = "umap" if wanted.method == "shared" else wanted.method
    made = project(atlas.space, method, wanted.n_neighbors, wanted.min_dist, wanted.seed, wanted.dims)
    return Map(wanted, made.coordinates, made.neighbour_preservation, made.k, made.notes)
