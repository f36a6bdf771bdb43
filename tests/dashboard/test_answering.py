"""The process that asks models for the server: replies, failures, its death, and what has not begun yet."""

import sys

import pytest

from dashboard.reads.answering import ENDED, Answering
from fute_core.analysis.asking import askable
from fute_core.atlas.atlas import open_atlas
from fute_core.errors import BadInput, Unavailable

STAND_IN = """
import os, pickle, sys
from fute_core.errors import BadInput

while sys.stdin.buffer.peek(1):
    who, text = pickle.load(sys.stdin.buffer)
    if text == "die":
        os._exit(9)
    pickle.dump(BadInput("No.") if text == "refuse" else f"{who} on {text}", sys.stdout.buffer)
    sys.stdout.buffer.flush()
"""


@pytest.fixture
def stand_in():
    """Answers at once, refuses, or dies, by the text; it ends when its input is closed."""
    made = Answering((sys.executable, "-c", STAND_IN))
    yield made
    if made._process is not None:
        made._process.communicate(timeout=20)


def test_it_answers_in_turn_and_a_refusal_stops_nobody_else(stand_in):
    futures = [stand_in.submit("a", text) for text in ("one", "refuse", "two")]
    assert futures[0].result(30) == "a on one"
    with pytest.raises(BadInput, match=r"No\."):
        futures[1].result(30)
    assert futures[2].result(30) == "a on two"


def test_its_death_is_one_sentence_and_the_next_question_starts_another(stand_in):
    with pytest.raises(Unavailable) as told:
        stand_in.submit("a", "die").result(30)
    assert str(told.value) == ENDED
    assert stand_in.submit("b", "one").result(30) == "b on one"


def test_a_process_that_cannot_be_started_is_one_sentence():
    with pytest.raises(Unavailable, match="ask again"):
        Answering(("/no/such/program",)).submit("a", "one").result(30)


def test_what_has_not_begun_can_be_cancelled(stand_in):
    futures = [stand_in.submit("a", "one"), *(stand_in.submit("a", str(n)) for n in range(5))]
    cancelled = futures[-1].cancel()
    assert futures[0].result(30) == "a on one"
    assert stand_in.submit("a", "last").result(30) == "a on last"
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
