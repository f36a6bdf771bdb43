"""Fine-tuned language models as items of the atlas, each kept in the store as soon as it is measured."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from fute_core.atlas.gallery import Item
from fute_core.atlas.newcomers import BASE
from fute_core.digest import digest
from fute_core.embedding.recipe import Recipe, model_key
from fute_core.evaluation.parts.boxes import Box, skill
from fute_core.evaluation.parts.fine_tuning import FineTuned, FineTuning
from fute_core.evaluation.parts.gallery_items import box_item
from fute_core.evaluation.parts.rows import Parts, dataset_parts
from fute_core.home import DATA
from fute_core.models.packaged import PACKAGED_MODELS
from fute_core.store.store import Store

FINE_TUNINGS: Mapping[str, FineTuning] = {
    "minilm-l3 fine-tuned": FineTuning("paraphrase-minilm", 1e-4, epochs=3),
    "bge-small fine-tuned": FineTuning("bge-small", 1e-4, epochs=3),
    "smollm2 adapted": FineTuning("smollm2", 1e-3, epochs=2, rank=4),
}
"""By the architecture that they are told as: an encoder of 3 layers, one of 12, and a decoder of 30."""


def fine_tuned_item(name: str, architecture: str, store: Store, recipe: Recipe, folder: Path = DATA) -> Item:
    """Fine-tune a language model on the rows that train a dataset's black boxes, measure and embed it.

    Parameters
    ----------
    name : str
        Of the dataset.
    architecture : str
        One of `FINE_TUNINGS`.
    store : Store
        Has what was measured and answered before; then nothing is trained.
    recipe : Recipe
        How it is embedded.
    folder : Path
        Where the dataset lies; by default the shipped data.

    Returns
    -------
    Item
        The embedding (MTE), accuracy and skill, and the answers on the probe texts.
    """
    parts = dataset_parts(name, folder)
    predictor = FineTuned(parts.train, FINE_TUNINGS[architecture])
    accuracy = _accuracy(predictor, parts, store)
    box = Box(
        f"{name} · {architecture}", name, architecture, predictor, accuracy, skill(accuracy, len(predictor.labels))
    )
    item = box_item(box, parts.train, store, recipe, folder)
    return replace(item, facts={**item.facts, **base_of(architecture)})


def base_of(architecture: str) -> dict[str, str]:
    """Say what was fine-tuned.

    Parameters
    ----------
    architecture : str
        One of `FINE_TUNINGS`.

    Returns
    -------
    dict of str to str
        `base_model` and `base_licence`.
    """
    model = FINE_TUNINGS[architecture].model
    return {BASE: model, "base_licence": PACKAGED_MODELS[model].licence}


def is_measured(name: str, architecture: str, store: Store, recipe: Recipe) -> bool:
    """Tell whether `fine_tuned_item` would find everything in the store.

    Parameters
    ----------
    name : str
        Of a shipped dataset.
    architecture : str
        One of `FINE_TUNINGS`.
    store : Store
        Has what was measured and answered before.
    recipe : Recipe
        How the model would be embedded.

    Returns
    -------
    bool
        False where it would be trained.
    """
    parts = dataset_parts(name)
    predictor = FineTuned(parts.train, FINE_TUNINGS[architecture])
    vector = model_key(predictor, recipe, pair=parts.train.pair, calibrate=False)
    return store.get(_key(predictor, parts)) is not None and store.has_embedding(vector)


def _key(predictor: FineTuned, parts: Parts) -> str:
    return digest(("test rows answered right", predictor.fingerprint(), parts.test.fingerprint()))


def _accuracy(predictor: FineTuned, parts: Parts, store: Store) -> float:
    """Share of the test rows answered right, 0 to 1."""
    key = _key(predictor, parts)
    if (known := store.get(key)) is not None:
        return float(known[0]["right"].mean())
    right = predictor.predict_proba(parts.test.texts).argmax(1) == parts.test.targets.argmax(1)
    store.put(key, {"right": right.astype(np.float32)}, {"kind": "test rows"})
    return float(right.mean())
