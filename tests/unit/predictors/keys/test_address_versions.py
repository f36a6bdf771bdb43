"""The version that an address names stands in every request; no other query is taken, for a key might stand there."""

import pytest
from key_server import TEMPLATE
from openai_server import MODEL

from fute_core.errors import BadInput
from fute_core.predictors.endpoint import EndpointPredictor


@pytest.mark.parametrize("version", ["2024-10-21", "2025-01-01-preview", "v1", "preview"])
def test_the_version_that_an_address_names_stands_in_every_request(server, monkeypatch, version):
    behaviour, url = server
    monkeypatch.setenv("MY_KEY", "a-key-of-azure")
    asked = EndpointPredictor(TEMPLATE, f"{url}?api-version={version}", MODEL, api_key_env="MY_KEY")
    asked.score(["x"])
    assert {path for path, _ in behaviour.requests} == {f"/v1/chat/completions?api-version={version}"}
    assert {headers["api-key"] for headers in behaviour.headers} == {"a-key-of-azure"}
    assert asked.score_fingerprint() == EndpointPredictor(TEMPLATE, url, MODEL).score_fingerprint()


def test_the_version_that_our_own_address_names_stands_in_every_request_to_its_server(server, monkeypatch):
    behaviour, url = server
    monkeypatch.setenv("OPENAI_BASE_URL", f"{url}?api-version=2024-10-21")
    EndpointPredictor(TEMPLATE, url, MODEL).score(["x"])
    EndpointPredictor(TEMPLATE, f"{url}?api-version=v1", MODEL).score(["x"])
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1?api-version=2024-10-21")
    EndpointPredictor(TEMPLATE, url, MODEL).score(["x"])
    versions = list(dict.fromkeys(path.partition("?")[2] for path, _ in behaviour.requests))
    assert versions == ["api-version=2024-10-21", "api-version=v1", ""]


def test_another_query_of_our_own_address_is_refused_and_not_repeated(monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1?key=abc")
    with pytest.raises(BadInput, match="OPENAI_BASE_URL may end in") as told:
        EndpointPredictor(TEMPLATE, "http://127.0.0.1:9/v1", MODEL)
    assert "abc" not in str(told.value)


@pytest.mark.parametrize(
    "query",
    ["?key=abc", "?api-version=sk-abcdefgh", "?api-version=2024-10-21&key=abc", "?api-version=", "?", "#x",
     "?api-version=2024-10-21#key"],
)  # fmt: skip
def test_no_other_query_is_taken_and_none_is_repeated(query):
    with pytest.raises(BadInput, match="where a key might stand") as told:
        EndpointPredictor(TEMPLATE, f"http://127.0.0.1:9/v1{query}", MODEL)
    assert "abc" not in str(told.value)


def test_where_no_version_is_named_the_key_has_one_header(server, monkeypatch):
    behaviour, url = server
    monkeypatch.setenv("MY_KEY", "a-key-of-mine")
    EndpointPredictor(TEMPLATE, url, MODEL, api_key_env="MY_KEY").score(["x"])
    assert not [headers for headers in behaviour.headers if "api-key" in headers]
