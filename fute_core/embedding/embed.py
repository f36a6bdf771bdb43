"""One function that embeds anything: datasets, prompts, pipelines, functions, and what a name or path stands for."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from os import PathLike
from typing import Any, Literal, Protocol

from fute_core.arguments import flags, numbers, strings
from fute_core.datasets.targets import draw
from fute_core.datasets.values import as_numbers
from fute_core.embedding.answering import Progress
from fute_core.embedding.fulfil import embed_request, opened_dataset, opened_model
from fute_core.embedding.opening import Facts
from fute_core.embedding.recipe import DEFAULT_METHOD, Recipe
from fute_core.embedding.requests import DEFAULT_LIMIT, EmbedRequest
from fute_core.embedding.things import SaidBeside, recognised
from fute_core.errors import BadInput
from fute_core.models.device import computing_on
from fute_core.models.precision import multiplying_in
from fute_core.predictors import Predictor
from fute_core.predictors.label_sentences import Labels
from fute_core.space.settling import check_confidence
from fute_core.store.session import chosen_store
from fute_core.store.store import Store
from fute_core.tasks import PromptTemplate, TaskDataset
from fute_core.vectors import TaskEmbedding


class _Estimator(Protocol):
    """A fitted scikit-learn classifier, regressor or pipeline that reads texts."""

    def predict(self, X: Any, /) -> Any: ...  # scikit-learn has no types


Embeddable = TaskDataset | PromptTemplate | Predictor | _Estimator | Callable[..., object] | str | PathLike[str]


def embed(
    item: Embeddable,
    *,
    method: str | Recipe = DEFAULT_METHOD,
    name: str | None = None,
    family: str | None = None,
    labels: Labels | PathLike[str] | None = None,
    pair: bool | None = None,
    model: str | None = None,
    kind: Literal["dataset", "prompt", "model", "outputs"] | None = None,
    template: str | None = None,
    version: str | None = None,
    limit: int | None = DEFAULT_LIMIT,
    settle: float | None = None,
    row_draws: bool = False,
    device: str | None = None,
    precision: str | None = None,
    store: Store | Literal[False] | None = None,
    progress: bool = False,
) -> TaskEmbedding:
    """Embed a dataset, a prompt on a language model, or any black box that labels texts.

    Parameters
    ----------
    item : TaskDataset, PromptTemplate, estimator, function, Predictor, str or Path
        A `Dataset`; a `Prompt`; a fitted scikit-learn pipeline that reads texts; a function from a list of texts to
        rows of probabilities; or a shipped name, a path or a Hub id.
    method : str or Recipe, default "fused"
        How the vector is made; a `Recipe` also chooses options, surrogate, number of probe texts and seed. Only
        embeddings made the same way can be compared, and what ships is "fused".
    name : str, optional
        What to call it; by default what it is called already.
    family : str, optional
        The job that it does, such as "sentiment".
    labels : sequence of str, dict or path, optional
        For a function, the labels of its columns, or [] where it gives scores; for a pipeline, other names for its
        classes. For the name, path or Hub id of an encoder, what makes it a zero-shot classifier: a dict of labels with
        a sentence or several for each, names alone, or a YAML file of them.
    pair : bool, optional
        The black box reads (text, text_pair) tuples.
    model : str, optional
        The language model that a prompt is asked of: a packaged name such as "smollm2", a path, or a Hub id.
    kind : {"dataset", "prompt", "model", "outputs"}, optional
        What a path or Hub id is, where it does not show.
    template : str, optional
        Which template of a file of prompts.
    version : str, optional
        What a function or pipeline is known by in place of its content; change it when the answers change.
    limit : int or None, default 300
        At most so many rows of a dataset, drawn evenly over its labels, as `fute embed dataset` does; None takes all.
    settle : float, optional
        How sure the verdict on the nearest shipped dataset has to be, such as 0.95; a black box is then asked no more
        probe texts than that takes. By default it is asked all.
    row_draws : bool, default False
        Of a dataset, also fit its heads without each twentieth of its rows, in 1 to 4 s, so that
        `atlas.nearest(embedding, interval="both")` knows how sure a similarity is over rows.
    device : str, optional
        Where models compute: "cpu", the name of an accelerator that `fute doctor` lists, or "auto" for the first of
        them; by default as the variable `FUTE_DEVICE` says, else "auto". The key of the vector does not hold it.
    precision : {"auto", "float32", "bfloat16"}, optional
        What language models multiply in; by default as the variable `FUTE_PRECISION` says, else "auto": what this
        processor is faster in, and float32 on an accelerator. Answers of the two are kept apart.
    store : Store, False or None
        Where the vector and the answers are kept: your own store by default; False keeps nothing after this process.
    progress : bool, default False
        Show a bar while texts are read.

    Returns
    -------
    TaskEmbedding
        A point of the unified space; the same input comes back from the store.

    Raises
    ------
    BadInput
        For what cannot be embedded, and for an argument that is missing, unknown or out of place.

    Examples
    --------
    >>> import fute_core as fute
    >>> films = ["a fine film", "good fun", "dull and long", "a bad film"]
    >>> mine = fute.Dataset(films, ["positive", "positive", "negative", "negative"], name="films")
    >>> fute.embed(mine)
    <Embedding of dataset 'films'; method: fused; surrogate: bge-small; read: 4 texts; numbers: 115,008>
    >>> def shouts(texts):
    ...     return [[float(text.isupper()), float(not text.isupper())] for text in texts]
    >>> fute.embed(shouts, labels=["loud", "calm"]).kind
    'model'
    """
    strings(name=name, family=family, version=version, device=device, precision=precision)
    flags(pair=pair, row_draws=row_draws, progress=progress)
    numbers(settle=settle)
    recipe = method if isinstance(method, Recipe) else Recipe(method)
    recipe.build()  # an unknown method is told before anything is read
    if settle is not None:
        check_confidence(settle)
    with computing_on(device), multiplying_in(precision):
        known = chosen_store(store)
        thing = recognised(item, SaidBeside(labels, pair, model, kind, template, version))
        if settle is not None and (isinstance(thing, TaskDataset) or getattr(thing, "kind", None) == "dataset"):
            raise BadInput("settle is for what is asked, a prompt or a model; a dataset is read once, so leave it out.")
        if row_draws and not (isinstance(thing, TaskDataset) or getattr(thing, "kind", None) == "dataset"):
            raise BadInput("row_draws is for a dataset; a prompt or a model has no rows of its own, so leave it out.")
        if isinstance(thing, EmbedRequest):
            asked = {"settle": settle, "row_draws": row_draws or None}
            options = {**thing.options, **{name: value for name, value in asked.items() if value is not None}}
            request = replace(
                thing, options=options, name=name, family=family, method=recipe.method, method_params=recipe.params,
                surrogate=recipe.surrogate, probes=recipe.n_probes, seed=recipe.seed, limit=limit,
            )  # fmt: skip
            with _bar(progress, request.label) as told:
                return embed_request(request, known, told)
        if isinstance(thing, TaskDataset):
            part = first_rows(thing, limit, recipe.seed)
            named = replace(part, name=name or part.name, family=family or part.family)
            opened = replace(opened_dataset(named, recipe), row_draws=row_draws)
        else:
            facts: Facts = {
                "kind": thing.kind,
                "family": family or thing.family,
                "pair": thing.pair,
                "calibrate": thing.kind == "prompt",
            }
            opened = replace(opened_model(thing.predictor, recipe, name or thing.name, facts), settle=settle)
        with _bar(progress, opened.name) as told:
            return opened.embed(known, told)


def first_rows(dataset: TaskDataset, limit: int | None, seed: int = 0) -> TaskDataset:
    """Take a part of a dataset, evenly over its labels: the rows that reading a file with this limit gives.

    Parameters
    ----------
    dataset : TaskDataset
        The dataset.
    limit : int or None
        At most so many rows; None takes all.
    seed : int, default 0
        Seed of the draw.

    Returns
    -------
    TaskDataset
        The rows in their order.

    Raises
    ------
    BadInput
        For a limit below two rows a label, and one that is no whole number.
    """
    if not isinstance(limit, int | None):
        raise BadInput(f"limit is {limit!r}; give a whole number of rows, or None for all.")
    least = 2 * max(len(dataset.labels), 1)
    if limit is not None and limit < least:
        raise BadInput(f"limit is {limit}, and {dataset.name!r} needs {least} rows, two for each label; raise it.")
    if limit is None or limit >= len(dataset.texts):
        return dataset
    names: Sequence[str | float] = (
        as_numbers(dataset.labels) or dataset.labels
    )  # in the order in which a file's are drawn
    values = [names[i] for i in dataset.targets.argmax(1)] if names else dataset.targets[:, 0].tolist()
    keep = draw(values, limit, seed, scores=dataset.regression)
    return replace(dataset, texts=tuple(dataset.texts[i] for i in keep), targets=dataset.targets[keep])


@contextmanager
def _bar(shown: bool, name: str) -> Iterator[Progress | None]:
    if not shown:
        yield None
        return
    from rich.markup import escape
    from rich.progress import Progress as Bars

    with Bars(transient=True) as bars:
        task = bars.add_task(escape(name), total=None)
        yield lambda done, total: bars.update(task, completed=done, total=total)
