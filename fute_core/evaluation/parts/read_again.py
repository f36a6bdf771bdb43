"""Items that ship, in the space of another encoder: what models answered does not depend on who reads it."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from fute_core.atlas.gallery import Item
from fute_core.embedding.recipe import Recipe, known_model_key
from fute_core.evaluation.parts.gallery_items import dataset_item
from fute_core.store.store import Store
from fute_core.vectors import TaskEmbedding, silent_values


def read_again(
    shipped: Sequence[Item], recipe: Recipe, store: Store, told: Callable[[str], None] = print
) -> list[Item]:
    """Make items of the gallery as a recipe's space has them: datasets embedded anew, models with the same answers.

    Parameters
    ----------
    shipped : sequence of Item
        A dataset at least, and what else ships, with answers.
    recipe : Recipe
        On as many probe texts as the answers are to.
    store : Store
        Has what was computed before.
    told : callable
        Hears a sentence of each dataset.

    Returns
    -------
    list of Item
        In the same order. The factors of models are still those of the gallery; `gallery_writing.rebuilt` makes them.
    """
    anew: dict[str, Item] = {}
    for item in shipped:
        if item.embedding.kind == "dataset":
            told(f"{recipe.surrogate} reads {item.embedding.name}")
            anew[item.embedding.name] = dataset_item(item.embedding.name, store, recipe)
    like = next(iter(anew.values())).embedding
    return [anew[i.embedding.name] if i.embedding.kind == "dataset" else moved(i, like, recipe) for i in shipped]


def moved(model: Item, like: TaskEmbedding, recipe: Recipe) -> Item:
    """Make a model one of another space, without its factor there.

    Parameters
    ----------
    model : Item
        A black box or prompt.
    like : TaskEmbedding
        Anything of the other space.
    recipe : Recipe
        Of that space.

    Returns
    -------
    Item
        Under the key that the same model gets by the recipe.
    """
    old, made = model.embedding, like.provenance
    provenance = replace(
        old.provenance, surrogate=made.surrogate, surrogate_digest=made.surrogate_digest, method=made.method,
        params=made.params, probes=made.probes,
    )  # fmt: skip
    key = known_model_key(old.provenance.data, recipe, pair=made.pair, calibrate=old.kind == "prompt")
    embedding = replace(
        old, values=silent_values(len(like.values)), blocks=like.blocks, provenance=provenance, key=key
    )  # fmt: skip
    return replace(model, embedding=embedding)
