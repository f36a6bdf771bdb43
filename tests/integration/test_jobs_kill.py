"""A job's process is killed, interrupted or left alone: nothing finished is computed again."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from job_requests import create, execute, request

from fute_core import jobs
from fute_core.store.store import open_store

UNIT = str(Path(__file__).parents[1] / "support")

RUN = f"""
import sys
sys.path.insert(0, {UNIT!r})
from job_requests import execute
from fute_core import jobs
try:
    job = jobs.run_job(jobs.load_job(sys.argv[1]), backend=sys.argv[2], n_jobs=int(sys.argv[3]), execute=execute)
except KeyboardInterrupt:
    raise SystemExit(130)
print(job.state)
"""


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "executed"
    path.touch()
    return path


def start(job, backend, n_jobs):
    command = [sys.executable, "-c", RUN, job.id, backend, str(n_jobs)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wait_for(condition, seconds=40):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not come about"
        time.sleep(0.02)


def quick(request, store, **how):
    from dataclasses import replace

    return execute(replace(request, options={**request.options, "sleep": 0}), store, **how)


@pytest.mark.parametrize(("backend", "n_jobs"), [("sequential", 1), ("loky", 2)])
def test_a_killed_job_is_interrupted_and_resumes_without_its_finished_items(log, backend, n_jobs):
    store = open_store()
    job = create(store, *(request(f"n{i}", sleep=0.08, log=str(log)) for i in range(10)))
    child = start(job, backend, n_jobs)
    wait_for(lambda: sum(i.state == "done" for i in jobs.load_job(job.id).items) >= 3)
    assert jobs.load_job(job.id).state == "running"
    child.send_signal(signal.SIGKILL)
    child.wait()
    interrupted = jobs.load_job(job.id)
    assert interrupted.state == "interrupted"
    finished = {i.request.name for i in interrupted.items if i.state == "done"}
    assert 3 <= len(finished) < 10
    time.sleep(1.0)  # workers that lost their owner stop by themselves
    before = log.read_text().split()
    time.sleep(1.0)
    assert log.read_text().split() == before
    stored = {h.name for h in store.headers()}
    assert finished <= stored

    resumed = jobs.resume(job.id, backend=backend, n_jobs=n_jobs, execute=quick)
    assert resumed.state == "done"
    after = log.read_text().split()[len(before) :]
    assert sorted(after) == sorted({f"n{i}" for i in range(10)} - stored), "only what was not finished"
    assert store.verify() == []


def test_workers_of_a_killed_process_end_whatever_they_compute(log):
    """One long step, in which nobody asks whether to stop."""
    job = create(open_store(), *(request(f"n{i}", sleep=100, log=str(log)) for i in range(2)))
    child = start(job, "loky", 2)
    wait_for(lambda: len(log.read_text().split()) == 2)
    workers = psutil.Process(child.pid).children(recursive=True)
    assert len(workers) >= 2
    child.send_signal(signal.SIGKILL)
    child.wait()
    _, left = psutil.wait_procs(workers, timeout=40)
    assert left == []


@pytest.mark.parametrize(("backend", "n_jobs"), [("sequential", 1), ("loky", 2)])
def test_control_c_cancels_and_keeps_what_is_finished(log, backend, n_jobs):
    job = create(open_store(), *(request(f"n{i}", sleep=0.08, log=str(log)) for i in range(10)))
    child = start(job, backend, n_jobs)
    wait_for(lambda: sum(i.state == "done" for i in jobs.load_job(job.id).items) >= 2)
    child.send_signal(signal.SIGINT)
    output, errors = child.communicate(timeout=30)
    assert (output, child.returncode) == ("", 130), errors
    told = jobs.load_job(job.id)
    assert told.state == "cancelled"
    assert {i.state for i in told.items} == {"done", "cancelled"}
    resumed = jobs.resume(job.id, backend="sequential", execute=quick)
    assert resumed.state == "done"
    counts = {name: log.read_text().split().count(name) for name in log.read_text().split()}
    assert all(counts[i.request.name] == 1 for i in told.items if i.state == "done")


def test_two_processes_that_start_the_same_job_run_it_once(log):
    job = create(open_store(), *(request(f"n{i}", sleep=0.05, log=str(log)) for i in range(6)))
    children = [start(job, "sequential", 1) for _ in range(2)]
    outputs = [child.communicate(timeout=60) for child in children]
    assert "done\n" in [output for output, _ in outputs]
    assert sorted(log.read_text().split()) == [f"n{i}" for i in range(6)]


def test_a_detached_process_that_dies_at_once_is_seen(monkeypatch):
    job = create(open_store(), request("a"))
    monkeypatch.setattr(sys, "executable", "/bin/false")
    jobs.start_detached(job)
    wait_for(lambda: jobs.load_job(job.id).state == "interrupted", 10)
    assert "log.txt" in jobs.load_job(job.id).error
    assert jobs.resume(job.id, backend="sequential", execute=execute).state == "done"


def test_a_job_left_alone_outlives_its_starter():
    """The starter ends at once; real datasets are embedded by the process that it leaves behind."""
    from fute_core.embedding.requests import EmbedRequest

    store = open_store()
    job = jobs.create_job([EmbedRequest("dataset", ref, limit=20, method="fisher") for ref in ("sst2", "trec")], store)
    assert [i.state for i in job.items] == ["queued", "queued"]
    script = "import sys; from fute_core import jobs; print(jobs.start_detached(jobs.load_job(sys.argv[1])))"
    starter = subprocess.run([sys.executable, "-c", script, job.id], capture_output=True, text=True, timeout=60)
    pid = int(starter.stdout)
    assert os.getsid(pid) != os.getsid(0)
    wait_for(lambda: jobs.load_job(job.id).state not in ("queued", "running"), 200)
    done = jobs.load_job(job.id)
    assert done.state == "done", (done.folder / "log.txt").read_text()
    assert {h.name for h in store.headers()} == {"sst2", "trec"}
    wait_for(lambda: "2 of 2 items, 0 failed" in (done.folder / "log.txt").read_text(), 20)  # said after the state
    again = jobs.create_job([i.request for i in job.items], store)
    assert [i.cached for i in again.items] == [True, True]
    assert jobs.run_job(again).state == "done"
