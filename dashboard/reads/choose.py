"""What the Choose page asks: the few datasets that stand for the rest, and which to train on first for a dataset."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dashboard.reads import background, data
from dashboard.reads.moments import kept
from dashboard.session.filtering import item_id

if TYPE_CHECKING:
    from fute_core.atlas.atlas import Atlas
    from fute_core.atlas.gallery import Item

Rows = list[dict[str, Any]]


def cover(pair: bool, names: Sequence[str], k: int) -> dict[str, Any]:
    """The k of these datasets that stand for all of them, as `representatives.cover_json` tells it."""
    return _cover(pair, data.stamp(), tuple(names), k)


@kept(64, "Choosing")
def _cover(pair: bool, stamp: str, names: tuple[str, ...], k: int) -> dict[str, Any]:
    from fute_core.analysis.representatives import cover_json

    return cover_json(data.atlas(pair, stamp), k, "dataset", set(names))


def curve(pair: bool, names: Sequence[str]) -> Rows | None:
    """How well 1, 2, 3 and more of them stand for all; None while that is computed, a second or less."""
    from fute_core.analysis.representatives import cover_curve

    at = data.stamp()
    atlas = data.atlas(pair, at)
    return background.soon("cover curve", pair, at, *names, make=lambda: cover_curve(atlas, "dataset", set(names)))


def small(atlas: "Atlas", names: Sequence[str]) -> list[str]:
    """Those that cannot be chosen, or stood for: of too few texts, or with a place that says nothing."""
    from fute_core.space.readable import says_something
    from fute_core.space.scale import is_small

    found = data.chosen(atlas, [f"dataset:{name}" for name in names])
    return [i.embedding.name for i in found if is_small(i.embedding) or not says_something(i.embedding)]


def sources(atlas: "Atlas", target: "Item", ids: Sequence[str]) -> list[data.Near]:
    """These datasets without the target itself, the most similar to it first."""
    kept = set(ids) - {item_id(target)}
    return [near for near in data.neighbours(atlas, target, len(atlas.items), "dataset") if near.id in kept]


def source_rows(atlas: "Atlas", target: "Item", found: Sequence[data.Near]) -> Rows:
    """A ranking as rows of a file: names, numbers with their intervals, and what training on a source depends on."""
    from fute_core.space.told import STANDINGS

    sure = data.intervals(atlas, target, [n.id for n in found])
    rows = []
    for rank, near in enumerate(found, 1):
        low, high = sure.get(near.id, (None, None))
        item = atlas.items[atlas.positions[near.id]]
        rows.append({
            "target": target.embedding.name, "rank": rank, "source": near.name, "family": near.family or "",
            "similarity": round(near.similarity, 4), "low": low, "high": high,
            "closer than": data.percent(near.share), "its job": STANDINGS[near.standing],
            "rows": item.embedding.provenance.n_texts, "labels": len(item.facts.get("labels") or ()),
            "licence": item.facts.get("licence") or "",
        })  # fmt: skip
    return rows
