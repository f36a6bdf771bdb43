"""`fute jobs`: what was started in the background or in other processes, seen, stopped and taken up again."""

import os
from collections.abc import Callable
from typing import Any

import click

from fute_core import jobs as board
from fute_core.cli import endpoint
from fute_core.cli.output import emit_json, emit_table, note, progress_bars
from fute_core.display import kind_name
from fute_core.predictors.keys import hand_over, named_key

ENDED_BADLY = ("failed", "cancelled", "interrupted")


@click.group()
def jobs() -> None:
    """Jobs of many embeddings; they outlive the process that began them."""


@jobs.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_(as_json: bool) -> None:
    """All jobs, newest first; those that cannot be read are told in a sentence."""
    found, damaged = board.all_jobs()
    for unreadable in damaged.values():
        note(str(unreadable))
    if as_json:
        emit_json([_summary(job) for job in found])
    elif found:
        rows = [
            (j.id, j.state, f"{j.items_done} of {len(j.items)}", j.items_failed, _texts(j), _left(j)) for j in found
        ]
        emit_table(f"{len(found)} jobs", ("job", "state", "items", "failed", "texts", "time left"), rows)
    else:
        click.echo("No jobs yet; `fute embed` makes one with --detach, --jobs or --backend.")


@jobs.command()
@click.argument("job")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(job: str, as_json: bool) -> None:
    """A job and each of its items."""
    _tell(board.load_job(job), as_json)


def _running(command: Callable[..., Any]) -> Callable[..., Any]:
    """Where a job is to run."""
    for option in reversed(
        [
            click.argument("job"),
            click.option(
                "--backend", type=click.Choice(board.BACKENDS), default="loky", show_default=True, help="Where it runs."
            ),
            click.option("--address", help="Scheduler of the Dask or Ray cluster."),
            click.option("--jobs", "n_jobs", type=int, default=1, show_default=True, help="Items at a time."),
            click.option(
                "--api-key-env",
                "key",
                metavar="NAME",
                callback=lambda _, __, name: named_key(name) if name else None,
                help="Environment variable with the endpoint's key, where it was typed for the run before.",
            ),
            *endpoint.pace("[default: as before]", "[default: as before]"),
            click.option("--detach", is_flag=True, help="Run it in the background and return at once."),
            click.option("--json", "as_json", is_flag=True, help="Print JSON."),
        ]
    ):
        command = option(command)
    return command


@jobs.command()
@_running
def resume(job: str, **how: Any) -> None:
    """Run a stopped job again: only what isn't finished is computed."""
    _run(_again(job, how), **how)


@jobs.command()
@_running
def retry(job: str, **how: Any) -> None:
    """Like resume, with the failed items as well."""
    _run(_again(job, how, failed=True), **how)


@jobs.command()
@click.argument("job")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def cancel(job: str, as_json: bool) -> None:
    """Stop a job after the texts at hand; what is finished is kept."""
    asked = board.cancel(job)
    if as_json:
        emit_json(_summary(asked))
    elif asked.state == "running":
        click.echo(f"Job {asked.id} was asked to stop; it ends after the texts at hand.")
    else:
        click.echo(f"Job {asked.id} is {asked.state}.")


@jobs.command()
@click.argument("job")
def delete(job: str) -> None:
    """Remove a job that does not run; the embeddings that it made stay."""
    board.delete(job)
    click.echo(f"Job {job} is deleted.")


def _again(job: str, how: dict[str, Any], failed: bool = False) -> board.Job:
    """The job made ready, its requests at the pace that is taken out of what the command was given."""
    pace = {name: how.pop(name) for name in endpoint.PACE}
    return board.requeue(job, failed=failed, pace={name: value for name, value in pace.items() if value is not None})


def _run(
    job: board.Job, backend: str, address: str | None, n_jobs: int, key: str | None, detach: bool, as_json: bool
) -> None:
    if detach:
        leave(job, backend, address, n_jobs, as_json, key)
        return
    hand_over(os.environ, key)
    try:
        with progress_bars(not as_json) as bars:
            job = board.run_job(
                job, backend=backend, address=address, n_jobs=n_jobs,
                on_event=lambda state: bars.update("texts", state.texts_done, max(state.texts_total, 1)),
            )  # fmt: skip
    except KeyboardInterrupt:
        _tell(board.load_job(job.id), as_json)
        note(f"Go on with: fute jobs resume {job.id}")
        raise
    _tell(job, as_json)
    if job.state in ENDED_BADLY:
        raise SystemExit(1 if any(item.unexpected for item in job.items) else 2)


def leave(
    job: board.Job, backend: str, address: str | None, n_jobs: int, as_json: bool, key: str | None = None
) -> None:
    """Leave a job to a process of its own, and say how to look after it.

    Parameters
    ----------
    job : Job
        A queued one.
    backend : str
        One of `jobs.BACKENDS`.
    address : str or None
        Scheduler of a Dask or Ray cluster.
    n_jobs : int
        Items at a time.
    as_json : bool
        Whether to print JSON.
    key : str, optional
        For an endpoint, as `jobs.start_detached` takes it.
    """
    pid = board.start_detached(job, backend=backend, address=address, n_jobs=n_jobs, key=key)
    if as_json:
        emit_json({"job": job.id, "pid": pid, "n_items": len(job.items)})
    else:
        click.echo(f"Job {job.id} runs in the background; look at it with: fute jobs show {job.id}")


def _tell(job: board.Job, as_json: bool) -> None:
    if as_json:
        emit_json(_summary(job, items=True))
        return
    title = f"Job {job.id}: {job.state}, {job.items_done} of {len(job.items)} items, {_texts(job)} texts"
    if job.eta_seconds:
        title += f", {_left(job)} left"
    if job.texts_per_second and job.state == "running":
        title += f", {job.texts_per_second:,.1f} texts/s"
        if job.tokens_per_second:
            title += f", {job.tokens_per_second:,.0f} tokens/s"
    if job.peak_memory:
        title += f", {job.peak_memory / 1e9:.2g} GB of memory at most"
    rows = [
        (item.request.label, kind_name(item.request.kind), item.state, _how(item), item.error or "")
        for item in job.items
    ]
    emit_table(title, ("item", "kind", "state", "time", "problem"), rows)
    if job.error:
        note(job.error)


def _summary(job: board.Job, items: bool = False) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "job": job.id, "state": job.state, "created": job.created, "started": job.started, "finished": job.finished,
        "n_items": len(job.items), "items_done": job.items_done, "items_failed": job.items_failed,
        "texts_done": job.texts_done, "texts_total": job.texts_total, "eta_seconds": job.eta_seconds,
        "texts_per_second": job.texts_per_second, "tokens_per_second": job.tokens_per_second,
        "peak_memory": job.peak_memory, "error": job.error,
    }  # fmt: skip
    if items:
        facts["items"] = [
            {"name": i.request.label, "kind": i.request.kind, "state": i.state, "key": i.key, "cached": i.cached,
             "seconds": round(i.seconds, 4), "attempts": i.attempts, "peak_memory": i.peak_memory, "error": i.error}
            for i in job.items
        ]  # fmt: skip
    return facts


def _how(item: board.JobItem) -> str:
    if item.cached or item.same_as is not None:
        return "from the store"
    return f"{item.seconds:.1f} s" if item.state in ("done", "failed") and item.seconds else ""


def _texts(job: board.Job) -> str:
    return f"{job.texts_done} of {job.texts_total}"


def _left(job: board.Job) -> str:
    if job.eta_seconds is None:
        return ""
    seconds = round(job.eta_seconds)
    return f"{seconds // 60} min {seconds % 60:02d} s" if seconds >= 60 else f"{seconds} s"


def register(main: click.Group) -> None:
    """Add `fute jobs` to the command line.

    Parameters
    ----------
    main : click.Group
        The `fute` command.
    """
    main.add_command(jobs)
