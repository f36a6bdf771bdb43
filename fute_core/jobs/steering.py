"""What can be done with a job from outside: cancel it, make it ready again, delete it."""

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import replace
from pathlib import Path

from fute_core.errors import BadInput, Unavailable
from fute_core.jobs.folder import item_file, job_folder
from fute_core.jobs.job import Damaged, Job, JobItem
from fute_core.jobs.state import load_job, save_plan, save_state


def cancel(job_id: str) -> Job:
    """Ask a job to stop: after the texts at hand where it can, else after the item at hand. Finished items stay.

    Parameters
    ----------
    job_id : str
        Which one.

    Returns
    -------
    Job
        Still "running" where a process runs it; that one ends it.

    Raises
    ------
    BadInput
        For an unknown job.
    Unavailable
        Where the disk refuses.
    """
    job = load_job(job_id)
    if job.state in ("done", "failed", "cancelled"):
        return job
    with _written(job.folder):
        job.cancel_flag.touch()
        if job.state == "running" or _launched(job):
            return job
        return save_state(replace(job, state="cancelled", items=stopped(job.items)))


def stopped(items: Sequence[JobItem]) -> tuple[JobItem, ...]:
    """Call unfinished items cancelled.

    Parameters
    ----------
    items : sequence of JobItem
        All items of a job.

    Returns
    -------
    tuple of JobItem
        The same in the same order; finished ones are left as they are.
    """
    return tuple(replace(i, state="cancelled") if i.state in ("queued", "running") else i for i in items)


def requeue(job_id: str, *, failed: bool = False, pace: Mapping[str, float] | None = None) -> Job:
    """Make a stopped job ready to run again.

    Parameters
    ----------
    job_id : str
        Which one.
    failed : bool
        Whether its failed items are to run again as well as the unfinished ones.
    pace : mapping, optional
        "at_once" and "timeout", with which endpoints are asked from now on; see `EmbedRequest`.

    Returns
    -------
    Job
        Queued, for `run_job` or `start_detached`.

    Raises
    ------
    BadInput
        For an unknown job, while it runs, and for a pace where nothing that is left asks an endpoint.
    Unavailable
        Where the disk refuses.
    """
    job = load_job(job_id)
    _refuse_running(job, "resumed")
    again = ("queued", "running", "cancelled", *(["failed"] if failed else []))
    items = tuple(
        replace(i, state="queued", error=None, texts_done=0, measured_texts=0, measured_seconds=0.0, measured_tokens=0)
        if i.state in again
        else i
        for i in job.items
    )
    if pace:
        if not any(_asks_server(item) for item in items):
            named = " and ".join(f"--{name.replace('_', '-')}" for name in pace)
            raise BadInput(f"Nothing that is left of job {job_id} asks an endpoint; leave {named} out.")
        items = tuple(
            replace(i, request=replace(i.request, options={**i.request.options, **pace})) if _asks_server(i) else i
            for i in items
        )
    with _written(job.folder):
        if pace:
            save_plan(replace(job, items=items), job.folder)
        job.cancel_flag.unlink(missing_ok=True)
        (job.folder / "launched.json").unlink(missing_ok=True)
        for index, item in enumerate(items):
            if item.state == "queued":
                item_file(job.folder, index).unlink(missing_ok=True)
        return save_state(replace(job, state="queued", error=None, finished=None, items=items, process=None))


def _asks_server(item: JobItem) -> bool:
    """Whether an endpoint is still to be asked for it."""
    return item.state == "queued" and bool(item.request.options.get("base_url"))


def delete(job_id: str) -> None:
    """Remove a job's folder, also of a job that cannot be read; the embeddings that it made stay in the store.

    Parameters
    ----------
    job_id : str
        Which one.

    Raises
    ------
    BadInput
        For an unknown job, and while it runs.
    Unavailable
        Where the disk refuses.
    """
    folder = job_folder(job_id)
    try:
        _refuse_running(load_job(job_id), "deleted")
    except Damaged:
        if folder.is_dir() and not folder.is_symlink():
            with suppress(OSError):  # of another account
                folder.chmod(0o700)  # else what is closed to us could not be removed
    doomed = folder.with_name(f".{job_id}")
    # What cannot say whether it runs is told by the lock, if there is one; what is about to run meanwhile, too.
    with claimed(job_id) if (folder / "lock").is_file() else nullcontext(), _written(folder):
        os.replace(folder, doomed)  # at once, so that nobody finds half a job
        if doomed.is_symlink() or not doomed.is_dir():  # what somebody put where a job's folder was
            doomed.unlink()
    shutil.rmtree(doomed, ignore_errors=True)


@contextmanager
def claimed(job_id: str) -> Iterator[None]:
    """Hold the job's lock while the block lasts; the system frees it if this process is killed.

    Parameters
    ----------
    job_id : str
        Which one.

    Yields
    ------
    None
        Once the lock is held.

    Raises
    ------
    BadInput
        Where another process holds it.
    Unavailable
        Where the disk refuses.
    """
    from filelock import FileLock, Timeout

    folder = job_folder(job_id)
    lock = FileLock(folder / "lock", mode=0o600, blocking=False)
    with _written(folder):
        try:
            lock.acquire()
        except Timeout:
            raise BadInput(f"Job {job_id} is running already; wait for it, or cancel it.") from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _written(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Unavailable(
            f"Job {folder.name} cannot be changed ({error.strerror}); see that its folder {folder} can be written."
        ) from error


def _refuse_running(job: Job, what: str) -> None:
    if job.state == "running" or _launched(job):
        raise BadInput(f"Job {job.id} is running and cannot be {what}; cancel it first.")


def _launched(job: Job) -> bool:
    """Whether a process is about to take it up."""
    return job.state == "queued" and (job.folder / "launched.json").exists()
