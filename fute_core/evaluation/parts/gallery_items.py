"""Items of the gallery: the embedding of a dataset, and of the black boxes trained on its other half."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fute_core.atlas.added import stored_answers
from fute_core.atlas.gallery import Item
from fute_core.datasets.catalog import shipped_datasets
from fute_core.embedding.answering import collect_answers
from fute_core.embedding.pipelines import embed_dataset, embed_model
from fute_core.embedding.recipe import Recipe
from fute_core.evaluation.parts.boxes import ARCHITECTURES, Box, describe, train_box
from fute_core.evaluation.parts.encoder import encoder_trainer
from fute_core.evaluation.parts.rows import dataset_parts
from fute_core.home import DATA
from fute_core.store.store import Store
from fute_core.tasks import TaskDataset


def dataset_item(name: str, store: Store, recipe: Recipe, folder: Path = DATA) -> Item:
    """Embed a dataset by the first half of its training rows.

    Parameters
    ----------
    name : str
        Of the dataset.
    store : Store
        Has what was computed before.
    recipe : Recipe
        How it is embedded.
    folder : Path
        Where the dataset lies; by default the shipped data.

    Returns
    -------
    Item
        The embedding (DTE), its card, and what its head answers on the probe texts.
    """
    rows = dataset_parts(name, folder).dte
    embedding = embed_dataset(rows, recipe, store)
    answers = stored_answers(store, embedding.key)
    card = shipped_datasets(folder)[name]
    shown = ("title", "source", "licence", "cite", "language", "labels")
    facts: dict[str, Any] = {key: card[key] for key in shown if key in card}
    if folder != DATA:
        facts["folder"] = str(folder)
    return Item(embedding, {**facts, "rows": len(rows.texts), "shipped": folder == DATA}, answers)


def box_items(
    name: str, store: Store, recipe: Recipe, folder: Path = DATA, architectures: Sequence[str] = ARCHITECTURES
) -> list[Item]:
    """Train black boxes on the other half of a dataset's training rows and embed them.

    Parameters
    ----------
    name : str
        Of the dataset.
    store : Store
        Has what was computed before.
    recipe : Recipe
        How they are embedded.
    folder : Path
        Where the dataset lies; by default the shipped data.
    architectures : sequence of str
        Of `boxes.ARCHITECTURES`.

    Returns
    -------
    list of Item
        One an architecture: the embedding (MTE), accuracy and skill, and the answers on the probe texts; none for
        scores, since all of them are classifiers.
    """
    parts = dataset_parts(name, folder)
    if parts.train.regression:
        return []
    encoder = encoder_trainer(store)
    return [box_item(train_box(a, parts, encoder), parts.train, store, recipe, folder) for a in architectures]


def box_item(box: Box, rows: TaskDataset, store: Store, recipe: Recipe, folder: Path = DATA) -> Item:
    """Embed one black box.

    Parameters
    ----------
    box : Box
        A trained black box.
    rows : TaskDataset
        That it was trained on.
    store : Store
        Has answers given before.
    recipe : Recipe
        How it is embedded.
    folder : Path
        Where its dataset lies; by default the shipped data.

    Returns
    -------
    Item
        The embedding (MTE), accuracy and skill, and the answers on the probe texts.
    """
    embedding = embed_model(box.predictor, recipe, store, name=box.name, pair=rows.pair, family=rows.family)
    answers = collect_answers(box.predictor, recipe.probes(rows.pair), store)
    return Item(embedding, {**describe(box), "shipped": folder == DATA}, answers)
