"""How `fute embed` carries requests out: here, in other processes, or in the background."""

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from fute_core.cli import device
from fute_core.cli.embedded import Done, show, with_neighbours
from fute_core.cli.output import Bars, emit_json, note, progress_bars
from fute_core.display import kind_name
from fute_core.embedding.fulfil import Opened, open_request
from fute_core.embedding.requests import EmbedRequest
from fute_core.embedding.thoughts import thoughts_of
from fute_core.errors import BadInput, FuteError, Unexpected
from fute_core.vectors import TaskEmbedding

if TYPE_CHECKING:
    from fute_core.store.store import Store

Result = tuple[EmbedRequest, Done | FuteError]


def run(requests: Sequence[EmbedRequest], common: dict[str, Any]) -> None:
    """Carry all out and say what came of each; one that fails is told in a sentence and stops no other.

    Parameters
    ----------
    requests : sequence of EmbedRequest
        What to embed.
    common : dict
        The options that all kinds share, by the names of the command's parameters.

    Raises
    ------
    SystemExit
        With 2 if any failed, 1 if any of them did so in a way that nobody foresaw.
    """
    from fute_core.store.store import open_store

    _check(requests, common)
    store = open_store()
    if common["detach"]:
        _leave(requests, store, common)
        return
    before = {entry: header.key for entry, header in store.named().items()}
    done: list[Done] = []
    failed: list[FuteError] = []
    reasoned: list[list[dict[str, Any]]] = []
    for request, result in (_elsewhere if common["backend"] else _here)(requests, store, common):
        if isinstance(result, FuteError):
            failed.append(result)
            note(f"{request.label}: {result}" if len(requests) > 1 else f"Error: {result}")
        else:
            done.append(result)
            reasoned.append(thoughts_of(request, store) if common["as_json"] else [])
            _tell_lost_name(result[0], before)
            if result[0].name == f"{request.label} (yours)":
                kind = kind_name(result[0].kind)
                note(f"{request.label!r} is the name of a shipped {kind} with other content, so this is "
                     f"{result[0].name!r}; --name gives it another.")  # fmt: skip
    rows: list[dict[str, Any]] = []
    if done:  # else the atlas is not opened for nothing
        rows = with_neighbours(done, store, common.get("settle"), common["probes"], common.get("interval", "texts"))
        rows = [row | ({"thoughts": said} if said else {}) for row, said in zip(rows, reasoned, strict=True)]
    if not common["as_json"]:
        show(rows)
    elif rows:
        emit_json(rows[0] if len(requests) == 1 else rows)
    if failed:
        raise SystemExit(1 if any(isinstance(error, Unexpected) for error in failed) else 2)


def _check(requests: Sequence[EmbedRequest], common: dict[str, Any]) -> None:
    if common["name"] and len(requests) > 1:
        raise BadInput(f"--name {common['name']!r} would name {len(requests)} items; embed one at a time.")
    if common["n_jobs"] == 0:
        raise BadInput("--jobs 0 would do nothing; give at least 1, or -1 for all cores.")
    if common["address"] and not _on_cluster(common):
        raise BadInput("--address is the scheduler of a cluster; give --backend dask or --backend ray with it.")
    if common["n_jobs"] != 1 and not common["backend"]:
        common["backend"] = "loky"
    if not _on_cluster(common):
        device.check(common["device"])
    for request in requests:
        request.recipe.build()  # an unknown method or option is the same mistake in all of them: told once


def _on_cluster(common: dict[str, Any]) -> bool:
    """Whether other machines compute, which have devices of their own."""
    return common["backend"] in ("dask", "ray")


def _here(requests: Sequence[EmbedRequest], store: "Store", common: dict[str, Any]) -> Iterator[Result]:
    from fute_core.jobs.plan import sentence

    told = False
    with progress_bars(not common["as_json"]) as bars:
        _answer_together(requests, store, bars)
        for number, request in enumerate(requests):
            started = time.perf_counter()
            bars.begin(request.label, number, len(requests))
            try:
                opened = open_request(request)
                cached = store.has_embedding(opened.key)
                if not (cached or told):  # what is stored is shown without asking torch what is there
                    device.tell(common["device"])
                    told = True
                embedding = opened.embed(store, partial(bars.update, request.label))
            except FuteError as error:
                yield request, error
            except Exception as error:  # one broken predictor must not stop the others
                if os.environ.get("FUTE_TRACEBACK"):
                    raise
                yield request, Unexpected(f"{sentence(error)} Set FUTE_TRACEBACK=1 to see where.")
            else:
                yield request, (embedding, cached, time.perf_counter() - started)
            bars.end(request.label)


def _answer_together(requests: Sequence[EmbedRequest], store: "Store", bars: Bars) -> None:
    """What prompts of one model begin with in common is read once; each is then embedded from its answers."""
    from fute_core.embedding.beside import answer_together, bundles

    for bundle in bundles(requests):
        label = f"{len(bundle)} prompts"
        with suppress(Exception):  # what cannot be asked together is asked alone, which says why it cannot
            todo = [requests[i] for i in bundle if not store.has_embedding(open_request(requests[i]).key)]
            if len(todo) > 1:
                bars.begin(label, bundle[0], len(requests))
                try:
                    answer_together(todo, store, partial(bars.update, label))
                finally:
                    bars.end(label)


def _elsewhere(requests: Sequence[EmbedRequest], store: "Store", common: dict[str, Any]) -> Iterator[Result]:
    from fute_core.jobs import create_job, run_job

    if not _on_cluster(common):
        device.tell(common["device"])
    opened: list[Opened | None] = []

    def key_of(request: EmbedRequest) -> str | None:
        opened.append(None)
        opened[-1] = now = open_request(request)
        return now.key if now.settle is None else None

    job = create_job(requests, store, key_of)
    try:
        with progress_bars(not common["as_json"]) as bars:
            job = run_job(
                job, backend=common["backend"], address=common["address"], n_jobs=common["n_jobs"],
                on_event=lambda state: bars.update("texts", state.texts_done, max(state.texts_total, 1)),
            )  # fmt: skip
    except KeyboardInterrupt:
        note(f"The job is cancelled; go on with: fute jobs resume {job.id}")
        raise
    for request, planned, item in zip(requests, opened, job.items, strict=True):
        if item.state == "done" and planned is not None:
            yield request, (planned.embed(store), item.cached, item.seconds)  # under the name it has here
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
    from fute_core.store.headers import header_of

    entry = header_of(embedding).entry
    if before.get(entry, embedding.key) != embedding.key:
        note(f"{embedding.name!r} meant another vector until now, made from other content; --name keeps both.")
    before[entry] = embedding.key
