"""`python -m fute_core.jobs ID`: the process behind `start_detached`."""

import argparse

from fute_core.errors import FuteError
from fute_core.jobs.backends import BACKENDS
from fute_core.jobs.process import give_way
from fute_core.jobs.run import run_job
from fute_core.jobs.state import load_job

INTERRUPTED = 130
"""Exit code of a process that was stopped by hand, as shells have it: 128 + SIGINT."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="fute_core.jobs", description="Run a job that was created before.")
    parser.add_argument("job")
    parser.add_argument("--backend", choices=BACKENDS, default="loky")
    parser.add_argument("--address")
    parser.add_argument("--jobs", type=int, default=1)
    given = parser.parse_args()
    give_way()
    try:
        job = run_job(load_job(given.job), backend=given.backend, address=given.address, n_jobs=given.jobs)
    except FuteError as error:
        raise SystemExit(str(error)) from None
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None
    print(f"Job {job.id}: {job.state}, {job.items_done} of {len(job.items)} items, {job.items_failed} failed.")


if __name__ == "__main__":
    main()
