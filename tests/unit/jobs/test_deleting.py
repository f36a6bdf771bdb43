"""Deleting a job beside a process that is about to run it."""

import pytest
from job_requests import create, request

from fute_core import jobs
from fute_core.errors import BadInput
from fute_core.jobs.steering import claimed
from fute_core.store.store import open_store


def test_a_job_that_a_process_is_about_to_run_is_not_deleted():
    job = create(open_store(), request("a"))
    with claimed(job.id), pytest.raises(BadInput, match="is running already"):
        jobs.delete(job.id)
    jobs.delete(job.id)
    assert jobs.all_jobs() == ([], {})
