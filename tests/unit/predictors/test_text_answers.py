"""Which label an answer in words means, and which answers mean none."""

import numpy as np
import pytest

from fute_core.predictors.text_answers import label_of, without_thoughts

TWO = np.array([0, 1])


@pytest.mark.parametrize(
    ("text", "label"),
    [("positive", 0), (" Positive.\n", 0), ("**POSITIVE**", 0), ("Answer: positive", 0),
     ("The answer is: negative!", 1), ("The text is positive.", 0),
     ('"negative"', 1), ("positive, since it praises", 0),
     ("positive or negative", None), ("nonpositive", None), ("", None), ("...", None), ("I cannot say", None)],
)  # fmt: skip
def test_words(text, label):
    assert label_of(text, ["positive", "negative"], TWO) == label


@pytest.mark.parametrize(
    ("text", "label"),
    [("A", 0), ("b", 1), ("B)", 1), ("(A) acceptable", 0), ("B. not", 1), ("Answer: A", 0), ("A bad film", None),
     ("a good one", None), ("Option A or B", None)],
)  # fmt: skip
def test_letters_count_alone_or_at_the_start(text, label):
    assert label_of(text, ["A", "B"], TWO) == label


def test_longer_choices_are_read_before_shorter_ones():
    assert label_of("It is not spam.", ["spam", "not spam"], TWO) == 1
    assert label_of("It is spam.", ["spam", "not spam"], TWO) == 0


def test_several_words_of_one_label_are_one_label():
    assert label_of("good, very good", ["good", "very good", "bad"], np.array([0, 0, 1])) == 0


def test_an_exact_choice_wins_over_one_that_differs_by_case():
    assert [label_of(text, ["No", "no"], TWO) for text in ("No", "no", "NO")] == [0, 1, None]


def test_numbers_and_other_writings():
    assert label_of("5 stars", ["1", "5"], TWO) == 1
    assert label_of("15 stars", ["1", "5"], TWO) is None
    assert label_of("これはポジティブです", ["ポジティブ", "ネガティブ"], TWO) == 0
    assert label_of("Ｐｏｓｉｔｉｖｅ", ["positive", "negative"], TWO) == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [("<think>positive?</think> negative", "negative"), ("is it bad? </think>\nyes", "yes"), ("<think>so long", ""),
     ("<Reasoning>x</Reasoning>no", "no"), ("no thoughts", "no thoughts"), ("yes <think>or", "yes")],
)  # fmt: skip
def test_what_a_model_says_to_itself_is_no_answer(text, said):
    assert without_thoughts(text) == said
