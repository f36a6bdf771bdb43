"""A Ray cluster as a pool, by Ray's own tasks: joblib's backend for Ray gives no outcome before all are there.

Importing this module needs `ray`.
"""

import os
import socket
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

import ray
from joblib import effective_n_jobs
from ray.exceptions import RayError

from fute_core.errors import Unavailable
from fute_core.jobs.plan import first_line
from fute_core.jobs.pool import Pool
from fute_core.jobs.task import Outcome, Task
from fute_core.jobs.work import work
from fute_core.models.device import PROCESSOR, computing_on, read_choice, wanted_device

CONNECT_SECONDS = 15
OBJECT_BYTES = 100 * 2**20
"""Vectors and answers are small; by itself Ray would set a third of the memory aside for them."""


class RayPool(Pool):
    """Workers of a Ray cluster, a task a processor at once, or a task an accelerator; see `backends.Pool`.

    Parameters
    ----------
    n_jobs : int
        How many processors there are.
    accelerators : int, default 0
        How many accelerators. A worker is given one of them, and sees no other, unless its task is for the processor.
    """

    def __init__(self, n_jobs: int, accelerators: int = 0):
        super().__init__(n_jobs, shares_disk=False)
        self.accelerators = accelerators

    def outcomes(self, tasks: Iterable[Task]) -> Generator[Outcome, None, None]:
        """Carry tasks out; what is under way when the reader stops is stopped as well.

        Parameters
        ----------
        tasks : iterable of Task
            What is to be done.

        Yields
        ------
        Outcome
            Each as it comes, in any order.

        Raises
        ------
        RayError
            Where a worker dies.
        """
        plain = ray.remote(max_retries=0, num_cpus=1)(work)
        accelerated = plain.options(num_gpus=1)

        def begin(task: Task) -> Any:
            return (accelerated if self._accelerates(task) else plain).remote(task)

        waiting = iter(tasks)
        running = []
        for task in islice(waiting, 1):
            running.append(begin(task))
            at_once = self.accelerators if self._accelerates(task) else self.n_jobs
            running += [begin(other) for other in islice(waiting, at_once - 1)]
        try:
            while running:
                (done, *_), running = ray.wait(running, num_returns=1)
                outcome = ray.get(done)
                # The next is drawn before this one is told, so that no processor is idle meanwhile.
                running += [begin(task) for task in islice(waiting, 1)]
                yield outcome
        finally:
            for ref in running:
                ray.cancel(ref, force=True)

    def _accelerates(self, task: Task) -> bool:
        with computing_on(task.request.options.get("device")):
            return self.accelerators > 0 and read_choice(wanted_device())[0] != PROCESSOR


@contextmanager
def connected(address: str | None, n_jobs: int) -> Iterator[RayPool]:
    """A pool on a Ray cluster, for as long as the block lasts.

    Parameters
    ----------
    address : str or None
        Its head; None starts a cluster on this machine.
    n_jobs : int
        For that one, how many processes; -1 for as many as there are cores.

    Yields
    ------
    RayPool
        With at least one processor.

    Raises
    ------
    Unavailable
        Where no processor answers.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # else Ray may report its use to its makers
    try:
        if address is None:
            ray.init(num_cpus=effective_n_jobs(n_jobs), include_dashboard=False, log_to_driver=False,
                     object_store_memory=OBJECT_BYTES)  # fmt: skip
        else:
            _reach(address)
            ray.init(address, log_to_driver=False)
        there = ray.cluster_resources()  # type: ignore[no-untyped-call] # ray has few types
        processors, accelerators = (int(there.get(name, 0)) for name in ("CPU", "GPU"))
        if not processors:
            raise ConnectionError("it has no processors")
    except (OSError, RuntimeError, ValueError, RayError) as error:
        ray.shutdown()
        what, mend = f"No Ray cluster answers at {address}", "check the address, and `ray start --head`"
        if address is None:
            what, mend = "A Ray cluster could not be started here", "free some memory, or take another backend"
        raise Unavailable(f"{what} ({first_line(error) or type(error).__name__}); {mend}.") from error
    try:
        yield RayPool(processors, accelerators)
    finally:
        ray.shutdown()


def _reach(address: str) -> None:
    """Raises OSError where nobody listens: Ray itself would wait for minutes, and then end this process."""
    host, _, port = address.rpartition("://")[2].rpartition(":")
    if port.isdigit():
        socket.create_connection((host, int(port)), CONNECT_SECONDS).close()
