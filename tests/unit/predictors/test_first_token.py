"""Choices among the likeliest first tokens: what is read, what is only bounded, and what that is worth."""

import math

import numpy as np
import pytest

from fute_core.errors import BadInput
from fute_core.predictors import scoring
from fute_core.predictors.censored import LEAST_ALIKE, alike_with_less, labels_read, share_read
from fute_core.predictors.first_token import completed, read_rows, row

TWO = np.array([0, 1])


def tops(**probabilities):
    """Tokens by their names, "_" for a blank."""
    pairs = [(token.replace("_", " ").encode(), math.log(p)) for token, p in probabilities.items()]
    return sorted(pairs, key=lambda pair: -pair[1])


def read(top, words, owner=TWO, lead=""):
    return np.exp(row(top, words, owner, lead))[: len(words)]


def test_a_choice_is_read_at_the_longest_token_that_it_is_or_begins_with():
    top = tops(Pos=0.3, Positive=0.4, Neg=0.1, P=0.05)
    np.testing.assert_allclose(read(top, ["Positive", "Negative"]), [0.4, 0.1], rtol=1e-5)


def test_case_is_the_choices_own():
    np.testing.assert_allclose(read(tops(positive=0.6, Positive=0.2, bad=0.1), ["Positive", "bad"]), [0.2, 0.1])
    np.testing.assert_allclose(read(tops(POSITIVE=0.6, bad=0.1), ["positive", "bad"]), [0, 0.1])


def test_one_letter_is_no_beginning_of_a_word_but_of_a_number():
    np.testing.assert_allclose(read(tops(P=0.6, Negative=0.1), ["Positive", "Negative"]), [0, 0.1])
    digits = [(b"1", math.log(0.5)), (b"2", math.log(0.3))]
    np.testing.assert_allclose(read(digits, ["10", "20"]), [0.5, 0.3])
    np.testing.assert_allclose(read(tops(A=0.6, B=0.1), ["A", "B"]), [0.6, 0.1])


def test_a_short_beginning_of_a_long_word_says_nothing_of_it():
    np.testing.assert_allclose(read(tops(sc=0.6, sport=0.1), ["science", "sport"]), [0, 0.1])
    np.testing.assert_allclose(read(tops(Sp=0.6, science=0.1), ["Sports", "science"]), [0, 0.1])
    np.testing.assert_allclose(read(tops(sci=0.6, sport=0.1), ["science", "sport"]), [0.6, 0.1])
    np.testing.assert_allclose(read(tops(no=0.6, yes=0.1), ["not at all", "yes"]), [0.6, 0.1])


def test_the_blank_of_the_prompt_counts_where_tokens_have_it():
    top = tops(_good=0.4, good=0.3, _bad=0.2)
    np.testing.assert_allclose(read(top, ["good", "bad"], lead=" "), [0.4, 0.2])
    np.testing.assert_allclose(read(top, ["good", "bad"], lead=""), [0.3, 0.2])


def test_choices_in_other_writings_are_read_by_their_bytes():
    top = [("は".encode() + "い".encode()[:1], math.log(0.5)), ("いいえ".encode()[:3], math.log(0.3))]
    np.testing.assert_allclose(read(top, ["はい", "いいえ"]), [0.5, 0.3])


def test_a_token_that_begins_answers_of_two_labels_counts_for_neither():
    np.testing.assert_allclose(read(tops(ham=0.5, no=0.1), ["ham", "not ham"]), [0.5, 0.1])
    np.testing.assert_allclose(read(tops(spam=0.5, sp=0.2), ["spam", "spam not"]), [0.5, 0])
    with pytest.raises(BadInput, match="Answers of several labels begin with 'very'"):
        row(tops(very=0.9, x=0.01), ["very good", "very bad"], TWO, "")


def test_what_is_not_seen_is_bounded_by_the_last_token_and_shares_what_is_left():
    four = np.arange(4)
    few = row(tops(a1=0.5, b1=0.1), ["a1", "b1", "c1", "d1"], four, "")
    wide = row(tops(a1=0.9, b1=0.08), ["a1", "b1", "c1", "d1"], four, "")
    probability = np.exp(completed(np.array([few, wide], np.float32)))
    np.testing.assert_allclose(probability[0], [0.5, 0.1, 0.1, 0.1], rtol=1e-5)  # 0.4 is left, 0.1 the bound
    np.testing.assert_allclose(probability[1], [0.9, 0.08, 0.01, 0.01], rtol=1e-4)  # 0.02 is left


def test_rounded_tokens_that_leave_nothing_give_finite_numbers():
    raw = np.array([row([(b"good", 0.0), (b"x", -30.0)], ["good", "bad"], TWO, "")], np.float32)
    found = scoring.label_probabilities(completed(raw), TWO)
    assert np.isfinite(found).all()
    assert found[0, 0] > 0.999


def test_a_row_without_any_choice_says_so():
    raw = np.array([row(tops(x=0.9), ["good", "bad"], TWO, ""), row(tops(good=0.9), ["good", "bad"], TWO, "")])
    assert read_rows(raw.astype(np.float32)).tolist() == [False, True]


def answers(seen, n=40, seed=0):
    """Raw answers of two choices; the second is among the tokens in a share `seen` of the texts."""
    draw = np.random.default_rng(seed)
    good = draw.uniform(0.1, 0.9, n)
    bad = (1 - good) * draw.uniform(0.2, 0.8, n)
    raw = np.log(np.stack([good, bad, draw.uniform(0.1, 1.0, n) * np.minimum(good, bad), 1 - good - bad], 1))
    raw[draw.random(n) >= seen, 1] = -np.inf
    return raw.astype(np.float32)


def test_what_hangs_on_choices_that_were_not_seen_is_told():
    assert alike_with_less(answers(1.0), TWO) == pytest.approx(1.0)
    assert alike_with_less(answers(0.8), TWO) < LEAST_ALIKE < alike_with_less(answers(0.98), TWO)
    other_words = np.concatenate([np.full((40, 1), -np.inf, np.float32), answers(1.0)], 1)
    assert alike_with_less(other_words, np.array([0, 0, 1])) == pytest.approx(1.0), "a label is its best choice"


def test_answers_of_which_nothing_is_known_are_counted():
    raw = answers(1.0)
    raw[:10, :2] = -np.inf
    assert share_read(raw) == 0.75
    assert labels_read(raw, TWO) == 0.75
    assert labels_read(answers(0.0), TWO) == 0.5
    assert (share_read(raw[:0]), alike_with_less(raw[:10], TWO)) == (1.0, 1.0)
