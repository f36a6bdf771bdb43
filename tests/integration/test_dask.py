"""The same plan on a real Dask cluster, over loopback, whose workers know no store of ours."""

import json
import os
import threading
from dataclasses import replace

import pytest
from job_requests import create, execute, request
from tiny_models import tiny_model_folder

from fute_core import jobs
from fute_core.datasets.probes import load_probes
from fute_core.embedding.requests import EmbedRequest
from fute_core.errors import Unavailable
from fute_core.store.keys import answers_key
from fute_core.store.store import Store, open_store

distributed = pytest.importorskip("distributed")
# Its workers are processes of their own, which a busy machine may start later than any limit: it may try three times.
pytestmark = pytest.mark.flaky(reruns=2)


@pytest.fixture(scope="module", autouse=True)
def _environment():
    """Dask leaves its workers' settings, thread numbers and a malloc that trims at every free, in this process.

    Every program that a later test starts would inherit them, and a dashboard opens half as fast under them.
    """
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="module")
def cluster(_environment):
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address="127.0.0.1:0"
    ) as running:
        yield running


@pytest.fixture(scope="module")
def encoder(tmp_path_factory) -> str:
    """A tiny one: three processes load it, and what is tested is what travels between them."""
    return str(tiny_model_folder("bert", tmp_path_factory.mktemp("encoder")))


def run(job, cluster, **how):
    return jobs.run_job(job, backend="dask", address=cluster.scheduler_address, **how)


def test_a_cluster_gives_the_bytes_that_this_process_gives(cluster, encoder, tmp_path):
    requests = [
        EmbedRequest("dataset", ref, limit=20, method="fisher", surrogate=encoder) for ref in ("sst2", "trec", "mr")
    ]
    here, there = Store(tmp_path / "here"), Store(tmp_path / "there")
    local = jobs.run_job(jobs.create_job(requests, here), backend="sequential")
    remote = run(jobs.create_job(requests, there), cluster)
    assert (local.state, remote.state) == ("done", "done")
    assert [i.key for i in local.items] == [i.key for i in remote.items]
    for item in local.items:
        mine, theirs = here.get_embedding(item.key), there.get_embedding(item.key)
        assert mine.vector.tobytes() == theirs.vector.tobytes()
        assert (mine.name, mine.blocks, mine.space()) == (theirs.name, theirs.blocks, theirs.space())
    assert there.info()["arrays"]["count"] == 0, "the workers wrote nothing here"


def test_answers_come_back_from_a_cluster_with_the_vectors(cluster, encoder, tmp_path):
    probes = load_probes(False, 32)
    rows = [json.dumps({"id": i, "probs": {"no": 0.3, "yes": 0.7}}) for i in probes.ids]
    (tmp_path / "answers.jsonl").write_text("\n".join(rows))
    small = {"method": "functional", "probes": 32, "surrogate": encoder}
    requests = [
        EmbedRequest("dataset", "sst2", limit=20, **small),
        EmbedRequest("outputs", str(tmp_path / "answers.jsonl"), **small),
    ]
    store = Store(tmp_path / "store")
    for method in ("functional", "fused"):
        job = run(jobs.create_job([replace(r, method=method) for r in requests], store), cluster)
        assert job.state == "done"
        assert all(store.get(answers_key(item.key)) is not None for item in job.items)
    assert store.info()["answers"]["count"] == 32


def test_failures_duplicates_and_known_items_on_a_cluster(cluster):
    store = open_store()
    requests = [request("a"), request("b", fail_at=1), request("c", content="a.csv"), request("d", break_at=1)]
    job = run(create(store, *requests), cluster, execute=execute)
    assert [i.state for i in job.items] == ["done", "failed", "done", "failed"]
    assert job.items[1].error == "b.csv, row 1: no number; correct it."
    assert "ZeroDivisionError" in (job.folder / "errors.log").read_text()
    assert {h.name for h in store.headers()} == {"a", "c"}
    assert [i.cached for i in jobs.plan(requests, store, lambda r: job.items[0].key).items] == [True] * 4


def test_a_worker_that_dies_fails_its_item_and_not_its_neighbours():
    """On a cluster of its own, which no other test shall find without workers."""
    job = create(open_store(), request("dies", die_at=1), *(request(f"n{i}") for i in range(3)))
    job = jobs.run_job(job, backend="dask", n_jobs=2, execute=execute)
    assert [i.state for i in job.items] == ["failed", "done", "done", "done"]
    assert "worker process died" in job.items[0].error


def test_a_cluster_that_goes_away_ends_the_job_in_a_sentence_and_not_in_a_long_wait(monkeypatch):
    monkeypatch.setattr("fute_core.jobs.cluster.LOST_SECONDS", 3)
    own = distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address="127.0.0.1:0"
    )
    job = create(open_store(), *(request(f"n{i}", sleep=5) for i in range(2)))
    threading.Timer(2.0, lambda: own.scale(0)).start()
    try:
        with pytest.raises(Unavailable, match=r"no worker for 3 seconds.*resume the job"):
            run(job, own, execute=execute)
    finally:
        own.close()
    assert {i.state for i in jobs.load_job(job.id).items} == {"queued"}


def test_a_cluster_is_made_where_no_address_is_given():
    job = jobs.run_job(create(open_store(), request("a")), backend="dask", n_jobs=1, execute=execute)
    assert job.state == "done"


def test_all_cores_make_a_cluster_of_as_many_processes(monkeypatch):
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", "1")
    job = jobs.run_job(create(open_store(), request("a")), backend="dask", n_jobs=-1, execute=execute)
    assert job.state == "done"


def test_a_cluster_that_cannot_be_started_is_told_without_an_address(monkeypatch):
    def refused(*_args, **_how):
        raise OSError("no processes left")

    monkeypatch.setattr("fute_core.jobs.cluster.LocalCluster", refused)
    with pytest.raises(Unavailable, match=r"2 processes could not be started here \(no processes left\)"):
        jobs.run_job(create(open_store(), request("a")), backend="dask", n_jobs=2, execute=execute)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nonsense://x"])
def test_a_cluster_that_does_not_answer_is_one_sentence(address, monkeypatch):
    monkeypatch.setattr("fute_core.jobs.cluster.CONNECT_SECONDS", 2)
    job = create(open_store(), request("a"))
    with pytest.raises(Unavailable, match="No Dask cluster with a worker answers at"):
        jobs.run_job(job, backend="dask", address=address, execute=execute)
    assert jobs.load_job(job.id).state == "failed"
    assert jobs.resume(job.id, backend="sequential", execute=execute).state == "done"
