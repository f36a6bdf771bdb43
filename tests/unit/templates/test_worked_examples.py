"""Worked examples before a prompt: which rows, how they read, and what is refused."""

import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import fute_core as fute
from fute_core.errors import BadInput
from fute_core.templates.draft import as_yaml
from fute_core.templates.loading import load_templates
from fute_core.templates.rendering import render
from fute_core.templates.worked_examples import BETWEEN

PLAIN = fute.Prompt("Review: {{ text }}\nIs it good or bad?", {"Good": ["fine", "good"], "bad": "poor"}, name="plain")
PAIRS = fute.Prompt("{{ text }} So {{ text_pair }}?", ["yes", "no"], name="pairs")


LONG = fute.Dataset(["a" * 501, "b" * 501, "c", "d"], ["good", "good", "bad", "bad"])


def reviews(n=10, labels=("good", "bad")):
    return fute.Dataset([f"film {i}" for i in range(n)], [labels[i % len(labels)] for i in range(n)], name="films")


def test_an_example_reads_as_the_prompt_does_with_its_answer():
    made = fute.with_examples(PLAIN, reviews(), 1)
    (example,) = render(made, "mine").split(BETWEEN)[:-1]
    film = example.split("\n")[0].removeprefix("Review: ")
    word = "fine" if int(film.split()[1]) % 2 == 0 else "poor"
    assert example == f"Review: {film}\nIs it good or bad? {word}"
    assert render(made, "mine").endswith("\n\nReview: mine\nIs it good or bad?")
    assert made.completion
    assert (made.labels, made.choices, made.family) == (PLAIN.labels, PLAIN.choices, PLAIN.family)


def test_each_label_has_its_turn_and_fewer_examples_are_some_of_more():
    data = reviews(60, ("good", "good", "good", "good", "bad"))
    four, eight = (render(fute.with_examples(PLAIN, data, n), "x").split(BETWEEN)[:-1] for n in (4, 8))
    assert Counter(example.rsplit(" ", 1)[1] for example in eight) == {"fine": 4, "poor": 4}
    assert set(four) < set(eight)
    assert len(set(eight)) == 8


def test_a_seed_draws_other_rows_and_is_told_in_the_name():
    data = reviews(60)
    first, again, other = (fute.with_examples(PLAIN, data, 4, seed=seed) for seed in (0, 0, 1))
    assert first == again
    assert first.source != other.source
    assert (first.name, other.name) == ("plain · 4 examples", "plain · 4 examples, seed 1")


def test_labels_that_the_prompt_lacks_give_no_example():
    made = fute.with_examples(PLAIN, reviews(30, ("good", "bad", "neutral")), 20)
    films = [int(line.split()[-1]) for line in render(made, "film 0").split("\n") if line.startswith("Review")]
    assert 2 not in {film % 3 for film in films[:-1]}


@pytest.mark.parametrize(
    ("data", "n", "prompt", "why"),
    [
        (reviews(), 0, PLAIN, "one worked example or more"),
        (reviews(4), 5, PLAIN, "has 4 rows"),
        (reviews(labels=("1", "0")), 2, PLAIN, "share no name"),
        (reviews(labels=("good", "0")), 2, PLAIN, "share one name"),
        (reviews(), 2, PAIRS, "reads pairs of texts"),
        (fute.Dataset(["a", "b", "c"], [0.1, 0.5, 0.7], regression=True), 2, PLAIN, "has scores"),
        (LONG, 3, PLAIN, "2 rows of at most 500 characters"),
    ],
)
def test_what_does_not_go_together_is_refused_in_a_sentence(data, n, prompt, why):
    with pytest.raises(BadInput, match=why):
        fute.with_examples(prompt, data, n)


def test_answers_inside_of_the_text_stand_inside_of_the_examples_too():
    cloze = fute.Prompt("{{ text }} It was {{ answer_choice }}.", {"good": "fine", "bad": "poor"}, name="cloze")
    shown = render(fute.with_examples(cloze, reviews(4), 4), "mine")
    assert sorted(shown.split(BETWEEN)[:-1]) == [f"film {i} It was {('fine', 'poor')[i % 2]}." for i in range(4)]
    assert shown.endswith("mine It was ___.")


@given(st.text(st.sampled_from("{}%#a '\"-\n"), min_size=1).filter(str.strip))
def test_what_looks_like_jinja_in_a_row_is_shown_as_it_stands(text):
    data = fute.Dataset([text, "b1", "b2", "b3"], ["good", "good", "bad", "bad"])
    assert f"Review: {data.texts[0]}\nIs it" in render(fute.with_examples(PLAIN, data, 4), "mine")


@given(st.text(st.sampled_from("ab :#-'\"\t\n\r\x85\u2028|>"), min_size=1).filter(str.strip))
def test_the_file_that_is_written_reads_back_as_the_same_prompt(text):
    data = fute.Dataset([text, "b1", "b2", "b3"], ["good", "good", "bad", "bad"])
    made = fute.with_examples(PLAIN, data, 4)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "prompts.yaml"
        path.write_bytes(as_yaml([made]))
        (again,) = load_templates(path)
    assert again.template == made
