"""How alike datasets and black boxes are: in the space, and by two cheap baselines.

Whitening is learnt anew for each family from the other families alone, so no figure rests on a task that shaped the
space; the means are those of the whole space, as users see it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fute_core.atlas.gallery import Item
from fute_core.atlas.gallery_writing import rebuilt
from fute_core.embedding.recipe import Recipe
from fute_core.evaluation.parts.reference import fit_reference, left_out_similarity, recipe_basis
from fute_core.evaluation.parts.rows import dataset_parts
from fute_core.home import DATA
from fute_core.models.encoder import Surrogate
from fute_core.models.surrogate import load_surrogate
from fute_core.space.calibration import Calibrator
from fute_core.space.space import TaskSpace

if TYPE_CHECKING:
    from fute_core.store.store import Store


@dataclass(frozen=True)
class ComparedItems:
    """Items of one arity and how alike they are.

    Parameters
    ----------
    items : tuple of n Items
        Datasets and black boxes.
    similarity : ndarray of float64, shape (n, n)
        Cosines in the space; each row in that of its own item, see `left_out_similarity`.
    agreement : ndarray of float64, shape (n, n)
        First baseline: linear CKA of the answers as they are.
    text : ndarray of float64, shape (n, n)
        Second baseline, for datasets alone: cosine of their centred mean text features (TextEmb). NaN for models, which
        have no texts of their own.
    """

    items: tuple[Item, ...]
    similarity: NDArray[np.float64]
    agreement: NDArray[np.float64]
    text: NDArray[np.float64]


def compare(items: Sequence[Item], recipe: Recipe, store: "Store", extra: Sequence[Item] = ()) -> ComparedItems:
    """Compare all items, each family's rows with whitening learnt without that family.

    Parameters
    ----------
    items : sequence of Item
        Of the shipped data.
    recipe : Recipe
        That they were embedded by.
    store : Store
        Has the surrogate's features of the probe texts.
    extra : sequence of Item
        From elsewhere; they shape neither whitening nor means.

    Returns
    -------
    ComparedItems
        The items, then the extra ones.
    """
    basis = recipe_basis(recipe, items[0].embedding.provenance.pair, store)
    items = rebuilt(items, basis)
    everything = (*items, *rebuilt(extra, basis))
    out = np.zeros((len(everything), len(everything)))
    out[: len(items), : len(items)] = left_out_similarity(items, basis)
    if extra:
        out[len(items) :] = _cosines(everything, fit_reference(items, basis))[len(items) :]
    agreement = Calibrator("none").fit([i.embedding for i in everything])
    texts = _text_similarity(everything, load_surrogate(recipe.surrogate))
    return ComparedItems(everything, out, _cosines(everything, agreement), texts)


def _text_similarity(items: Sequence[Item], surrogate: Surrogate) -> NDArray[np.float64]:
    means = np.full((len(items), surrogate.hidden_size), np.nan)
    for k, item in enumerate(items):
        if item.embedding.kind == "dataset":
            folder = Path(item.facts["folder"]) if "folder" in item.facts else DATA
            means[k] = surrogate.features(dataset_parts(item.embedding.name, folder).dte.texts).mean(0)
    means -= np.nanmean(means, 0)
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    return means @ means.T


def _cosines(items: Sequence[Item], calibrator: Calibrator) -> NDArray[np.float64]:
    return TaskSpace([i.embedding for i in items], calibrator=calibrator).cosines().astype(np.float64)
