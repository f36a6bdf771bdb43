"""Prompts in memory: a text is found by the only name there is, and what is no prompt is told."""

import pytest

import fute_core as fute
from fute_core.errors import BadInput


def test_a_prompt_knows_its_text_by_the_only_name_there_is():
    made = fute.Prompt("Review: {{ review }} Good?", {"positive": ["yes", "sure"], "negative": "no"})
    assert (dict(made.fields), made.labels) == ({"review": "text"}, ("positive", "negative"))
    assert made.choices == (("yes", "sure"), ("no",))
    assert fute.Prompt("{{ premise }} So {{ hypothesis }}?", ["yes", "no"]).pair


@pytest.mark.parametrize(
    ("template", "choices", "told"),
    [
        ("Review: {text}", ["yes", "no"], r"template has {text} in single braces; write {{ text }}"),
        ("Is it good?", ["yes", "no"], "template has no place for the text"),
        ("{{ a }} or {{ b }}", ["yes", "no"], "fields={'a': 'text', 'b': 'text_pair'}"),
        ("{{ text }}", "yes", "choices is the single string 'yes'"),
        ("{{ text }}", ["yes"], "fewer than two answer choices"),
        ("{{ text }}", ["yes", "yes"], "stands twice"),
        ("{{ text }}", [1, 2], "choices has something that is no text"),
        (5, ["yes", "no"], "template is of type int"),
    ],
)
def test_what_is_no_prompt_is_told_in_a_sentence(template, choices, told):
    with pytest.raises(BadInput, match=told):
        fute.Prompt(template, choices)
