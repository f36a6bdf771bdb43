"""The shipped gallery in the space of another encoder: datasets are read anew, models keep what they answered.

No model is asked or trained, so that a space for an encoder of one's own takes no longer than to read the datasets.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fute_core.atlas.gallery import FOLDER, Item, load_gallery
from fute_core.atlas.gallery_writing import rebuilt, write_gallery
from fute_core.atlas.newcomers import load_newcomers, write_newcomers
from fute_core.embedding.recipe import Recipe
from fute_core.errors import BadInput
from fute_core.evaluation.gallery_build import ARITIES, scaled
from fute_core.evaluation.parts.read_again import moved, read_again
from fute_core.evaluation.parts.reference import fit_reference, recipe_basis, recipe_features
from fute_core.gram import gram_factor
from fute_core.methods.functional import log_odds
from fute_core.store.store import Store


def read_gallery(
    store: Store, recipe: Recipe, folder: Path, *, source: Path = FOLDER, told: Callable[[str], None] = print
) -> dict[str, int]:
    """Read the datasets of a gallery with another encoder, and write everything in its space.

    Parameters
    ----------
    store : Store
        Has what was computed before, so that a run that was stopped goes on where it was.
    recipe : Recipe
        Names the encoder; by the method and the probe texts of the gallery.
    folder : Path
        Where the gallery is written.
    source : Path
        The gallery that is read; by default what ships.
    told : callable
        Hears a sentence of each dataset.

    Returns
    -------
    dict of str to int
        How many items there are over "single" texts, over "pairs", and "fine-tuned" ones.

    Raises
    ------
    BadInput
        Where there is no gallery to read.
    """
    parts, tuned = {}, []
    for arity in ARITIES:
        pair = arity == "pairs"
        gallery = load_gallery(pair, source)
        if gallery is None:
            raise BadInput(f"{source} holds no gallery of {arity} to read; build it with `fute gallery build`.")
        basis = recipe_basis(recipe, pair, store)
        anew = read_again(gallery.items, recipe, store, told)
        items = [_with_loss(item, basis) for item in rebuilt(anew, basis)]
        parts[arity] = scaled(items, fit_reference(items, basis), basis, recipe_features(recipe, pair, store))
        if not pair:
            like = items[0].embedding
            tuned = [_with_loss(moved(item, like, recipe), basis) for item in load_newcomers(gallery, source)]
    named = Path(recipe.surrogate).expanduser()  # a folder is found from everywhere
    write_gallery(parts, folder, str(named.absolute()) if named.is_dir() else recipe.surrogate)
    write_newcomers(tuned, folder)
    return {**{arity: len(part["items"]) for arity, part in parts.items()}, "fine-tuned": len(tuned)}


def _with_loss(item: Item, basis: NDArray[np.float64]) -> Item:
    """The item with what its answers lose in this basis."""
    if item.embedding.kind == "dataset" or item.answers is None:
        return item
    made = item.embedding.provenance
    loss = gram_factor(log_odds(item.answers), basis)[1]
    told = replace(made, details={**made.details, "compression_loss": round(float(loss), 4)})
    return replace(item, embedding=replace(item.embedding, provenance=told))
