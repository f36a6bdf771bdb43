"""What could grow without bound, and answers and texts that cannot be used, are one sentence."""

import pytest
from yes_no_template import template

from fute_core.errors import BadInput
from fute_core.templates.rendering import check_choices, render
from fute_core.templates.syntax import MAX_SOURCE, parse


@pytest.mark.parametrize(
    "source",
    [
        "{% set a = text %}" + "{% set a = a ~ a %}" * 40 + "{{ a }}",
        "{% set a = text %}" + "{% set a = a + a %}" * 40 + "{{ a }}",
        "{% set a = text %}" + "{% set a %}{{ a }}{{ a }}{% endset %}" * 40 + "{{ a }}",
        "{% set a %}"
        + "{{ text }}"
        + "{% endset %}"
        + "{% set a | replace('a', 'bbbbbbbbbb') %}{{ a }}{% endset %}" * 9,
        "{% set a | replace('a', '"
        + "b" * 99
        + "') | replace('b', '"
        + "c" * 99
        + "') %}{{ text }}{% endset %}{{ a }}",
        "{{ text | replace('a', text) }}",
        "{{ text | replace('', '" + "x" * 2000 + "') }}",
        "{{ text.replace(old='a', new=text) }}",
        "{{ text" + " | replace('e', 'eeeeeeeeee')" * 9 + " }}",
        "{{ text | list | join(text) }}",
        "{{ text.join(text) }}",
        "{{ text.split('a') | join('" + "x" * 2000 + "') }}",
        "{% set a = [text] | string %}" + "{% set a = [a] | string %}" * 30 + "{{ a }}",
        "{% set a = [text] ~ '' %}" + "{% set a = [a] ~ '' %}" * 30 + "{{ a }}",
        "{% with a = text %}" + "{% with a = a ~ a %}" * 12 + "{{ a }}" + "{% endwith %}" * 13,
        "{% if text %}{% set a = text %}" + "{% set a = a ~ a %}" * 20 + "{% endif %}{{ a }}",
    ],
)
def test_what_could_grow_without_bound_is_refused_before_it_is_rendered(source):
    with pytest.raises(BadInput, match="can grow to over"):
        parse(source)


def test_usual_ways_to_clean_a_text_are_not_taken_for_growth():
    cleaning = "".join(
        f" | replace('&{name};', '{sign}')" for name, sign in zip("abcdefghijkl", "<>&-+!?.,:; ", strict=True)
    )
    parse("{{ text" + cleaning + " }}")
    parse("{{ text" + " | replace('<br />', '\\n')" * 20 + " }}")
    parse("\n\n".join(["Text: {{ text }}\nAnswer: {{ answer_choices | join(', ') }}"] * 8))


@pytest.mark.parametrize(
    "source",
    [
        "{{ " + "(" * 5000 + "text" + ")" * 5000 + " }}",
        "{{ " + "[" * 300 + "text" + "]" * 300 + " }}",
        "{{ text" + " + text" * 300 + " }}",
        "{{ " + "not " * 5000 + "text }}",
        "{% if text %}" * 200 + "{{ text }}" + "{% endif %}" * 200,
        "{{ text" + " | upper" * 500 + " }}",
    ],
)
def test_deep_nesting_is_one_sentence(source):
    with pytest.raises(BadInput, match="too deeply nested"):
        parse(source)


def test_a_very_long_template_is_refused_and_so_is_a_long_one_that_grows():
    with pytest.raises(BadInput, match="more than 100,000 characters"):
        parse("{{ text }}" * MAX_SOURCE)
    with pytest.raises(BadInput, match="can grow"):
        parse("{{ text }}" * (MAX_SOURCE // 10))


@pytest.mark.parametrize(
    ("choices", "labels", "says"),
    [
        ((("yes",), ("yes",)), ("a", "b"), "'yes' stands twice, for 'a' and 'b'"),
        ((("yes",), (" yes ",)), ("a", "b"), "'yes' stands twice"),
        ((("yes", "yes"), ("no",)), ("a", "b"), "'yes' stands twice, for 'a'"),
        ((("yes",),), ("a",), "fewer than two"),
        ((), (), "fewer than two"),
        ((("yes",), ("no",)), ("a", "a"), "the label 'a' stands twice"),
        ((("yes",), ()), ("a", "b"), "label 'b' has an empty answer choice"),
        ((("yes",), ("  ",)), ("a", "b"), "label 'b' has an empty answer choice"),
    ],
)
def test_answer_choices_that_tell_nothing_apart_are_refused(choices, labels, says):
    with pytest.raises(BadInput, match=says):
        check_choices(labels, choices)


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("{{ text }}{{ text + 1 }}", "cannot be rendered"),
        ("{{ text }}{{ text.split(' ')[99] }}", "has no element 99"),
        ("{{ text }}{{ 1 / 0 }}", "cannot be rendered"),
        ("{{ text * 1 }}", "a multiplication"),
        ("{{ text.split('') }}", "cannot be rendered"),
        ("{{ (text | list).upper() }}", "no attribute 'upper'"),
        ("{{ text | truncate(1) }}", "cannot be rendered"),
    ],
)
def test_what_fails_on_a_text_is_one_sentence(source, says):
    with pytest.raises(BadInput, match=says) as caught:
        render(template(source), "Hello there")
    assert "\n" not in str(caught.value)


def test_a_prompt_of_over_a_hundred_thousand_characters_is_refused():
    with pytest.raises(BadInput, match="renders to more than 100,000 characters"):
        render(template("{{ text }}{{ text }}"), "x" * 60_000)
