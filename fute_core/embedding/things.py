"""What a thing that a user wants embedded is, and what to do instead where it is nothing that can be."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from fute_core.datasets.held import column_names, how_to_take
from fute_core.embedding.references import request_of
from fute_core.embedding.requests import EmbedRequest, short_name
from fute_core.errors import BadInput
from fute_core.predictors import Predictor
from fute_core.predictors.label_sentences import Labels
from fute_core.tasks import Kind, PromptTemplate, TaskDataset
from fute_core.vectors import TaskEmbedding


@dataclass(frozen=True)
class SaidBeside:
    """What was said about a thing beside it; None for what was not.

    Parameters
    ----------
    labels : sequence of str, mapping, path or None
        Names of the columns of a function's or pipeline's answers; for an encoder, sentences for labels, as
        `references.sentences_request` takes them.
    pair : bool or None
        The black box reads pairs of texts.
    model : str or None
        The language model that a prompt is asked of.
    kind : str or None
        What a reference means: "dataset", "prompt", "model" or "outputs".
    template : str or None
        Which template of a file of prompts.
    version : str or None
        What a function or pipeline is known by in place of its content.
    """

    labels: Labels | PathLike[str] | None = None
    pair: bool | None = None
    model: str | None = None
    kind: str | None = None
    template: str | None = None
    version: str | None = None


@dataclass(frozen=True)
class BlackBox:
    """A predictor with what the pipeline of models needs to know of it.

    Parameters
    ----------
    predictor : Predictor
        Answers the probe texts.
    name : str
        What to call it, where the user does not say.
    kind : str, default "model"
        "model" or "prompt".
    family : str or None
        The job that it does.
    pair : bool, default False
        It reads pairs of texts.
    """

    predictor: Predictor
    name: str
    kind: Kind = "model"
    family: str | None = None
    pair: bool = False


TAKES: Mapping[str, tuple[str, ...]] = {
    "a dataset": (),
    "a prompt": ("model",),
    "a pipeline": ("labels", "pair", "version"),
    "a function": ("labels", "pair", "version"),
    "a predictor": ("pair",),
    "a reference": ("kind", "model", "template", "pair", "labels"),
}
"""Which arguments say something about which thing."""


def recognised(item: Any, said: SaidBeside) -> TaskDataset | BlackBox | EmbedRequest:
    """Find out what a thing is.

    Parameters
    ----------
    item : TaskDataset, PromptTemplate, estimator, function, Predictor, str or Path
        The thing.
    said : SaidBeside
        What was said about it.

    Returns
    -------
    TaskDataset or BlackBox or EmbedRequest
        What one of the pipelines takes.

    Raises
    ------
    BadInput
        For what cannot be embedded, for an argument that says nothing about such a thing, and for one that is missing.
    """
    if isinstance(item, TaskDataset):
        _only("a dataset", said)
        return item
    if isinstance(item, PromptTemplate):
        return _prompt(item, said)
    if isinstance(item, (str, Path)):
        _only("a reference", said)
        return request_of(
            os.fspath(item), kind=said.kind, model=said.model, template=said.template, pair=said.pair,
            labels=said.labels,
        )  # fmt: skip
    _refuse(item)
    if isinstance(item, Predictor):
        _only("a predictor", said)
        return BlackBox(item, _called(item), pair=bool(said.pair))
    if hasattr(item, "fit") and hasattr(item, "predict"):
        from fute_core.predictors.sklearn import SklearnPredictor

        _only("a pipeline", said)
        fitted = SklearnPredictor(item, _names(said), version=said.version)
        return BlackBox(fitted, f"{_called(item)}-{fitted.fingerprint()[:6]}", pair=bool(said.pair))
    if callable(item):
        return _function(item, said)
    raise BadInput(f"A {type(item).__name__} cannot be embedded; give {GIVE}.")


GIVE = (
    "a fute.Dataset, a fute.Prompt with model=, a fitted pipeline, a function with labels=, or a name, path or Hub id"
)


def _only(thing: str, said: SaidBeside) -> None:
    """Raises BadInput for an argument that says nothing about such a thing."""
    for name, value in vars(said).items():
        if value is not None and name not in TAKES[thing]:
            takes = ", ".join(f"{known}=" for known in TAKES[thing])
            rest = f"it takes {takes}" if takes else "what it needs is in it"
            raise BadInput(f"{name}={value!r} says nothing about {thing}; {rest}, so leave {name}= out.")


def _prompt(template: PromptTemplate, said: SaidBeside) -> BlackBox:
    _only("a prompt", said)
    if not isinstance(said.model, str):
        given = "" if said.model is None else f", not {said.model!r:.60}"
        raise BadInput(f"Prompt {template.name!r} needs the name of a language model{given}; add model='smollm2'.")
    from fute_core.predictors.prompted_lm import PromptedLM

    called = f"{template.name} @ {short_name(said.model)}"
    return BlackBox(PromptedLM(template, said.model), called, "prompt", template.family, template.pair)


def _function(function: Callable[..., Any], said: SaidBeside) -> BlackBox:
    from fute_core.predictors.callable import CallablePredictor

    _only("a function", said)
    called = _called(function)
    names = _names(said)
    if names is None:
        raise BadInput(f"Function {called} needs labels=, a name for each of its columns, in order; [] for scores.")
    if isinstance(said.labels, str):
        raise BadInput(f"labels is the single string {said.labels!r}; give a list, one name for each column.")
    return BlackBox(CallablePredictor(function, names, version=said.version), called, pair=bool(said.pair))


def _names(said: SaidBeside) -> Sequence[str] | None:
    """Raises BadInput for what only an encoder takes."""
    if isinstance(said.labels, (Mapping, PathLike)):
        raise BadInput(f"labels is {str(said.labels)[:40]!r}, which is for encoders; give a list, a name a column.")
    if said.labels is not None and not isinstance(said.labels, Iterable):
        raise BadInput(f"labels is {said.labels!r:.60}, no list; give one name for each column.")
    return said.labels


def _called(item: Any) -> str:
    """A function by its name, a pipeline by that of its last step, another object by its class."""
    if steps := getattr(item, "steps", None):
        return _called(steps[-1][1])
    name = getattr(item, "__name__", None) or type(item).__name__
    return "function" if name == "<lambda>" else str(name)


def _refuse(item: Any) -> None:
    """Tell what to do with things that are close to what can be embedded."""
    kind = type(item).__name__
    module = type(item).__module__
    if isinstance(item, TaskEmbedding):
        raise BadInput(f"{item.name!r} is an embedding already; give it to atlas.nearest.")
    if isinstance(item, type):
        raise BadInput(f"{item.__name__} is a class; give an object made from it, fitted where it learns.")
    if (columns := column_names(item)) is not None:
        raise BadInput(f"A {kind} has no labels by itself; it has {how_to_take(columns)}")
    if module.startswith("transformers."):
        raise BadInput(f"A {kind} of transformers is embedded by its folder or Hub id: fute.embed(id, kind='model').")
    if any(base.__module__.startswith("torch.nn") for base in type(item).__mro__):
        raise BadInput(f"A {kind} reads no texts; give a function from texts to probabilities, with labels=.")
    if callable(item) or hasattr(item, "predict") or not isinstance(item, Iterable):
        return
    things = (TaskDataset, PromptTemplate, TaskEmbedding)
    if isinstance(item, (list, tuple)) and item and isinstance(item[0], things):
        raise BadInput(f"fute.embed takes one thing and was given {len(item)}; write [fute.embed(x) for x in ...].")
    raise BadInput(f"A {kind} of texts has no labels by itself; wrap both: fute.embed(fute.Dataset(texts, labels)).")
