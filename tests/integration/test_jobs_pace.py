"""A job is taken up at another pace: requests at a time and seconds a try may take are part of no key."""

import json

import pytest
from command_line import fute
from job_requests import create, execute, request

from fute_core import jobs
from fute_core.store.store import open_store

SERVER = "http://127.0.0.1:9/v1"
PACED = ("--at-once", "2", "--timeout", "7.5")


@pytest.mark.parametrize("command", ["resume", "retry"])
def test_what_is_left_of_a_job_asks_its_endpoint_at_the_pace_that_is_given(monkeypatch, command):
    asked = {}

    def noting(asks, store, **how):
        asked[asks.name] = {name: asks.options.get(name) for name in ("at_once", "timeout")}
        return execute(asks, store, **how)

    job = create(open_store(), request("server", base_url=SERVER, timeout=60.0), request("here"))
    monkeypatch.setattr("fute_core.embedding.fulfil.embed_request", noting)
    assert fute("jobs", command, job.id, *PACED, "--backend", "sequential").code == 0
    assert asked == {"server": {"at_once": 2, "timeout": 7.5}, "here": {"at_once": None, "timeout": None}}
    again = jobs.load_job(job.id)
    assert (again.state, [item.state for item in again.items]) == ("done", ["done", "done"])


def test_a_pace_for_nothing_is_one_sentence_and_changes_nothing():
    job = create(open_store(), request("here"))
    before = (job.folder / "plan.json").read_bytes()
    done = fute("jobs", "retry", job.id, *PACED)
    assert done.code == 2
    assert "asks an endpoint; leave --at-once and --timeout out." in done.err
    assert (job.folder / "plan.json").read_bytes() == before
    assert json.loads(before)["format"] == 1
