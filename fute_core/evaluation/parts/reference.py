"""The calibration that evaluations stand on, and how it is learnt without the family that is judged."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fute_core.atlas.comparable import shipped_calibrator
from fute_core.atlas.gallery import Item
from fute_core.embedding.recipe import Recipe
from fute_core.methods.functional import log_odds, probe_basis
from fute_core.models.surrogate import load_surrogate
from fute_core.space.calibration import Calibrator
from fute_core.space.space import TaskSpace
from fute_core.space.whitening import within_task_whitening
from fute_core.store.store import Store
from fute_core.vectors import TaskEmbedding


def calibrated(embeddings: Sequence[TaskEmbedding]) -> TaskSpace:
    """Put embeddings into one space.

    Parameters
    ----------
    embeddings : sequence of TaskEmbedding
        All of one recipe.

    Returns
    -------
    TaskSpace
        Under the shipped reference; under their own means where the shipped one was made by another recipe.
    """
    return TaskSpace(embeddings, calibrator=shipped_calibrator(embeddings[0]))


def fit_reference(
    items: Sequence[Item], basis: NDArray[np.float64], centred_on: Sequence[TaskEmbedding] | None = None
) -> Calibrator:
    """Learn a calibration from datasets and the black boxes trained on them.

    Parameters
    ----------
    items : sequence of Item
        Whitening is learnt from how items of one dataset differ.
    basis : ndarray of float64, shape (m, r)
        Of the probe texts, see `recipe_basis`.
    centred_on : sequence of TaskEmbedding, optional
        Their mean, kind by kind, is taken away; by default that of the items.

    Returns
    -------
    Calibrator
        Fitted.
    """
    tasks: dict[str, list[NDArray[np.float64]]] = {}
    for item in items:
        task = task_of(item)
        if task is None or item.answers is None:
            continue
        factor = basis.T @ log_odds(item.answers)
        if (norm := np.linalg.norm(factor)) > 0:
            tasks.setdefault(task, []).append(factor / norm)
    groups = [group for group in tasks.values() if len(group) > 1]
    whitening = {"gram": within_task_whitening(groups)} if groups else {}
    return Calibrator(whitening=whitening).fit(centred_on or [item.embedding for item in items])


def task_of(item: Item) -> str | None:
    """Name the dataset whose labels an item answers with.

    Parameters
    ----------
    item : Item
        A dataset, or a black box trained on one.

    Returns
    -------
    str or None
        None for prompts and for what is not known.
    """
    known = item.embedding.name if item.embedding.kind == "dataset" else item.facts.get("dataset")
    return None if known is None else str(known)


def recipe_basis(recipe: Recipe, pair: bool, store: Store) -> NDArray[np.float64]:
    """Compute the basis of a recipe's probe texts, in which answers are compared.

    Parameters
    ----------
    recipe : Recipe
        Names the surrogate, the probe texts and the rank.
    pair : bool
        Whether the texts are pairs.
    store : Store
        Has the surrogate's features of texts seen before.

    Returns
    -------
    ndarray of float64, shape (m, r)
        Orthonormal columns, see `methods.functional.probe_basis`.
    """
    rank: int = recipe.build().params()["rank"]
    return probe_basis(recipe_features(recipe, pair, store), rank)


def recipe_features(recipe: Recipe, pair: bool, store: Store) -> NDArray[np.float32]:
    """Let a recipe's surrogate read its probe texts.

    Parameters
    ----------
    recipe : Recipe
        Names the surrogate and the probe texts.
    pair : bool
        Whether the texts are pairs.
    store : Store
        Has the surrogate's features of texts seen before.

    Returns
    -------
    ndarray of float32, shape (m, hidden)
        Pooled features.
    """
    return load_surrogate(recipe.surrogate, store).features(recipe.probes(pair).texts)


def left_out_similarity(
    items: Sequence[Item], basis: NDArray[np.float64], newcomers: Sequence[Item] = ()
) -> NDArray[np.float64]:
    """Compare all items, each in a space whose whitening was learnt without its own family.

    Parameters
    ----------
    items : sequence of n Items
        Datasets, black boxes and prompts.
    basis : ndarray of float64, shape (m, r)
        Of the probe texts, see `recipe_basis`.
    newcomers : sequence of Item
        Compared as well; they shape neither whitening nor means.

    Returns
    -------
    ndarray of float64, shape (n, n)
        Cosines of the items, then the newcomers; a row is in the space of that item. The means taken away are those of
        all items.
    """
    embeddings = [i.embedding for i in items]
    compared = [*embeddings, *(i.embedding for i in newcomers)]
    out = np.zeros((len(compared), len(compared)))
    for family in {e.family for e in compared}:
        rows = [k for k, e in enumerate(compared) if e.family == family]
        calibrator = fit_reference([i for i in items if i.embedding.family != family], basis, embeddings)
        placed = calibrator.place(compared)
        out[rows] = placed.take(rows).cosines(placed)
    return out
