"""`fute embed`: datasets, prompts, models and files of outputs become points of the space."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import click

from fute_core.cli.output import emit_json, emit_table, note, progress_bars
from fute_core.errors import BadInput, FuteError
from fute_core.requests import DEFAULT_LIMIT, EmbedRequest, embed_request, prompt_templates, request_key

NEIGHBOURS = 5


@click.group()
def embed() -> None:
    """Make task embeddings; what is known already comes from the store."""


def _common(command: Callable) -> Callable:
    """Options that every kind of embedding shares."""
    for option in reversed(
        [
            click.option("--method", default="fused", show_default=True, help="fused, functional, fisher, prefix, ..."),
            click.option("--param", "params", multiple=True, metavar="NAME=VALUE", help="An option of the method."),
            click.option("--surrogate", default="minilm", show_default=True, help="Packaged name, folder or Hub id."),
            click.option("--probes", type=click.IntRange(min=1), help="How many probe texts; default by arity."),
            click.option("--seed", type=int, default=0, show_default=True),
            click.option("--name", help="Name in the space; only for a single item."),
            click.option("--family", help="Task family, where you know it."),
            click.option("--backend", type=click.Choice(["loky", "dask", "ray"]), help="Run in other processes."),
            click.option("--address", help="Scheduler of the Dask or Ray cluster."),
            click.option("--jobs", "n_jobs", type=int, default=1, help="Processes of --backend loky."),
            click.option("--json", "as_json", is_flag=True, help="Print JSON: an object, or a list for several items."),
        ]
    ):
        command = option(command)
    return command


@embed.command()
@click.argument("refs", nargs=-1, required=True, metavar="FILE_OR_ID...")
@click.option("--limit", type=click.IntRange(min=0), default=DEFAULT_LIMIT, show_default=True, help="Rows, 0 for all.")
@click.option("--split", default=None, help="Split of a shipped or Hub dataset.  [default: train]")
@click.option("--text-column")
@click.option("--text-pair-column")
@click.option("--label-column")
@click.option("--regression/--classification", default=None, help="Read labels as scores.  [default: by the column]")
@_common
def dataset(
    refs: tuple[str, ...], limit: int, split: str | None, text_column: str | None, text_pair_column: str | None,
    label_column: str | None, regression: bool | None, **common: Any,
) -> None:  # fmt: skip
    """Dataset task embeddings (DTE) from shipped names, files (CSV, TSV, JSONL, Parquet) or Hub ids."""
    options = {
        "split": split, "text_column": text_column, "text_pair_column": text_pair_column,
        "label_column": label_column, "regression": regression,
    }  # fmt: skip
    _run([_request("dataset", ref, common, limit=limit or None, options=options) for ref in refs], common)


@embed.command()
@click.argument("refs", nargs=-1, required=True, metavar="FILE_OR_ID...")
@click.option("--model", default="smollm2", show_default=True, help="Packaged name, folder, Hub id, or endpoint model.")
@click.option("--template", "names", multiple=True, help="Only this template of a file; may be repeated.")
@click.option("--field", "fields", multiple=True, metavar="NAME=text", help="Template variable to text or text_pair.")
@click.option("--choices", help='Answer choices of a plain template: "negative=bad|awful,positive=good".')
@click.option("--chat/--no-chat", default=None, help="Use the model's chat template.  [default: where it has one]")
@click.option("--length-normalise", is_flag=True, help="Divide a choice's log-probability by its tokens.")
@click.option("--calibrate/--raw", default=True, show_default=True, help="Contextual calibration of label priors.")
@click.option("--base-url", help="OpenAI-compatible endpoint that returns log-probabilities.")
@click.option("--api", type=click.Choice(["chat", "completions"]), default="chat", show_default=True)
@_common
def prompt(refs: tuple[str, ...], model: str, names: tuple[str, ...], fields: tuple[str, ...], choices: str | None,
           chat: bool | None, length_normalise: bool, calibrate: bool, base_url: str | None, api: str,
           **common: Any) -> None:  # fmt: skip
    """Model task embeddings (MTE) of prompts: shipped names or families, or files of templates."""
    mapped = _pairs(fields, "--field")
    options = {
        "fields": mapped or None, "choices": choices, "chat": chat, "length_normalise": length_normalise,
        "calibrate": calibrate, "base_url": base_url, "api": api if base_url else None,
    }  # fmt: skip
    requests = []
    for ref in refs:
        templates = prompt_templates(ref, fields=mapped, choices=choices)
        if unknown := [name for name in names if name not in templates]:
            raise BadInput(f"{ref} has no template {unknown[0]!r}; choose from: {', '.join(templates)}.")
        for name in names or templates:
            requests.append(_request("prompt", ref, common, model=model, template=name, options=options))
    _run(requests, common)


@embed.command()
@click.argument("refs", nargs=-1, required=True, metavar="ID...")
@click.option("--pairs", is_flag=True, help="The model reads pairs of texts.")
@_common
def model(refs: tuple[str, ...], pairs: bool, **common: Any) -> None:
    """Model task embeddings (MTE) of sequence classifiers, by folder or Hub id."""
    _run([_request("model", ref, common, options={"pair": pairs}) for ref in refs], common)


@embed.command()
@click.argument("refs", nargs=-1, required=True, metavar="FILE...")
@click.option("--min-share", type=click.FloatRange(0, 1), default=0.8, show_default=True, help="Probe texts needed.")
@_common
def outputs(refs: tuple[str, ...], min_share: float, **common: Any) -> None:
    """Model task embeddings (MTE) from answers made elsewhere on exported probe texts (CSV or JSONL)."""
    _run([_request("outputs", ref, common, options={"min_share": min_share}) for ref in refs], common)


def _request(kind: str, ref: str, common: dict[str, Any], *, options: dict[str, Any], **more: Any) -> EmbedRequest:
    return EmbedRequest(
        kind=kind, ref=ref, name=common["name"], family=common["family"], method=common["method"],
        method_params={k: _value(v) for k, v in _pairs(common["params"], "--param").items()},
        surrogate=common["surrogate"], probes=common["probes"], seed=common["seed"],
        options={k: v for k, v in options.items() if v is not None}, **more,
    )  # fmt: skip


def _run(requests: Sequence[EmbedRequest], common: dict[str, Any]) -> None:
    """Carry all out; one that fails is told in a sentence and stops no other. Exit code 2 if any failed."""
    if common["name"] and len(requests) > 1:
        raise BadInput(f"--name {common['name']!r} would name {len(requests)} items; embed one at a time.")
    from fute_core.store import open_store

    store = open_store()
    done, failed = [], 0
    work = _elsewhere if common["backend"] else _here
    for request, result in work(requests, store, common):
        if isinstance(result, FuteError):
            failed += 1
            note(f"{request.label}: {result}" if len(requests) > 1 else f"Error: {result}")
        else:
            done.append(result)
    rows = _with_neighbours(done, store)
    if common["as_json"]:
        if rows:
            emit_json(rows[0] if len(requests) == 1 else rows)
    else:
        _show(rows)
    if failed:
        raise SystemExit(2)


def _here(requests: Sequence[EmbedRequest], store, common: dict[str, Any]):
    with progress_bars(not common["as_json"]) as bars:
        for request in requests:
            started = time.perf_counter()
            try:
                cached = store.has_embedding(request_key(request))
                embedding = embed_request(request, store, lambda d, t, name=request.label: bars.update(name, d, t))
            except FuteError as error:
                yield request, error
            else:
                yield request, (embedding, cached, time.perf_counter() - started)


def _elsewhere(requests: Sequence[EmbedRequest], store, common: dict[str, Any]):
    from fute_core.jobs import create_job, run_job

    job = create_job(requests, store)
    with progress_bars(not common["as_json"]) as bars:
        job = run_job(
            job, backend=common["backend"], address=common["address"], n_jobs=common["n_jobs"],
            on_event=lambda state: bars.update("texts", state.texts_done, max(state.texts_total, 1)),
        )  # fmt: skip
    for request, item in zip(requests, job.items, strict=True):
        embedding = store.get_embedding(item.key) if item.key else None
        if embedding is None:
            yield request, FuteError(item.error or "it was not finished.")
        else:
            yield request, (embedding, item.cached, item.seconds)


def _with_neighbours(done, store) -> list[dict[str, Any]]:
    from fute_core.atlas import comparable, nearest

    rows = []
    for embedding, cached, seconds in done:
        others = comparable(store.embeddings(), embedding)
        rows.append(
            {
                "name": embedding.name,
                "kind": embedding.kind,
                "family": embedding.family,
                "key": embedding.key,
                "cached": cached,
                "seconds": round(seconds, 4),
                "n_texts": embedding.provenance.n_texts,
                "n_truncated": embedding.provenance.n_truncated,
                "dim": len(embedding.vector),
                "method": embedding.provenance.method,
                "surrogate": embedding.provenance.surrogate,
                "details": dict(embedding.provenance.details),
                **nearest(others, embedding, NEIGHBOURS),
            }
        )
    return rows


def _show(rows: Sequence[dict[str, Any]]) -> None:
    for row in rows:
        how = "from the store" if row["cached"] else f"in {row['seconds']:.1f} s"
        title = f"{row['name']}  ({row['kind']}, {row['n_texts']} texts, {row['dim']} numbers, {how})"
        if row["neighbours"]:
            cells = [(n["name"], n["kind"], n["family"], n["similarity"]) for n in row["neighbours"]]
            emit_table(title, ("nearest", "kind", "family", "similarity"), cells)
        else:
            click.echo(f"{title}\nNothing to compare with yet; embed a few shipped datasets: fute embed dataset all")
        for remark in row["notes"]:
            note(remark)
        if row["n_truncated"]:
            note(f"{row['n_truncated']} texts were longer than the surrogate reads and were cut.")
        click.echo()


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
    main.add_command(embed)
