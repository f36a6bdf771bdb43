"""`fute embed` as a job, here, in other processes and in the background: of several, one that fails stops no other."""

import json
import time

import pytest
from command_line import SMALL, fute

from fute_core.jobs import list_jobs


def test_one_that_fails_stops_no_other_and_makes_the_exit_code_2(own_atlas, tmp_path):
    done = fute("embed", "dataset", "sst2", tmp_path / "missing.csv", "mr", *SMALL, "--json")
    assert done.code == 2
    assert [row["name"] for row in done.json] == ["sst2", "mr"]
    assert done.err.count("\n") == 1
    assert "missing.csv" in done.err


def test_a_predictor_that_breaks_is_a_sentence_and_stops_no_other(own_atlas, monkeypatch):
    from fute_core.embedding import opening

    load = opening.dataset_of

    def breaking(request):
        if request.ref == "mr":
            raise ZeroDivisionError("division by zero\nsecond line")
        return load(request)

    monkeypatch.setattr(opening, "dataset_of", breaking)
    done = fute("embed", "dataset", "mr", "sst2", *SMALL, "--json")
    assert done.code == 1, "2 is for input that cannot be used"
    assert fute("embed", "dataset", "mr", "sst2", *SMALL, "--backend", "sequential").code == 1
    assert fute("jobs", "retry", list_jobs()[0].id, "--backend", "sequential").code == 1
    assert [row["name"] for row in done.json] == ["sst2"]
    assert "mr: Stopped by an unexpected ZeroDivisionError: division by zero. Set FUTE_TRACEBACK=1" in done.err
    monkeypatch.setenv("FUTE_TRACEBACK", "1")
    with pytest.raises(ZeroDivisionError):
        fute("embed", "dataset", "mr")


def test_work_in_other_processes_gives_the_same_keys_and_a_job_that_can_be_looked_at(own_atlas):
    here = {row["name"]: row["key"] for row in json.loads((own_atlas / "embedded.json").read_text())}
    fute("cache", "prune", "--kind", "dataset", "--yes")
    done = fute("embed", "dataset", "sst2", "trec", *SMALL, "--method", "text", "--jobs", "2", "--json")
    assert done.code == 0, done.err
    assert [row["name"] for row in done.json] == ["sst2", "trec"]
    assert {row["key"] for row in done.json}.isdisjoint(here.values()), "another method, another key"
    (job,) = fute("jobs", "list", "--json").json
    assert (job["state"], job["n_items"], job["items_done"]) == ("done", 2, 2)


def test_a_job_in_the_background_is_followed_with_the_jobs_commands(own_atlas):
    started = fute("embed", "dataset", "sst2", "nope.csv", *SMALL, "--detach", "--json")
    assert "nope.csv" in started.err
    job = started.json["job"]
    until = time.monotonic() + 90
    while (state := fute("jobs", "show", job, "--json").json)["state"] in ("queued", "running"):
        assert time.monotonic() < until
        time.sleep(0.2)
    assert state["state"] == "failed"
    assert [item["state"] for item in state["items"]] == ["done", "failed"]
    assert state["items"][0]["cached"] is True
    assert "nope.csv" in fute("jobs", "show", job).out
    assert fute("jobs", "list").out.count(job) == 1
    assert fute("jobs", "retry", job, "--json").code == 2, "the file is missing still"
    assert fute("jobs", "delete", job).code == 0
    assert fute("jobs", "list", "--json").json == []
