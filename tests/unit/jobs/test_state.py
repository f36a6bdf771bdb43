"""A job on disk: whole, read back, told apart where it is damaged."""

import json
import stat
import threading
import time

import pytest
from job_requests import create, request, run

from fute_core import jobs
from fute_core.errors import BadInput
from fute_core.jobs import state


def test_a_job_reads_back_as_it_was_returned(store):
    job = run(create(store, request("a", fail_at=1), request("b")))
    assert jobs.load_job(job.id) == job
    assert jobs.list_jobs() == [job]


def test_a_job_is_its_owners_alone(store):
    """What servers say is written into it, which may be more than anybody should read."""
    job = run(create(store, request("a")))
    assert stat.S_IMODE(job.folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(f.stat().st_mode) for f in job.folder.rglob("*.json")} == {0o600}


def test_a_reader_never_sees_half_a_state(store):
    job = create(store, *(request(f"n{i}") for i in range(100)))
    state.save_state(job)
    problems, ended = [], threading.Event()

    def read():
        while not ended.is_set():
            try:
                assert len(jobs.load_job(job.id).items) == 100
            except Exception as error:
                problems.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(100):
        state.save_state(job)
    ended.set()
    reader.join()
    assert problems == []


@pytest.mark.parametrize(
    ("file", "content"),
    [("plan.json", "{"), ("plan.json", "[]"), ("plan.json", None),
     ("state.json", '{"state": "running", "process": 3}')],
)  # fmt: skip
def test_a_damaged_job_is_told_apart_and_deleting_it_as_advised_works(store, file, content):
    job, sound = create(store, request("a")), create(store, request("b"))
    path = job.folder / file
    path.unlink(missing_ok=True)
    if content is not None:
        path.write_text(content)
    with pytest.raises(jobs.Damaged, match=f"fute jobs delete {job.id}"):
        jobs.load_job(job.id)
    listed, damaged = jobs.all_jobs()
    assert ([j.id for j in listed], list(damaged)) == ([sound.id], [job.id])
    reason = "No such file or directory" if content is None else "its files are damaged, or of another version"
    assert damaged[job.id].reason == reason
    jobs.delete(job.id)
    assert not job.folder.exists()
    assert jobs.all_jobs() == ([sound], {})


def test_jobs_are_listed_newest_first_and_unreadable_ones_left_out(store, monkeypatch):
    first = create(store, request("a"))
    time.sleep(1.05)
    second = create(store, request("b"))
    third = create(store, request("c"))
    (third.folder / "plan.json").write_text("{")
    assert [j.id for j in jobs.list_jobs()] == [second.id, first.id]
    with pytest.raises(BadInput, match="cannot be read"):
        jobs.load_job(third.id)


def test_a_plan_from_a_newer_version_is_one_sentence(store):
    job = create(store, request("a"))
    path = job.folder / "plan.json"
    planned = json.loads(path.read_text())
    planned["items"][0]["request"]["novelty"] = 1
    path.write_text(json.dumps(planned))
    with pytest.raises(BadInput, match="cannot be read"):
        jobs.load_job(job.id)
