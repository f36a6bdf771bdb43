"""What is selected as a group: its middle, its families, and the probe texts that set it apart."""

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dashboard.reads import data
from dashboard.reads.moments import kept
from dashboard.session.filtering import item_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fute_core.analysis.together import Together
    from fute_core.atlas.atlas import Atlas
    from fute_core.atlas.gallery import Item

BESIDE = 8
"""Members, and items near the group outside it, whose texts are looked at."""
LOOKED = 60


@dataclass(frozen=True)
class Apart:
    """Texts that set a group apart from what lies near it: text, the middle's answer, and the other one's."""

    near: str
    texts: list[data.Said]


def of(atlas: "Atlas", pair: bool, ids: "Sequence[str]") -> "Together":
    """The group in numbers; three items or more."""
    return _of(pair, data.stamp(), tuple(ids), atlas)


@kept(16)
def _of(pair: bool, stamp: str, ids: tuple[str, ...], _atlas: "Atlas") -> "Together":
    from fute_core.analysis.together import together

    return together(_atlas.space, _atlas.items, [_atlas.positions[i] for i in ids])


def families(picked: "Sequence[Item]") -> list[tuple[str | None, int]]:
    """How many of each family, the commonest first."""
    return Counter(i.embedding.family for i in picked).most_common()


def kinds(picked: "Sequence[Item]") -> dict[str, int]:
    """How many of each kind."""
    return Counter(i.embedding.kind for i in picked)


def apart(atlas: "Atlas", middle: "Item", picked: "Sequence[Item]", k: int) -> Apart | None:
    """The texts that set the group apart; None where answers are not known, or nothing lies outside."""
    from fute_core.analysis.together import setting_apart

    own = {item_id(i) for i in picked}
    near = data.chosen(atlas, [n.id for n in data.neighbours(atlas, middle, LOOKED)])
    members = [i for i in near if item_id(i) in own][:BESIDE]
    members += [i for i in picked if i is not middle and i not in members][: BESIDE - len(members)]
    others = [i for i in near if item_id(i) not in own][:BESIDE]
    inside, outside = (
        [parts.texts for i in some if (parts := data.split(atlas, middle, i)) is not None] for some in (members, others)
    )
    if not inside or not outside:
        return None
    found = setting_apart(inside, outside, k)
    first = next(i for i in others if data.split(atlas, middle, i) is not None)
    return Apart(first.embedding.name, data.said(atlas, middle, first, found))
