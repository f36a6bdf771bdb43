"""What the command says before an endpoint is asked, and which options go together."""

import pytest
from command_line import fute
from openai_server import MODEL, Behaviour, serve

PROMPT = "sentiment-01-review-question"


@pytest.fixture
def server():
    with serve(behaviour := Behaviour(tops=(("Positive", -0.4), ("Negative", -1.6)), text="Positive")) as url:
        yield behaviour, url


def asked(url, *more):
    return fute("embed", "prompt", PROMPT, "--model", MODEL, "--base-url", url, "--method", "functional", *more)


def test_an_estimate_asks_nothing(server):
    behaviour, url = server
    done = asked(url, "--probes", 8, "--estimate", "--price", "1000,1000")
    assert done.code == 0, done.err
    assert f"{url} is asked 8 times: about" in done.err
    assert ", for about " in done.err
    assert behaviour.requests == []


def test_answers_are_read_as_text_and_said_to_be(server):
    behaviour, url = server
    behaviour.text = "The text is Positive."
    done = asked(url, "--probes", 8, "--text", "--json")
    assert done.code == 0, done.err
    assert done.json["details"]["reading"] == "text"
    assert "read as text, which is another reading" in done.err + str(done.json["notes"])
    assert not any("logprobs" in body for _, body in behaviour.requests)
    again = asked(url, "--probes", 8, "--text", "--estimate")
    assert "kept already; nothing is asked" in again.err


@pytest.mark.parametrize(
    ("given", "told"),
    [(("--samples", "3"), "give --text with it"), (("--price", "1"), "no pair of prices"),
     (("--price", "x,1"), "no pair of prices"), (("--text", "--samples", "99"), "--samples 99 is out of range"),
     (("--text", "--length-normalise"), "leave out --length-normalise")],
)  # fmt: skip
def test_options_that_do_not_fit_are_told(server, given, told):
    behaviour, url = server
    done = asked(url, *given)
    assert done.code == 2
    assert told in done.err
    assert behaviour.requests == []


@pytest.mark.parametrize("given", [("--at-once", "2"), ("--timeout", "9"), ("--estimate",)])
def test_options_of_an_endpoint_need_one(given):
    done = fute("embed", "prompt", PROMPT, *given)
    assert done.code == 2
    assert "give --base-url with" in done.err
