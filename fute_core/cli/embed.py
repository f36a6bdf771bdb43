"""`fute embed`: datasets, prompts, models and files of outputs become points of the space."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import click

from fute_core.cli import device, endpoint
from fute_core.cli.neighbours import interval_option
from fute_core.cli.output import note
from fute_core.cli.running import run
from fute_core.cli.surrogate import surrogate_option
from fute_core.embedding.opening import prompt_templates
from fute_core.embedding.references import sentences_request
from fute_core.embedding.requests import DEFAULT_LIMIT, EmbedRequest
from fute_core.errors import BadInput
from fute_core.jobs import BACKENDS


@click.group()
def embed() -> None:
    """Make task embeddings; what is known already comes from the store."""


def _common(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options that every kind of embedding shares."""
    for add in reversed(
        [
            click.option("--method", default="fused", show_default=True, help="fused, functional, fisher, prefix, ..."),
            click.option("--param", "params", multiple=True, metavar="NAME=VALUE", help="An option of the method."),
            surrogate_option,
            click.option("--probes", type=click.IntRange(min=1), help="How many probe texts; default by arity."),
            click.option("--seed", type=int, default=0, show_default=True),
            device.option,
            device.precision_option,
            click.option("--name", help="Name in the space; only for a single item."),
            click.option("--family", help="Task family, where you know it."),
            click.option("--jobs", "n_jobs", type=int, default=1, show_default=True, help="Items at a time."),
            click.option(
                "--backend", type=click.Choice(BACKENDS), help="Run as a job, in other processes or machines."
            ),
            click.option("--address", help="Scheduler of the Dask or Ray cluster."),
            click.option("--detach", is_flag=True, help="Run as a job in the background: see `fute jobs`."),
            click.option("--json", "as_json", is_flag=True, help="Print JSON: an object, or a list for several items."),
        ]
    ):
        command = add(command)
    return command


_settle = click.option(
    "--settle", type=float, metavar="CONFIDENCE",
    help="Stop asking once the verdict on the nearest dataset is settled, such as 0.95.  [default: ask all]",
)  # fmt: skip


@embed.command()
@click.argument("refs", nargs=-1, required=True, metavar="FILE_OR_ID...")
@click.option("--limit", type=click.IntRange(min=0), default=DEFAULT_LIMIT, show_default=True, help="Rows, 0 for all.")
@click.option("--split", default=None, help="Split of a shipped or Hub dataset.  [default: train]")
@click.option("--text-column", help="Column of the texts.  [default: by name and content]")
@click.option("--text-pair-column", help="Column of the second texts of pairs.")
@click.option("--label-column", help="Column of the labels.  [default: by name and content]")
@click.option("--regression/--classification", default=None, help="Read labels as scores.  [default: by the column]")
@click.option(
    "--label-case",
    type=click.Choice(["merge", "keep"]),
    help="Labels that differ only in case are one, or several.  [default: an error that asks]",
)
@interval_option
@_common
def dataset(
    refs: tuple[str, ...], limit: int, split: str | None, text_column: str | None, text_pair_column: str | None,
    label_column: str | None, regression: bool | None, label_case: str | None, **common: Any,
) -> None:  # fmt: skip
    """Dataset task embeddings (DTE) from shipped names, files (CSV, TSV, JSON, Parquet) or Hub ids.

    "all" means every shipped dataset. Questions with passages and answers, as in SQuAD, are read as pairs.
    """
    from fute_core.datasets.catalog import shipped_datasets

    if refs == ("all",):
        refs = tuple(shipped_datasets())
    options = {
        "split": split, "text_column": text_column, "text_pair_column": text_pair_column,
        "label_column": label_column, "regression": regression, "label_case": label_case,
        "row_draws": common["interval"] != "texts" or None,
    }  # fmt: skip
    run([_request("dataset", ref, common, limit=limit or None, options=options) for ref in refs], common)


@embed.command()
@click.argument("refs", nargs=-1, required=True, metavar="FILE_OR_ID...")
@click.option(
    "--model", default="smollm2", show_default=True, help="Packaged name, folder, GGUF file, Hub id, or endpoint model."
)
@click.option("--template", "names", multiple=True, help="Only this template of a file; may be repeated.")
@click.option("--field", "fields", multiple=True, metavar="NAME=text", help="Template variable to text or text_pair.")
@click.option("--choices", help='Answer choices of a plain template: "negative=bad|awful,positive=good".')
@click.option("--chat/--no-chat", default=None, help="Use the model's chat template.  [default: where it has one]")
@click.option("--length-normalise", is_flag=True, help="Divide a choice's log-probability by its tokens.")
@click.option("--calibrate/--raw", default=True, show_default=True, help="Batch calibration of label priors.")
@endpoint.options
@endpoint.cost_options
@_settle
@_common
def prompt(refs: tuple[str, ...], model: str, names: tuple[str, ...], fields: tuple[str, ...], choices: str | None,
           chat: bool | None, length_normalise: bool, calibrate: bool, price: str | None, estimate: bool,
           **common: Any) -> None:  # fmt: skip
    """Model task embeddings (MTE) of prompts: shipped names or families, or files of templates.

    "all" means every shipped prompt.
    """
    from fute_core.store.store import open_store
    from fute_core.templates.loading import shipped_prompts

    if refs == ("all",):
        refs = tuple(shipped_prompts())
    asked = endpoint.chosen(common)
    if (price or estimate) and not asked["base_url"]:
        raise BadInput("--price and --estimate are for an endpoint; give --base-url with them.")
    mapped = _pairs(fields, "--field")
    options = {
        "fields": mapped or None, "choices": choices, "chat": chat, "length_normalise": length_normalise,
        "calibrate": calibrate, "settle": common["settle"], **asked,
    }  # fmt: skip
    requests = []
    for ref in refs:
        templates = prompt_templates(ref, fields=mapped, choices=choices)
        _tell_unusable(ref, templates, mapped, choices)
        if unknown := [name for name in names if name not in templates]:
            raise BadInput(f"{ref} has no template {unknown[0]!r}; choose from: {', '.join(templates)}.")
        for name in names or templates:
            requests.append(_request("prompt", ref, common, model=model, template=name, options=options))
    if asked["base_url"]:
        endpoint.tell_cost(requests, open_store(), price)
    if not estimate:
        run(requests, common)


@embed.command()
@click.argument("refs", nargs=-1, required=True, metavar="ID...")
@click.option("--pairs", is_flag=True, help="It reads pairs of texts, as models that answer questions do.")
@click.option(
    "--as", "opener",
    help="What it is: classifier, question-answering, zero-shot; packages add more.  [default: as it was saved, or "
    "zero-shot with --labels]",
)  # fmt: skip
@click.option("--labels", metavar="FILE", help="For zero-shot: YAML with a sentence or several for each label.")
@_settle
@_common
def model(refs: tuple[str, ...], pairs: bool, opener: str | None, labels: str | None, **common: Any) -> None:
    """Model task embeddings (MTE) of sequence classifiers, or of encoders with sentences for labels.

    With --pairs also of models that mark the answer to a question in a text: how strongly one is found. Each is a
    packaged name, a folder or a Hub id.
    """
    given: dict[str, Any] = {"pair": pairs, "opener": opener, "settle": common["settle"]}
    name: str | None = None
    if labels is not None:
        sentences = sentences_request(refs[0], labels)
        given, name = {**sentences.options, **{k: v for k, v in given.items() if v is not None}}, sentences.template
    run([_request("model", ref, common, options=given, template=name) for ref in refs], common)


@embed.command()
@click.argument("refs", nargs=-1, required=True, metavar="FILE...")
@click.option("--min-share", type=click.FloatRange(0, 1), default=0.8, show_default=True, help="Probe texts needed.")
@click.option("--answer-column", help="Column of labels or raw answers.  [default: by name and content]")
@click.option("--labels", help="Labels that raw answers name, such as no,yes.  [default: the answers that repeat]")
@_common
def outputs(
    refs: tuple[str, ...], min_share: float, answer_column: str | None, labels: str | None, **common: Any
) -> None:
    """Model task embeddings (MTE) from answers made elsewhere on exported probe texts (CSV, JSON or Parquet).

    Answers are probabilities, one column a label; or hard labels or raw answers in one column of words.
    """
    names = None if labels is None else [name.strip() for name in labels.split(",") if name.strip()]
    options = {"min_share": min_share, "answer_column": answer_column, "labels": names}
    run([_request("outputs", ref, common, options=options) for ref in refs], common)


def _request(
    kind: Literal["dataset", "prompt", "model", "outputs"], ref: str, common: dict[str, Any], *,
    options: dict[str, Any], **more: Any,
) -> EmbedRequest:  # fmt: skip
    placed = {name: common[name] for name in ("device", "precision")}
    return EmbedRequest(
        kind=kind, ref=ref, name=common["name"], family=common["family"], method=common["method"],
        method_params={k: _value(v) for k, v in _pairs(common["params"], "--param").items()},
        surrogate=common["surrogate"], probes=common["probes"], seed=common["seed"],
        options={k: v for k, v in {**options, **placed}.items() if v is not None}, **more,
    )  # fmt: skip


def _tell_unusable(ref: str, usable: Mapping[str, Any], fields: dict[str, str], choices: str | None) -> None:
    from fute_core.templates.loading import load_templates, shipped_prompts

    if usable.keys() <= shipped_prompts().keys():
        return
    count = len(load_templates(Path(ref), fields=fields, choices=choices))
    if count > len(usable):
        note(f"{count - len(usable)} of {count} templates of {ref} can't be used: fute prompts check {ref}")


def _pairs(given: Sequence[str], option: str) -> dict[str, str]:
    pairs = {}
    for item in given:
        name, equals, value = item.partition("=")
        if not equals or not name.strip():
            raise BadInput(f"{option} {item!r} is not NAME=VALUE.")
        pairs[name.strip()] = value.strip()
    return pairs


def _value(text: str) -> Any:
    """A method option as typed: number, truth value or word."""
    import json

    try:
        return json.loads(text)
    except ValueError:
        return text


def register(main: click.Group) -> None:
    """Add `fute embed` to the command line.

    Parameters
    ----------
    main : click.Group
        The `fute` command.
    """
    main.add_command(embed)
