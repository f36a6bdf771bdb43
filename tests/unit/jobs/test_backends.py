"""A backend that cannot be had is one sentence."""

import sys
from pathlib import Path

import pytest
from job_requests import create, execute, request, run

from fute_core import jobs
from fute_core.errors import BadInput, Unavailable


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ({"backend": "slurm"}, "loky, sequential, threading, dask, ray"),
        ({"backend": "loky", "address": "tcp://x:1"}, "takes no address"),
        ({"backend": "loky", "n_jobs": 0}, "at least 1"),
    ],
)
def test_a_wrong_backend_is_one_sentence_and_the_job_can_be_resumed(store, how, says):
    job = create(store, request("a"))
    with pytest.raises(BadInput, match=says):
        run(job, **how)
    told = jobs.load_job(job.id)
    assert told.state == "failed"
    assert says in told.error
    assert jobs.resume(job.id, backend="sequential", execute=execute).state == "done"


@pytest.mark.parametrize(("backend", "module"), [("ray", "ray"), ("dask", "distributed")])
def test_a_missing_package_names_the_line_to_install_it(store, monkeypatch, backend, module):
    monkeypatch.setitem(sys.modules, module, None)
    job = create(store, request("a"))
    with pytest.raises(Unavailable, match=rf'pip install "task-atlas\[{backend}\]"'):
        run(job, backend=backend)
    assert Path(job.folder).exists()
