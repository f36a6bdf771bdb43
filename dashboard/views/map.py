"""The map: the whole space in one picture, what can be picked in it, and what is known of what was picked."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from dashboard.components import filters, leave, page, questions
from dashboard.components.atlas_map import Near, atlas_map
from dashboard.components.atlas_map.payload import family_labels, outline_names, pack_points
from dashboard.components.details import compare_link, details, nearest, row_of
from dashboard.components.group import group
from dashboard.components.legend import legend
from dashboard.components.pickers import label_of
from dashboard.reads import data, maps, shades
from dashboard.reads.moments import kept
from dashboard.session import address, state
from dashboard.session.filtering import ALL_KINDS, KIND_NAMES, item_id, passing, why_empty
from dashboard.session.view import View
from fute_core.analysis.skill import is_weak
from fute_core.errors import BadInput
from fute_core.maps.projection import MIN_DIST

if TYPE_CHECKING:
    from fute_core.maps.shades import Shades

EDGES_EACH = 3
PROJECTIONS = {"shared": "Shared map", "umap": "UMAP of my own", "pca": "PCA", "axis": "A chosen axis"}


def draw() -> None:
    view, top = state.view(), st.container()
    atlas = page.open_atlas(view.pair)
    with page.trouble():
        ends = ends_of(atlas)
        address.spell_out(proj=PROJECTIONS, by=shades.COLOURS, **dict.fromkeys(("from", "to"), ends))
        wanted, with_edges, by = bar(atlas, ends)
        said = f"{ALL_KINDS.capitalize()} by the job they do. Colour is {shades.WORDS[by]}, symbol the kind."
        with top:
            page.heading("Map", said)
        coloured = shades.shades(view.pair, by)
        shown = passing(atlas.items, view)
        left, right = st.columns([2.35, 1], gap="large")
        with left:
            made = maps.get_map(view.pair, wanted)
            picture(atlas, made, view, shown, with_edges, (by, coloured))
            with st.container(key="map-below"):
                below(atlas, made, view, shown, with_edges, coloured)
        with right, st.container(key="map-panel"):
            panel(atlas, view, shown)


def bar(atlas, ends: dict[str, str]) -> tuple[maps.Wanted, bool, str]:
    """Filters, how the map is made, whether with edges, and what it is coloured by."""
    with st.container(key="bar", horizontal=True, vertical_alignment="bottom", gap="small"):
        filters.draw(atlas.items)
        with st.popover("Map options"):
            wanted, with_edges = options()
            by = colours(atlas)
    return (axis(ends) if wanted.method == "axis" else wanted), with_edges, by


def options() -> tuple[maps.Wanted, bool]:
    address.option("proj", "projection", PROJECTIONS.values())
    method = st.radio(
        "Projection", list(PROJECTIONS), key="proj", bind="query-params", format_func=PROJECTIONS.get,
        captions=["The same for everybody; new points never move it", "Fitted anew with the options below", "Linear",
                  "From one family or item to another, by similarity"],
    )  # fmt: skip
    own = method == "umap"
    address.number("nn", "number of neighbours", 2, 50)
    near = st.slider("Neighbours", 2, 50, 15, key="nn", bind="query-params", disabled=not own)
    address.number("mind", "smallest distance", 0, 1, whole=False)
    apart = st.slider("Smallest distance", 0.0, 1.0, MIN_DIST, 0.05, key="mind", bind="query-params", disabled=not own)
    address.number("seed", "seed", 0, 2**31 - 1)
    seed = st.number_input("Seed", 0, 2**31 - 1, 42, key="seed", bind="query-params", disabled=not own)
    address.switch("deep", "three dimensions")
    deep = st.toggle("Three dimensions, for looking", key="deep", bind="query-params", disabled=method == "axis")
    address.switch("edges", "lines to the nearest")
    with_edges = st.toggle(f"Lines to the {EDGES_EACH} nearest", key="edges", bind="query-params")
    st.toggle("Hide what is filtered out", **state.bound("hide"))
    wanted = maps.Wanted(method, dims=3 if deep and method != "axis" else 2)
    return (replace(wanted, n_neighbors=near, min_dist=apart, seed=seed) if own else wanted), with_edges


def colours(atlas) -> str:
    """What points are coloured by; verdicts on very many take too long."""
    there = [by for by in shades.COLOURS if by != "verdict" or not shades.too_many(atlas)]
    address.option("by", "colour", [shades.COLOURS[by] for by in there])
    return st.radio(
        "Colour", there, key="by", bind="query-params", format_func=shades.COLOURS.get,
        captions=[shades.CAPTIONS[by] for by in there],
    )  # fmt: skip


def ends_of(atlas) -> dict[str, str]:
    """What can be an end of an axis, families, then single items, with the names that the address has as well."""
    return {f"family:{f}": f for f in maps.families(atlas)} | {item_id(i): label_of(i) for i in atlas.items}


def axis(names: dict[str, str]) -> maps.Wanted:
    """A map from one end to another."""
    address.option("from", "left end", names.values())
    with st.container(key="axis-ends", horizontal=True, gap="small"):
        start = st.selectbox("Left end", list(names), key="from", bind="query-params", format_func=names.get, width=300)
        others = [end for end in names if end != start]
        lacks = "which is the left end" if st.query_params.get("to") == names[start] else "which is not here"
        address.option("to", "right end", [names[end] for end in others], lacks)
        end = st.selectbox("Right end", others, key="to", bind="query-params", format_func=names.get, width=300)
    if end is None:
        raise BadInput(f"An axis has two ends, and there is only {names[start]} here; bring something else first.")
    return maps.Wanted("axis", start=start, end=end)


def picture(
    atlas, made: maps.Map, view: View, shown: np.ndarray, with_edges: bool, colouring: "tuple[str, Shades | None]"
) -> None:
    points, labels = _packed(atlas, view.pair, made, shown, colouring)
    picked = data.chosen(atlas, view.selected)
    coordinates = made.wanted.frame if made.ready else "shared"
    atlas_map(
        points, key="map", frame=f"{'pairs' if view.pair else 'single'} {coordinates}",
        passing=shown, hide=view.hide, selected=view.selected, labels=labels,
        note="" if shown.any() else why_empty(atlas.items, view),
        on_select=lambda ids: state.select(*ids),
        near=[Near(id=n.id, same=n.standing == "same") for n in nearest(atlas, picked[-1], "map")] if picked else (),
        edges=maps.edges(view.pair, data.stamp(), EDGES_EACH) if with_edges else None, axes=maps.axes_of(made),
    )  # fmt: skip
    if not made.ready:
        waiting(lambda: maps.is_ready(view.pair, made.wanted),
                "Your map is being fitted, the first one of a server slowest. Until then, the shared map.")  # fmt: skip
    if colouring[1] is None and colouring[0] != shades.FAMILY:
        waiting(lambda: shades.shades(view.pair, colouring[0]) is not None,
                "Verdicts are being found. Until then, colour is the family of tasks.")  # fmt: skip


def _packed(atlas, pair: bool, made: maps.Map, shown: np.ndarray, colouring: "tuple[str, Shades | None]"):
    by, coloured = colouring
    points = _points(pair, data.stamp(), made.wanted, made.ready, by if coloured else "", made, coloured)
    return points, family_labels(atlas.items, made.coordinates, shown, made.wanted.family_ends)


@kept(16)
def _points(pair: bool, stamp: str, wanted: maps.Wanted, ready: bool, by: str, _made: maps.Map, _coloured):
    return pack_points(data.atlas(pair, stamp).items, _made.coordinates, _coloured)


@st.fragment(run_every=0.7)
def waiting(ready: Callable[[], bool], words: str) -> None:
    """Says what is being made; nothing but this line runs until it is."""
    if ready():
        st.rerun()
    page.notice(words)


def below(atlas, made: maps.Map, view: View, shown: np.ndarray, with_edges: bool, coloured: "Shades | None") -> None:
    """Legend, how far the map can be trusted, and the ways out."""
    kept = "" if made.kept is None else f" It keeps {100 * made.kept:.0f} % of each item's {made.k} nearest neighbours."
    if made.wanted.method == "axis":
        page.notice(maps.axis_words(made.wanted))
    else:
        page.notice("Distance on a map is not similarity: read groups, not gaps, and trust the neighbour list." + kept)
    legend(
        {i.embedding.family for i in atlas.items},
        [k for k in KIND_NAMES if any(i.embedding.kind == k for i in atlas.items)],
        outline_names(atlas.items), key="legend", chosen=[*view.families, *view.kinds], on_pick=filter_by,
        weak=any(is_weak(i.facts) for i in atlas.items),
        own=len({bool(i.facts.get("shipped")) for i in atlas.items}) == 2, coloured=coloured,
    )  # fmt: skip
    leave.pin_button("Map", key="map", figure=lambda: maps.figure_json(atlas, made, shown, coloured))
    for remark in made.notes:
        page.quiet(remark)
    if with_edges and len(atlas.items) > maps.MOST_ITEMS_FOR_EDGES:
        page.quiet(f"Lines are drawn up to {maps.MOST_ITEMS_FOR_EDGES:,} items.")


def filter_by(field: str, value: str) -> None:
    """A click on the legend: into the filter of that field, or out of it."""
    chosen = getattr(state.view(), field)
    state.change(**{field: tuple(v for v in chosen if v != value) if value in chosen else (*chosen, value)})


def panel(atlas, view: View, shown: np.ndarray) -> None:
    """What is selected; or, with nothing selected, what there is to see."""
    picked = data.chosen(atlas, view.selected)
    if not picked:
        overview(atlas, shown)
        return
    with st.container(key="map-actions", horizontal=True, vertical_alignment="center", gap="small"):
        page.eyebrow(f"{len(picked):,} selected")
        compare_link(atlas, picked)
        leave.downloads(lambda: [row_of(i) for i in picked], "task-atlas-selection")
    group(atlas, picked)
    details(atlas, picked[-1], key="map")


def overview(atlas, shown: np.ndarray) -> None:
    questions.draw(atlas)
    count = {k: sum(i.embedding.kind == k for i in atlas.items) for k in KIND_NAMES}
    page.section("What is here")
    said = [f"{n:,} {KIND_NAMES[k].lower()}" for k, n in count.items() if n]
    page.quiet(f"{', '.join(said)}; {int(shown.sum()):,} shown.")
    page.quiet(
        "Click a point to see what it is and what lies nearest. Shift and click adds to the selection; "
        "the rectangle and the lasso select many. With the keyboard: arrows, Enter, Escape."
    )
    for remark in (*atlas.space.notes, *data.read_otherwise(atlas.probes.pair)):
        page.quiet(remark)


draw()
