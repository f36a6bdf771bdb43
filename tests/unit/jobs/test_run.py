"""A job is carried out: every vector, every failure, and what it tells meanwhile."""

import pytest
from job_requests import create, execute, request, run, states

from fute_core import jobs
from fute_core.errors import Unavailable
from fute_core.jobs import state, work
from fute_core.store.store import Store


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
    assert during[-1].eta_seconds > 0
    assert seen[-1] == job
    assert [j.texts_done for j in seen] == sorted(j.texts_done for j in seen)


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


def test_control_c_reaches_the_caller_once_the_job_is_put_to_rest(store):
    def stopped_by_hand(r, store, **how):
        if r.name == "b":
            raise KeyboardInterrupt
        return execute(r, store, **how)

    job = create(store, request("a"), request("b"), request("c"))
    with pytest.raises(KeyboardInterrupt):
        run(job, execute=stopped_by_hand)
    told = jobs.load_job(job.id)
    assert told.state == "cancelled"
    assert states(told) == ["done", "cancelled", "cancelled"]
    assert states(jobs.resume(job.id, backend="sequential", execute=execute)) == ["done"] * 3
