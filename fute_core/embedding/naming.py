"""Under which name a new embedding is kept beside what ships."""

from fute_core.embedding.recipe import DEFAULT_METHOD, Recipe, recipe_space
from fute_core.tasks import Kind


def free_name(name: str, kind: Kind, key: str, recipe: Recipe, pair: bool) -> str:
    """Give a new embedding a name that no shipped one of its space has, since maps and lists show both.

    Parameters
    ----------
    name : str
        The name that it should have.
    kind : str
        "dataset", "model" or "prompt".
    key : str
        Its store key: what is shipped itself keeps its name.
    recipe : Recipe
        How it is made.
    pair : bool
        It reads pairs of texts.

    Returns
    -------
    str
        The name, with "(yours)" after it where something else has it.
    """
    if recipe.method != DEFAULT_METHOD:  # what ships is made by that method, so its names are free in others
        return name
    from fute_core.atlas.newcomers import shipped_items

    shipped = {(i.embedding.name, i.embedding.kind): i.embedding for i in shipped_items(pair)}
    namesake = shipped.get((name, kind))
    if namesake is None or namesake.key == key or namesake.space() != recipe_space(recipe, pair):
        return name
    return f"{name} (yours)"
