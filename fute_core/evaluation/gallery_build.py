"""Builds the shipped gallery from nothing: every vector from the shipped data and packaged models, resumably.

Whatever was computed before comes from the store, so a build that was stopped goes on where it was.
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fute_core.atlas.gallery import FOLDER, Item, load_gallery
from fute_core.atlas.gallery_writing import rebuilt, write_gallery
from fute_core.atlas.landing import STAGES
from fute_core.datasets.catalog import shipped_datasets
from fute_core.embedding.recipe import Recipe
from fute_core.errors import BadInput
from fute_core.evaluation.parts.gallery_items import box_items, dataset_item
from fute_core.evaluation.parts.newcomers import measured_scales
from fute_core.evaluation.parts.prompted import prompt_item, unanswered
from fute_core.evaluation.parts.reference import fit_reference, recipe_basis, recipe_features
from fute_core.models.surrogate import reader_of
from fute_core.predictors.prompted_lm import PromptedLM
from fute_core.space.calibration import Calibrator
from fute_core.space.space import TaskSpace
from fute_core.store.store import Store
from fute_core.tasks import PromptTemplate

Told = Callable[[str], None]
Asked = tuple[PromptTemplate, str]
ARITIES = ("single", "pairs")
"""The parts of a gallery: items over single texts, and over text pairs."""


def build_gallery(
    store: Store,
    recipe: Recipe | None = None,
    *,
    prompts: Sequence[Asked] = (),
    folder: Path = FOLDER,
    told: Told = print,
    only_open: bool = False,
    arities: Sequence[str] = ARITIES,
) -> dict[str, int]:
    """Compute everything that ships and write it.

    Parameters
    ----------
    store : Store
        Has what was computed before.
    recipe : Recipe, optional
        How everything is embedded; by default as users embed.
    prompts : sequence of (PromptTemplate, str)
        The prompts that are embedded, each with the language model it is put to; none by default.
    folder : Path
        Where the gallery is written.
    told : callable
        Hears a sentence of each dataset and prompt.
    only_open : bool, default False
        Leave out datasets, with their black boxes, whose licence does not allow every use.
    arities : sequence of str
        Which of `ARITIES` are computed; the other stays as it is in the folder.

    Returns
    -------
    dict of str to int
        How many items there are over "single" texts and over "pairs".

    Raises
    ------
    BadInput
        Where a part that is not computed is not there.
    """
    recipe = recipe or Recipe()
    parts = {arity: _kept(arity, folder) for arity in ARITIES if arity not in arities}
    for arity in arities:
        pair = arity == "pairs"
        basis = recipe_basis(recipe, pair, store)
        items = rebuilt(_items(pair, store, recipe, prompts, told, only_open), basis)
        parts[arity] = scaled(items, fit_reference(items, basis), basis, recipe_features(recipe, pair, store))
    write_gallery(parts, folder, recipe.surrogate)
    return {arity: len(part["items"]) for arity, part in parts.items()}


def rescale_gallery(folder: Path = FOLDER) -> None:
    """Calibrate a gallery anew, draw its map, measure what strangers reach, and write that; all items stay as they are.

    Parameters
    ----------
    folder : Path
        Where the gallery lies.

    Raises
    ------
    BadInput
        Where there is none, or one of another format.
    """
    parts = {}
    for arity in ARITIES:
        kept = _kept(arity, folder)
        calibrator = fit_reference(kept["items"], kept["basis"])
        parts[arity] = scaled(kept["items"], calibrator, kept["basis"], kept["features"])
    write_gallery(parts, folder, reader_of(folder))


def scaled(
    items: Sequence[Item], calibrator: Calibrator, basis: NDArray[np.float64], features: NDArray[np.float32]
) -> dict[str, Any]:
    """Draw the map of a part of a gallery, and measure what strangers reach in it.

    Parameters
    ----------
    items : sequence of Item
        Of one arity, as `gallery_writing.rebuilt` gives them.
    calibrator : Calibrator
        Fitted on the items.
    basis : ndarray of float64, shape (m, r)
        Of the probe texts.
    features : ndarray of float32, shape (m, hidden)
        Of the probe texts.

    Returns
    -------
    dict of str to object
        What `write_gallery` takes.
    """
    from fute_core.maps.projection import project

    space = TaskSpace([i.embedding for i in items], calibrator=calibrator)
    return {"items": items, "calibrator": calibrator, "basis": basis, "features": features,
            "coordinates": project(space).coordinates, "scales": measured_scales(items, basis, STAGES)}  # fmt: skip


def _kept(arity: str, folder: Path) -> dict[str, Any]:
    """A part of a gallery as it was written."""
    gallery = load_gallery(arity == "pairs", folder)
    if gallery is None:
        raise BadInput(f"{folder} holds no gallery of {arity}; build that part, too.")
    return vars(gallery)


def _items(
    pair: bool, store: Store, recipe: Recipe, prompts: Iterable[Asked], told: Told, only_open: bool
) -> list[Item]:
    """Datasets of one arity, each with its black boxes, then prompts."""
    items: list[Item] = []
    for name, card in shipped_datasets().items():
        if card["pair"] == pair and (not only_open or card["use"] == "open"):
            boxes = box_items(name, store, recipe)
            items += [dataset_item(name, store, recipe), *boxes]
            told(f"{name}: {', '.join(format(box.facts['accuracy'], '.2f') for box in boxes)}")
    for template, model in prompts:
        if template.pair == pair:
            items.append(prompt_item(template, store, recipe, model))
            told(f"{items[-1].embedding.name}: skill {items[-1].facts['skill']}")
    return items


def answered_before(template: PromptTemplate, model: str, store: Store, recipe: Recipe | None = None) -> bool:
    """Tell whether a prompt can be embedded without asking the language model.

    Parameters
    ----------
    template : PromptTemplate
        The prompt.
    model : str
        Packaged name of the language model.
    store : Store
        Has what the model answered before.
    recipe : Recipe, optional
        Names the probe texts; by default as users embed.

    Returns
    -------
    bool
        True where the store has an answer to every probe text.
    """
    probes = (recipe or Recipe()).probes(template.pair)
    return not unanswered(store, PromptedLM(template, model), probes.texts)
