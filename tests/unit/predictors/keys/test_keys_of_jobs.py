"""Keys of commands and jobs: a name or a typed key reaches the run that it is for, no other run, and no file."""

import time

import pytest
from command_line import fute
from key_server import OWN, TYPED_KEY, likely, seen
from openai_server import MODEL

from fute_core import jobs
from fute_core.embedding.requests import EmbedRequest
from fute_core.errors import BadInput, Unavailable
from fute_core.home import fute_home
from fute_core.predictors.keys import TYPED
from fute_core.store.store import open_store

PROMPT = "sentiment-01-review-question"


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
