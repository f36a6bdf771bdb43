"""Where tasks run: joblib's backends, and Ray, behind one generator of outcomes."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial

from fute_core.errors import BadInput, Unavailable
from fute_core.jobs.work import Outcome, Task, work


class Pool:
    """`outcomes(tasks)` yields each outcome as it comes; tasks are drawn only as fast as they are worked on.

    shares_disk : whether workers see the caller's store. n_jobs : how many tasks are worked on at once.
    """

    def __init__(self, n_jobs: int, shares_disk: bool):
        self.n_jobs = n_jobs
        self.shares_disk = shares_disk

    def outcomes(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        """Raises whatever the machinery raises when a worker dies."""
        from joblib import Parallel, delayed

        parallel = Parallel(self.n_jobs, return_as="generator_unordered", pre_dispatch="n_jobs", batch_size=1)
        yield from parallel(delayed(work)(task) for task in tasks)


@contextmanager
def _local(backend: str, address: str | None, n_jobs: int) -> Iterator[Pool]:
    from joblib import effective_n_jobs, parallel_config

    if address is not None:
        raise BadInput(f"Backend {backend!r} runs on this machine and takes no address; leave it out or choose 'dask'.")
    with parallel_config(backend=backend):
        yield Pool(1 if backend == "sequential" else effective_n_jobs(n_jobs), shares_disk=True)


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
        yield Pool(effective_n_jobs(-1), shares_disk=False)


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


_BACKENDS = {
    "loky": partial(_local, "loky"),
    "sequential": partial(_local, "sequential"),
    "threading": partial(_local, "threading"),
    "dask": _dask,
    "ray": _ray,
}
BACKENDS = tuple(_BACKENDS)


def open_pool(backend: str, address: str | None, n_jobs: int):
    """Context of a Pool. Raises BadInput for an unknown backend, Unavailable for a missing package or cluster."""
    if backend not in _BACKENDS:
        raise BadInput(f"Backend {backend!r} is unknown; choose from {', '.join(BACKENDS)}.")
    if n_jobs == 0:
        raise BadInput("n_jobs is 0; give at least 1, or -1 for all cores.")
    return _BACKENDS[backend](address, n_jobs)


def _missing(extra: str, package: str) -> Unavailable:
    return Unavailable(f'Backend {extra!r} needs the package {package}; run: pip install "task-atlas[{extra}]"')
