"""Where tasks run: joblib's backends, and Ray, behind one generator of outcomes."""

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial

from fute_core.errors import BadInput, Unavailable
from fute_core.jobs.pool import Pool
from fute_core.jobs.task import Outcome, Task
from fute_core.jobs.work import work


class JoblibPool(Pool):
    """Workers of the joblib backend that is in force; see `Pool`.

    Parameters
    ----------
    n_jobs : int
        How many tasks are worked on at once.
    shares_disk : bool
        Whether the workers see the caller's store.
    """

    def outcomes(self, tasks: Iterable[Task]) -> Generator[Outcome, None, None]:
        """Carry tasks out; see `Pool.outcomes`.

        Parameters
        ----------
        tasks : iterable of Task
            What is to be done.

        Yields
        ------
        Outcome
            Each as it comes, in any order.
        """
        from joblib import Parallel, delayed

        parallel = Parallel(self.n_jobs, return_as="generator_unordered", pre_dispatch="n_jobs", batch_size=1)
        yield from parallel(delayed(work)(task) for task in tasks)


@contextmanager
def _local(backend: str, address: str | None, n_jobs: int) -> Iterator[Pool]:
    from joblib import effective_n_jobs, parallel_config

    if address is not None:
        raise BadInput(f"Backend {backend!r} runs on this machine and takes no address; leave it out or choose 'dask'.")
    with parallel_config(backend=backend):
        yield JoblibPool(1 if backend == "sequential" else effective_n_jobs(n_jobs), shares_disk=True)


@contextmanager
def _dask(address: str | None, n_jobs: int) -> Iterator[Pool]:
    """All threads of the cluster at `address`; without one, a cluster of `n_jobs` processes on this machine."""
    try:
        import distributed  # noqa: F401 (what the next import needs)
    except ImportError:
        raise _missing("dask", "distributed") from None
    from joblib import effective_n_jobs, parallel_config

    from fute_core.jobs.cluster import connected

    with connected(address, n_jobs) as backend, parallel_config(backend=backend):
        yield JoblibPool(effective_n_jobs(-1), shares_disk=False)


@contextmanager
def _ray(address: str | None, n_jobs: int) -> Iterator[Pool]:
    """All processors of the cluster at `address`; without one, a cluster of `n_jobs` processes on this machine."""
    try:
        import ray  # noqa: F401 (what the next import needs)
    except ImportError:
        raise _missing("ray", "ray") from None
    from fute_core.jobs.ray_cluster import connected

    with connected(address, n_jobs) as pool:
        yield pool


_BACKENDS: dict[str, Callable[[str | None, int], AbstractContextManager[Pool]]] = {
    "loky": partial(_local, "loky"),
    "sequential": partial(_local, "sequential"),
    "threading": partial(_local, "threading"),
    "dask": _dask,
    "ray": _ray,
}
BACKENDS = tuple(_BACKENDS)
"""Names of all backends."""


def open_pool(backend: str, address: str | None, n_jobs: int) -> AbstractContextManager[Pool]:
    """Workers of a backend, for as long as the block lasts.

    Parameters
    ----------
    backend : str
        One of `BACKENDS`.
    address : str or None
        Scheduler of a Dask or Ray cluster; None starts one on this machine.
    n_jobs : int
        How many tasks at once, -1 for as many as there are cores. A cluster at an address decides that itself.

    Returns
    -------
    context manager of Pool
        Opened by `with`.

    Raises
    ------
    BadInput
        For an unknown backend, an address where none is taken, or no workers at all.
    Unavailable
        For a package that is not installed or a cluster that does not answer; raised on entering the block.
    """
    if backend not in _BACKENDS:
        raise BadInput(f"Backend {backend!r} is unknown; choose from {', '.join(BACKENDS)}.")
    if n_jobs == 0:
        raise BadInput("n_jobs is 0; give at least 1, or -1 for all cores.")
    return _BACKENDS[backend](address, n_jobs)


def _missing(extra: str, package: str) -> Unavailable:
    return Unavailable(f'Backend {extra!r} needs the package {package}; run: pip install "task-atlas[{extra}]"')
