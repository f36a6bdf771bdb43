"""The running process's picture of its job: kept in memory, written to disk, shown to whoever listens."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

from fute_core.errors import Unavailable
from fute_core.home import how_to_write, owners_alone
from fute_core.jobs.folder import now
from fute_core.jobs.job import Job, JobItem
from fute_core.jobs.process import identify
from fute_core.jobs.state import save_state, with_item_files
from fute_core.jobs.steering import stopped
from fute_core.jobs.task import EVERY_SECONDS, Outcome
from fute_core.jobs.time_left import seconds_left, texts_per_second, tokens_per_second


class Board:
    """Holds a job up to date; only the process that runs the job writes its state.

    Parameters
    ----------
    job : Job
        As it was read from disk; kept up to date as `board.job`.
    on_event : callable, optional
        Called with the job about twice a second and once at the end. One that raises is not called again.
    """

    def __init__(self, job: Job, on_event: Callable[[Job], None] | None = None):
        self.job = replace(job, process=identify(os.getpid()))
        self.parallel = 1  # how many items are worked on at once: the time left depends on it
        self._on_event = on_event
        self._lock = threading.RLock()

    def item(self, index: int) -> JobItem:
        """One item as it now is.

        Parameters
        ----------
        index : int
            Its place in the job.

        Returns
        -------
        JobItem
            A frozen copy; `change` puts another in its place.
        """
        return self.job.items[index]

    def queued(self) -> list[tuple[int, JobItem]]:
        """What nobody has begun yet.

        Returns
        -------
        list of (int, JobItem)
            Each with its place in the job.
        """
        return [(i, item) for i, item in enumerate(self.job.items) if item.state == "queued"]

    def cancelled(self) -> bool:
        """Whether somebody has asked the job to stop.

        Returns
        -------
        bool
            True once the job's cancel flag is on disk.
        """
        return self.job.cancel_flag.exists()

    def change(self, index: int, **changes: Any) -> None:
        """Change fields of an item.

        Parameters
        ----------
        index : int
            Its place in the job.
        **changes
            Fields of `JobItem` with their new values.
        """
        with self._lock:
            items = list(self.job.items)
            items[index] = replace(items[index], **changes)
            self.job = replace(self.job, items=tuple(items))

    def settle(self, outcome: Outcome) -> None:
        """Take an outcome over; the traceback of an unexpected error goes to errors.log.

        Parameters
        ----------
        outcome : Outcome
            What became of one item.
        """
        self.change(outcome.index, **outcome.changes())
        if outcome.trace:
            with (
                suppress(OSError),
                open(self.job.folder / "errors.log", "a", encoding="utf-8", opener=owners_alone) as log,
            ):
                log.write(f"{now()} {self.item(outcome.index).request.label}\n{outcome.trace}\n")

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Write and tell the state twice a second until the block ends; the job is "running" meanwhile.

        Yields
        ------
        None
            Once the state is written for the first time.

        Raises
        ------
        Unavailable
            Where the disk refuses.
        """
        self.job = replace(self.job, state="running", started=self.job.started or now(), heartbeat=time.time())
        try:
            save_state(self.job)
        except OSError as error:
            told = f"{error.strerror}); {how_to_write(error)}."
            raise Unavailable(f"Job {self.job.id} cannot be written ({told}") from error
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
                job = replace(
                    job,
                    eta_seconds=seconds_left(job.items, self.parallel),
                    texts_per_second=texts_per_second(job.items, self.parallel),
                    tokens_per_second=tokens_per_second(job.items, self.parallel),
                )
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
        """Write and tell the last state: done, failed (an item or the whole), or cancelled.

        Parameters
        ----------
        error : str, optional
            Why the job as a whole stopped, as a sentence; items at hand are queued again then.

        Returns
        -------
        Job
            As it was written.
        """
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
