"""The same plan on a real Ray cluster on this machine, whose workers know no store of ours."""

import os
import socket
import sys

import pytest
from job_requests import create, execute, request

from fute_core import jobs
from fute_core.errors import Unavailable
from fute_core.store.store import open_store

ray = pytest.importorskip("ray")
# Its workers are processes of their own, which a busy machine may start later than any limit; a second failure counts.
pytestmark = pytest.mark.flaky(reruns=1)


@pytest.fixture(autouse=True)
def _environment(monkeypatch):
    """Ray writes settings of its own into this process, which no later test may find."""
    before = dict(os.environ)
    monkeypatch.setattr("fute_core.jobs.ray_cluster.OBJECT_BYTES", 80 * 2**20)
    # On a full machine Ray would kill workers to make room. It reads this name as it is spelled here.
    os.environ["RAY_memory_monitor_refresh_ms"] = "0"  # noqa: SIM112
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))  # its workers find `execute` there
    yield
    ray.shutdown()
    os.environ.clear()
    os.environ.update(before)


def test_a_job_runs_on_ray_and_keeps_its_results_here():
    store = open_store()
    requests = [request("a"), request("b", fail_at=1), request("c"), request("dies", die_at=1), request("e")]
    job = jobs.run_job(create(store, *requests), backend="ray", n_jobs=2, execute=execute)
    assert [i.state for i in job.items] == ["done", "failed", "done", "failed", "done"]
    assert job.items[1].error == "b.csv, row 1: no number; correct it."
    assert "worker process died" in job.items[3].error
    assert {h.name for h in store.headers()} == {"a", "c", "e"}
    mine = execute(requests[0], None)
    assert store.get_embedding(job.items[0].key).vector.tobytes() == mine.vector.tobytes()


def seen_by(r, store, progress=None, should_stop=None):
    """Notes which accelerators the worker sees."""
    with open(r.options["seen"], "a") as file:
        file.write(f"{r.name}:{os.environ.get('CUDA_VISIBLE_DEVICES', '')};")
    return execute(r, store, progress, should_stop)


def test_a_worker_is_given_one_accelerator_unless_its_task_is_for_the_processor(monkeypatch, tmp_path):
    real = ray.init
    monkeypatch.setattr(ray, "init", lambda **how: real(**how, num_gpus=2))  # Ray believes it
    notes = tmp_path / "seen.txt"
    requests = [
        request(name, seen=str(notes), device=device) for name, device in (("a", "auto"), ("b", "cuda"), ("c", "cpu"))
    ]
    job = jobs.run_job(create(open_store(), *requests), backend="ray", n_jobs=2, execute=seen_by)
    assert [i.state for i in job.items] == ["done"] * 3
    seen = dict(note.split(":") for note in notes.read_text().split(";") if note)
    assert {seen["a"], seen["b"]} <= {"0", "1"}
    assert seen["c"] == ""


@pytest.mark.parametrize("address", ["nobody", "nonsense"])
def test_a_cluster_that_does_not_answer_is_one_sentence_at_once(address):
    if address == "nobody":
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{taken.getsockname()[1]}"
    job = create(open_store(), request("a"))
    with pytest.raises(Unavailable, match=f"No Ray cluster answers at {address}"):
        jobs.run_job(job, backend="ray", address=address, execute=execute)
    assert jobs.load_job(job.id).state == "failed"
