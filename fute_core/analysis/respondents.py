"""Whom to ask about a text: those that a user names, or those that are most similar to an item."""

from collections.abc import Sequence

from fute_core.atlas.atlas import Atlas
from fute_core.atlas.gallery import Item
from fute_core.atlas.newcomers import is_tuned
from fute_core.errors import BadInput
from fute_core.tasks import Kind


def whom_to_ask(atlas: Atlas, item: Item, k: int) -> list[Item]:
    """List who is worth asking beside an item.

    Parameters
    ----------
    atlas : Atlas
        The space.
    item : Item
        One of its items.
    k : int
        How many classifiers and how many prompts at most.

    Returns
    -------
    list of Item
        The item itself unless it is a dataset, then the classifiers and the prompts most similar to it.
    """
    own = item.embedding
    found = [] if own.kind == "dataset" else [item]
    kinds: tuple[Kind, ...] = ("model", "prompt")
    for kind in kinds:
        near = atlas.space.neighbours(own.name, k, kind=kind, of_kind=own.kind)
        found += [atlas.items[atlas.positions[f"{n.kind}:{n.name}"]] for n in near]
    return found


def named(atlas: Atlas, names: Sequence[str]) -> list[Item]:
    """Find whom a user names; a dataset stands for the classifiers that were trained on it.

    Parameters
    ----------
    atlas : Atlas
        The space.
    names : sequence of str
        Names of its items; fine-tuned models that ship, which answer no text, only where they are named themselves.

    Returns
    -------
    list of Item
        Classifiers and prompts, each once, in the order of the names.

    Raises
    ------
    BadInput
        For a name that the atlas does not have, and a dataset that nothing here was trained on.
    """
    found: dict[str, Item] = {}
    for name in names:
        of_it = [i for i in atlas.items if i.embedding.name == name and i.embedding.kind != "dataset"]
        if not of_it and f"dataset:{name}" in atlas.positions:
            models = [i for i in atlas.items if i.embedding.kind == "model" and not is_tuned(i)]
            of_it = [i for i in models if i.facts.get("dataset") == name]
            if not of_it:
                raise BadInput(f"No classifier here was trained on {name}; name a classifier or a prompt.")
        if not of_it:
            raise BadInput(
                f"Nothing here is called {name!r}; `fute list embeddings` and the Models page have the names."
            )
        found |= {f"{i.embedding.kind}:{i.embedding.name}": i for i in of_it}
    return list(found.values())
