"""A Dask cluster as a joblib backend that tells what goes wrong there: joblib's own waits for ever.

Importing this module needs `distributed`.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import dask
from distributed import Client, LocalCluster
from joblib import effective_n_jobs
from joblib._dask import DaskDistributedBackend

from fute_core.errors import Unavailable
from fute_core.jobs.plan import first_line

CONNECT_SECONDS = 15
LOST_SECONDS = 60
"""How long a cluster may be without a worker: on busy cores one takes half a minute to start again."""


@contextmanager
def connected(address: str | None, n_jobs: int) -> Iterator["TellingDask"]:
    """A backend for a Dask cluster, for as long as the block lasts.

    A cluster that loses its scheduler, or its last worker for `LOST_SECONDS`, fails all tasks with Unavailable.

    Parameters
    ----------
    address : str or None
        Its scheduler; None starts a cluster on this machine.
    n_jobs : int
        For that one, how many processes; -1 for as many as there are cores.

    Yields
    ------
    TellingDask
        Connected, with at least one worker.

    Raises
    ------
    Unavailable
        Where no worker answers.
    """
    what = f"No Dask cluster with a worker answers at {address}"
    mend = "check the address, and start `dask scheduler` and `dask worker`"
    if address is None:
        n_jobs = effective_n_jobs(n_jobs)
        what, mend = f"A Dask cluster of {n_jobs} processes could not be started here", "give fewer with --jobs"
    with ExitStack() as stack:
        try:
            # Dask would give what killed its worker to three more; the caller tries it again, alone.
            stack.enter_context(dask.config.set({"distributed.scheduler.allowed-failures": 0}))
            cluster = address or stack.enter_context(
                LocalCluster(  # type: ignore[no-untyped-call] # distributed has few types
                    n_workers=n_jobs, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0"
                )
            )
            client = stack.enter_context(
                Client(cluster, timeout=CONNECT_SECONDS)  # type: ignore[no-untyped-call]
            )
            client.wait_for_workers(1, timeout=LOST_SECONDS)
        except (OSError, ValueError, TimeoutError) as error:
            raise Unavailable(f"{what} ({first_line(error) or type(error).__name__}); {mend}.") from error
        backend = TellingDask(client=client)
        ended = threading.Event()
        threading.Thread(target=_watch, args=(backend, ended), daemon=True).start()
        stack.callback(ended.set)
        yield backend


class TellingDask(DaskDistributedBackend):  # type: ignore[misc] # joblib has no types
    """joblib's Dask backend, with errors of the machinery passed on to whoever waits for the results.

    Parameters
    ----------
    client : distributed.Client
        Connected to the cluster.
    """

    lost: Unavailable | None = None
    """Since the cluster was given up, why; raised in place of whatever the open tasks ended with."""

    def __init__(self, client: Client):
        super().__init__(client=client, wait_for_workers_timeout=LOST_SECONDS)

    def effective_n_jobs(self, n_jobs: int) -> int:
        """How many tasks joblib keeps at the cluster at once.

        Parameters
        ----------
        n_jobs : int
            As joblib gives it.

        Returns
        -------
        int
            At least 2: what counts as one, joblib would do in this process.
        """
        return max(int(super().effective_n_jobs(n_jobs)), 2)

    def submit(self, func: Callable[[], Any], callback: Callable[[Any], None] | None = None) -> Any:
        """Send a batch of tasks to the cluster; joblib calls this.

        Parameters
        ----------
        func : callable
            The batch.
        callback : callable, optional
            Told the result and, unlike in joblib's own, an error of the machinery.

        Returns
        -------
        distributed.Future
            Of the batch.
        """

        def tell(future: Any) -> None:
            if callback is not None and (error := future.exception()) is not None:
                callback(error)

        future = super().submit(func, callback)
        future.add_done_callback(tell)
        return future

    def retrieve_result_callback(self, out: Any) -> Any:
        """What joblib hands on of a finished batch.

        Parameters
        ----------
        out : object
            What the callback of `submit` was told.

        Returns
        -------
        object
            The batch's results.

        Raises
        ------
        Unavailable
            Where the cluster has gone away.
        BaseException
            What the machinery raised instead of a result.
        """
        if self.lost is not None:
            raise self.lost
        if isinstance(out, BaseException):
            if self.client.status in ("closed", "closing"):
                raise Unavailable("The Dask cluster's scheduler has gone away; start it, then resume the job.")
            raise out
        return super().retrieve_result_callback(out)


def _watch(backend: TellingDask, ended: threading.Event) -> None:
    """Give the cluster up when nobody has worked there for too long: closing the client ends every open task."""
    seen = time.monotonic()
    while not ended.wait(1.0):
        with suppress(Exception):  # whatever a broken connection raises means that nobody was seen
            if backend.client.nthreads():
                seen = time.monotonic()
        if time.monotonic() - seen > LOST_SECONDS:
            backend.lost = Unavailable(
                f"The Dask cluster has had no worker for {LOST_SECONDS} seconds; start one, then resume the job."
            )
            with suppress(Exception):
                backend.client.close(timeout=2)
            return
