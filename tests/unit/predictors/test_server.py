"""Patience with an OpenAI-compatible server over real HTTP on loopback, and a sentence for each failure."""

import json
import threading
import time
from functools import partial

import numpy as np
import pytest
from openai_server import MODEL

from fute_core.embedding.requests import EmbedRequest
from fute_core.errors import BadInput, Unavailable
from fute_core.predictors.endpoint import EndpointPredictor
from fute_core.tasks import PromptTemplate

TEXTS = ("a fine film", "bad", "so good it hurts , and on and on")
TEMPLATE = PromptTemplate(
    "t", "Is this film good ?\n{{ text }}\nAnswer:", (("good", "very good"), ("bad",)), ("good", "bad")
)
ERROR = {"error": {"message": "not now"}}
AT_ONCE_AGAIN = {"retry-after-ms": "1"}


def test_busy_servers_and_faults_are_asked_again(plain):
    behaviour, url = plain
    left = [429, 500, 503]
    behaviour.before = lambda path, body: (left.pop(), ERROR, AT_ONCE_AGAIN) if left else None
    assert np.isfinite(EndpointPredictor(TEMPLATE, url, MODEL).predict_proba(["x"])).all()
    assert len(behaviour.requests) == 5  # the fifth asks for more of the likeliest tokens, which is not granted


def test_a_slow_answer_is_asked_for_again(plain):
    behaviour, url = plain
    slow = [True]

    def before(path, body):
        if slow:
            slow.pop()
            time.sleep(0.6)

    behaviour.before = before
    assert np.isfinite(EndpointPredictor(TEMPLATE, url, MODEL, timeout=0.5).predict_proba(["x"])).all()


def test_no_more_requests_run_at_once_than_are_allowed(plain):
    behaviour, url = plain
    running, most, lock = [0], [0], threading.Lock()

    def before(path, body):
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        time.sleep(0.02)
        with lock:
            running[0] -= 1

    behaviour.before = before
    texts = [f"text {i}" for i in range(12)]
    together = EndpointPredictor(TEMPLATE, url, MODEL, at_once=3).score(texts)
    assert 2 <= most[0] <= 3
    np.testing.assert_allclose(together[5], EndpointPredictor(TEMPLATE, url, MODEL).score([texts[5]])[0], atol=1e-5)


def always(status, body=ERROR):
    return lambda path, sent: (status, body, AT_ONCE_AGAIN)


@pytest.mark.parametrize(
    ("status", "body", "kind", "sentence"),
    [
        (401, ERROR, Unavailable, "asks for a key; name a variable with --api-key-env"),
        (403, ERROR, Unavailable, "does not let this key use 'tiny'"),
        (429, ERROR, Unavailable, "takes no more requests now, asked 3 times; finished answers are kept"),
        (500, ERROR, Unavailable, "failed with status 500, asked 3 times"),
        (400, ERROR, BadInput, "refuses the request: not now"),
        (200, "<html>hello</html>", BadInput, "does not answer like an OpenAI API; does its base URL end in /v1?"),
        (200, {"hello": 1}, BadInput, "does not answer like an OpenAI API"),
        (200, {"choices": []}, BadInput, "does not answer like an OpenAI API"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("mode", ["chat", "completions"])
def test_a_failure_is_one_sentence(plain, mode, status, body, kind, sentence, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    behaviour, url = plain
    behaviour.before = always(status, body)
    with pytest.raises(kind) as caught:
        EndpointPredictor(TEMPLATE, url, MODEL, mode=mode, retries=2).score(TEXTS)
    said = str(caught.value)
    assert sentence in said
    assert url in said
    assert "secret" not in said
    assert "\n" not in said


def test_a_failure_in_the_middle_ends_the_rest(plain):
    behaviour, url = plain
    behaviour.before = lambda path, body: (401, ERROR, {}) if len(behaviour.requests) > 3 else None
    with pytest.raises(Unavailable, match="key"):
        EndpointPredictor(TEMPLATE, url, MODEL, at_once=1).score([f"text {i}" for i in range(50)])
    assert len(behaviour.requests) < 10


def test_an_unknown_model_is_told_which_there_are(plain):
    _, url = plain
    with pytest.raises(BadInput, match="has no model 'big'; it has tiny"):
        EndpointPredictor(TEMPLATE, url, "big").score(["x"])


def test_a_wrong_path_is_told_from_a_wrong_model(plain):
    behaviour, url = plain
    behaviour.before = always(404)
    with pytest.raises(BadInput, match="does not offer this kind of request for 'tiny'"):
        EndpointPredictor(TEMPLATE, url, MODEL).score(["x"])


def test_a_server_without_log_probabilities_is_refused(plain):
    behaviour, url = plain
    behaviour.logprobs = behaviour.echo = False
    for mode in ("chat", "next-token"):
        with pytest.raises(BadInput, match="gives no log-probabilities for 'tiny'; use a server and model that do"):
            EndpointPredictor(TEMPLATE, url, MODEL, mode=mode).score(["x"])
    with pytest.raises(BadInput, match="use --api next-token"):
        EndpointPredictor(TEMPLATE, url, MODEL, mode="completions").score(["x"])


def test_a_server_that_is_not_there_is_named():
    with pytest.raises(Unavailable, match=r"http://127\.0\.0\.1:9/v1 cannot be reached"):
        EndpointPredictor(TEMPLATE, "http://127.0.0.1:9/v1", MODEL, retries=0).score(["x"])


@pytest.mark.parametrize(
    "url", ["localhost:8000", "ftp://x/v1", "", "http://", "http://[x/v1", "http://a:port/v1", "http://a:70000/v1"]
)
def test_what_is_no_url_is_refused_before_anything_is_asked(url):
    with pytest.raises(BadInput, match="is no base URL; give one such as"):
        EndpointPredictor(TEMPLATE, url, MODEL)


@pytest.mark.parametrize(
    "url", ["http://user:secret@a/v1", "user:secret@a", "http://a/v1?api_key=secret", "http://a/v1#secret"]
)
def test_a_password_or_a_key_in_the_url_is_refused_and_not_repeated(url):
    for made in (partial(EndpointPredictor, TEMPLATE, url, MODEL), partial(request_for, url)):
        with pytest.raises(
            BadInput, match=r"(holds no name or password|where a key might stand); name a variable"
        ) as raised:
            made()
        assert "secret" not in str(raised.value)


def request_for(url):
    """What a job would keep on disk."""
    return EmbedRequest("prompt", "sentiment", model=MODEL, options={"base_url": url})


def test_the_key_is_read_when_asking_and_is_in_no_fingerprint(plain, monkeypatch):
    behaviour, url = plain
    monkeypatch.setenv("OPENAI_BASE_URL", url)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-first")
    predictor = EndpointPredictor(TEMPLATE, url, MODEL)
    known = predictor.fingerprint()
    assert "sk-first" not in json.dumps(
        vars(predictor), default=lambda o: str(vars(o)) if hasattr(o, "__dict__") else str(o)
    )
    monkeypatch.setenv("OPENAI_API_KEY", "sk-second")
    assert EndpointPredictor(TEMPLATE, url, MODEL).fingerprint() == known
    predictor.score(["x"])
    assert behaviour.headers[0]["authorization"] == "Bearer sk-second"
    monkeypatch.delenv("OPENAI_API_KEY")
    EndpointPredictor(TEMPLATE, url, MODEL).score(["x"])
    assert behaviour.headers[-1]["authorization"] == "Bearer none"
