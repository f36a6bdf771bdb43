"""Prompts ranked on a user's own texts, on simulated answers whose truth is known."""

import numpy as np
import pytest

from fute_core.analysis.own_texts import FEWEST_TEXTS, Answered, matching, rank_on_texts
from fute_core.errors import BadInput

LABELS = ("no", "yes")


def answers(rng, truth, skill: float, name: str = "p", labels=LABELS) -> Answered:
    """A prompt that is right with probability `skill`, independently of all others."""
    right = rng.random(len(truth)) < skill
    said = np.where(right, truth, 1 - truth)
    sure = rng.uniform(0.6, 0.99, len(truth))
    proba = np.stack([np.where(said == 0, sure, 1 - sure), np.where(said == 1, sure, 1 - sure)], 1)
    return Answered(name, labels, proba)


def named(rng, skills, n: int, *, labelled: bool = True) -> str | None:
    truth = rng.integers(0, 2, n)
    group = [answers(rng, truth, skill, f"p{i}") for i, skill in enumerate(skills)]
    return rank_on_texts(LABELS, group, truth if labelled else None, draws=300).winner


@pytest.mark.parametrize(("p", "n"), [(2, 30), (2, 100), (5, 30), (5, 100), (12, 60)])
def test_of_prompts_that_do_equally_well_a_winner_is_rarely_named(p, n):
    rng = np.random.default_rng(p * n)
    false = sum(named(rng, [0.7] * p, n) is not None for _ in range(100))
    assert false <= 8, "one in twenty, and what chance adds to it in a hundred trials"


@pytest.mark.parametrize(("skills", "n"), [((0.9, 0.6), 100), ((0.95, 0.6, 0.6, 0.6), 100)])
def test_one_that_is_far_better_is_found(skills, n):
    rng = np.random.default_rng(n)
    found = [named(rng, skills, n) for _ in range(40)]
    assert found.count("p0") >= 36
    assert set(found) <= {"p0", None}


def test_without_labels_the_vote_ranks_and_follows_the_truth():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 400)
    group = [answers(rng, truth, skill, f"p{i}") for i, skill in enumerate((0.95, 0.9, 0.85, 0.55, 0.5))]
    found = rank_on_texts(LABELS, group)
    assert not found.labelled
    assert [r.right for r in found.ranking] == [-1] * 5
    assert {r.name for r in found.ranking[:3]} == {"p0", "p1", "p2"}
    assert [r.with_vote for r in found.ranking] == sorted((r.with_vote for r in found.ranking), reverse=True)


def test_few_texts_never_name_a_winner_and_say_so():
    truth = np.zeros(FEWEST_TEXTS - 1, int)
    sure, wrong = np.eye(2)[truth], np.eye(2)[1 - truth]
    found = rank_on_texts(LABELS, [Answered("a", LABELS, wrong), Answered("b", LABELS, sure)], truth)
    assert [r.name for r in found.ranking] == ["b", "a"]
    assert found.winner is None
    assert found.reason.startswith("Too few texts to tell")


def test_labels_are_matched_by_name_and_who_has_none_is_left_out():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 60)
    turned = answers(rng, truth, 0.0, "turned", ("YES ", "no"))
    other = answers(rng, truth, 0.9, "other", ("cat", "dog"))
    found = rank_on_texts(LABELS, [other, turned], truth)
    assert found.left_out == ("other",)
    assert found.ranking[0].right == 60
    assert "nothing to choose" in found.reason
    with pytest.raises(BadInput, match="None of the prompts has two of the labels no, yes"):
        rank_on_texts(LABELS, [other], truth)


def test_what_an_answer_tells_is_that_of_the_definitions():
    truth = np.array([0, 1] * 20)
    found = rank_on_texts(
        LABELS, [Answered("a", LABELS, np.eye(2)[truth]), Answered("b", LABELS, np.full((40, 2), 0.5))]
    )
    a, b = sorted(found.ranking, key=lambda r: r.name)
    assert (a.information, a.entropy) == (pytest.approx(np.log(2)), pytest.approx(np.log(2)))
    assert (b.information, b.entropy) == (pytest.approx(0), pytest.approx(0, abs=1e-9))


def test_labels_are_matched_before_anything_is_asked():
    found = matching(("no", "yes"), {"a": ("Yes", "No"), "b": ("good", "bad"), "c": ("yes", "maybe")})
    assert list(found) == ["a"]
    assert found["a"].tolist() == [1, 0]
    with pytest.raises(BadInput, match="None of the prompts has two of the labels no, yes"):
        matching(("no", "yes"), {"b": ("good", "bad")})
