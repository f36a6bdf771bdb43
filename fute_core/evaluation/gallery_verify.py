"""Checks the shipped gallery: a few of its items, computed anew from the shipped data and packaged models."""

import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from fute_core.atlas.gallery import FOLDER, Item, load_gallery
from fute_core.embedding.pipelines import embed_model
from fute_core.embedding.recipe import Recipe
from fute_core.evaluation.parts.boxes import train_box
from fute_core.evaluation.parts.encoder import encoder_trainer
from fute_core.evaluation.parts.gallery_items import box_item, dataset_item
from fute_core.evaluation.parts.rows import dataset_parts
from fute_core.models.language import LanguageModel, read_language_model
from fute_core.models.packaged import list_models
from fute_core.predictors.prompted_lm import PromptedLM
from fute_core.store.store import Store
from fute_core.templates.loading import shipped_prompts
from fute_core.vectors import TaskEmbedding

SAME = 0.999
"""Cosine above which two vectors are the same."""
ROUNDING = 2.0
"""How many times further from float32 than a recomputed vector a shipped one may be."""


def verify_gallery(count: int, seed: int = 0, folder: Path = FOLDER) -> list[dict[str, Any]]:
    """Recompute some shipped items in an empty store and compare them with what ships.

    A prompt's answers in bfloat16 carry a rounding that differs from processor to processor. Where the two vectors
    differ by more than `SAME`, the prompt is computed in float32 too. They are the same if the angle between the
    shipped vector and float32's is at most `ROUNDING` times the angle between the recomputed vector and float32's.

    Parameters
    ----------
    count : int
        How many items, of any kind; prompts on language models that are not installed are never among them.
    seed : int
        Draws the items.
    folder : Path
        Where the gallery lies.

    Returns
    -------
    list of dict
        One an item. "cosine" is that of the shipped vector with the recomputed one; "shipped" and "recomputed" are
        their cosines with float32's, None where float32 was not needed; "same" tells whether the two are the same,
        "same_key" whether both have one store key.
    """
    read = cache(read_language_model)
    missing = {model["name"] for model in list_models() if not model["installed"]}
    items = [
        item for pair in (False, True) if (gallery := load_gallery(pair, folder)) for item in gallery.items
        if item.facts.get("language_model") not in missing
    ]  # fmt: skip
    rows = []
    with tempfile.TemporaryDirectory() as empty:
        store = Store(empty)
        for index in np.sort(np.random.default_rng(seed).permutation(len(items))[:count]):
            item = items[index]
            old, model = item.embedding, item.facts.get("language_model")
            new = _prompt_again(item, read(model, "bfloat16"), store) if model else _again(item, store)
            cosine, shipped, recomputed = _cosine(old, new), None, None
            same = cosine > SAME
            if model and not same:
                exact = _prompt_again(item, read(model, "float32"), store)
                shipped, recomputed = _cosine(old, exact), _cosine(new, exact)
                same = bool(np.arccos(shipped) <= ROUNDING * np.arccos(recomputed))
            rows.append({"name": old.name, "kind": old.kind, "cosine": cosine, "shipped": shipped,
                         "recomputed": recomputed, "same_key": old.key == new.key, "same": same})  # fmt: skip
    return rows


def _cosine(one: TaskEmbedding, other: TaskEmbedding) -> float:
    cosine = one.vector @ other.vector / (np.linalg.norm(one.vector) * np.linalg.norm(other.vector))
    return round(min(1.0, float(cosine)), 6)


def _again(item: Item, store: Store) -> TaskEmbedding:
    """A dataset's or a black box's embedding, computed anew."""
    if item.embedding.kind == "dataset":
        return dataset_item(item.embedding.name, store, Recipe()).embedding
    parts = dataset_parts(item.facts["dataset"])
    box = train_box(item.facts["architecture"], parts, encoder_trainer(store))
    return box_item(box, parts.train, store, Recipe()).embedding


def _prompt_again(item: Item, model: LanguageModel, store: Store) -> TaskEmbedding:
    """A prompt's embedding, its answers asked anew."""
    old = item.embedding
    predictor = PromptedLM(shipped_prompts()[item.facts["prompt"]], model)
    return embed_model(predictor, Recipe(), store, name=old.name, pair=old.provenance.pair, kind="prompt")
