"""Planning and running many embeddings: on disk, so that progress survives a page, a server or a kill."""

from fute_core.jobs.backends import BACKENDS
from fute_core.jobs.detached import start_detached
from fute_core.jobs.job import Damaged, Job, JobItem
from fute_core.jobs.plan import Plan, PlannedItem, plan
from fute_core.jobs.run import resume, retry_failed, run_job
from fute_core.jobs.state import all_jobs, create_job, list_jobs, load_job
from fute_core.jobs.steering import cancel, delete, requeue

__all__ = [
    "BACKENDS", "Damaged", "Job", "JobItem", "Plan", "PlannedItem", "all_jobs", "cancel", "create_job", "delete",
    "list_jobs", "load_job", "plan", "requeue", "resume", "retry_failed", "run_job", "start_detached",
]  # fmt: skip
