"""How `fute embed` carries requests out: here, in other processes, or in the background; and what it says then."""

import os
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from fute_core.cli.output import emit_json, emit_table, note, progress_bars
from fute_core.embedding.requests import EmbedRequest, embed_request, request_key
from fute_core.errors import BadInput, FuteError, Unexpected
from fute_core.tasks import TaskEmbedding

if TYPE_CHECKING:
    from fute_core.store.store import Store

NEIGHBOURS = 5
Done = tuple[TaskEmbedding, bool, float]
"""An embedding, whether the store had it, and the seconds it took."""


def run(requests: Sequence[EmbedRequest], common: dict[str, Any]) -> None:
    """Carry all out; one that fails is told in a sentence and stops no other.

    Exit code 2 if any failed, 1 if any of them did so in a way that nobody foresaw.
    """
    from fute_core.store.store import open_store

    _check(requests, common)
    store = open_store()
    if common["detach"]:
        _leave(requests, store, common)
        return
    before = {header.entry: header.key for header in store.headers()}
    done: list[Done] = []
    failed: list[FuteError] = []
    for request, result in (_elsewhere if common["backend"] else _here)(requests, store, common):
        if isinstance(result, FuteError):
            failed.append(result)
            note(f"{request.label}: {result}" if len(requests) > 1 else f"Error: {result}")
        else:
            done.append(result)
            _tell_lost_name(result[0], before)
            if result[0].name == f"{request.label} (yours)":
                note(f"{request.label!r} is the name of a shipped {result[0].kind} with other content, so this is "
                     f"{result[0].name!r}; --name gives it another.")  # fmt: skip
    rows = _with_neighbours(done, store)
    if not common["as_json"]:
        _show(rows)
    elif rows:
        emit_json(rows[0] if len(requests) == 1 else rows)
    if failed:
        raise SystemExit(1 if any(isinstance(error, Unexpected) for error in failed) else 2)


def _check(requests: Sequence[EmbedRequest], common: dict[str, Any]) -> None:
    if common["name"] and len(requests) > 1:
        raise BadInput(f"--name {common['name']!r} would name {len(requests)} items; embed one at a time.")
    if common["n_jobs"] == 0:
        raise BadInput("--jobs 0 would do nothing; give at least 1, or -1 for all cores.")
    if common["address"] and common["backend"] not in ("dask", "ray"):
        raise BadInput("--address is the scheduler of a cluster; give --backend dask or --backend ray with it.")
    if common["n_jobs"] != 1 and not common["backend"]:
        common["backend"] = "loky"
    for request in requests:
        request.recipe.build()  # an unknown method or option is the same mistake in all of them: told once


def _here(requests: Sequence[EmbedRequest], store: "Store", common: dict[str, Any]) -> Iterator[tuple]:
    from fute_core.jobs.plan import sentence

    with progress_bars(not common["as_json"]) as bars:
        for number, request in enumerate(requests):
            started = time.perf_counter()
            bars.begin(request.label, number, len(requests))
            try:
                cached = store.has_embedding(request_key(request))
                embedding = embed_request(request, store, lambda d, t, name=request.label: bars.update(name, d, t))
            except FuteError as error:
                yield request, error
            except Exception as error:  # one broken predictor must not stop the others
                if os.environ.get("FUTE_TRACEBACK"):
                    raise
                yield request, Unexpected(f"{sentence(error)} Set FUTE_TRACEBACK=1 to see where.")
            else:
                yield request, (embedding, cached, time.perf_counter() - started)
            bars.end(request.label)


def _elsewhere(requests: Sequence[EmbedRequest], store: "Store", common: dict[str, Any]) -> Iterator[tuple]:
    from fute_core.jobs import create_job, run_job

    job = create_job(requests, store)
    with progress_bars(not common["as_json"]) as bars:
        job = run_job(
            job, backend=common["backend"], address=common["address"], n_jobs=common["n_jobs"],
            on_event=lambda state: bars.update("texts", state.texts_done, max(state.texts_total, 1)),
        )  # fmt: skip
    for request, item in zip(requests, job.items, strict=True):
        if item.state == "done":
            yield request, (embed_request(request, store), item.cached, item.seconds)  # under the name it has here
        else:
            kind = Unexpected if item.unexpected else FuteError
            yield request, kind(item.error or f"It was not finished; go on with: fute jobs resume {job.id}")


def _leave(requests: Sequence[EmbedRequest], store: "Store", common: dict[str, Any]) -> None:
    from fute_core.cli.jobs import leave
    from fute_core.jobs import create_job

    job = create_job(requests, store)
    for request, item in zip(requests, job.items, strict=True):
        if item.error:
            note(f"{request.label}: {item.error}")
    leave(job, common["backend"] or "loky", common["address"], common["n_jobs"], common["as_json"])


def _tell_lost_name(embedding: TaskEmbedding, before: dict[str, str]) -> None:
    """Say so where a name now means another vector of the same space; `before` learns the new one."""
    from fute_core.store.store import header_of

    entry = header_of(embedding).entry
    if before.get(entry, embedding.key) != embedding.key:
        note(f"{embedding.name!r} meant another vector until now, made from other content; --name keeps both.")
    before[entry] = embedding.key


def _with_neighbours(done: Sequence[Done], store: "Store") -> list[dict[str, Any]]:
    from fute_core.atlas.atlas import nearest_of_each
    from fute_core.atlas.fewer_texts import nearest_on_fewer

    stored = store.embeddings() if done else []
    near = nearest_of_each(stored, [embedding for embedding, _, _ in done], NEIGHBOURS)
    near = [nearest_on_fewer(e, store, NEIGHBOURS) or known for (e, _, _), known in zip(done, near, strict=True)]
    return [
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
            **_columns(embedding),
            "details": {k: v for k, v in embedding.provenance.details.items() if k != "columns"},
            "neighbours": found["neighbours"],
            "notes": [*_warnings(embedding), *found["notes"]],
        }
        for (embedding, cached, seconds), found in zip(done, near, strict=True)
    ]


def _columns(embedding: TaskEmbedding) -> dict[str, dict[str, str | None]]:
    """Which columns a dataset was read from; of other kinds nothing."""
    known = embedding.provenance.details.get("columns")
    return {"columns": dict(known)} if known else {}


def _warnings(embedding: TaskEmbedding) -> list[str]:
    """What a user has to know before trusting the vector."""
    from fute_core.space.scale import few_texts

    details, texts = embedding.provenance.details, embedding.provenance.n_texts
    remarks = []
    if details.get("constant"):
        answers = "its texts are alike" if embedding.kind == "dataset" else "it answers every probe text alike"
        remarks.append(f"{embedding.name}: {answers}, so its vector says nothing; its neighbours mean nothing either.")
    elif few := few_texts(embedding):
        remarks.append(f"{embedding.name}: {few}")
    if missing := details.get("unanswered"):
        remarks.append(f"{embedding.name}: {missing} of {texts + missing} probe texts have no answer and are left out.")
    if beyond := details.get("beyond_probes"):
        remarks.append(f"{embedding.name}: {beyond} answers are to probe texts that were not asked for, and left out.")
    if cut := embedding.provenance.n_truncated:
        were = "1 text was" if cut == 1 else f"{cut} texts were"
        reader = "surrogate" if embedding.kind == "dataset" else "model"
        remarks.append(f"{embedding.name}: {were} longer than the {reader} reads and cut.")
    return remarks


def _show(rows: Sequence[dict[str, Any]]) -> None:
    for row in rows:
        how = "from the store" if row["cached"] else f"in {row['seconds']:.1f} s"
        title = f"{row['name']}  ({row['kind']}, {row['n_texts']} texts, {row['dim']} numbers, {how})"
        if row["neighbours"]:
            cells = [(n["name"], n["kind"], n["family"], n["similarity"]) for n in row["neighbours"]]
            emit_table(title, ("nearest", "kind", "family", "similarity"), cells)
        else:
            click.echo(f"{title}\nNothing to compare with yet; embed the shipped datasets: fute embed dataset all")
        if read := row.get("columns"):
            named = ((place.replace("_", " "), column) for place, column in read.items() if column is not None)
            click.echo(f"Read from columns: {', '.join(f'{place} {column!r}' for place, column in named)}")
        click.echo()
    for remark in dict.fromkeys(remark for row in rows for remark in row["notes"]):
        note(remark)
