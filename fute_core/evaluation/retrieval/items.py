"""The datasets and black boxes that retrieval judges: from the shipped gallery where it has them, else made anew."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fute_core.atlas.gallery import Item, load_gallery
from fute_core.datasets.catalog import shipped_datasets
from fute_core.embedding.recipe import Recipe, dataset_key
from fute_core.evaluation.parts.boxes import ARCHITECTURES
from fute_core.evaluation.parts.gallery_items import box_items, dataset_item
from fute_core.evaluation.parts.rows import dataset_parts
from fute_core.home import DATA

if TYPE_CHECKING:
    from fute_core.store.store import Store


def collect(
    store: "Store",
    recipe: Recipe,
    pair: bool,
    folder: Path = DATA,
    names: Sequence[str] | None = None,
    told: Callable[[str], None] = print,
    architectures: Sequence[str] = ARCHITECTURES,
    afresh: bool = False,
) -> list[Item]:
    """Gather every dataset of a folder with the black boxes trained on it.

    Parameters
    ----------
    store : Store
        Has what was computed before.
    recipe : Recipe
        How items are embedded.
    pair : bool
        Datasets over text pairs; else those over single texts.
    folder : Path
        Where the datasets lie; by default the shipped data.
    names : sequence of str, optional
        Only these datasets.
    told : callable
        Hears a sentence of each dataset that is embedded.
    architectures : sequence of str
        Of the black boxes, see `boxes.ARCHITECTURES`.
    afresh : bool
        Compute also what the shipped gallery has under the same key.

    Returns
    -------
    list of Item
        Each dataset, followed by its black boxes.
    """
    items: list[Item] = []
    known = {} if afresh or folder != DATA else _shipped(pair, architectures)
    for name, card in shipped_datasets(folder).items():
        if bool(card.get("pair")) == pair and (names is None or name in names):
            if name in known and known[name][0].embedding.key == dataset_key(dataset_parts(name).dte, recipe):
                items += known[name]
                continue
            boxes = box_items(name, store, recipe, folder, architectures)
            items += [dataset_item(name, store, recipe, folder), *boxes]
            told(f"{name}: {len(items)} items")
    return items


def _shipped(pair: bool, architectures: Sequence[str]) -> dict[str, list[Item]]:
    """Each dataset of the shipped gallery, followed by its black boxes, where the gallery has all of these."""
    gallery = load_gallery(pair)
    found: dict[str, list[Item]] = {}
    for item in gallery.items if gallery else ():
        if item.embedding.kind == "dataset":
            found.setdefault(item.embedding.name, []).insert(0, item)
        elif item.facts.get("architecture") in architectures:
            found.setdefault(item.facts["dataset"], []).append(item)
    return {name: items for name, items in found.items() if len(items) == 1 + len(architectures)}
