"""The map's legend: what colours, shapes and rings mean; a click on a family or a kind filters by it."""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard.components import marks
from dashboard.session.filtering import KIND_NAMES
from fute_core.analysis.skill import WEAK
from fute_core.maps.palette import NO_FAMILY, family_groups, family_order, outline_colour

if TYPE_CHECKING:
    from fute_core.maps.shades import Shades

FRONTEND = Path(__file__).parent / "frontend"


def legend(
    families: Iterable[str | None],
    kinds: Iterable[str],
    outlines: Sequence[str] = (),
    *,
    key: str,
    chosen: Sequence[str],
    on_pick: Callable[[str, str], None],
    weak: bool = False,
    own: bool = False,
    coloured: "Shades | None" = None,
) -> None:
    """Draw it: families by group, then kinds, then what outlines, rings and faded marks mean.

    coloured : what colours mean, where they are not those of families, which are then left out.
    outlines : from `payload.outline_names`, the first of which has none. chosen : families and kinds that are filtered
    by. on_pick : called with "families" or "kinds" and the one that was clicked. weak, own : say what these look like.
    """

    def take() -> None:
        found = st.session_state[key].get("picked")
        if found is not None:
            on_pick(str(found[0]), str(found[1]))

    data = {"groups": [] if coloured else grouped(families), "shades": shades(coloured),
            "kinds": [{"kind": k, "name": KIND_NAMES[k]} for k in kinds],
            "signs": signs(outlines, weak=weak, own=own), "chosen": list(chosen)}  # fmt: skip
    _component()(key=key, data=data, on_picked_change=take)


def grouped(families: Iterable[str | None]) -> list[dict[str, Any]]:
    """Groups in the palette's order, each with its families; a family alone has no group to be named."""
    group_of = family_groups()
    found: dict[str, list[str | None]] = {}
    for family in family_order(families):
        found.setdefault(group_of.get((family or "").strip().casefold(), family or NO_FAMILY), []).append(family)
    return [
        {"name": group if len(members) > 1 else "",
         "families": [{"name": f or NO_FAMILY, "colour": marks.colour(f)} for f in members]}
        for group, members in found.items()
    ]  # fmt: skip


def shades(coloured: "Shades | None") -> list[dict[str, str]]:
    """What colours mean that are not those of families."""
    if coloured is None:
        return []
    return [
        {"name": name, "colour": tone[marks.dark()]} for name, tone in zip(coloured.names, coloured.tones, strict=True)
    ]


def signs(outlines: Sequence[str], *, weak: bool, own: bool) -> list[dict[str, str]]:
    """What needs no click: outlines of models, faded marks, the ring of what is yours."""
    shown = [{"sign": "outline", "name": name, "colour": outline_colour(code, marks.dark())}
             for code, name in enumerate(outlines) if name]  # fmt: skip
    if weak:
        shown.append({"sign": "weak", "name": f"faded: skill below {WEAK:g}", "colour": ""})
    if own:
        shown.append({"sign": "own", "name": "yours", "colour": ""})
    return shown


@lru_cache(maxsize=1)
def _component():
    return st.components.v2.component(
        "map_legend",
        html='<div class="map-legend"></div>',
        css=(FRONTEND / "legend.css").read_text("utf-8"),
        js=(FRONTEND / "legend.js").read_text("utf-8"),
        isolate_styles=False,
    )
