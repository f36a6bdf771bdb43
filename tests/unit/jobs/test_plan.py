"""What a list of requests means before anything is computed."""

import pytest
from job_requests import create, execute, key_of, request

from fute_core import jobs
from fute_core.embedding.requests import EmbedRequest
from fute_core.errors import BadInput


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
