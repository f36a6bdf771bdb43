"""Builds the shipped gallery from nothing: every vector from the shipped data and packaged models, resumably.

Whatever was computed before comes from the store, so a build that was stopped goes on where it was.
"""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from fute_core.atlas.gallery import FOLDER, Item, load_gallery
from fute_core.atlas.gallery_writing import rebuilt, write_gallery
from fute_core.atlas.landing import STAGES
from fute_core.datasets.catalog import shipped_datasets
from fute_core.embedding.recipe import Recipe
from fute_core.errors import BadInput
from fute_core.evaluation.parts.gallery_items import box_items, dataset_item
from fute_core.evaluation.parts.newcomers import measured_scales
from fute_core.evaluation.parts.prompted import LANGUAGE_MODEL, prompt_item, unanswered
from fute_core.evaluation.parts.reference import fit_reference, recipe_basis
from fute_core.predictors.prompted_lm import PromptedLM
from fute_core.store.store import Store
from fute_core.tasks import PromptTemplate

Told = Callable[[str], None]


def build_gallery(
    store: Store,
    recipe: Recipe | None = None,
    *,
    prompts: Mapping[str, PromptTemplate] | None = None,
    folder: Path = FOLDER,
    told: Told = print,
    only_open: bool = False,
) -> dict[str, int]:
    """Compute everything that ships and write it.

    Parameters
    ----------
    store : Store
        Has what was computed before.
    recipe : Recipe, optional
        How everything is embedded; by default as users embed.
    prompts : mapping of str to PromptTemplate, optional
        The prompts that are embedded, by name; none by default.
    folder : Path
        Where the gallery is written.
    told : callable
        Hears a sentence of each dataset and prompt.
    only_open : bool, default False
        Leave out datasets, with their black boxes, whose licence does not allow every use.

    Returns
    -------
    dict of str to int
        How many items there are over "single" texts and over "pairs".
    """
    from fute_core.maps.projection import project
    from fute_core.space.space import TaskSpace

    recipe = recipe or Recipe()
    parts: dict[str, dict[str, Any]] = {}
    for pair in (False, True):
        basis = recipe_basis(recipe, pair, store)
        items = list(rebuilt(_items(pair, store, recipe, (prompts or {}).values(), told, only_open), basis))
        calibrator = fit_reference(items, basis)
        space = TaskSpace([i.embedding for i in items], calibrator=calibrator)
        parts["pairs" if pair else "single"] = {
            "items": items, "calibrator": calibrator, "basis": basis, "coordinates": project(space).coordinates,
            "scales": measured_scales(items, basis, STAGES),
        }  # fmt: skip
    write_gallery(parts, folder)
    return {name: len(part["items"]) for name, part in parts.items()}


def _items(
    pair: bool, store: Store, recipe: Recipe, prompts: Iterable[PromptTemplate], told: Told, only_open: bool
) -> list[Item]:
    """Datasets of one arity, each with its black boxes, then prompts."""
    items: list[Item] = []
    for name, card in shipped_datasets().items():
        if card["pair"] == pair and (not only_open or card["use"] == "open"):
            boxes = [] if card.get("regression") else box_items(name, store, recipe)
            items += [dataset_item(name, store, recipe), *boxes]
            told(f"{name}: {', '.join(format(box.facts['accuracy'], '.2f') for box in boxes)}")
    for template in prompts:
        if template.pair == pair:
            items.append(prompt_item(template, store, recipe))
            told(f"{template.name}: skill {items[-1].facts['skill']}")
    return items


def answered_before(template: PromptTemplate, store: Store, recipe: Recipe | None = None) -> bool:
    """Tell whether a prompt can be embedded without asking the language model.

    Parameters
    ----------
    template : PromptTemplate
        The prompt.
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
    return not unanswered(store, PromptedLM(template, LANGUAGE_MODEL), probes.texts)


def rescale_gallery(folder: Path = FOLDER) -> None:
    """Measure anew what strangers reach in a gallery, draw its map anew, and write both; all items stay as they are.

    Parameters
    ----------
    folder : Path
        Where the gallery lies.

    Raises
    ------
    BadInput
        Where there is none, or one of another format.
    """
    from fute_core.maps.projection import project

    parts: dict[str, dict[str, Any]] = {}
    for pair in (False, True):
        gallery = load_gallery(pair, folder)
        if gallery is None:
            raise BadInput(f"{folder} holds no gallery of {'pairs' if pair else 'single texts'}; build it first.")
        parts["pairs" if pair else "single"] = {
            "items": gallery.items, "calibrator": gallery.calibrator, "basis": gallery.basis,
            "coordinates": project(gallery.space).coordinates,
            "scales": measured_scales(gallery.items, gallery.basis, STAGES),
        }  # fmt: skip
    write_gallery(parts, folder)
