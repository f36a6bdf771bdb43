"""Running a job in a process that outlives the one that starts it."""

import os
import subprocess
import sys
import time

from fute_core.errors import Unavailable
from fute_core.home import PACKAGE, how_to_write, owners_alone
from fute_core.jobs.folder import write_json
from fute_core.jobs.job import Job
from fute_core.jobs.process import identify
from fute_core.predictors.keys import hand_over

_children: list[subprocess.Popen[bytes]] = []


def start_detached(
    job: Job, *, backend: str = "loky", address: str | None = None, n_jobs: int = 1, key: str | None = None
) -> int:
    """Run a queued job in a process of its own; what it prints goes to log.txt in the job's folder.

    Parameters
    ----------
    job : Job
        A queued one.
    backend : str
        One of `BACKENDS`.
    address : str, optional
        Scheduler of a Dask or Ray cluster.
    n_jobs : int
        Items at a time.
    key : str, optional
        For an endpoint, as typed for this run. It reaches the process by its environment and is written nowhere.

    Returns
    -------
    int
        Pid of the process.

    Raises
    ------
    Unavailable
        Where the disk or the system refuses.
    """
    _children[:] = [child for child in _children if child.poll() is None]  # else finished ones stay as zombies
    command = [sys.executable, "-m", "fute_core.jobs", job.id, "--backend", backend, "--jobs", str(n_jobs)]
    if address is not None:
        command += ["--address", address]
    path = os.pathsep.join(filter(None, [str(PACKAGE.parent), os.environ.get("PYTHONPATH")]))
    environment = {**os.environ, "PYTHONPATH": path}
    environment.pop("FUTE_PASSWORD", None)  # the dashboard's, which is no business of the models that a job runs
    hand_over(environment, key)
    try:
        with open(job.folder / "log.txt", "ab", opener=owners_alone) as log:
            child = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
                env=environment,
            )  # fmt: skip
        write_json(job.folder / "launched.json", {**identify(child.pid), "at": time.time()})
    except OSError as error:
        raise Unavailable(
            f"Job {job.id} cannot be started ({error.strerror}); {how_to_write(error)} and try again."
        ) from error
    _children.append(child)
    return child.pid
