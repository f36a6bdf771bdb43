"""Planning and running many embeddings: on disk, so that progress survives a page, a server or a kill."""

from fute_core.jobs.backends import BACKENDS
from fute_core.jobs.plan import Plan, PlannedItem, plan
from fute_core.jobs.run import resume, retry_failed, run_job, start_detached
from fute_core.jobs.state import Job, JobItem, cancel, create_job, delete, list_jobs, load_job, requeue

__all__ = [
    "BACKENDS", "Job", "JobItem", "Plan", "PlannedItem", "cancel", "create_job", "delete", "list_jobs", "load_job",
    "plan", "requeue", "resume", "retry_failed", "run_job", "start_detached",
]  # fmt: skip
