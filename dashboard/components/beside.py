"""What two maps side by side have in common: one map of two, the nearest on it, and the points that moved most."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from dashboard.components import page
from dashboard.components.atlas_map import Near, atlas_map
from dashboard.components.atlas_map.payload import family_labels, pack_points
from dashboard.components.item_list import Row, item_list
from dashboard.reads import data, two_views
from dashboard.reads.moments import kept
from dashboard.session import state
from dashboard.session.text import number, shorten
from fute_core.analysis.skill import WEAK, skill_of

if TYPE_CHECKING:
    from dashboard.reads.two_views import Sides

HEIGHT = 430
MOVED = 10
SIDES = ("left", "right")
SHORT = {"fused": "both parts", "functional": "answers", "fisher": "gradients"}
LONGEST = 22


def one_map(of: "Sides", side: int, places: Sequence[np.ndarray], shown: np.ndarray, note: str) -> None:
    """The map of a side; what is chosen on either is marked on both, with its nearest of this one.

    places : of both sides; on the shared map both show the same part of it.
    """
    coordinates = places[side]
    whole = np.vstack(places)
    room = np.column_stack([whole.min(0), whole.max(0)]).tolist() if of.shared_map else None
    ids, items = of.ids[side], of.items[side]
    chosen = of.chosen(state.view().selected)
    atlas_map(
        _points(of.pair, data.stamp(), of.way + of.key, of.names, side, of, coordinates), key=f"beside-{SIDES[side]}",
        frame=f"{of.pair} {of.way + of.key} {'shared' if of.shared_map else of.names[side]}",
        passing=shown, hide=state.view().hide, selected=[ids[at] for at in chosen], note=note, height=HEIGHT,
        labels=family_labels(items, coordinates, shown), on_select=lambda picked: state.select(*picked),
        near=[Near(id=ids[at], same=kept) for at, kept, _ in nearest(of, side, chosen[-1])] if chosen else (),
        room=room,
    )  # fmt: skip


@kept(16)
def _points(
    pair: bool, stamp: str, way: str, names: tuple[str, str], side: int, _of: "Sides", _coordinates: np.ndarray
):
    return pack_points(_of.items[side], _coordinates)


def nearest(of: "Sides", side: int, at: int) -> list[tuple[int, bool, int]]:
    """The k nearest of an item on a side: place, whether it is as near on the other, and its rank there."""
    near = of.near
    here, there = (near.left, near.right) if side == 0 else (near.right, near.left)
    rank = {int(other): place for place, other in enumerate(there[at], 1)}
    return [(int(other), rank[int(other)] <= near.k, rank[int(other)]) for other in here[at, : near.k]]


def nearest_list(of: "Sides", side: int, at: int) -> None:
    """The nearest of an item by one view, and where they stand in the other."""
    ids, items = of.ids[side], of.items[side]
    here, there = (shorten(SHORT.get(name, name), LONGEST) for name in (of.names[side], of.names[1 - side]))
    page.eyebrow(f"Nearest by {here}", f"rank by {there}")
    rows = [
        Row(id=ids[other], kind=items[other].embedding.kind, family=items[other].embedding.family,
            name=two_views.called(of, other), figure=f"{rank:,}", dim=not kept, number=n,
            title=f"{two_views.called(of, other)}: {'among' if kept else 'not among'} the nearest by {there}",
            weak=two_views.guesses(of, other))
        for n, (other, kept, rank) in enumerate(nearest(of, side, at), 1)
    ]  # fmt: skip
    item_list(rows, key=f"beside-near-{SIDES[side]}", label=f"Nearest by {here}", on_pick=state.select)


def moved_list(of: "Sides", shown: np.ndarray) -> None:
    """Those whose neighbours changed most, of what the filters let through."""
    near = of.near
    page.eyebrow("Moved most", f"of {near.k} nearest kept")
    chosen = set(of.chosen(state.view().selected))
    rows = [
        Row(id=of.ids[0][at], kind=(own := of.items[0][at].embedding).kind, family=own.family,
            name=two_views.called(of, at), figure=f"{round(near.kept[at] * near.k)}", note=_why(of, at),
            title=two_views.called(of, at), current=at in chosen, weak=two_views.guesses(of, at))
        for at in [int(i) for i in near.order if shown[i]][:MOVED]
    ]  # fmt: skip
    item_list(rows, key="beside-moved", label="Points that moved most", on_pick=state.select)
    if any(row["weak"] for row in rows):
        page.quiet(f"Faded ones have a skill below {WEAK:g} on a side, close to guessing: their places mean little. "
                   "The filter for skill leaves them out.")  # fmt: skip


def _why(of: "Sides", at: int) -> str:
    """How far its neighbours went, and how well both sides do their job where that is known."""
    sides = of.items[:1] if of.items[0][at] is of.items[1][at] else of.items
    skills = [found for items in sides if (found := skill_of(items[at].facts)) is not None]
    known = f"; skill {', '.join(number(s.skill) for s in skills)}" if len(skills) == len(sides) else ""
    return f"nearest at rank {of.near.fell[at]:.0f} in the other{known}"
