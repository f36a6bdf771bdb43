"""Running a job to its end, to a cancel, or to a kill; and running it again."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from fute_core.errors import FuteError, Unexpected
from fute_core.jobs.board import Board
from fute_core.jobs.job import Job
from fute_core.jobs.plan import sentence
from fute_core.jobs.state import load_job
from fute_core.jobs.steering import claimed, requeue
from fute_core.jobs.task import Execute
from fute_core.jobs.waves import work_off


def run_job(
    job: Job,
    *,
    backend: str = "loky",
    address: str | None = None,
    n_jobs: int = 1,
    on_event: Callable[[Job], None] | None = None,
    execute: Execute | None = None,
) -> Job:
    """Carry out what is queued in a job. One failed item stops no other.

    Parameters
    ----------
    job : Job
        A queued one; it is read from disk again first.
    backend : str
        "loky" (processes), "sequential", "threading", "dask" or "ray". Workers of the last two need not share the
        store: vectors and answers come back and are kept here. Files and folders that a request names have to be there.
    address : str, optional
        Scheduler of a Dask or Ray cluster; default one on this machine.
    n_jobs : int
        Items at a time, -1 for as many as there are cores.
    on_event : callable, optional
        Called with the job about twice a second, from another thread, and once at the end.
    execute : callable, optional
        f(request, store, progress=, should_stop=) -> TaskEmbedding; default `fulfil.embed_request`.

    Returns
    -------
    Job
        As it then is: "done", "failed" or "cancelled".

    Raises
    ------
    BadInput
        Where another process runs the job.
    Unavailable
        Where the backend cannot be had; the job then says so, too.
    Unexpected
        Where the machinery breaks in a way that nobody foresaw; the job can be resumed.
    KeyboardInterrupt
        After Ctrl-C; the job is "cancelled" then, what was finished is kept, and the rest can be resumed.
    """
    with claimed(job.id):
        job = load_job(job.id)
        if job.cancel_flag.exists():
            job = replace(job, state="cancelled")
        board = Board(job, on_event)
        try:
            if not job.cancel_flag.exists():
                with board.shown():
                    work_off(board, backend, address, n_jobs, execute)
        except KeyboardInterrupt:
            job.cancel_flag.touch()
            board.finish()
            raise
        except FuteError as error:
            board.finish(error=str(error))
            raise
        except Exception as error:
            board.finish(error=sentence(error))
            raise Unexpected(f"Job {job.id} stopped before its end, and can be resumed. {sentence(error)}") from error
        return board.finish()


def resume(job_id: str, **how: Any) -> Job:
    """Run a stopped job again: only what is not finished is computed.

    For the background: `start_detached(requeue(job_id))`.

    Parameters
    ----------
    job_id : str
        Which one.
    **how
        As for `run_job`.

    Returns
    -------
    Job
        As `run_job` returns it.
    """
    return run_job(requeue(job_id), **how)


def retry_failed(job_id: str, **how: Any) -> Job:
    """Run a stopped job again, with the failed items as well.

    Parameters
    ----------
    job_id : str
        Which one.
    **how
        As for `run_job`.

    Returns
    -------
    Job
        As `run_job` returns it.
    """
    return run_job(requeue(job_id, failed=True), **how)
