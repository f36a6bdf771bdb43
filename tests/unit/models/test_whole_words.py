"""A text in a language that the encoder was not made for is told by its words."""

import pytest

import fute_core as fute
from fute_core.models.surrogate import load_surrogate
from fute_core.models.whole_words import LEAST_READ, whole_words

GERMAN = [
    "Die Lieferung kam verspätet und die Verpackung war beschädigt",
    "Ein wunderbarer Film mit großartigen Schauspielern",
    "Der Kundendienst reagiert überhaupt nicht auf Beschwerden",
    "Hervorragende Qualität, ich bin sehr zufrieden damit",
]  # fmt: skip
ENGLISH = [
    "The parcel came late and the box was broken", "A wonderful film with great actors",
    "Customer service does not answer complaints at all", "Excellent quality, I am very happy with it",
]  # fmt: skip


@pytest.fixture(scope="module")
def vocabulary():
    return load_surrogate().tokenizer.get_vocab()


def test_english_is_read_and_german_is_not(vocabulary):
    assert whole_words(ENGLISH, vocabulary) > 0.8
    assert whole_words(GERMAN, vocabulary) < LEAST_READ - 0.1


def test_a_few_words_or_none_tell_nothing(vocabulary):
    assert whole_words(["Schadenfreude"] * 3, vocabulary) is None
    assert whole_words([("1 2 3", "4")] * 50, vocabulary) is None


def test_nothing_is_claimed_of_a_dataset_that_the_encoder_does_not_read():
    mine = fute.Dataset(GERMAN * 6, ["bad", "good", "bad", "good"] * 6, name="meinungen")
    told = fute.open_atlas(store=False).verdict(fute.embed(mine, store=False))
    assert (told.job, told.of) == ("unreadable", None)
    assert "whole words of the vocabulary of bge-small" in told.why
    english = fute.Dataset(ENGLISH * 6, ["bad", "good", "bad", "good"] * 6, name="opinions")
    assert fute.open_atlas(store=False).verdict(fute.embed(english, store=False)).job != "unreadable"
