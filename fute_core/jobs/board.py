"""The running process's picture of its job: kept in memory, written to disk, shown to whoever listens."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

from fute_core.errors import Unavailable
from fute_core.jobs.process import identify
from fute_core.jobs.state import Job, JobItem, now, save_state, with_item_files
from fute_core.jobs.steering import stopped
from fute_core.jobs.work import EVERY_SECONDS, Outcome


class Board:
    """Holds `job` up to date; only its owner's process writes the job's state.

    parallel : how many items are worked on at once, for the time left.
    """

    def __init__(self, job: Job, on_event: Callable[[Job], None] | None = None):
        self.job = replace(job, process=identify(os.getpid()))
        self.parallel = 1
        self._on_event = on_event
        self._lock = threading.RLock()

    def item(self, index: int) -> JobItem:
        return self.job.items[index]

    def queued(self) -> list[tuple[int, JobItem]]:
        return [(i, item) for i, item in enumerate(self.job.items) if item.state == "queued"]

    def cancelled(self) -> bool:
        return self.job.cancel_flag.exists()

    def change(self, index: int, **changes) -> None:
        with self._lock:
            items = list(self.job.items)
            items[index] = replace(items[index], **changes)
            self.job = replace(self.job, items=tuple(items))

    def settle(self, outcome: Outcome) -> None:
        """Take an outcome over; the traceback of an unexpected error goes to errors.log."""
        self.change(outcome.index, **outcome.changes())
        if outcome.trace:
            with suppress(OSError), open(self.job.folder / "errors.log", "a", encoding="utf-8") as log:
                log.write(f"{now()} {self.item(outcome.index).request.label}\n{outcome.trace}\n")

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Running: write and tell the state twice a second until the block ends."""
        self.job = replace(self.job, state="running", started=self.job.started or now(), heartbeat=time.time())
        try:
            save_state(self.job)
        except OSError as error:
            raise Unavailable(f"Job {self.job.id} cannot be written ({error.strerror}); free some room.") from error
        ended = threading.Event()
        thread = threading.Thread(target=self._show, args=(ended,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def _show(self, ended: threading.Event) -> None:
        while not ended.wait(EVERY_SECONDS):
            with self._lock:
                job = replace(self.job, items=with_item_files(self.job.folder, self.job.items), heartbeat=time.time())
                job = replace(job, eta_seconds=seconds_left(job.items, self.parallel))
            with suppress(OSError):  # on a full disk the state is a little old; the next turn may succeed
                save_state(job)
            self._tell(job)

    def _tell(self, job: Job) -> None:
        if self._on_event is not None:
            try:
                self._on_event(job)
            except Exception:  # a listener that went away must not stop the heartbeat
                self._on_event = None

    def finish(self, error: str | None = None) -> Job:
        """Write the last state: done, failed (an item or the whole), or cancelled."""
        items = with_item_files(self.job.folder, self.job.items)
        if self.cancelled():
            items, state = stopped(items), "cancelled"
        elif error is not None:
            items, state = tuple(replace(i, state="queued") if i.state == "running" else i for i in items), "failed"
        else:
            state = "failed" if any(i.state == "failed" for i in items) else "done"
        if state == "cancelled" and all(i.state in ("done", "failed") for i in items):
            state = "failed" if any(i.state == "failed" for i in items) else "done"
        self.job = replace(
            self.job, items=items, state=state, error=error, finished=now(), eta_seconds=None, heartbeat=time.time()
        )
        with suppress(OSError):  # the items' own files and the store hold it all
            save_state(self.job)
        self._tell(self.job)
        return self.job


def seconds_left(items: tuple[JobItem, ...], parallel: int) -> float | None:
    """Time left from the measured seconds a text, by kind of request; None while nothing has been measured.

    What comes from the store is not measured and takes no time.
    """
    measured: dict[str, list[float]] = {}
    for item in items:
        if item.measured_texts > 0:
            for kind in (item.request.kind, "any"):
                seconds, texts = measured.setdefault(kind, [0.0, 0])
                measured[kind] = [seconds + item.measured_seconds, texts + item.measured_texts]
    left = [i for i in items if i.state in ("queued", "running") and not i.cached and i.same_as is None]
    if not measured or not left:
        return None if left else 0.0
    total = 0.0
    for item in left:
        seconds, texts = measured.get(item.request.kind, measured["any"])
        total += seconds / texts * max((item.texts_total or 0) - item.texts_done, 0)
    return total / max(min(parallel, len(left)), 1)
