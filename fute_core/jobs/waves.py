"""Working off the queued items of a running job: what the store has first, then wave after wave in a pool."""

import os
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from fute_core.errors import FuteError
from fute_core.jobs.backends import open_pool
from fute_core.jobs.board import Board
from fute_core.jobs.pool import Pool
from fute_core.jobs.task import Execute, Outcome, Task
from fute_core.jobs.work import work

if TYPE_CHECKING:
    import numpy as np

    from fute_core.tasks import Text


def work_off(board: Board, backend: str, address: str | None, n_jobs: int, execute: Execute | None) -> None:
    """Carry out everything that is queued, until the job is done or cancelled.

    Parameters
    ----------
    board : Board
        The job; it is kept up to date.
    backend : str
        One of `BACKENDS`.
    address : str or None
        Scheduler of a Dask or Ray cluster.
    n_jobs : int
        Items at a time.
    execute : callable or None
        How an item is embedded; None for `fulfil.embed_request`.
    """
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
            # What was at hand when the job last died goes last: it may have been the cause.
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
    beside = _bundles(board, indices, pool.n_jobs) if execute is None else {}
    later = {i for others in beside.values() for i in others}
    # What others have asked on their behalf comes after them.
    waves = [wave for wave in ([i for i in indices if i not in later], [i for i in indices if i in later]) if wave]
    while waves and not board.cancelled():
        wave = waves.pop(0)
        drawn: list[int] = []
        try:
            with closing(pool.outcomes(_tasks(board, pool, wave, drawn, execute, beside))) as outcomes:
                for outcome in outcomes:
                    _keep(board, outcome)
        except (FuteError, OSError):
            raise
        except Exception as error:  # `work` never raises, so this is the machinery
            suspects = [i for i in drawn if board.item(i).state == "running"]
            if not suspects:
                raise
            # One that was answering for others may have died of them: it is tried once more, alone.
            if len(suspects) == 1 and not (suspects[0] in beside and board.item(suspects[0]).attempts == 1):
                board.settle(
                    Outcome(suspects[0], "failed", error=_killed(error), attempts=board.item(suspects[0]).attempts)
                )
            else:
                waves += [[i] for i in suspects]
            if rest := [i for i in wave if i not in drawn]:
                waves.insert(0, rest)


def _bundles(board: Board, indices: Sequence[int], n_jobs: int) -> dict[int, list[int]]:
    """Items that ask a model for others as well, with those others; there is work for all workers.

    What was begun before is left alone: it may have been what the job died of.
    """
    from fute_core.embedding.beside import bundles

    fresh = [index for index in indices if board.item(index).attempts == 0]
    found = bundles([board.item(index).request for index in fresh], n_jobs)
    return {fresh[first]: [fresh[i] for i in others] for first, *others in found}


def _tasks(
    board: Board, pool: Pool, wave: Sequence[int], drawn: list[int], execute: Execute | None,
    beside: dict[int, list[int]],
) -> Iterator[Task]:  # fmt: skip
    for index in wave:
        if board.cancelled():
            return
        drawn.append(index)
        first = board.item(index).attempts == 0
        others = tuple((i, board.item(i).request) for i in beside.get(index, ())) if first else ()
        yield replace(_task(board, index, execute, pool.shares_disk), beside=others)


def _task(board: Board, index: int, execute: Execute | None, shares_disk: bool) -> Task:
    item = board.item(index)
    board.change(index, state="running", attempts=item.attempts + 1)
    if not shares_disk:
        return Task(index, item.request, item.attempts + 1, execute, answers=_known_answers(board, index))
    return Task(
        index, item.request, item.attempts + 1, execute, board.job.store, str(board.job.folder), owner=os.getpid()
    )


def _known_answers(board: Board, index: int) -> "tuple[str, list[Text], np.ndarray, list[str | None] | None] | None":
    """What the store has of a black box's answers, for a worker that does not see the store."""
    from fute_core.embedding.answering import stored_answers_of
    from fute_core.embedding.opening import as_asked, predictor_of
    from fute_core.store.store import open_store

    request = board.item(index).request
    if request.kind == "dataset":
        return None
    with suppress(FuteError), as_asked(request):  # the worker will say what is wrong with the request
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
