"""Carrying out one item, wherever that is: this process, another one, or another machine."""

import os
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fute_core.errors import Cancelled, FuteError
from fute_core.jobs.folder import item_file, read_json, write_json
from fute_core.jobs.plan import sentence
from fute_core.jobs.task import EVERY_SECONDS, Execute, Outcome, Task
from fute_core.models.tokens_read import counting_tokens
from fute_core.scratch import ScratchFolder
from fute_core.store.keys import beside_keys

if TYPE_CHECKING:
    from fute_core.store.store import Store

LOOK_SECONDS = 0.2
"""How often a worker looks whether the process that started it is still there."""
_FOLLOWING: set[int] = set()
"""Pids of processes that follow their owner; a fork starts with none of its parent's threads."""


def work(task: Task) -> Outcome:
    """Carry a task out. Never raises: what goes wrong is in the outcome.

    Parameters
    ----------
    task : Task
        What is to be done.

    Returns
    -------
    Outcome
        Also written beside the job, where the disk is shared.
    """
    _follow(task.owner)
    clock = _Clock(task)
    clock.write()
    try:
        with _store(task) as store:
            outcome = _work(task, store, clock)
            if task.store is None:
                outcome = replace(outcome, entries=_answers_in(store))
    except (FuteError, OSError) as error:  # no store, or no room for one
        outcome = clock.outcome("failed", error=sentence(error))
    clock.write(outcome)
    return outcome


def _follow(owner: int | None) -> None:
    """End this worker process as soon as the process that started it is gone, whatever it computes at that moment.

    What it had stored stays whole: every value is written at once or not at all.
    """
    if owner != os.getppid() or os.getpid() in _FOLLOWING:
        return
    _FOLLOWING.add(os.getpid())

    def watch() -> None:
        while os.getppid() == owner:
            time.sleep(LOOK_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, name="follow-owner", daemon=True).start()


def _work(task: Task, store: "Store", clock: "_Clock") -> Outcome:
    try:
        with _watched(task, clock), counting_tokens() as clock.tokens:
            if task.beside:
                _answer_together(task, store, clock)
            embedding = _execute(task)(task.request, store, progress=clock.progress, should_stop=_should_stop(task))
        if not store.has_embedding(embedding.key):
            store.put_embedding(embedding)
    except Cancelled:
        return clock.outcome("cancelled")
    except FuteError as error:
        return clock.outcome("failed", error=sentence(error))
    except Exception as error:  # one broken item must not stop the others
        return clock.outcome("failed", error=sentence(error), unexpected=True, trace=traceback.format_exc())
    outcome = clock.outcome("done", key=embedding.key, embedding=embedding if task.store is None else None)
    total = outcome.texts_total if outcome.texts_total is not None else embedding.provenance.n_texts
    return replace(outcome, texts_done=total, texts_total=total)


@contextmanager
def _watched(task: Task, clock: "_Clock") -> Iterator[None]:
    """Note how much memory the device of the task held at most."""
    from fute_core.models.device import PROCESSOR, chosen_device, computing_on
    from fute_core.models.peak import forget_peak, peak_memory

    device = PROCESSOR
    with suppress(FuteError), computing_on(task.request.options.get("device")):  # loading says what is wrong with it
        device = chosen_device()
    forget_peak(device)
    yield
    clock.peak = peak_memory(device)


def _answer_together(task: Task, store: "Store", clock: "_Clock") -> None:
    from fute_core.embedding.beside import answer_together

    clock.beside = [index for index, _ in task.beside]
    try:
        requests = [task.request, *(request for _, request in task.beside)]
        answer_together(requests, store, clock.progress, _should_stop(task))
    finally:
        clock.write()
        clock.beside = []


def _execute(task: Task) -> Execute:
    if task.execute is not None:
        return task.execute
    from fute_core.embedding.fulfil import embed_request

    return embed_request


@contextmanager
def _store(task: Task) -> "Iterator[Store]":
    """The caller's store, or on another machine one for this task alone."""
    from fute_core.store.store import Store, open_store

    if task.store is not None:
        yield open_store(task.store)
        return
    with ScratchFolder() as folder:
        store = Store(folder)
        if task.answers is not None:
            store.put_answers(*task.answers)
        yield store


def _answers_in(store: "Store") -> tuple[tuple[str, str, bytes], ...]:
    """What a black box answered, and what is kept beside a vector; but no features."""
    kept = store.entries(("answers", "arrays"))
    return tuple(entry for entry in kept if entry[0] == "answers" or entry[1].startswith(beside_keys("")))


def _should_stop(task: Task) -> Callable[[], bool] | None:
    if task.folder is None:
        return None
    flag = Path(task.folder) / "cancel"

    def should_stop() -> bool:
        orphaned = task.owner is not None and task.owner not in (os.getpid(), os.getppid())
        return orphaned or flag.exists()

    return should_stop


class _Clock:
    """Progress and pace of one task, written beside the job where the disk is shared."""

    def __init__(self, task: Task):
        self.task = task
        self.started = self.written = time.monotonic()
        self.tokens: Callable[[], int] = lambda: 0
        self.first: tuple[float, int, int] | None = None
        self.numbers: dict[str, Any] = self._read_beside_another()
        self.peak: int | None = None
        self.beside: list[int] = []  # items that are answered together with this one, and are as far

    def _read_beside_another(self) -> dict[str, Any]:
        """How far the item came while another one answered for it."""
        if self.task.folder is None:
            return {}
        found = read_json(item_file(Path(self.task.folder), self.task.index))
        names = ("texts_done", "texts_total")
        return {name: found[name] for name in names} if isinstance(found, dict) and set(names) <= set(found) else {}

    def progress(self, done: int, total: int) -> None:
        """Count from the first report on: what the store had answered already came with it."""
        now, read = time.monotonic(), self.tokens()
        if self.first is None:
            self.first = now, done, read
            texts, seconds, tokens = (done, now - self.started, read) if done >= total else (0, 0.0, 0)
        else:
            texts, seconds, tokens = done - self.first[1], now - self.first[0], read - self.first[2]
        self.numbers = {
            "texts_done": done, "texts_total": total, "measured_texts": texts * (1 + len(self.beside)),
            "measured_seconds": seconds, "measured_tokens": tokens,
        }  # fmt: skip
        if now - self.written >= EVERY_SECONDS:
            self.write()

    def outcome(self, state: str, **more: Any) -> Outcome:
        seconds = time.monotonic() - self.started
        return Outcome(self.task.index, state, seconds=seconds, attempts=self.task.attempts, peak_memory=self.peak,
                       **{**self.numbers, **more})  # fmt: skip

    def write(self, outcome: Outcome | None = None) -> None:
        if self.task.folder is None:
            return
        self.written = time.monotonic()
        running = {"state": "running", "attempts": self.task.attempts, **self.numbers}
        with suppress(OSError):  # a full disk must not stop the work; the outcome travels to the caller as well
            write_json(item_file(Path(self.task.folder), self.task.index), outcome.changes() if outcome else running)
            for index in self.beside if self.numbers else ():
                read = {name: self.numbers[name] for name in ("texts_done", "texts_total")}
                write_json(item_file(Path(self.task.folder), index), read)
