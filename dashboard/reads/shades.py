"""What the map's points are coloured by, where that is not their family."""

from typing import TYPE_CHECKING

from dashboard.reads import background, data
from dashboard.reads.maps import MOST_ITEMS_FOR_EDGES
from dashboard.reads.moments import kept
from dashboard.session.filtering import model_of
from fute_core.analysis.skill import skill_of

if TYPE_CHECKING:
    from fute_core.atlas.atlas import Atlas
    from fute_core.maps.shades import Shades

FAMILY = "family"
COLOURS = {FAMILY: "Family", "verdict": "Verdict", "skill": "Skill", "model": "Model", "yours": "Yours"}
CAPTIONS = {
    FAMILY: "The family of tasks",
    "verdict": "Whether each one's nearest dataset proves its job, as if it had just landed",
    "skill": "Accuracy counted from guessing, where it was measured",
    "model": "The language model of a prompt, the architecture of a classifier",
    "yours": "What you brought, beside what ships",
}
WORDS = {FAMILY: "the family of tasks", "verdict": "the verdict on each", "skill": "skill", "model": "the model",
         "yours": "whose it is"}  # fmt: skip


def shades(pair: bool, by: str) -> "Shades | None":
    """One for each item of the atlas; None for families, and while verdicts are being found."""
    if by == FAMILY:
        return None
    stamp = data.stamp()
    if by != "verdict":
        return _known(pair, stamp, by)
    atlas = data.atlas(pair, stamp)
    return background.soon("verdicts", pair, stamp, make=lambda: _verdicts(atlas))


def too_many(atlas: "Atlas") -> bool:
    """Whether verdicts on all items would take too long."""
    return len(atlas.items) > MOST_ITEMS_FOR_EDGES


@kept(8)
def _known(pair: bool, stamp: str, by: str) -> "Shades":
    from fute_core.maps.shades import by_model, by_owner, by_skill

    items = data.atlas(pair, stamp).items
    if by == "model":
        return by_model([model_of(item) for item in items])
    if by == "yours":
        return by_owner([bool(item.facts.get("shipped")) for item in items])
    found = [skill_of(item.facts) for item in items]
    return by_skill([None if one is None else one.skill for one in found])


def _verdicts(atlas: "Atlas") -> "Shades":
    from fute_core.atlas.verdicts import verdicts_on_all
    from fute_core.maps.shades import by_verdict

    return by_verdict([verdict.job if verdict else None for verdict in verdicts_on_all(atlas.space, atlas.meaning)])
