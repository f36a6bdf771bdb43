"""Items of the shipped space that show best what a page is for, chosen by what is known of them and not by name."""

from typing import TYPE_CHECKING

from dashboard.session.filtering import item_id
from fute_core.analysis.skill import skill_of

if TYPE_CHECKING:
    from fute_core.atlas.atlas import Atlas
    from fute_core.atlas.gallery import Item


def best_prompt(atlas: "Atlas") -> "Item | None":
    """The shipped prompt that does its job best; None where none was measured."""
    measured = [(found.skill, i) for i in atlas.items if i.embedding.kind == "prompt" and i.facts.get("shipped")
                and i.answers is not None and (found := skill_of(i.facts))]  # fmt: skip
    return max(measured, key=lambda pair: pair[0])[1] if measured else None


def dataset_with_prompts(atlas: "Atlas") -> str | None:
    """Name of a dataset of the family that the best prompt is for; None where there is none."""
    prompt = best_prompt(atlas)
    family = prompt.embedding.family if prompt else None
    of_it = [i.embedding.name for i in atlas.items if i.embedding.kind == "dataset" and i.embedding.family == family]
    return of_it[0] if family and of_it else None


def pair_of_kin(atlas: "Atlas") -> list[str]:
    """Ids of two datasets of one family; none where no family has two."""
    first: dict[str, str] = {}
    for item in atlas.items:
        own = item.embedding
        if own.kind == "dataset" and own.family:
            if own.family in first:
                return [first[own.family], item_id(item)]
            first[own.family] = item_id(item)
    return []
