"""Starting and steering jobs from pages. Jobs run in other processes and live on disk; nothing is computed here."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dashboard.reads import data
from dashboard.session import device, keys

WORKING = ("queued", "running")

if TYPE_CHECKING:
    from fute_core.embedding.requests import EmbedRequest
    from fute_core.jobs import Damaged, Job


def start(requests: Sequence["EmbedRequest"]) -> "Job":
    """Write a job and start it in a process of its own. Raises the FuteError that says why it cannot be.

    A job that is at the very same now is returned instead: a click may arrive twice.
    """
    requests = device.placed(requests)
    if same := next((job for job in known() if _is_at(job, requests)), None):
        return same
    from fute_core.errors import BadInput
    from fute_core.jobs import create_job, delete, start_detached

    job = create_job(requests, data.store())
    if all(item.state == "failed" for item in job.items):
        problem = job.items[0].error or "Nothing of this can be embedded."
        delete(job.id)
        raise BadInput(problem)
    start_detached(job, key=keys.typed_for(requests))
    return job


def _is_at(job: "Job", requests: Sequence["EmbedRequest"]) -> bool:
    return job.state in WORKING and [i.request for i in job.items] == list(requests)


def act(job_id: str, name: str) -> None:
    """Cancel, resume, retry what failed, or delete. Raises the FuteError that says why not."""
    from fute_core import jobs

    if name == "cancel":
        jobs.cancel(job_id)
    elif name == "delete":
        jobs.delete(job_id)
    else:
        job = jobs.requeue(job_id, failed=name == "retry")
        jobs.start_detached(job, key=keys.typed_for([item.request for item in job.items]))


def known() -> "list[Job]":
    """All jobs, newest first."""
    from fute_core.jobs import list_jobs

    return list_jobs()


def with_damaged() -> "tuple[list[Job], dict[str, Damaged]]":
    """(all jobs that can be read, newest first; the others by id)."""
    from fute_core.jobs import all_jobs

    return all_jobs()


def find(job_id: str | None) -> "Job | None":
    """The job as it is now, or None where it was deleted."""
    from fute_core.errors import BadInput
    from fute_core.jobs import load_job

    if not job_id:
        return None
    try:
        return load_job(job_id)
    except BadInput:
        return None
