"""What a user asks to embed, as data that travels to another process, and how it is carried out."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from fute_core.embedding import pipelines
from fute_core.embedding.pipelines import Progress, Recipe
from fute_core.errors import BadInput
from fute_core.predictors import PREDICTORS, Predictor
from fute_core.predictors.keys import check_name
from fute_core.predictors.server import check_no_login
from fute_core.tasks import Kind, PromptTemplate, TaskDataset, TaskEmbedding

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
    method: str = pipelines.DEFAULT_METHOD
    method_params: Mapping[str, Any] = field(default_factory=dict)
    surrogate: str = pipelines.DEFAULT_SURROGATE
    limit: int | None = DEFAULT_LIMIT
    probes: int | None = None
    seed: int = 0
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self):
        if base_url := self.options.get("base_url"):
            check_no_login(base_url)
        if variable := self.options.get("api_key_env"):
            check_name(variable)

    @property
    def recipe(self) -> Recipe:
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
    """The store key, without loading a model or computing anything."""
    if request.kind == "dataset":
        return pipelines.dataset_key(_dataset(request), request.recipe)
    predictor, facts = _predictor(request)
    return pipelines.model_key(predictor, request.recipe, pair=facts["pair"], calibrate=facts["calibrate"])


def embed_request(
    request: EmbedRequest,
    store: "Store | None" = None,
    progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> TaskEmbedding:
    """Carry a request out; something else under a shipped name is called "name (yours)".

    Raises BadInput, Unavailable or Cancelled, each with one sentence.

    Examples
    --------
    >>> import fute_core as fute
    >>> fute.embed_request(fute.EmbedRequest("dataset", "sst2", method="text", limit=20)).provenance.n_texts
    20
    """
    from fute_core.datasets.catalog import shipped_datasets

    recipe, how = request.recipe, {"progress": progress, "should_stop": should_stop}
    if request.kind == "dataset":
        dataset = _dataset(request)
        key = pipelines.dataset_key(dataset, recipe)
        shipped = dataset.name == request.ref and request.ref in shipped_datasets()  # of which other rows are no other
        name = dataset.name if shipped else free_name(dataset.name, "dataset", key, recipe, dataset.pair)
        return pipelines.embed_dataset(replace(dataset, name=name), recipe, store, **how)
    predictor, facts = _predictor(request)
    key = pipelines.model_key(predictor, recipe, pair=facts["pair"], calibrate=facts["calibrate"])
    name = free_name(request.label, facts["kind"], key, recipe, facts["pair"])
    return pipelines.embed_model(predictor, recipe, store, name=name, **how, **facts)


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
    if recipe.method != pipelines.DEFAULT_METHOD:  # what ships is made by that method, so its names are free in others
        return name
    from fute_core.atlas.gallery import load_gallery

    gallery = load_gallery(pair)
    shipped = {(i.embedding.name, i.embedding.kind): i.embedding for i in gallery.items} if gallery else {}
    namesake = shipped.get((name, kind))
    if namesake is None or namesake.key == key or namesake.space() != pipelines.recipe_space(recipe, pair):
        return name
    return f"{name} (yours)"


def predictor_of(request: EmbedRequest) -> tuple[Predictor, dict[str, Any]]:
    """The black box of a request for a prompt, model or outputs, not loaded yet, and its facts: see `embed_model`."""
    return _predictor(request)


def prompt_templates(
    ref: str, *, fields: Mapping[str, str] | None = None, choices: str | None = None
) -> dict[str, PromptTemplate]:
    """The usable templates that `ref` names: a shipped prompt, a shipped family, or a file.

    Raises BadInput where there is none, with the first reason.
    """
    from fute_core.templates.loading import load_templates, shipped_prompts

    shipped = shipped_prompts()
    if ref in shipped:
        return {ref: shipped[ref]}
    if of_family := {name: p for name, p in shipped.items() if p.family == ref}:
        return of_family
    path = Path(ref)
    if not os.path.exists(path):
        import difflib

        near = difflib.get_close_matches(ref, [*shipped, *{p.family or "" for p in shipped.values()}], 1)
        guess = f"did you mean {near[0]!r}?" if near else "`fute list prompts` shows those that are shipped."
        raise BadInput(f"No prompt {ref!r} is shipped and no such file exists; {guess}")
    loaded = load_templates(path, fields=fields or {}, choices=choices)
    usable = {item.name: item.template for item in loaded if item.template is not None}
    if not usable:
        raise BadInput(f"{path}: no template can be used: {loaded[0].problem if loaded else 'the file has none.'}")
    return usable


def _dataset(request: EmbedRequest) -> TaskDataset:
    from fute_core.datasets.catalog import load_dataset

    columns = ("split", "text_column", "text_pair_column", "label_column", "regression")
    chosen = {name: request.options[name] for name in columns if request.options.get(name) is not None}
    dataset = load_dataset(request.ref, limit=request.limit, seed=request.seed, **chosen)
    if request.limit is not None and not dataset.regression and request.limit < 2 * len(dataset.labels):
        raise BadInput(
            f"A limit of {request.limit} rows is too few for the {len(dataset.labels)} labels of {dataset.name!r}; "
            f"give at least {2 * len(dataset.labels)}."
        )
    return replace(dataset, name=request.name or dataset.name, family=request.family or dataset.family)


def _predictor(request: EmbedRequest) -> tuple[Predictor, dict[str, Any]]:
    """The black box, and what is known of it: kind, family, pair, calibrate."""
    options = request.options
    if request.kind == "prompt":
        return _prompted(request)
    if request.kind == "outputs":
        from fute_core.predictors.outputs import OutputsPredictor, read_is_pair

        pair = read_is_pair(Path(request.ref))
        probes = request.recipe.probes(pair)
        predictor = OutputsPredictor.read(Path(request.ref), probes, min_share=options.get("min_share", 0.8))
    else:
        pair = bool(options.get("pair"))
        predictor = PREDICTORS[options.get("opener", "classifier")](request.ref)
    facts = {"kind": "model", "family": request.family, "pair": pair, "calibrate": bool(options.get("calibrate"))}
    return predictor, facts


def _prompted(request: EmbedRequest) -> tuple[Predictor, dict[str, Any]]:
    options = request.options
    templates = prompt_templates(request.ref, fields=options.get("fields"), choices=options.get("choices"))
    name = request.template or (next(iter(templates)) if len(templates) == 1 else None)
    if name not in templates:
        raise BadInput(
            f"{request.ref} has no template {name!r}; choose one of {', '.join(templates)}."
            if name
            else f"{request.ref} has {len(templates)} templates; choose one of {', '.join(templates)}."
        )
    template = templates[name]
    if not request.model:
        raise BadInput(f"Prompt {name!r} needs a language model; name one with --model, for example smollm2.")
    if options.get("base_url"):
        from fute_core.predictors.endpoint import EndpointPredictor

        predictor = EndpointPredictor(
            template, options["base_url"], request.model, mode=options.get("api", "chat"),
            length_normalise=bool(options.get("length_normalise")), api_key_env=options.get("api_key_env"),
        )  # fmt: skip
    else:
        from fute_core.predictors.prompted_lm import PromptedLM

        predictor = PromptedLM(
            template, request.model, chat=options.get("chat"), length_normalise=bool(options.get("length_normalise"))
        )
    facts = {
        "kind": "prompt",
        "family": request.family or template.family,
        "pair": template.pair,
        "calibrate": options.get("calibrate", True) is not False,
    }
    return predictor, facts


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
