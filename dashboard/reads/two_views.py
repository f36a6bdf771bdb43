"""The same items by two language models, methods or encoders: which there are, where they lie, whose nearest change."""

from collections.abc import Sequence
from concurrent.futures import Future
from concurrent.futures import wait as wait_for
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dashboard.reads import data, maps
from dashboard.reads.moments import kept
from dashboard.session.filtering import item_id
from fute_core.analysis.skill import is_weak, skill_of
from fute_core.atlas.gallery import load_gallery, other_galleries
from fute_core.errors import BadInput

if TYPE_CHECKING:
    from dashboard.reads.own_vectors import Brought
    from fute_core.analysis.two_views import Neighbourhoods, TwoViews
    from fute_core.atlas.atlas import Atlas
    from fute_core.atlas.gallery import Item
    from fute_core.space.space import TaskSpace

PATIENCE = 0.5
SPACE = "The space"
NAMES = {
    "fused": "Datasets, by both parts (fused)",
    "functional": "Datasets, by answers (functional)",
    "fisher": "Datasets, by gradients (fisher)",
}


@dataclass(frozen=True)
class Sides:
    """Two views of the same items, an item at the same place of both.

    way : "model", "method", "encoder", or "own" for the space beside vectors that a visitor brought.
    shared_map : both are drawn on the shared map, so that what is on both lies at one place.
    """

    pair: bool
    way: str
    names: tuple[str, str]
    views: "TwoViews"
    near: "Neighbourhoods"
    items: "tuple[tuple[Item, ...], tuple[Item, ...]]"
    key: str = ""

    @property
    def shared_map(self) -> bool:
        return self.way == "model"

    @property
    def ids(self) -> tuple[list[str], list[str]]:
        left, right = ([item_id(i) for i in items] for items in self.items)
        return left, right

    def chosen(self, ids: Sequence[str]) -> list[int]:
        """Places of the items of a selection, by their name on either side, the last picked one last."""
        places = {name: at for side in reversed(self.ids) for at, name in enumerate(side)}
        return list(dict.fromkeys(places[i] for i in ids if i in places))


def views(pair: bool, brought: "Brought | None" = None) -> dict[str, tuple[str, str]]:
    """Every view by the words for it, as (way, name). brought : vectors of the visitor's own, which come last."""
    found = _views(pair, data.stamp()) | _encoders(pair)
    said = {_called(way, n): (way, n) for way, names in found.items() for n in names}
    own = {SPACE: ("own", SPACE), called_own(brought): ("own", brought.title)} if brought else {}
    return said | own


def _called(way: str, name: str) -> str:
    return {"method": NAMES.get(name, name), "encoder": f"All that ships, read by {name}"}.get(
        way, f"Prompts on {name}"
    )


def called_own(brought: "Brought") -> str:
    """What a visitor's vectors are called among the views."""
    return f"Your vectors: {brought.title}"


@kept(2)
def _views(pair: bool, stamp: str) -> dict[str, tuple[str, ...]]:
    from fute_core.analysis.two_views import views_of

    atlas = data.atlas(pair, stamp)
    return views_of(atlas.items, atlas.space.placed)


def _encoders(pair: bool) -> dict[str, tuple[str, ...]]:
    """That of the atlas and those whose galleries lie in the home, where there are such."""
    opened = _opened(data.atlas(pair))
    others = tuple(name for name in other_galleries(pair) if name != opened)
    return {"encoder": (opened, *others)} if others else {}


def _opened(atlas: "Atlas") -> str:
    """The encoder that read the atlas."""
    return atlas.items[0].embedding.provenance.surrogate


def sides(pair: bool, way: str, left: str, right: str) -> Sides:
    """Both views, with the neighbours of all items. Raises BadInput where they share too little."""
    return _sides(pair, data.stamp(), way, left, right)


def beside_own(pair: bool, brought: "Brought", turned: bool) -> Sides:
    """The space and a visitor's vectors of its items. turned : the vectors stand on the left.

    Raises BadInput where they are of too few items here.
    """
    return _beside_own(pair, data.stamp(), brought.key, turned, brought)


@kept(4, "Comparing")
def _beside_own(pair: bool, stamp: str, key: str, turned: bool, _brought: "Brought") -> Sides:
    from fute_core.analysis.own_vectors import beside_the_space
    from fute_core.analysis.two_views import TwoViews, neighbourhoods

    atlas = data.atlas(pair, stamp)
    found, names = beside_the_space(atlas.items, atlas.space.placed, _brought.own), (SPACE, _brought.title)
    if turned:
        found, names = TwoViews(found.right, found.left, found.right_rows, found.left_rows), (names[1], names[0])
    there = tuple(atlas.items[i] for i in found.left)
    return Sides(pair, "own", names, found, neighbourhoods(found), (there, there), key)


@kept(8, "Comparing")
def _sides(pair: bool, stamp: str, way: str, left: str, right: str) -> Sides:
    from fute_core.analysis.two_views import neighbourhoods, two_readings, two_views

    atlas = data.atlas(pair, stamp)
    if way == "encoder":
        found = two_readings(atlas.items, *(_space_of(atlas, pair, name) for name in (left, right)))
    else:
        found = two_views(atlas.items, atlas.space.placed, way, left, right)
    here, there = (tuple(atlas.items[i] for i in side) for side in (found.left, found.right))
    return Sides(pair, way, (left, right), found, neighbourhoods(found), (here, there))


def _space_of(atlas: "Atlas", pair: bool, encoder: str) -> "TaskSpace":
    """As an encoder has read what ships. Raises BadInput where its gallery was removed or is damaged."""
    if encoder == _opened(atlas):
        return atlas.space
    folder = other_galleries(pair).get(encoder)
    gallery = load_gallery(pair, folder) if folder else None
    if gallery is None:
        raise BadInput(f"What {encoder} read is not here any more; run: fute gallery read --surrogate {encoder}")
    return gallery.space


def places(of: Sides, side: int) -> np.ndarray | None:
    """Where a side's items are drawn, float32 (n, 2); None while a map of it is being fitted."""
    if of.shared_map:
        return data.atlas(of.pair).coordinates[(of.views.left, of.views.right)[side]]
    fitting = _fitting(of.pair, data.stamp(), f"{of.way} {of.key} {of.names[side]}", of, side)
    return fitting.result() if wait_for([fitting], PATIENCE).done else None


@kept(12)
def _fitting(pair: bool, stamp: str, name: str, _of: Sides, _side: int) -> "Future[np.ndarray]":
    from fute_core.maps.projection import project

    rows = (_of.views.left_rows, _of.views.right_rows)[_side]
    ids = _of.ids[_side]
    return maps.workers().submit(lambda: project(rows, ids=ids).coordinates)


def table(of: Sides) -> list[dict[str, object]]:
    """A row an item, those that moved most first."""
    near, left = of.near, of.items[0]
    return [
        {
            "name": called(of, at), "kind": left[at].embedding.kind, "family": left[at].embedding.family or "",
            "kept": round(near.kept[at] * near.k), "of": near.k, "rank of nearest": round(float(near.fell[at]), 1),
            **{f"skill, {name}": (s := skill_of(items[at].facts)) and round(s.skill, 4)
               for name, items in zip(of.names, of.items, strict=True) if of.way == "model"},
        }
        for at in near.order
    ]  # fmt: skip


def called(of: Sides, at: int) -> str:
    """What an item is called on both sides: a prompt by its name without the model."""
    from fute_core.analysis.grid import prompt_name

    item = of.items[0][at]
    return prompt_name(item) if of.way == "model" and item.embedding.kind == "prompt" else item.embedding.name


def guesses(of: Sides, at: int) -> bool:
    """Whether an item is known to be close to guessing on one side, so that its place there means little."""
    return any(is_weak(items[at].facts) for items in of.items)
