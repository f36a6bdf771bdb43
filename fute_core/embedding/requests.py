"""What a user asks to embed, as data that travels to another process, and how it is carried out."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from fute_core.embedding import opening
from fute_core.embedding.answering import Progress
from fute_core.embedding.pipelines import embed_dataset, embed_model
from fute_core.embedding.recipe import DEFAULT_METHOD, Recipe, dataset_key, model_key, recipe_space
from fute_core.models.surrogate import DEFAULT_SURROGATE
from fute_core.predictors.keys import check_name
from fute_core.predictors.server import check_no_login
from fute_core.tasks import Kind, TaskEmbedding

if TYPE_CHECKING:
    from fute_core.store.store import Store

DEFAULT_LIMIT = 300


@dataclass(frozen=True)
class EmbedRequest:
    """One embedding to make, in JSON values only.

    Parameters
    ----------
    kind : {"dataset", "prompt", "model", "outputs"}
        A dataset, a prompt, a model (by default a sequence classifier), or a file of answers on probe texts.
    ref : str
        Shipped name, file or Hub id of the dataset, prompt file or classifier, or the file of answers.
    model : str, optional
        For a prompt, the language model: packaged name, folder, Hub id, or its name at ``options["base_url"]``.
    template : str, optional
        For a prompt, the template's name inside `ref`.
    name, family : str, optional
        What to call the item, and the job that it does.
    method, method_params, surrogate : str, mapping, str
        How the vector is made, see `Recipe`.
    limit : int, optional
        For a dataset, rows used at most.
    probes, seed : int
        See `Recipe`.
    options : mapping
        Columns (text_column, text_pair_column, label_column, split), fields, choices, chat, length_normalise,
        calibrate, base_url, api, api_key_env (a variable's name, since requests are kept on disk), pair, min_share;
        opener, for a model: a name in `predictors.PREDICTORS`.

    Examples
    --------
    >>> import fute_core as fute
    >>> fute.EmbedRequest("prompt", "sentiment", model="smollm2", template="sentiment-12-faces").label
    'sentiment-12-faces @ smollm2'
    """

    kind: Literal["dataset", "prompt", "model", "outputs"]
    ref: str
    model: str | None = None
    template: str | None = None
    name: str | None = None
    family: str | None = None
    method: str = DEFAULT_METHOD
    method_params: Mapping[str, Any] = field(default_factory=dict)
    surrogate: str = DEFAULT_SURROGATE
    limit: int | None = DEFAULT_LIMIT
    probes: int | None = None
    seed: int = 0
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if base_url := self.options.get("base_url"):
            check_no_login(base_url)
        if variable := self.options.get("api_key_env"):
            check_name(variable)

    @property
    def recipe(self) -> Recipe:
        """How the vector is made, as the pipelines take it."""
        return Recipe(self.method, self.method_params, self.surrogate, self.probes, self.seed)

    @property
    def label(self) -> str:
        """What to call it before it is done."""
        if self.name:
            return self.name
        if self.kind == "prompt":
            return f"{self.template or self.ref} @ {short_name(self.model or '')}"
        return short_name(self.ref)


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


def short_name(ref: str) -> str:
    """Shorten a reference to what names it.

    Parameters
    ----------
    ref : str
        Path, Hub id or shipped name.

    Returns
    -------
    str
        A file's name without its ending, or a folder's name; a Hub id stays as it is, whatever dots it has.
    """
    if os.path.isdir(ref):
        return os.path.basename(os.path.abspath(ref))
    return Path(ref).stem if os.path.exists(ref) else ref  # Path.exists raises for some names
