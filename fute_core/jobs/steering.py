"""What can be done with a job from outside: cancel it, make it ready again, delete it."""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from fute_core.errors import BadInput, Unavailable
from fute_core.jobs.folder import item_file, job_folder
from fute_core.jobs.job import Damaged, Job, JobItem
from fute_core.jobs.state import load_job, save_state


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


def requeue(job_id: str, *, failed: bool = False) -> Job:
    """Make a stopped job ready to run again.

    Parameters
    ----------
    job_id : str
        Which one.
    failed : bool
        Whether its failed items are to run again as well as the unfinished ones.

    Returns
    -------
    Job
        Queued, for `run_job` or `start_detached`.

    Raises
    ------
    BadInput
        For an unknown job, and while it runs.
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
    with _written(job.folder):
        job.cancel_flag.unlink(missing_ok=True)
        (job.folder / "launched.json").unlink(missing_ok=True)
        for index, item in enumerate(items):
            if item.state == "queued":
                item_file(job.folder, index).unlink(missing_ok=True)
        return save_state(replace(job, state="queued", error=None, finished=None, items=items, process=None))


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
    try:
        _refuse_running(load_job(job_id), "deleted")
    except Damaged:
        # It cannot say whether it runs; the lock on its folder can, if there is one.
        if (job_folder(job_id) / "lock").is_file():
            with claimed(job_id):
                pass
    folder = job_folder(job_id)
    doomed = folder.with_name(f".{job_id}")
    with _written(folder):
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
