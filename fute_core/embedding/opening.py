"""What a request names, opened: a dataset is read, and a black box is made but not loaded."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypedDict

from fute_core.embedding.requests import EmbedRequest
from fute_core.errors import BadInput
from fute_core.models.device import computing_on
from fute_core.models.precision import multiplying_in
from fute_core.predictors import PREDICTORS, Predictor
from fute_core.tasks import Kind, PromptTemplate, TaskDataset


class Facts(TypedDict):
    """What is known of a black box before it is asked, see `pipelines.embed_model`."""

    kind: Kind
    family: str | None
    pair: bool
    calibrate: bool


def dataset_of(request: EmbedRequest) -> TaskDataset:
    """Read the dataset of a request.

    Parameters
    ----------
    request : EmbedRequest
        Of kind "dataset".

    Returns
    -------
    TaskDataset
        At most `request.limit` rows, under the name and family that the request gives.

    Raises
    ------
    BadInput
        For what cannot be read, and for a limit below two rows a label.
    """
    from fute_core.datasets.catalog import load_dataset

    columns = ("split", "text_column", "text_pair_column", "label_column", "regression", "label_case")
    chosen = {name: request.options[name] for name in columns if request.options.get(name) is not None}
    dataset = load_dataset(request.ref, limit=request.limit, seed=request.seed, **chosen)
    if request.limit is not None and not dataset.regression and request.limit < 2 * len(dataset.labels):
        raise BadInput(
            f"A limit of {request.limit} rows is too few for the {len(dataset.labels)} labels of {dataset.name!r}; "
            f"give at least {2 * len(dataset.labels)}."
        )
    return replace(dataset, name=request.name or dataset.name, family=request.family or dataset.family)


@contextmanager
def as_asked(request: EmbedRequest | None) -> Iterator[None]:
    """Let all that is done inside be done where and in what a request says; a fingerprint is known by that, too.

    Parameters
    ----------
    request : EmbedRequest or None
        None changes nothing.

    Yields
    ------
    None
        Make black boxes inside, ask them, and look up what they answered.
    """
    options = {} if request is None else request.options
    with computing_on(options.get("device")), multiplying_in(options.get("precision")):
        yield


def predictor_of(request: EmbedRequest) -> tuple[Predictor, Facts]:
    """Make the black box of a request for a prompt, a model or outputs; no model is loaded yet.

    Parameters
    ----------
    request : EmbedRequest
        Of any kind but "dataset".

    Returns
    -------
    tuple of (Predictor, Facts)
        The black box, and what `embed_model` takes beside it.

    Raises
    ------
    BadInput
        For a file or a template that cannot be used, and for a prompt without a language model.
    """
    options = request.options
    if request.kind == "prompt":
        return _prompted(request)
    if request.kind == "outputs":
        from fute_core.predictors.outputs import OutputsPredictor, read_is_pair

        pair = read_is_pair(Path(request.ref))
        probes = request.recipe.probes(pair)
        predictor: Predictor = OutputsPredictor.read(
            Path(request.ref), probes, min_share=options.get("min_share", 0.8),
            answer_column=options.get("answer_column"), labels=options.get("labels"),
        )  # fmt: skip
    else:
        pair = bool(options.get("pair"))
        sentences = {name: options[name] for name in ("labels", "temperature") if options.get(name) is not None}
        opener = options.get("opener") or ("zero-shot" if sentences else _saved_as(request.ref))
        if sentences and opener == "classifier":
            raise BadInput(f"{request.ref} as a classifier has labels of its own; open it as zero-shot, or give none.")
        predictor = PREDICTORS[opener](request.ref, **sentences)
    facts: Facts = {
        "kind": "model",
        "family": request.family,
        "pair": pair,
        "calibrate": bool(options.get("calibrate")),
    }
    return predictor, facts


def _saved_as(ref: str) -> str:
    """What a model is opened as where nobody says: by the architecture that it was saved as."""
    from fute_core.models.files import resolve_model
    from fute_core.models.kinds import marks_spans
    from fute_core.models.packaged_encoders import CROSS_ENCODERS

    if ref in CROSS_ENCODERS:
        return "classifier"
    return "question-answering" if marks_spans(resolve_model(ref, CROSS_ENCODERS)) else "classifier"


def _prompted(request: EmbedRequest) -> tuple[Predictor, Facts]:
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
    facts: Facts = {
        "kind": "prompt",
        "family": request.family or template.family,
        "pair": template.pair,
        "calibrate": options.get("calibrate", True) is not False,
    }
    return _asked_by(template, request.model, options), facts


def _asked_by(template: PromptTemplate, model: str, options: Mapping[str, Any]) -> Predictor:
    """The black box of a template: on this machine or at an endpoint, read by log-probabilities or as text."""
    whole = {"length_normalise": bool(options.get("length_normalise"))}
    written = {name: options[name] for name in ("samples", "max_tokens") if options.get(name) is not None}
    server = {name: options[name] for name in ("api_key_env", "at_once", "timeout") if options.get(name) is not None}
    mode: Any = options.get("api") or "chat"
    if options.get("text") and whole["length_normalise"]:
        raise BadInput("With --text no answer is scored, so length cannot matter; leave out --length-normalise.")
    if base_url := options.get("base_url"):
        if options.get("text"):
            from fute_core.predictors.written import WrittenByServer

            plain = mode != "chat"
            return WrittenByServer(template, base_url, model, plain=plain, **written, **server)
        from fute_core.predictors.endpoint import EndpointPredictor

        return EndpointPredictor(template, base_url, model, mode=mode, **whole, **server)
    if options.get("text"):
        from fute_core.predictors.written_here import WrittenHere

        return WrittenHere(template, model, chat=options.get("chat"), **written)
    from fute_core.predictors.prompted_lm import PromptedLM

    return PromptedLM(template, model, chat=options.get("chat"), **whole)


def prompt_templates(
    ref: str, *, fields: Mapping[str, str] | None = None, choices: str | None = None
) -> dict[str, PromptTemplate]:
    """Find the usable templates that a reference names.

    Parameters
    ----------
    ref : str
        A shipped prompt, a shipped family, or a file.
    fields : mapping of str to str, optional
        For a file, which of its template's fields stands for the text, and which for the second text.
    choices : str, optional
        For a file, the answers where its templates name none.

    Returns
    -------
    dict of str to PromptTemplate
        By name, in the order of the file.

    Raises
    ------
    BadInput
        Where there is none, with the first reason, and for fields or answers of a prompt that ships with its own.
    """
    from fute_core.templates.loading import load_templates, shipped_prompts

    shipped = shipped_prompts()
    named = {ref: shipped[ref]} if ref in shipped else {name: p for name, p in shipped.items() if p.family == ref}
    if named and (fields or choices):
        given = "--choices" if choices else "--field"
        raise BadInput(f"{ref} ships with fields and answers of its own; leave out {given}, or give a file of yours.")
    if named:
        return named
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
