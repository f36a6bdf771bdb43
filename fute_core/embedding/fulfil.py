"""How a request is carried out, and under which key and name its embedding is kept."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from fute_core.embedding import opening
from fute_core.embedding.answering import Progress
from fute_core.embedding.pipelines import embed_dataset, embed_model
from fute_core.embedding.recipe import DEFAULT_METHOD, Recipe, dataset_key, model_key, recipe_space
from fute_core.tasks import Kind, TaskEmbedding

if TYPE_CHECKING:
    from fute_core.store.store import Store
from fute_core.embedding.requests import EmbedRequest


def request_key(request: EmbedRequest) -> str:
    """Give the store key of what a request makes, without loading a model or computing anything.

    Parameters
    ----------
    request : EmbedRequest
        A dataset of it is read.

    Returns
    -------
    str
        See `recipe.dataset_key` and `recipe.model_key`.

    Raises
    ------
    BadInput, Unavailable
        For what cannot be read or is not installed.
    """
    if request.kind == "dataset":
        return dataset_key(opening.dataset_of(request), request.recipe)
    predictor, facts = opening.predictor_of(request)
    return model_key(predictor, request.recipe, pair=facts["pair"], calibrate=facts["calibrate"])


def embed_request(
    request: EmbedRequest,
    store: "Store | None" = None,
    progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> TaskEmbedding:
    """Carry a request out; something else under a shipped name is called "name (yours)".

    Parameters
    ----------
    request : EmbedRequest
        What to embed.
    store : Store, optional
        Where the vector and the answers are looked up and kept; None keeps nothing.
    progress : callable, optional
        Called with (done, in all), in rows of a dataset or probe texts.
    should_stop : callable, optional
        Asked now and then; on true the work ends.

    Returns
    -------
    TaskEmbedding
        From the store, or made now.

    Raises
    ------
    BadInput, Unavailable
        For what cannot be used, and for what is not installed or not reached.
    Cancelled
        Where `should_stop` said so.

    Examples
    --------
    >>> import fute_core as fute
    >>> fute.embed_request(fute.EmbedRequest("dataset", "sst2", method="text", limit=20)).provenance.n_texts
    20
    """
    from fute_core.datasets.catalog import shipped_datasets

    recipe = request.recipe
    if request.kind == "dataset":
        dataset = opening.dataset_of(request)
        key = dataset_key(dataset, recipe)
        shipped = dataset.name == request.ref and request.ref in shipped_datasets()  # of which other rows are no other
        name = dataset.name if shipped else free_name(dataset.name, "dataset", key, recipe, dataset.pair)
        return embed_dataset(replace(dataset, name=name), recipe, store, progress=progress, should_stop=should_stop)
    predictor, facts = opening.predictor_of(request)
    key = model_key(predictor, recipe, pair=facts["pair"], calibrate=facts["calibrate"])
    name = free_name(request.label, facts["kind"], key, recipe, facts["pair"])
    return embed_model(predictor, recipe, store, name=name, progress=progress, should_stop=should_stop, **facts)


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
    from fute_core.atlas.gallery import load_gallery

    gallery = load_gallery(pair)
    shipped = {(i.embedding.name, i.embedding.kind): i.embedding for i in gallery.items} if gallery else {}
    namesake = shipped.get((name, kind))
    if namesake is None or namesake.key == key or namesake.space() != recipe_space(recipe, pair):
        return name
    return f"{name} (yours)"
