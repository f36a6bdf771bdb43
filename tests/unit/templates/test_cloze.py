"""Prompts whose answers stand inside the text: in our own words, and as tasks of lm-evaluation-harness."""

import pytest
from foreign_prompts import saved

import fute_core as fute
from fute_core.errors import BadInput
from fute_core.templates.loading import load_templates
from fute_core.templates.rendering import render

XNLI = """
task: xnli_en
output_type: multiple_choice
doc_to_text: ''
doc_to_target: label
doc_to_choice: '{{[premise+", right? Yes, "+hypothesis,premise+", right? Also, "+hypothesis,premise+",
  right? No, "+hypothesis]}}'
"""
PAIR = ("It rains.", "It is wet.")


def of_harness(tmp_path, content, **options):
    (item,) = load_templates(saved(tmp_path, content, "tasks/xnli.yaml"), **options)
    return item


def test_choices_that_are_whole_texts_become_answers_inside_of_one(tmp_path):
    item = of_harness(tmp_path, XNLI)
    assert item.problem is None
    template = item.template
    assert (template.labels, template.pair) == (("Yes", "Also", "No"), True)
    assert render(template, PAIR, "Also") == " It rains., right? Also, It is wet."
    assert render(template, PAIR) == " It rains., right? ___, It is wet."


def test_what_the_harness_puts_before_a_choice_is_kept(tmp_path):
    item = of_harness(tmp_path, XNLI + "target_delimiter: ''\ndescription: 'Two sentences: '\n")
    assert render(item.template, PAIR, "No") == "Two sentences: It rains., right? No, It is wet."


@pytest.mark.parametrize(
    ("choices", "labels", "whole"),
    [
        ('[a + ", verdad? No, " + b, a + ", verdad? Nosotros, " + b]', ("No", "Nosotros"), " x, verdad? No, y"),
        ('[a ~ ", 对吧? 不是, " ~ b, a ~ ", 对吧? 是, " ~ b]', ("不是", "是"), " x, 对吧? 不是, y"),
        ('["हाँ: " + a + b, "हा: " + a + b]', ("हाँ", "हा"), " हाँ: xy"),
        ('(a + " wins over " + b, a + " loses to " + b)', ("wins over", "loses to"), " x wins over y"),
        ('["It is good: " + a + b, "It is: " + a + b]', ("is good", "is"), " It is good: xy"),
    ],
)
def test_answers_are_whole_words_of_any_script(tmp_path, choices, labels, whole):
    content = f"doc_to_text: ''\noutput_type: multiple_choice\ndoc_to_choice: '{{{{{choices}}}}}'\n"
    template = of_harness(tmp_path, content, fields={"a": "text", "b": "text_pair"}).template
    assert template.labels == labels
    assert render(template, ("x", "y"), labels[0]) == whole


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        ("'{{[good, bad]}}'", "the choices are texts of the row (good, bad) instead of an answer between texts"),
        ("[glad, sad]", "the model is asked nothing"),
        ("options", "the choices stand in each row (doc_to_choice reads options)"),
        ("'{{[a[0] + \" yes\", a[0] + \" no\"]}}'", "more than words and columns put together"),
        ("'{{[a + \" {# yes\", a + \" no\"]}}'", "more than words and columns put together"),
        ("'{{[a + \" yes\", a]}}'", "an empty answer choice"),
        ("'{{[a + \" yes\"]}}'", "fewer than two"),
        ("'{{[\"yes\", \"no\"]}}'", "never uses the text"),
        ("'{{['", "Jinja error"),
    ],
)  # fmt: skip
def test_choices_without_an_answer_between_texts_are_refused_in_a_sentence(tmp_path, choices, said):
    item = of_harness(tmp_path, f"doc_to_text: ''\noutput_type: multiple_choice\ndoc_to_choice: {choices}\n")
    assert item.template is None
    assert said in item.problem


def test_other_answers_can_be_put_in_their_place(tmp_path):
    template = of_harness(tmp_path, XNLI, choices="same=Indeed|Yes,other=No").template
    assert (template.labels, template.choices) == (("same", "other"), (("Indeed", "Yes"), ("No",)))
    assert render(template, PAIR, "Indeed") == " It rains., right? Indeed, It is wet."


def test_a_prompt_of_ones_own_may_have_its_answer_inside():
    prompt = fute.Prompt("{{ text }} It was {{ answer_choice }} to see.", ["great", "awful"])
    assert render(prompt, "A film.", "great") == "A film. It was great to see."


@pytest.mark.parametrize(
    "place",
    [
        "{{ answer_choice }} or {{ answer_choice }}",
        "{{ answer_choice | upper }}",
        "{% if answer_choice == 'a' %}x{% endif %}",
        "{% if text %}{{ answer_choice }}{% endif %}",
        "{% set x = answer_choice %}{{ x }}",
    ],
)
def test_the_answer_has_one_place(place):
    with pytest.raises(BadInput, match="write it once, alone in its braces and in no condition"):
        fute.Prompt("{{ text }} " + place, ["a", "b"])
