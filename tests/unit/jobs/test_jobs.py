import errno
import json
import os
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from job_requests import create, execute, faster, key_of, request

from fute_core import jobs
from fute_core.embedding.requests import EmbedRequest
from fute_core.errors import BadInput, Unavailable
from fute_core.jobs import process, state, work
from fute_core.jobs.board import seconds_left
from fute_core.jobs.steering import claimed
from fute_core.store.store import Store, open_store


@pytest.fixture
def store():
    return open_store()


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "executed"
    path.touch()
    return path


def run(job, **how):
    return jobs.run_job(job, **{"backend": "sequential", "execute": execute, **how})


def states(job):
    return [item.state for item in job.items]


# plan ---------------------------------------------------------------------------------------------------------------


def test_a_plan_tells_what_is_cached_asked_twice_and_impossible(store):
    store.put_embedding(execute(request("known"), None))
    twice, bad, unknown = request("b", content="a.csv"), request("bad", impossible=1), request("u", unknown=1)
    plan = jobs.plan([request("a"), request("known"), twice, bad, unknown], store, key_of)
    assert [i.cached for i in plan.items] == [False, True, False, False, False]
    assert [i.same_as for i in plan.items] == [None, None, 0, None, None]
    assert plan.items[3].problem == "bad.csv has no column 'label'; add one."
    assert plan.items[4].key is None
    assert [i.request.name for i in plan.to_compute] == ["a", "u"]
    assert plan.texts == 12


def test_one_broken_predictor_does_not_stop_the_plan(store):
    def broken(r):
        raise RuntimeError("out of order\nmore")

    (item,) = jobs.plan([request("a")], store, broken).items
    assert item.problem == "Stopped by an unexpected RuntimeError: out of order."


def test_datasets_are_expected_to_read_their_limit(store):
    planned = jobs.plan([EmbedRequest("dataset", "x", limit=40), EmbedRequest("prompt", "x")], store, lambda r: None)
    assert [i.texts for i in planned.items] == [40, 512]


def test_a_job_of_nothing_is_refused(store):
    with pytest.raises(BadInput, match="at least one request"):
        create(store)


# running ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("backend", "n_jobs"), [("sequential", 1), ("threading", 2), ("loky", 2), ("loky", 1)])
def test_every_local_backend_gives_the_same_vectors(store, backend, n_jobs):
    job = run(create(store, *(request(f"n{i}") for i in range(5))), backend=backend, n_jobs=n_jobs)
    assert job.state == "done"
    assert states(job) == ["done"] * 5
    assert (job.texts_done, job.texts_total, job.items_done) == (30, 30, 5)
    for i, item in enumerate(job.items):
        expected = execute(request(f"n{i}"), None)
        assert item.key == expected.key
        assert store.get_embedding(item.key).vector.tobytes() == expected.vector.tobytes()
    assert sorted(h.name for h in store.headers()) == [f"n{i}" for i in range(5)]


def test_failures_are_sentences_and_stop_nothing_else(store):
    requests = {"a": {"fail_at": 3}, "b": {}, "c": {"break_at": 0}, "d": {"impossible": 1}, "e": {}}
    job = run(create(store, *(request(name, **options) for name, options in requests.items())))
    assert job.state == "failed"
    assert states(job) == ["failed", "done", "failed", "failed", "done"]
    assert job.items[0].error == "a.csv, row 3: no number; correct it."
    assert job.items[2].error == "Stopped by an unexpected ZeroDivisionError: division by zero."
    assert job.items[3].error == "d.csv has no column 'label'; add one."
    assert job.items_failed == 3
    errors = (job.folder / "errors.log").read_text()
    assert "Traceback" in errors
    assert "no number" not in errors, "only unexpected errors have a traceback"


def test_duplicates_are_computed_once_and_named_each(store, log):
    job = run(create(store, request("a", log=str(log)), request("b", content="a.csv", log=str(log))))
    assert states(job) == ["done", "done"]
    assert job.items[0].key == job.items[1].key
    assert log.read_text().split() == ["a"]
    assert sorted(h.name for h in store.headers()) == ["a", "b"]
    assert job.texts_total == 6


def test_duplicates_of_a_failure_fail_without_a_second_try(store, log):
    job = run(create(store, request("a", fail_at=0, log=str(log)), request("b", content="a.csv", log=str(log))))
    assert states(job) == ["failed", "failed"]
    assert job.items[1].error == job.items[0].error
    assert log.read_text().split() == ["a"]


def test_what_the_store_has_is_named_and_not_computed(store, log):
    store.put_embedding(execute(request("old", content="x"), None))
    job = run(create(store, request("new", content="x", log=str(log)), request("b", log=str(log))))
    assert [i.cached for i in job.items] == [True, False]
    assert states(job) == ["done", "done"]
    assert log.read_text().split() == ["b"]
    assert {h.name for h in store.headers()} == {"old", "new", "b"}


def test_an_item_whose_key_is_unknown_before_gets_it_by_running(store):
    job = run(create(store, request("u", unknown=1)))
    assert job.items[0].key == execute(request("u"), None).key


def test_a_worker_that_dies_fails_its_item_and_not_its_neighbours(store):
    requests = [request("a", sleep=0.05), request("dies", die_at=2), *(request(f"n{i}") for i in range(4))]
    job = run(create(store, *requests), backend="loky", n_jobs=2)
    assert states(job) == ["done", "failed", "done", "done", "done", "done"]
    assert "worker process died" in job.items[1].error


def test_progress_is_told_while_an_item_runs(store):
    seen = []
    job = run(create(store, request("a", sleep=0.3)), on_event=seen.append, backend="loky", n_jobs=2)
    during = [j for j in seen if j.state == "running" and 0 < j.texts_done < 6]
    assert during
    assert during[-1].items[0].state == "running"
    assert during[-1].eta_seconds is not None
    assert 0 < during[-1].eta_seconds < 3
    assert seen[-1] == job
    assert [j.texts_done for j in seen] == sorted(j.texts_done for j in seen)
    beats = np.diff([j.heartbeat for j in seen[:-1]])
    assert (beats > 0.3).all(), "about twice a second, no more"


def test_a_listener_that_breaks_does_not_stop_the_job(store):
    def broken(job):
        raise RuntimeError("gone")

    assert run(create(store, request("a", sleep=0.15)), on_event=broken).state == "done"


def test_a_full_disk_under_the_state_does_not_stop_the_work(store, monkeypatch):
    job = create(store, request("a", sleep=0.15))

    def full(path, value):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(work, "write_json", full)
    assert run(job).state == "done"
    monkeypatch.setattr(state, "write_json", full)
    with pytest.raises(Unavailable, match="free some room"):
        create(store, request("b"))


def test_a_vector_that_cannot_be_stored_is_a_failed_item(store, monkeypatch):
    def full(self, embedding):
        raise Unavailable("The disk is full; free some room.")

    job = create(store, request("a"))
    monkeypatch.setattr(Store, "put_embedding", full)
    job = run(job)
    assert (job.items[0].state, job.items[0].error) == ("failed", "The disk is full; free some room.")


# cancel, resume, retry ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_cancel_stops_inside_an_item_and_keeps_what_is_finished(store, log, backend):
    job = create(store, request("a", log=str(log)), *(request(f"n{i}", sleep=0.3, log=str(log)) for i in range(4)))

    def cancel_when_one_is_done(j):
        if j.items_done:
            jobs.cancel(j.id)

    started = time.monotonic()
    job = run(job, backend=backend, n_jobs=2, on_event=cancel_when_one_is_done)
    assert time.monotonic() - started < 6
    assert job.state == "cancelled"
    assert states(job)[0] == "done"
    assert set(states(job)[1:]) <= {"done", "cancelled"}
    assert states(job)[-1] == "cancelled"
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
    state.write_json(state.item_file(job.folder, 0), {"state": "running", "attempts": 1})
    gone = {"host": process.identify(1)["host"], "pid": 2**22 + 1, "started": 5}
    state.save_state(replace(job, state="running", process=gone))
    assert jobs.load_job(job.id).state == "interrupted"
    jobs.resume(job.id, backend="sequential", execute=execute)
    assert log.read_text().split() == ["b", "c", "a"]


# on disk ------------------------------------------------------------------------------------------------------------


def test_a_job_reads_back_as_it_was_returned(store):
    job = run(create(store, request("a", fail_at=1), request("b")))
    assert jobs.load_job(job.id) == job
    assert jobs.list_jobs() == [job]


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
    jobs.delete(job.id)
    assert not job.folder.exists()
    assert jobs.all_jobs() == ([sound], {})


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


def test_jobs_are_listed_newest_first_and_unreadable_ones_left_out(store, monkeypatch):
    first = create(store, request("a"))
    time.sleep(1.05)
    second = create(store, request("b"))
    third = create(store, request("c"))
    (third.folder / "plan.json").write_text("{")
    assert [j.id for j in jobs.list_jobs()] == [second.id, first.id]
    with pytest.raises(BadInput, match="cannot be read"):
        jobs.load_job(third.id)


@pytest.mark.parametrize("name", ["../../etc", "", "x", "20260101-000000-abcdef", "20260101-000000-abcdef/../x"])
def test_what_is_no_job_is_refused_and_nothing_is_removed(store, name):
    job = create(store, request("a"))
    for attempt in (jobs.load_job, jobs.cancel, jobs.delete, jobs.resume):
        with pytest.raises(BadInput, match="There is no job"):
            attempt(name)
    assert job.folder.exists()


def test_a_plan_from_a_newer_version_is_one_sentence(store):
    job = create(store, request("a"))
    path = job.folder / "plan.json"
    planned = json.loads(path.read_text())
    planned["items"][0]["request"]["novelty"] = 1
    path.write_text(json.dumps(planned))
    with pytest.raises(BadInput, match="cannot be read"):
        jobs.load_job(job.id)


# processes ----------------------------------------------------------------------------------------------------------


def test_a_reused_pid_and_a_zombie_are_not_alive():
    me = process.identify(os.getpid())
    assert process.is_alive(me, 0)
    assert not process.is_alive({**me, "started": me["started"] + 1}, time.time())
    child = os.fork()
    if child == 0:
        time.sleep(0.3)
        os._exit(0)
    theirs = process.identify(child)
    assert process.is_alive(theirs, 0)
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    assert not process.is_alive(theirs, time.time()), "ended, and not waited for"
    os.waitpid(child, 0)
    assert not process.is_alive(theirs, time.time())


def test_a_clock_that_is_set_makes_no_process_look_dead(monkeypatch):
    me = process.identify(os.getpid())
    of_day, since = process.psutil.Process.create_time, process.psutil.boot_time()
    monkeypatch.setattr(process.psutil.Process, "create_time", lambda self: of_day(self) + 3600)
    monkeypatch.setattr(process.psutil, "boot_time", lambda: since + 3600)
    assert process.is_alive(me, 0)


def test_on_another_host_the_heartbeat_counts():
    other = {"host": "elsewhere.invalid", "pid": os.getpid(), "started": 1}
    assert process.is_alive(other, time.time() - 5)
    assert not process.is_alive(other, time.time() - 500)


# time left ----------------------------------------------------------------------------------------------------------


def items_of(*given):
    return tuple(state.JobItem(EmbedRequest(kind, "x"), **how) for kind, how in given)


def test_time_left_is_by_kind_and_leaves_out_what_the_store_has():
    done = {"state": "done", "measured_texts": 100, "measured_seconds": 10.0, "texts_done": 100, "texts_total": 100}
    items = items_of(
        ("prompt", done), ("dataset", {**done, "measured_seconds": 1.0}),
        ("prompt", {"texts_total": 200}), ("dataset", {"texts_total": 300, "state": "running", "texts_done": 100}),
        ("prompt", {"texts_total": 500, "cached": True}), ("prompt", {"texts_total": 500, "same_as": 0}),
    )  # fmt: skip
    assert seconds_left(items, 1) == pytest.approx(200 * 0.1 + 200 * 0.01)
    assert seconds_left(items, 2) == pytest.approx(11.0)
    assert seconds_left(items, 64) == pytest.approx(11.0), "no more at once than there are items"


def test_time_left_is_unknown_before_anything_is_measured_and_zero_at_the_end():
    assert seconds_left(items_of(("prompt", {"texts_total": 5})), 1) is None
    assert seconds_left(items_of(("prompt", {"state": "done"})), 1) == 0.0


def test_answers_that_the_store_had_do_not_make_the_pace_look_better(monkeypatch):
    times = iter([0.0, 1.0, 3.0])
    monkeypatch.setattr(work.time, "monotonic", lambda: next(times))
    clock = work._Clock(work.Task(0, request("a"), 1))
    clock.progress(432, 512)
    clock.progress(464, 512)
    assert clock.numbers["measured_texts"] == 32
    assert clock.numbers["measured_seconds"] == 2.0


# backends -----------------------------------------------------------------------------------------------------------


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
