"""Files of promptsource as they are published: what loads, and why the rest does not."""

from pathlib import Path

import pytest
from foreign_prompts import PROMPTSOURCE, saved

from fute_core.templates.loading import load_templates
from fute_core.templates.rendering import render


def of_promptsource(tmp_path: Path, jinja: str, choices: str | None = "No ||| Yes", **options):
    answers = "" if choices is None else f"    answer_choices: {choices}\n"
    content = f"templates:\n  some-id: !Template\n{answers}    jinja: |-\n      {jinja}\n    name: it\n"
    (item,) = load_templates(saved(tmp_path, content), **options)
    return item


def test_a_promptsource_file_loads_as_it_is(tmp_path):
    single, pair = load_templates(saved(tmp_path, PROMPTSOURCE))
    assert (single.format, single.name) == ("promptsource", "calm or stormy")
    assert single.template.labels == ("calm", "stormy")
    assert render(single.template, "Gales.") == "Gales.\n\nIs the weather calm or stormy?"
    assert pair.template.pair
    assert render(pair.template, ("a", "b")) == 'Does "a" mean "b"?'


@pytest.mark.parametrize(
    "answer",
    [
        "{{ answer_choices[label] }}",
        "{{answer_choices [ label | int ]}}",
        "{{ answer_choices[{'b': 0, 'a': 1}[label]] }}",
        "{{ answer_choices[0] if label == 0 else answer_choices[1] }}",
        "{{ 'No' if label == 0 else 'Yes' }}",
        "{% if label == 0 %} No {% elif label == 1 %} Yes {% else %}{{ answer_choices[0] }}{% endif %}",
        "Yes",
        "{% if label != -1 %}{{ answer_choices[label] }}{% endif %}",
        "{{ answer_choices[0] if label == 0 }}",
        "{{ {'n': 'No', 'y': 'Yes'}[label] }}",
        "{% if label %}\n      {{ ['No', 'Yes'][label] }}\n      {% endif %}",
        "{{ answer_choices[label] | trim }}",
    ],
)
def test_an_answer_that_is_always_one_of_the_choices_is_understood(tmp_path, answer):
    item = of_promptsource(tmp_path, "Rain? {{ text }} ||| " + answer)
    assert item.problem is None
    assert item.template.choices == (("No",), ("Yes",))


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "{{ summary }}{{ summary }}",
        "{{ summary | replace('a', 'b') }}",
        "{% if label %}{% endif %}",
        "{{ {'n': 'No', 'y': 'Perhaps'}[label] }}",
        "{% set answer = summary %}{{ answer }}",
        "It is {{ answer_choices[label] }}",
        "{{ answer_choices[label] }} {{ answer_choices[label] }}",
        "{{ 'Perhaps' if label == 0 else 'Yes' }}",
        "{% for x in answer_choices %}{{ x }}{% endfor %}",
        "Perhaps",
    ],
)
def test_an_answer_in_other_words_is_generation_and_not_supported(tmp_path, answer):
    item = of_promptsource(tmp_path, "Rain? {{ text }} ||| " + answer)
    assert item.problem == (
        "the answer is generated text, not one of the answer choices, which is not supported; "
        "name the answers with --choices."
    )


def test_the_choices_option_stands_in_for_answers_that_cannot_be_read(tmp_path):
    content = 'templates: {x: {name: it, jinja: "{{ text }} ||| {{ summary }}"}}'
    (item,) = load_templates(saved(tmp_path, content), choices="dry,wet")
    assert item.template.labels == ("dry", "wet")


@pytest.mark.parametrize(
    ("jinja", "choices", "says"),
    [
        ("{{ text }}", "No ||| Yes", "there is no ||| between prompt and answer"),
        ("{{ text }} ||| {{ answer_choices[label] }}", None, "there are no answer_choices"),
        ("{{ text }} ||| {{ answer_choices[label] }}", "null", "there are no answer_choices"),
        ("{{ text }} ||| {{ answer_choices[label] }}", "[[a], [b]]", "there are no answer_choices"),
        (
            "{{ text }} ||| {{ answer_choices[label] }}",
            "'{{ options | join(\"|||\") }}'",
            "the answers stand in each row (answer_choices read options)",
        ),
        ("{{ text }} ||| {{ answer_choices[label] }}", "Yes", "fewer than two answer choices"),
        ("{{ text }} ||| {{ answer_choices[label] }}", "Yes ||| Yes", "'Yes' stands twice"),
        ("{{ text }} ||| {{ answer_choices[label] }}", "Yes ||| ", "has an empty answer choice"),
        ("Rain? ||| {{ answer_choices[label] }}", "No ||| Yes", "never uses the text"),
        ("{{ text }} {{ label }} ||| {{ answer_choices[label] }}", "No ||| Yes", "the prompt reads the label"),
        ("{{ a }} {{ b }} ||| {{ answer_choices[label] }}", "No ||| Yes", "it is not plain which of a, b is the text"),
        ("{{ a }}{{ a.text }} ||| {{ answer_choices[label] }}", "No ||| Yes", "reaches for the attribute 'text'"),
        ("{{ a[b] }} ||| {{ answer_choices[label] }}", "No ||| Yes", "picks by something else than"),
        ("{% if a %}{% else %}{{ a }} ||| Yes{% endif %}", "No ||| Yes", "a Jinja block goes around the |||"),
        ("{% for b in a %}{{ a }} ||| Yes{% endfor %}", "No ||| Yes", "a Jinja block goes around the |||"),
        ("{% if a %}{{ a }} ||| Yes{% else %}{{ a }}? ||| No{% endif %}", "No ||| Yes", "there are several |||"),
        ("{% for x in text %}{{ x }}{% endfor %} ||| {{ answer_choices[label] }}", "No ||| Yes", "a loop in line 1"),
        ("{{ text } ||| {{ answer_choices[label] }}", "No ||| Yes", "Jinja error"),
        ("{{ text }} ||| {{ answer_choices[label }}", "No ||| Yes", "Jinja error"),
    ],
)
def test_what_promptsource_has_and_this_has_not_is_named(tmp_path, jinja, choices, says):
    item = of_promptsource(tmp_path, jinja, choices)
    assert item.template is None
    assert says in item.problem
    assert "\n" not in item.problem


def test_older_promptsource_files_list_their_choices(tmp_path):
    item = of_promptsource(tmp_path, "{{ text }} ||| {{ answer_choices[label] }}", "['No', 'Yes, it is']")
    assert item.template.choices == (("No",), ("Yes, it is",))


def test_a_promptsource_entry_that_is_no_template_leaves_the_rest(tmp_path):
    content = (
        PROMPTSOURCE + "  33333333-cccc: nothing\n  44444444-dddd: !Template {name: calm or stormy, jinja: 'x ||| y'}\n"
    )
    first, second, third, fourth = load_templates(saved(tmp_path, content))
    assert first.template
    assert second.template
    assert third.problem.startswith("there is no jinja text")
    assert "stands twice" in fourth.problem


@pytest.mark.parametrize(
    ("jinja", "rendered", "unless"),
    [
        (
            "{% if label != -1 %} Rain? {{ text }} ||| {{ answer_choices[label] }}{% endif %}",
            "Rain? Dry.",
            "label != -1",
        ),
        ("{%- if label -%}\n      {{ text }}\n      Rain? ||| Yes {%- endif -%}", "Dry.\nRain?", "label"),
        ("{% if a %}{% if text %}<{{ text }}>{% endif %} ||| {{ answer_choices[0] }}{% endif %}", "<Dry.>", "a"),
    ],
)
def test_of_a_condition_around_both_parts_the_prompt_inside_is_asked(tmp_path, jinja, rendered, unless):
    item = of_promptsource(tmp_path, jinja)
    assert render(item.template, "Dry.") == rendered
    assert item.notes == (f"promptsource leaves out rows unless {unless}; here every text is asked",)


def test_an_answer_that_is_a_column_is_taken_for_one_of_the_listed_choices(tmp_path):
    item = of_promptsource(tmp_path, "Rain? {{ text }} ||| {{ verdict }}")
    assert item.template.labels == ("No", "Yes")
    assert item.notes == ("its answer is the column verdict; taken to be always one of the answer choices",)


def test_answers_that_are_written_in_the_answer_part_need_no_list(tmp_path):
    item = of_promptsource(tmp_path, "Rain? {{ text }} ||| {{ ['dry', 'wet'][label] }}", None)
    assert item.template.labels == ("dry", "wet")
    assert item.notes == ("there are no answer_choices; its answers are the words of its answer part",)


def test_fixed_choices_may_be_written_as_jinja(tmp_path):
    item = of_promptsource(tmp_path, "{{ text }} ||| {{ answer_choices[label] }}", "'{{ \"No ||| Yes\" }}'")
    assert item.template.labels == ("No", "Yes")


def test_columns_inside_columns_are_read(tmp_path):
    item = of_promptsource(tmp_path, "{{ both.text.0 }} / {{ both['text'][1] }}? ||| {{ answer_choices[label] }}")
    assert render(item.template, ("a", "b")) == "a / b?"


def test_words_of_ones_own_stand_in_every_prompt(tmp_path):
    jinja = "{{ word }} in {{ sentence1 }} {{ sentence2 }} ||| {{ answer_choices[label] }}"
    asked = of_promptsource(
        tmp_path, jinja, fields={"word": '"a kettle"', "sentence1": "text", "sentence2": "text_pair"}
    )
    assert render(asked.template, ("Here.", "There.")) == "a kettle in Here. There."
    refused = of_promptsource(tmp_path, jinja, fields={"word": "text", "sentence1": "text", "sentence2": "text_pair"})
    assert "word and sentence1 are both mapped to text" in refused.problem
