"""Which key reaches which server, as servers on loopback see it; and that no file ever holds one."""

import math
import time

import pytest
from command_line import fute
from openai_server import MODEL, Behaviour, serve

from fute_core import jobs
from fute_core.embedding.requests import EmbedRequest
from fute_core.errors import BadInput, Unavailable
from fute_core.home import fute_home
from fute_core.predictors.endpoint import EndpointPredictor
from fute_core.predictors.keys import TYPED, is_own
from fute_core.store.store import open_store
from fute_core.tasks import PromptTemplate

OWN, TYPED_KEY = "sk-own-1a2b3c", "sk-typed-4d5e6f"
TEMPLATE = PromptTemplate("t", "Is it good? {{ text }}", (("positive",), ("bad",)), ("good", "bad"))
PROMPT = "sentiment-01-review-question"


def likely(token: str) -> dict:
    """A chat answer that begins with this token; another choice is less likely."""
    top = [{"token": t, "logprob": math.log(p), "bytes": None} for t, p in ((token, 0.9), ("negative", 0.05))]
    choice = {"index": 0, "finish_reason": "length", "message": {"role": "assistant", "content": token},
              "logprobs": {"content": [{**top[0], "top_logprobs": top}]}}  # fmt: skip
    return {"id": "1", "object": "chat.completion", "created": 0, "model": MODEL, "choices": [choice]}


@pytest.fixture
def server():
    behaviour = Behaviour(before=lambda path, body: (200, likely("positive"), {}))
    with serve(behaviour) as url:
        yield behaviour, url


@pytest.fixture(autouse=True)
def _own_key(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", OWN)
    for name in ("OPENAI_BASE_URL", "MY_KEY", TYPED):
        monkeypatch.delenv(name, raising=False)


def seen(behaviour) -> set[str]:
    return {headers["authorization"] for headers in behaviour.headers}


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


def test_the_command_takes_a_name_and_never_a_key(server, monkeypatch):
    _, url = server
    asked = ("embed", "prompt", PROMPT, "--model", MODEL)
    for given in (TYPED_KEY, "4d5e6f", "MY_KEY"):  # a key, a key that could be a name, and a name of nothing
        done = fute(*asked, "--base-url", url, "--api-key-env", given)
        assert done.code == 2
        assert given not in done.err or given == "MY_KEY"
    monkeypatch.setenv("MY_KEY", TYPED_KEY)
    assert "give --base-url with it" in fute(*asked, "--api-key-env", "MY_KEY").err
    with pytest.raises(BadInput, match="never a key itself"):
        EmbedRequest("prompt", PROMPT, options={"base_url": url, "api_key_env": TYPED_KEY})


def test_the_command_sends_the_key_of_the_variable_that_it_names(server, monkeypatch):
    behaviour, url = server
    monkeypatch.setenv("MY_KEY", TYPED_KEY)
    done = fute("embed", "prompt", PROMPT, "--model", MODEL, "--base-url", url, "--api-key-env", "MY_KEY",
                "--method", "functional", "--probes", 8)  # fmt: skip
    assert done.code == 0, done.err
    assert seen(behaviour) == {f"Bearer {TYPED_KEY}"}
    assert holders(TYPED_KEY) == []


def holders(key: str) -> list[str]:
    """Files of this home that hold the key."""
    return [str(p) for p in fute_home().rglob("*") if p.is_file() and key.encode() in p.read_bytes()]


def ended(job: jobs.Job) -> jobs.Job:
    until = time.monotonic() + 250
    while (now := jobs.load_job(job.id)).state in ("queued", "running"):
        assert time.monotonic() < until, (job.folder / "log.txt").read_text()
        time.sleep(0.1)
    return now


def test_a_typed_key_reaches_the_jobs_process_and_no_file_and_has_to_be_given_again(server):
    """The first run is refused by the server, which says the key; a retry lacks it; a retry with it ends well."""
    behaviour, url = server
    behaviour.before = lambda path, body: (400, {"error": {"message": f"no {behaviour.headers[-1]}"}}, {})
    asked = EmbedRequest("prompt", PROMPT, model=MODEL, method="functional", probes=8, name="mine",
                         options={"base_url": url, "api_key_env": TYPED})  # fmt: skip
    job = jobs.create_job([asked], open_store())
    jobs.start_detached(job, key=TYPED_KEY)
    assert ended(job).state == "failed"
    assert seen(behaviour) == {f"Bearer {TYPED_KEY}"}
    assert holders(TYPED_KEY) == []

    behaviour.headers.clear()
    behaviour.before = lambda path, body: (200, likely("positive"), {})
    done = fute("jobs", "retry", job.id, "--backend", "sequential")
    assert done.code == 2
    told = jobs.load_job(job.id).items[0].error
    assert "was typed for an earlier run and is kept nowhere; type it again in the Prompt lab" in told
    assert "fute jobs retry ID --api-key-env NAME" in told
    assert behaviour.headers == []


def test_a_retry_takes_the_key_from_the_variable_that_it_names(server, monkeypatch):
    behaviour, url = server
    asked = EmbedRequest("prompt", PROMPT, model=MODEL, method="functional", probes=8, name="mine",
                         options={"base_url": url, "api_key_env": TYPED})  # fmt: skip
    job = jobs.create_job([asked], open_store())
    monkeypatch.setenv("MY_KEY", TYPED_KEY)
    monkeypatch.setenv(TYPED, "left by another run")  # which is to be taken away again after this test
    done = fute("jobs", "resume", job.id, "--backend", "sequential", "--api-key-env", "MY_KEY")
    assert done.code == 0, done.err
    assert seen(behaviour) == {f"Bearer {TYPED_KEY}"}
    assert holders(TYPED_KEY) == []


def test_a_job_does_not_inherit_the_key_of_another_run(monkeypatch):
    """Else whoever names an address would get what was typed for another."""
    given = {}

    def refuse(*_, env, **__):
        given.update(env)
        raise OSError(12, "no memory")

    monkeypatch.setenv(TYPED, OWN)
    monkeypatch.setattr("subprocess.Popen", refuse)
    job = jobs.create_job([EmbedRequest("dataset", "sst2", limit=8)], open_store())
    with pytest.raises(Unavailable, match="cannot be started"):
        jobs.start_detached(job)
    assert TYPED not in given
    assert given["OPENAI_API_KEY"] == OWN


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
