"""How long, how far and how often a server is asked, and what is kept of what it said; its key is never shown."""

import asyncio
import base64
import time

import numpy as np
import pytest
from asked_server import ERROR, TEXTS, always, chat, predictor
from openai_server import Behaviour, serve
from raw_server import bomb, head, serve_raw

from fute_core.datasets.probes import ProbeSet
from fute_core.embedding.answering import collect_answers
from fute_core.errors import BadInput, Cancelled, Unavailable
from fute_core.predictors import together
from fute_core.predictors.answers import known_as
from fute_core.predictors.refusals import wait_of
from fute_core.store.store import Store

# bounds --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["headers", "body"])
def test_a_server_that_drips_is_left_in_time(where):
    drops = [b"HTTP/1.1 200 OK\r\n", *[b"X-A: 1\r\n"] * 500] if where == "headers" else [head(), *[b" "] * 500]
    with (
        serve_raw(drops, pause=0.05) as url,
        pytest.raises(Unavailable, match=r"did not answer within 0\.3 s, asked 2 times"),
    ):
        predictor(url, timeout=0.3, retries=1).score(["x"])


def test_a_reply_that_inflates_is_not_read_to_its_end():
    packed = bomb(64)
    assert len(packed) < 100_000
    with (
        serve_raw([head("Content-Encoding: gzip", f"Content-Length: {len(packed)}"), packed]) as url,
        pytest.raises(BadInput, match="sends more than 32 MiB in one reply"),
    ):
        predictor(url).score(["x"])


def test_other_packings_are_refused_and_damaged_ones_told():
    for encoding, told in (("br", "packs its replies as 'br'"), ("gzip", "cannot be unpacked")):
        with (
            serve_raw([head(f"Content-Encoding: {encoding}", "Content-Length: 4"), b"\x00\x01\x02\x03"]) as url,
            pytest.raises(BadInput, match=told),
        ):
            predictor(url).score(["x"])


def test_a_redirect_within_the_server_names_its_path_and_turns_no_request_into_another(plain):
    behaviour, url = plain
    behaviour.before = always({}, 302, Location="/v2/chat/completions")
    with pytest.raises(BadInput, match=r"sends on to http://127.0.0.1:\d+/v2/chat/completions, which is not followed"):
        predictor(url).score(["x"])
    assert len(behaviour.requests) == 1


@pytest.mark.parametrize("headers", [{}, {"Location": "http://["}, {"Location": "ftp://elsewhere"}])
def test_a_redirect_without_an_address_is_told(plain, headers):
    behaviour, url = plain
    behaviour.before = always({}, 302, **headers)
    with pytest.raises(BadInput, match="answers with status 302 and no address; is it"):
        predictor(url).score(["x"])


# patience ------------------------------------------------------------------------------------------------------------


def test_a_server_is_given_the_pause_that_it_asks_for(plain, monkeypatch):
    behaviour, url = plain
    behaviour.before = lambda path, body: (429, ERROR, {"Retry-After": "0.3"}) if len(behaviour.requests) == 1 else None
    slept, sleep = [], asyncio.sleep

    async def noted(seconds):
        slept.append(seconds)
        await sleep(seconds)

    monkeypatch.setattr("fute_core.predictors.server.asyncio.sleep", noted)
    assert np.isfinite(predictor(url).predict_proba(["x"])).all()
    assert slept[0] == 0.3


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("7", 7.0), ("0.5", 0.5), ("-3", None), ("inf", None), ("soon", None), ("", None),
     ("Thu, 01 Jan 2026 00:00:30 GMT", 30.0), ("Wed, 31 Dec 2025 23:00:00 GMT", 0.0)],
)  # fmt: skip
def test_pauses_are_seconds_or_a_date(said, seconds, monkeypatch):
    monkeypatch.setattr("fute_core.predictors.refusals.time.time", lambda: 1767225600.0)  # 2026 begins
    assert wait_of({"retry-after": said}) == seconds


def test_a_pause_beyond_all_patience_is_told_at_once_and_nothing_is_said_of_tries(plain):
    behaviour, url = plain
    behaviour.before = always(ERROR, 429, Retry_After="3600")
    with pytest.raises(Unavailable, match="asks to wait 3600 s before the next request; finished answers are kept"):
        predictor(url).score(["x"])
    assert len(behaviour.requests) == 1


def test_tries_are_counted_and_not_presumed(plain, monkeypatch):
    behaviour, url = plain
    behaviour.before = always(ERROR, 503)
    with pytest.raises(Unavailable, match="failed with status 503, asked once"):
        predictor(url, retries=0).score(["x"])
    monkeypatch.setattr("fute_core.predictors.server.PATIENCE", 0.0)  # tries are left, time is not
    behaviour.requests.clear()
    with pytest.raises(Unavailable, match="asked once"):
        predictor(url, retries=50).score(["x"])
    assert len(behaviour.requests) <= 1  # a tenth of a second may be too short for the request itself


# what was paid for is kept -------------------------------------------------------------------------------------------


def test_every_answer_before_a_failure_is_kept(plain, tmp_path):
    behaviour, url = plain
    behaviour.before = lambda path, body: (401, ERROR, {}) if "text 7" in str(body) else None
    store, probes = Store(tmp_path / "store"), ProbeSet("v0", TEXTS, TEXTS, False, TEXTS)
    asked = predictor(url, at_once=1)
    with pytest.raises(Unavailable, match="asks for a key"):
        collect_answers(asked, probes, store)
    _, missing = store.get_answers(known_as(asked), TEXTS)
    assert missing.tolist() == [i >= 7 for i in range(12)]
    behaviour.before = lambda path, body: None
    behaviour.requests.clear()
    collect_answers(predictor(url), probes, store)
    assert len(behaviour.requests) == 6, "five texts, and the question for more tokens"


def test_answers_are_kept_by_time_and_not_by_number(plain, tmp_path, monkeypatch):
    _, url = plain
    monkeypatch.setattr("fute_core.embedding.answering.KEEP_SECONDS", 0.0)
    store, probes, told = Store(tmp_path / "store"), ProbeSet("v0", TEXTS, TEXTS, False, TEXTS), []
    asked = predictor(url, at_once=1)
    with pytest.raises(Cancelled, match="Stopped after 3 of 12 probe texts; they are kept"):
        collect_answers(asked, probes, store, progress=lambda done, _: told.append(done), should_stop=lambda: 3 in told)
    assert told == [1, 2, 3]
    assert store.get_answers(known_as(asked), TEXTS)[1].sum() == 9


def test_closing_ends_what_runs(plain):
    behaviour, url = plain
    asked = predictor(url, at_once=1).each(TEXTS)
    next(asked)
    asked.close()
    before = len(behaviour.requests)
    time.sleep(0.2)
    assert len(behaviour.requests) == before < 12
    assert not [t for t in together.threading.enumerate() if t.name == "asking"]


# the key -------------------------------------------------------------------------------------------------------------


def test_a_key_that_a_reply_repeats_is_in_nothing_that_is_shown(monkeypatch):
    monkeypatch.setenv("MY_KEY", "sk-echoed-1a2b")
    behaviour = Behaviour()
    with serve(behaviour) as url:
        for body, status in (
            (chat(("good", -0.1), model="sk-echoed-1a2b"), 200),
            (chat(("sk-echoed-1a2b", -0.1)), 200),
            ({"detail": [{"loc": ["header", "sk-echoed-1a2b"], "msg": "sk-echoed-1a2b"}]}, 422),
        ):
            behaviour.before = always(body, status)
            with pytest.raises(BadInput, match="the key") as raised:
                predictor(url, api_key_env="MY_KEY").predict_proba([f"text {i}" for i in range(20)])
            assert "sk-echoed" not in str(raised.value)


def test_nor_is_one_that_is_repeated_as_an_address_or_a_header_writes_it(monkeypatch):
    monkeypatch.setenv("MY_KEY", "sk-echoed+1a2b/x==")
    behaviour = Behaviour()
    basic = base64.b64encode(b":sk-echoed+1a2b/x==").decode()
    with serve(behaviour) as url:
        for said in ("sk-echoed%2B1a2b%2Fx%3D%3D", "sk-echoed%2B1a2b/x%3D%3D", f"Basic {basic}"):
            behaviour.before = always({"error": {"message": f"unknown: {said}."}}, 422)
            with pytest.raises(BadInput, match=r"unknown: (Basic )?\(the key\)") as raised:
                predictor(url, api_key_env="MY_KEY").predict_proba(["x"])
            assert said.removeprefix("Basic ")[:6] not in str(raised.value)
