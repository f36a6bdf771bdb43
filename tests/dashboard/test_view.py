"""The view and its address; what filters let through, and which filter emptied a view."""

from types import SimpleNamespace

import pytest

from dashboard.session.filtering import ALL_KINDS, KIND_NAMES, options, passing, why_empty
from dashboard.session.view import LONGEST_SELECTION_IN_URL, View, from_params, to_params, unread
from fute_core.display import KIND_NAME
from fute_core.maps.palette import KINDS


def item(name, kind="dataset", family="sentiment", **facts):
    made = SimpleNamespace(method="fused")
    return SimpleNamespace(embedding=SimpleNamespace(name=name, kind=kind, family=family, provenance=made), facts=facts)


ITEMS = (
    item("sst2", title="Stanford Sentiment", labels=["negative", "positive"]),
    item("tweet_hate", family="toxicity"),
    item("mine", "prompt", None, language_model="smollm2", template="Is this GOOD?"),
    item("bayes", "model", "toxicity", architecture="naive Bayes", skill=0.2, accuracy=0.6),
)


def test_kinds_are_called_by_the_words_of_the_palette_wherever_several_are_meant():
    assert list(KIND_NAMES.values()) == [f"{KIND_NAME[kind]}s".capitalize() for kind in KINDS]
    assert ALL_KINDS == "datasets, classifiers and prompts"


def test_an_address_brings_back_the_view_it_was_made_from():
    view = View(
        pair=True, selected=("dataset:a:b", "prompt:é & c"), kinds=("dataset",), families=("question type", "spam"),
        models=("smollm2",), text="good texts", skill=0.35, untuned=True, hide=True,
    )  # fmt: skip
    assert from_params(to_params(view)) == view


def test_a_view_as_usual_has_no_parameters():
    assert to_params(View()) == {}
    assert from_params({}) == View()


def test_what_cannot_be_read_in_an_address_is_as_usual():
    odd = {
        "pairs": ["yes"],
        "sel": ["sst2", "planet:x", "dataset:sst2"],
        "kind": ["dataset", "planet"],
        "hide": ["2"],
        "untuned": ["yes"],
        "skill": ["x"],
    }
    assert from_params(odd) == View(selected=("dataset:sst2",), kinds=("dataset",))


def test_each_thing_that_is_passed_over_is_told_of_and_nothing_else():
    odd = {"pairs": ["yes"], "sel": ["sst2", "dataset:sst2", "*40"], "kind": ["planet"], "hide": ["2"], "skill": ["x"]}
    told = unread(odd)
    assert [next(v for v in ("yes", "“sst2”", "40", "planet", "=2", "“x”") if v in said) for said in told] == [
        "yes", "=2", "planet", "“x”", "“sst2”", "40",
    ]  # fmt: skip
    assert unread({"sel": ["*40"]}, ["dataset:sst2"]) == []
    assert unread(to_params(View(True, ("dataset:a",), ("model",), ("any",), text="w", skill=1.0, hide=True))) == []
    assert unread({"pairs": ["0"], "hide": ["0"], "skill": ["0"]}) == []


def test_a_selection_too_long_for_an_address_stays_in_the_session_only():
    many = View(selected=tuple(f"dataset:a dataset with number {i}" for i in range(LONGEST_SELECTION_IN_URL // 20)))
    assert to_params(many)["sel"] == [f"*{len(many.selected)}"]
    assert from_params(to_params(many), before=many) == many
    assert from_params(to_params(many)).selected == ()


@pytest.mark.parametrize(
    ("view", "names"),
    [
        (View(), ["sst2", "tweet_hate", "mine", "bayes"]),
        (View(kinds=("dataset",)), ["sst2", "tweet_hate"]),
        (View(families=("toxicity",)), ["tweet_hate", "bayes"]),
        (View(families=("unknown",)), ["mine"]),
        (View(models=("naive Bayes",)), ["bayes"]),
        (View(text="good"), ["mine"]),
        (View(text="POSITIVE stanford"), ["sst2"]),
        (View(kinds=("model",), families=("sentiment",)), []),
        (View(skill=0.2), ["sst2", "tweet_hate", "mine", "bayes"]),
        (View(skill=0.25), ["sst2", "tweet_hate", "mine"]),
    ],
)
def test_filters_let_through_what_all_of_them_mean(view, names):
    assert [i.embedding.name for i, there in zip(ITEMS, passing(ITEMS, view), strict=True) if there] == names


@pytest.mark.parametrize(("said", "meant"), [("0.3", 0.3), ("0.31", 0.3), ("1", 1), ("7", 0), ("-1", 0), ("nan", 0)])
def test_the_least_skill_of_an_address_is_a_step_of_its_slider(said, meant):
    assert from_params({"skill": [said]}).skill == meant


def test_an_empty_view_names_the_filter_that_emptied_it():
    assert why_empty(ITEMS, View(text="nowhere", kinds=("dataset",))) == "Nothing fits the filter search “nowhere”."
    assert "skill at least 0.5" in why_empty(ITEMS, View(kinds=("model",), skill=0.5))
    together = why_empty(ITEMS, View(kinds=("model",), families=("sentiment",)))
    assert together == "Nothing fits the filters kind classifiers and family sentiment together."


def test_options_are_what_is_there_in_the_palettes_order():
    there = options(ITEMS)
    assert there["kinds"] == ["dataset", "model", "prompt"]
    assert there["families"] == ["sentiment", "toxicity", "unknown"]
    assert there["models"] == ["naive Bayes", "smollm2"]
