"""The process that asks models for the server: replies, failures, its death, and what has not begun yet."""

import sys

import pytest

from dashboard.reads.answering import ENDED, Answering
from fute_core.analysis.asking import Asked, askable
from fute_core.atlas.atlas import open_atlas
from fute_core.errors import BadInput, Unavailable

STAND_IN = """
import json, os, sys

for line in sys.stdin:
    told = json.loads(line)
    who, text = told["asked"]["name"], told["text"]
    if text == "die":
        os._exit(9)
    said = {"labels": [f"{who} on {text}"], "proba": [1.0], "outside": None, "same": True, "cut": False}
    print(json.dumps({"error": "BadInput", "sentence": "No."} if text == "refuse" else said), flush=True)
"""


def who(name: str) -> Asked:
    return Asked(name, "model", "", pair=False)


def answer(future) -> str:
    return future.result(30).labels[0]


@pytest.fixture
def stand_in():
    """Answers at once, refuses, or dies, by the text; it ends when its input is closed."""
    made = Answering((sys.executable, "-c", STAND_IN))
    yield made
    if made._process is not None:
        made._process.communicate(timeout=20)


def test_it_answers_in_turn_and_a_refusal_stops_nobody_else(stand_in):
    futures = [stand_in.submit(who("a"), text) for text in ("one", "refuse", "two")]
    assert answer(futures[0]) == "a on one"
    with pytest.raises(BadInput, match=r"No\."):
        futures[1].result(30)
    assert answer(futures[2]) == "a on two"


def test_its_death_is_one_sentence_and_the_next_question_starts_another(stand_in):
    with pytest.raises(Unavailable) as told:
        stand_in.submit(who("a"), "die").result(30)
    assert str(told.value) == ENDED
    assert answer(stand_in.submit(who("b"), "one")) == "b on one"


def test_a_process_that_cannot_be_started_is_one_sentence():
    with pytest.raises(Unavailable, match="ask again"):
        Answering(("/no/such/program",)).submit(who("a"), "one").result(30)


def test_what_has_not_begun_can_be_cancelled(stand_in):
    futures = [stand_in.submit(who("a"), "one"), *(stand_in.submit(who("a"), str(n)) for n in range(5))]
    cancelled = futures[-1].cancel()
    assert answer(futures[0]) == "a on one"
    assert answer(stand_in.submit(who("a"), "last")) == "a on last"
    assert futures[-1].cancelled() == cancelled


def test_a_shipped_classifier_answers_from_a_process_of_its_own():
    atlas = open_atlas(store=False)
    asked = askable(atlas.items[atlas.positions["model:sst2 · trees"]], {})
    real = Answering()
    found = real.submit(asked, "A wonderful film.").result(120)
    assert found.labels == ("negative", "positive")
    assert found.same
    with pytest.raises(BadInput, match="give one"):
        real.submit(asked, ("a", "b")).result(30)
    real._process.communicate(timeout=30)
    assert real._process.returncode == 0
