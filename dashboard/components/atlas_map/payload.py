"""What travels to the map in the browser: typed arrays in base64, and tables of what their codes mean. Pure."""

import base64
import math
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from dashboard.session.filtering import KIND_NAME, item_id, model_of
from fute_core.analysis.skill import WEAK, skill_of
from fute_core.digest import digest
from fute_core.maps.palette import KINDS, NO_FAMILY, OUTLINES, family_colour, family_order, outline_colour

if TYPE_CHECKING:
    from fute_core.atlas.gallery import Item
    from fute_core.maps.shades import Shades

OTHERS = "other models"
NOT_KNOWN = 255
"""For a percentage that nobody measured."""


def encode(values: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(values).tobytes()).decode()


def pack_points(items: Sequence["Item"], coordinates: np.ndarray, coloured: "Shades | None" = None) -> dict[str, Any]:
    """Names, places (n, 2) or (n, 3), and for each point the codes of its kind, family and outline; with a digest.

    coloured : what colours mean, where they are not those of families.
    measured : for each point skill, accuracy and the ends of its interval in percent, `NOT_KNOWN` where it is not.
    own : positions of what is not shipped.
    """
    families = family_order(item.embedding.family for item in items)
    outlines = outline_names(items)
    family_code = {family: code for code, family in enumerate(families)}
    outline_code = {name: code for code, name in enumerate(outlines)}
    places = np.asarray(coordinates, "<f4")

    def codes(values) -> str:
        return encode(np.fromiter(values, np.uint8, len(items)))

    packed: dict[str, Any] = {
        "ids": [item_id(item) for item in items],
        "x": encode(places[:, 0]),
        "y": encode(places[:, 1]),
        "z": encode(places[:, 2]) if places.shape[1] == 3 else "",
        "family": codes(min(family_code[i.embedding.family], 255) for i in items),
        "kind": codes(KINDS.index(i.embedding.kind) for i in items),
        "outline": codes(outline_code.get(model_of(i) or "", len(outlines) - 1 if model_of(i) else 0) for i in items),
        "measured": encode(np.array([_measured(item) for item in items], np.uint8).reshape(-1, 4)),
        "own": [n for n, item in enumerate(items) if not item.facts.get("shipped")],
        "families": [
            {"name": f or NO_FAMILY, "light": family_colour(f), "dark": family_colour(f, dark=True)}
            for f in families[:256]
        ],
        "shade": encode(coloured.codes) if coloured else "",
        "shades": _shades(coloured) if coloured else [],
        "weak": round(100 * WEAK),
        "kinds": [KIND_NAME[k] for k in KINDS],
        "outlines": [
            {"name": name, "light": outline_colour(code), "dark": outline_colour(code, dark=True)}
            for code, name in enumerate(outlines)
        ],
    }
    return {**packed, "digest": digest(packed)[:16]}


def _shades(coloured: "Shades") -> list[dict[str, str]]:
    return [
        {"name": name, "light": light, "dark": dark}
        for name, (light, dark) in zip(coloured.names, coloured.tones, strict=True)
    ]


def _measured(item: "Item") -> tuple[int, int, int, int]:
    """Whole percents, down, so that none reaches what it is held against."""
    found = skill_of(item.facts)
    if found is None:
        return (NOT_KNOWN,) * 4
    low, high = (round(100 * found.low), round(100 * found.high)) if found.rows else (NOT_KNOWN, NOT_KNOWN)
    return max(0, math.floor(100 * found.skill + 1e-6)), round(100 * found.accuracy), low, high


def outline_names(items: Sequence["Item"]) -> list[str]:
    """First "" for no outline, then the commonest models by number of items; those beyond the tones share the last.

    The position is the code that `palette.outline_colour` takes.
    """
    count = Counter(m for m in map(model_of, items) if m)
    common = sorted(count, key=lambda m: (-count[m], m))
    own = common if len(common) < len(OUTLINES) else common[: len(OUTLINES) - 2]
    return ["", *own, *([OTHERS] if len(own) < len(common) else [])]


def pack_shown(passing: np.ndarray) -> str:
    """One bit a point; "" where all pass."""
    return "" if passing.all() else encode(np.packbits(passing))


def pack_edges(pairs: np.ndarray | None) -> str:
    """Positions (m, 2) of the ends of each edge."""
    return "" if pairs is None or not len(pairs) else encode(np.asarray(pairs, "<i4"))


def family_labels(
    items: Sequence["Item"], coordinates: np.ndarray, passing: np.ndarray, ends: tuple[str, str] = ("", "")
) -> list[dict[str, Any]]:
    """Where each family's name belongs, those at the ends of an axis and the largest first, among what is shown."""
    from fute_core.maps.name_places import family_middles

    families = np.array([item.embedding.family or "" for item in items])
    found = family_middles(coordinates[passing], families[passing], ends)
    return [{"text": family, **dict(zip("xyz", middle.tolist(), strict=False))} for family, middle in found]
