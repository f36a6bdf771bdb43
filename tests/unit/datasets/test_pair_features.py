"""What a pair says about the relation of its sides, on pairs small enough to count by hand."""

import numpy as np
import pytest

from fute_core.datasets.pair_features import LIMITS, OVERLAPS, known_by, marked_letters, marked_words, overlaps, steps
from fute_core.predictors.content import object_content


def overlap(first: str, second: str) -> dict[str, float]:
    return dict(zip(OVERLAPS, overlaps([(first, second)])[0], strict=True))


def test_words_are_marked_by_the_side_they_stand_on():
    assert marked_words(("A dog runs.", "The dog isn't here")) == [
        *("b_the", "b_dog", "b_isn't", "b_here"), "both_dog", "only_b_here", "only_b_isn't", "only_b_the", "only_a_a",
        "only_a_runs",
    ]  # fmt: skip


def test_letters_come_from_words_of_one_side_only():
    grams = marked_letters(("same ab", "same c"))
    assert grams == ["b_ c", "b_c ", "b_ c ", "a_ a", "a_ab", "a_b ", "a_ ab", "a_ab ", "a_ ab "]


def test_overlaps_count_what_is_shared_and_in_which_order():
    found = overlap("one two three four", "four one two")
    assert found["shared words of all"] == 3 / 4
    assert found["shared words of a"] == 3 / 4
    assert found["shared words of b"] == 1
    assert found["shared word pairs"] == 1 / 4, "of one-two, two-three, three-four and four-one"
    assert found["common subsequence of a"] == 2 / 4, "one two, in that order"
    assert found["common subsequence of b"] == 2 / 3
    assert found["length ratio"] == pytest.approx(np.log(5 / 4))
    assert found["words only in a"] == 1
    assert found["words only in b"] == 0


def test_overlaps_tell_negation_and_numbers_apart():
    found = overlap("He did not pay 5 euros", "He paid 7 euros")
    assert (found["negation in a"], found["negation in b"], found["negation in one"]) == (1, 0, 1)
    assert (found["other numbers"], found["same numbers"]) == (1, 0)


def test_empty_sides_and_no_pairs_give_finite_numbers():
    assert np.isfinite(overlaps([("", ""), ("", "a b"), ("a b", "")])).all()
    assert overlaps([]).shape == (0, len(OVERLAPS))


def test_steps_mark_one_place_for_each_overlap():
    low, high = LIMITS
    found = steps(np.stack([low - 1, low, (low + high) / 2, high + 1])).reshape(4, len(OVERLAPS), 5)
    assert (found.sum(2) == 1).all()
    assert [row.argmax(1).tolist() for row in found] == [[n] * len(OVERLAPS) for n in (0, 0, 2, 4)]


def test_a_function_is_known_by_its_name_and_not_by_its_code():
    one, same, other = known_by("x 1")(lambda: 1), known_by("x 1")(lambda: 2), known_by("x 2")(lambda: 1)
    assert object_content(one) == object_content(same) != object_content(other)
