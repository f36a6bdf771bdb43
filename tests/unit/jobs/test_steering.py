"""A job is cancelled, taken up again, and deleted."""

import errno
from dataclasses import replace
from pathlib import Path

import pytest
from job_requests import create, execute, faster, request, run, states

from fute_core import jobs
from fute_core.errors import BadInput, Unavailable
from fute_core.jobs import process, state
from fute_core.jobs.folder import item_file, write_json
from fute_core.jobs.steering import claimed


@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_cancel_stops_inside_an_item_and_keeps_what_is_finished(store, log, backend):
    job = create(store, request("a", log=str(log)), *(request(f"n{i}", sleep=0.3, log=str(log)) for i in range(4)))

    def cancel_when_one_is_done(j):
        if j.items_done:
            jobs.cancel(j.id)

    job = run(job, backend=backend, n_jobs=2, on_event=cancel_when_one_is_done)
    assert job.state == "cancelled"
    assert states(job)[0] == "done"
    assert set(states(job)[1:]) <= {"done", "cancelled"}
    assert states(job)[-1] == "cancelled"
    begun = log.read_text().split()
    assert any(i.state == "cancelled" and i.request.name in begun for i in job.items), "stopped between its texts"
    again = jobs.resume(job.id, backend="sequential", execute=faster)
    assert again.state == "done"
    assert again.error is None
    assert log.read_text().split().count("a") == 1


def test_a_queued_job_is_cancelled_at_once_and_can_be_resumed(store):
    job = create(store, request("a"))
    assert jobs.cancel(job.id).state == "cancelled"
    assert jobs.load_job(job.id).state == "cancelled"
    assert states(run(job)) == ["cancelled"], "a cancelled job does not run"
    assert jobs.resume(job.id, backend="sequential", execute=execute).state == "done"
    assert jobs.cancel(job.id).state == "done", "a finished job stays as it is"


def test_retry_failed_runs_those_again_and_resume_does_not(store, log, tmp_path):
    job = run(create(store, request("a", log=str(log)), request("b", log=str(log), fail_at=2)))

    def mended(r, store, **how):
        return execute(replace(r, options={**r.options, "fail_at": None}), store, **how)

    assert states(jobs.resume(job.id, backend="sequential", execute=mended)) == ["done", "failed"]
    job = jobs.retry_failed(job.id, backend="sequential", execute=mended)
    assert states(job) == ["done", "done"]
    assert job.items[1].error is None
    assert log.read_text().split() == ["a", "b", "b"]


def test_an_item_that_was_at_hand_when_the_job_died_goes_last(store, log):
    job = create(store, *(request(n, log=str(log)) for n in "abc"))
    write_json(item_file(job.folder, 0), {"state": "running", "attempts": 1})
    gone = {"host": process.identify(1)["host"], "pid": 2**22 + 1, "started": 5}
    state.save_state(replace(job, state="running", process=gone))
    assert jobs.load_job(job.id).state == "interrupted"
    jobs.resume(job.id, backend="sequential", execute=execute)
    assert log.read_text().split() == ["b", "c", "a"]


def test_a_running_job_is_neither_run_twice_nor_deleted_nor_resumed(store):
    job = create(store, request("a", sleep=0.2))
    refused = []

    def meddle(j):
        if j.state != "running" or refused:
            return
        for attempt in (lambda: run(job), lambda: jobs.delete(job.id), lambda: jobs.resume(job.id)):
            with pytest.raises(BadInput, match="running"):
                attempt()
            refused.append(1)

    assert run(job, on_event=meddle).state == "done"
    assert len(refused) == 3
    jobs.delete(job.id)
    assert jobs.list_jobs() == []
    assert store.has_embedding(job.items[0].key)


def test_a_damaged_job_that_runs_is_not_deleted(store):
    job = create(store, request("a"))
    (job.folder / "plan.json").write_text("{")
    with claimed(job.id), pytest.raises(BadInput, match="running"):
        jobs.delete(job.id)
    assert job.folder.exists()


@pytest.mark.parametrize("act", [jobs.cancel, jobs.requeue, jobs.delete])
def test_a_job_on_a_disk_that_refuses_is_one_sentence(store, monkeypatch, act):
    def refused(*_args, **_how):
        raise PermissionError(errno.EACCES, "Permission denied")

    job = create(store, request("a"))
    for name in ("touch", "unlink"):
        monkeypatch.setattr(Path, name, refused)
    monkeypatch.setattr("os.replace", refused)
    with pytest.raises(Unavailable, match=r"cannot be changed \(Permission denied\)"):
        act(job.id)


@pytest.mark.parametrize("name", ["../../etc", "", "x", "20260101-000000-abcdef", "20260101-000000-abcdef/../x"])
def test_what_is_no_job_is_refused_and_nothing_is_removed(store, name):
    job = create(store, request("a"))
    for attempt in (jobs.load_job, jobs.cancel, jobs.delete, jobs.resume):
        with pytest.raises(BadInput, match="There is no job"):
            attempt(name)
    assert job.folder.exists()
