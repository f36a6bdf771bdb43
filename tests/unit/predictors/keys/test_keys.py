"""Which key reaches which server, as servers on loopback see it; and that no sentence ever repeats one."""

import pytest
from key_server import OWN, TEMPLATE, TYPED_KEY, likely, seen
from openai_server import MODEL, Behaviour, serve

from fute_core.errors import BadInput, Unavailable
from fute_core.predictors.endpoint import EndpointPredictor
from fute_core.predictors.keys import is_own


def test_an_address_that_somebody_names_gets_nothing_that_is_meant_for_ours(server, monkeypatch):
    behaviour, url = server
    monkeypatch.setenv("OPENAI_ORG_ID", "org-secret")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "project-secret")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Secret: header-secret\nAuthorization: Bearer header-secret")
    EndpointPredictor(TEMPLATE, url, MODEL).score(["x"])
    assert seen(behaviour) == {"Bearer none"}
    assert not [value for headers in behaviour.headers for value in headers.values() if "secret" in value]


def test_our_own_address_gets_our_key_and_its_neighbour_does_not(server, monkeypatch):
    behaviour, url = server
    monkeypatch.setenv("OPENAI_BASE_URL", f"{url}/")
    EndpointPredictor(TEMPLATE, url, MODEL).score(["x"])
    assert seen(behaviour) == {f"Bearer {OWN}"}
    behaviour.headers.clear()
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")  # the same host, another port
    EndpointPredictor(TEMPLATE, url, MODEL).score(["x"])
    assert seen(behaviour) == {"Bearer none"}


@pytest.mark.parametrize(
    ("url", "own"),
    [("https://api.openai.com/v1", True), ("https://API.openai.com:443/other", True),
     ("http://api.openai.com/v1", False), ("https://api.openai.com.example/v1", False),
     ("https://api.openai.com:8443/v1", False), ("https://example.com/api.openai.com", False),
     ("https://api.openai.com\\example.com/v1", False), ("nonsense", False)],
)  # fmt: skip
def test_without_a_setting_only_openai_itself_is_ours(url, own):
    assert is_own(url) is own


def test_a_named_variable_is_sent_and_ours_never_in_its_place(server, monkeypatch):
    behaviour, url = server
    asked = EndpointPredictor(TEMPLATE, url, MODEL, api_key_env="MY_KEY")
    with pytest.raises(Unavailable, match=r"no key for .* in the variable MY_KEY; set it"):
        asked.score(["x"])
    assert behaviour.headers == []
    monkeypatch.setenv("MY_KEY", f" {TYPED_KEY}\n")
    asked.score(["x"])
    assert seen(behaviour) == {f"Bearer {TYPED_KEY}"}


@pytest.mark.parametrize("key", ["sk-ünusual", "two words", "two\nlines"])
def test_what_can_be_no_key_is_refused_and_not_repeated(server, monkeypatch, key):
    behaviour, url = server
    monkeypatch.setenv("MY_KEY", key)
    with pytest.raises(BadInput, match="characters that no key has") as raised:
        EndpointPredictor(TEMPLATE, url, MODEL, api_key_env="MY_KEY").score(["x"])
    assert key not in str(raised.value)
    assert behaviour.headers == []


def test_a_redirect_to_another_host_is_told_and_not_followed(server, monkeypatch):
    behaviour, url = server
    monkeypatch.setenv("MY_KEY", TYPED_KEY)
    with serve(Behaviour()) as elsewhere:
        other = elsewhere.replace("127.0.0.1", "localhost")
        behaviour.before = lambda path, body: (307, {}, {"Location": f"{other}/chat/completions"})
        with pytest.raises(BadInput, match=r"sends on to http://localhost:[0-9]+, which is not followed"):
            EndpointPredictor(TEMPLATE, url, MODEL, api_key_env="MY_KEY").score(["x"])
    assert len(behaviour.headers) == 1


def test_the_other_host_of_a_redirect_sees_no_request(server):
    behaviour, url = server
    with serve(target := Behaviour(before=lambda path, body: (200, likely("positive"), {}))) as elsewhere:
        behaviour.before = lambda path, body: (308, {}, {"Location": f"{elsewhere}/chat/completions"})
        with pytest.raises(BadInput, match="is not followed"):
            EndpointPredictor(TEMPLATE, url, MODEL).score(["x"])
        assert target.requests == []


@pytest.mark.parametrize("status", [400, 500])
def test_a_server_that_says_the_key_is_not_repeated(server, monkeypatch, status):
    behaviour, url = server
    monkeypatch.setenv("MY_KEY", TYPED_KEY)
    said = {"error": {"message": f"{'x' * 145} {TYPED_KEY}"}}  # where the sentence is cut off
    behaviour.before = lambda path, body: (status, said, {"retry-after-ms": "1"})
    with pytest.raises((BadInput, Unavailable)) as raised:
        EndpointPredictor(TEMPLATE, url, MODEL, api_key_env="MY_KEY", retries=0).score(["x"])
    assert "sk-typed" not in str(raised.value)
