"""Jobs on disk: written as new ones, read back by any process at any moment, and listed."""

import os
import secrets
from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from fute_core.errors import BadInput, Unavailable
from fute_core.home import how_to_write, private_folder
from fute_core.jobs.folder import job_folder, jobs_folder, write_json
from fute_core.jobs.job import Damaged, Job, JobItem
from fute_core.jobs.plan import KeyOf, Plan, plan
from fute_core.jobs.process import is_alive
from fute_core.jobs.reading import FORMAT, launched, read_job, with_item_file

if TYPE_CHECKING:
    from fute_core.embedding.requests import EmbedRequest
    from fute_core.store.store import Store


def create_job(requests: "Sequence[EmbedRequest] | Plan", store: "Store", key_of: KeyOf | None = None) -> Job:
    """Write a new job, queued; run it with `run_job` or `start_detached`.

    Parameters
    ----------
    requests : sequence of EmbedRequest, or Plan
        What is to be embedded; items keep this order.
    store : Store
        Where the embeddings go.
    key_of : callable, optional
        See `plan`.

    Returns
    -------
    Job
        As it lies on disk. What cannot be done is a failed item from the start.

    Raises
    ------
    BadInput
        For no requests.
    Unavailable
        Where the disk refuses.
    """
    planned = requests if isinstance(requests, Plan) else plan(requests, store, key_of)
    if not planned.items:
        raise BadInput("A job needs at least one request; name a dataset, prompt, model or outputs file.")
    items = tuple(
        JobItem(
            item.request, "failed" if item.problem else "queued", item.key, item.cached, item.same_as, item.problem,
            unexpected=item.unexpected, texts_total=item.texts,
        )
        for item in planned.items
    )  # fmt: skip
    now = datetime.now(UTC)
    name = f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"
    job = Job(name, jobs_folder() / name, planned.store, now.isoformat(timespec="seconds"), items)
    try:
        unfinished = job.folder.with_name(f".{name}")  # appears under its name only when whole
        private_folder(unfinished / "items")
        save_plan(job, unfinished)
        os.replace(unfinished, job.folder)
    except OSError as error:
        raise Unavailable(
            f"A job cannot be written to {job.folder.parent} ({error.strerror}); {how_to_write(error)}."
        ) from error
    return job


def save_plan(job: Job, folder: Path) -> None:
    """Write plan.json, whole or not at all.

    Parameters
    ----------
    job : Job
        What is asked.
    folder : Path
        Where to.

    Raises
    ------
    OSError
        Where the disk refuses.
    """
    facts = {"format": FORMAT, "id": job.id, "store": job.store, "created": job.created}
    write_json(folder / "plan.json", {**facts, "items": [asdict(item) for item in job.items]})


def load_job(job_id: str) -> Job:
    """Read a job as it is now.

    Parameters
    ----------
    job_id : str
        Which one.

    Returns
    -------
    Job
        "interrupted" where its process is gone.

    Raises
    ------
    BadInput
        For an unknown job.
    Damaged
        For one that cannot be read.
    """
    folder = job_folder(job_id)
    if not os.path.lexists(folder):
        raise BadInput(f"There is no job {job_id!r}; see the list of jobs.")
    return _as_it_is(read_job(job_id, folder))


def _as_it_is(job: Job) -> Job:
    """A job whose process is gone is interrupted; what its items wrote last counts."""
    if job.state == "running" and (job.process is None or not is_alive(job.process, job.heartbeat)):
        return replace(job, state="interrupted", eta_seconds=None, items=with_item_files(job.folder, job.items))
    process = launched(job) if job.state == "queued" else None
    if process and not is_alive(process, process["at"]):
        return replace(job, state="interrupted", error="Its process ended before it began; see log.txt in its folder.")
    return job


def with_item_files(folder: Path, items: Sequence[JobItem]) -> tuple[JobItem, ...]:
    """Items that are begun and not settled, with what their own files say.

    Parameters
    ----------
    folder : Path
        The job's folder.
    items : sequence of JobItem
        All items of the job.

    Returns
    -------
    tuple of JobItem
        The same items in the same order; settled ones are left as they are.
    """
    return tuple(
        with_item_file(folder, index, item) if item.state in ("queued", "running") else item
        for index, item in enumerate(items)
    )


def list_jobs() -> list[Job]:
    """All jobs that can be read.

    Returns
    -------
    list of Job
        Newest first.

    Raises
    ------
    Unavailable
        For a home that may not be looked into.
    """
    return all_jobs()[0]


def all_jobs() -> tuple[list[Job], dict[str, Damaged]]:
    """All jobs, and what is wrong with those that cannot be read.

    Returns
    -------
    jobs : list of Job
        Those that can be read, newest first.
    damaged : dict of str to Damaged
        The others by id, newest first.

    Raises
    ------
    Unavailable
        For a home that may not be looked into.
    """
    try:
        folders = sorted(jobs_folder().glob("[0-9]*"), reverse=True)
    except OSError as error:
        raise Unavailable(f"{jobs_folder()} cannot be read ({error.strerror}); set FUTE_HOME to a folder.") from error
    jobs: list[Job] = []
    damaged: dict[str, Damaged] = {}
    for folder in folders:
        try:
            jobs.append(load_job(folder.name))
        except Damaged as job:
            damaged[job.id] = job
        except BadInput:  # not ours, or removed a moment ago
            continue
    return jobs, damaged


def save_state(job: Job) -> Job:
    """Write state.json, whole or not at all.

    Parameters
    ----------
    job : Job
        As it now is.

    Returns
    -------
    Job
        The same one.

    Raises
    ------
    OSError
        Where the disk refuses.
    """
    changing = {
        f.name: getattr(job, f.name) for f in fields(Job) if f.name not in ("id", "folder", "store", "created", "items")
    }
    items = [{k: v for k, v in vars(item).items() if k != "request"} for item in job.items]
    write_json(job.folder / "state.json", {**changing, "items": items})
    return job
