"""Running a job: locally, in processes, or on a Dask or Ray cluster; to its end, to a cancel, or to a kill."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import replace

from fute_core.errors import FuteError, Unavailable, Unexpected
from fute_core.home import PACKAGE
from fute_core.jobs.backends import Pool, open_pool
from fute_core.jobs.board import Board
from fute_core.jobs.plan import sentence
from fute_core.jobs.process import identify
from fute_core.jobs.state import Job, load_job, write_json
from fute_core.jobs.steering import claimed, requeue
from fute_core.jobs.work import Outcome, Task, work
from fute_core.predictors.keys import hand_over
from fute_core.tasks import TaskEmbedding

Execute = Callable[..., TaskEmbedding]
_children: list[subprocess.Popen] = []


def run_job(
    job: Job,
    *,
    backend: str = "loky",
    address: str | None = None,
    n_jobs: int = 1,
    on_event: Callable[[Job], None] | None = None,
    execute: Execute | None = None,
) -> Job:
    """Carry out what is queued in `job` and return it as it then is. One failed item stops no other.

    backend : "loky" (processes), "sequential", "threading", "dask" or "ray". Workers of the last two need not share the
        store: vectors and answers come back and are kept here. Files and folders that a request names have to be there.
    address : scheduler of a Dask or Ray cluster.
    on_event : called with the job about twice a second, from another thread, and once at the end.
    execute : f(request, store, progress=, should_stop=) -> TaskEmbedding; default `requests.embed_request`.

    Ctrl-C cancels: the job comes back "cancelled", and what was finished is kept. Raises BadInput where another
    process runs the job, Unavailable where the backend cannot be had; the job then says so, too.
    """
    with claimed(job.id):
        job = load_job(job.id)
        if job.cancel_flag.exists():
            job = replace(job, state="cancelled")
        board = Board(job, on_event)
        try:
            if not job.cancel_flag.exists():
                with board.shown():
                    _run(board, backend, address, n_jobs, execute)
        except KeyboardInterrupt:
            job.cancel_flag.touch()
        except FuteError as error:
            board.finish(error=str(error))
            raise
        except Exception as error:
            board.finish(error=sentence(error))
            raise Unexpected(f"Job {job.id} stopped before its end, and can be resumed. {sentence(error)}") from error
        return board.finish()


def resume(job_id: str, **how) -> Job:
    """Run a stopped job again: only what isn't finished is computed. `how` : see `run_job`.

    For the background: `start_detached(requeue(job_id))`.
    """
    return run_job(requeue(job_id), **how)


def retry_failed(job_id: str, **how) -> Job:
    """`resume`, with the failed items as well."""
    return run_job(requeue(job_id, failed=True), **how)


def start_detached(
    job: Job, *, backend: str = "loky", address: str | None = None, n_jobs: int = 1, key: str | None = None
) -> int:
    """Run a queued job in a process of its own that outlives this one; returns its pid.

    key : for an endpoint, as typed for this run. It reaches the process by its environment and is written nowhere.
    What it prints goes to log.txt in the job's folder.
    """
    _children[:] = [child for child in _children if child.poll() is None]  # else finished ones stay as zombies
    command = [sys.executable, "-m", "fute_core.jobs", job.id, "--backend", backend, "--jobs", str(n_jobs)]
    if address is not None:
        command += ["--address", address]
    path = os.pathsep.join(filter(None, [str(PACKAGE.parent), os.environ.get("PYTHONPATH")]))
    environment = {**os.environ, "PYTHONPATH": path}
    hand_over(environment, key)
    try:
        with open(job.folder / "log.txt", "ab") as log:
            child = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
                env=environment,
            )  # fmt: skip
        write_json(job.folder / "launched.json", {**identify(child.pid), "at": time.time()})
    except OSError as error:
        raise Unavailable(
            f"Job {job.id} cannot be started ({error.strerror}); free some room and try again."
        ) from error
    _children.append(child)
    return child.pid


def _run(board: Board, backend: str, address: str | None, n_jobs: int, execute: Execute | None) -> None:
    from fute_core.store.store import open_store

    store = open_store(board.job.store)
    known = [i for i, item in board.queued() if item.key is not None and store.has_embedding(item.key)]
    for index in known:
        board.change(index, cached=True)
    _here(board, known, execute)
    fresh = [i for i, item in board.queued() if item.same_as is None]
    if fresh:
        with open_pool(backend, address, n_jobs) as pool:
            board.parallel = pool.n_jobs
            _compute(board, pool, sorted(fresh, key=lambda i: board.item(i).attempts), execute)
    _share_failures(board)
    _here(board, [i for i, _ in board.queued()], execute)


def _here(board: Board, indices: Sequence[int], execute: Execute | None) -> None:
    """What the store has needs no worker: it is named in this process."""
    for index in indices:
        if board.cancelled():
            return
        board.settle(work(_task(board, index, execute, shares_disk=True)))


def _share_failures(board: Board) -> None:
    """An item that asked for the same as a failed one fails like it, instead of failing once more."""
    for index, item in board.queued():
        if item.same_as is not None and (first := board.item(item.same_as)).state == "failed":
            board.change(index, state="failed", error=first.error)


def _compute(board: Board, pool: Pool, indices: Sequence[int], execute: Execute | None) -> None:
    """Work everything off. Where a worker process dies, the items at hand are tried again, each alone.

    So the one that kills its worker, for lack of memory say, fails, and its neighbours do not.
    """
    waves = [list(indices)]
    while waves and not board.cancelled():
        wave = waves.pop(0)
        drawn: list[int] = []
        try:
            with closing(pool.outcomes(_tasks(board, pool, wave, drawn, execute))) as outcomes:
                for outcome in outcomes:
                    _keep(board, outcome)
        except (FuteError, OSError):
            raise
        except Exception as error:  # `work` never raises, so this is the machinery
            suspects = [i for i in drawn if board.item(i).state == "running"]
            if not suspects:
                raise
            if len(suspects) == 1:
                board.settle(
                    Outcome(suspects[0], "failed", error=_killed(error), attempts=board.item(suspects[0]).attempts)
                )
            else:
                waves += [[i] for i in suspects]
            if rest := [i for i in wave if i not in drawn]:
                waves.insert(0, rest)


def _tasks(board: Board, pool: Pool, wave: Sequence[int], drawn: list[int], execute: Execute | None) -> Iterator[Task]:
    for index in wave:
        if board.cancelled():
            return
        drawn.append(index)
        yield _task(board, index, execute, pool.shares_disk)


def _task(board: Board, index: int, execute: Execute | None, shares_disk: bool) -> Task:
    item = board.item(index)
    board.change(index, state="running", attempts=item.attempts + 1)
    if shares_disk:
        where = {"store": board.job.store, "folder": str(board.job.folder), "owner": os.getpid()}
    else:
        where = {"answers": _known_answers(board, index)}
    return Task(index, item.request, item.attempts + 1, execute, **where)


def _known_answers(board: Board, index: int) -> tuple | None:
    """What the store has of a black box's answers, for a worker that does not see the store."""
    from fute_core.embedding.pipelines import stored_answers_of
    from fute_core.embedding.requests import predictor_of
    from fute_core.store.store import open_store

    request = board.item(index).request
    if request.kind == "dataset":
        return None
    with suppress(FuteError):  # the worker will say what is wrong with the request
        predictor, facts = predictor_of(request)
        return stored_answers_of(predictor, request.recipe.probes(facts["pair"]), open_store(board.job.store))
    return None


def _keep(board: Board, outcome: Outcome) -> None:
    """Store what a worker without our disk sends back; a failure to store is the item's failure."""
    if outcome.embedding is not None or outcome.entries:
        from fute_core.store.store import open_store

        try:
            store = open_store(board.job.store)
            for entry in outcome.entries:
                store.add_entry(*entry)
            if outcome.embedding is not None:
                store.put_embedding(outcome.embedding)
        except FuteError as error:
            outcome = replace(outcome, state="failed", error=str(error))
    board.settle(outcome)


def _killed(error: Exception) -> str:
    return (
        f"Its worker process died ({type(error).__name__}), often for lack of memory; run fewer items at a time or a "
        "smaller model, then retry."
    )
