"""What Jinja a template may use, and what it is told where it may not."""

import pytest

from fute_core.errors import BadInput
from fute_core.tasks import PromptTemplate
from fute_core.templates.rendering import check_choices, render, validate
from fute_core.templates.syntax import MAX_SOURCE, parse, variables

YES_NO = {"choices": (("yes",), ("no",)), "labels": ("a", "b")}


def template(source: str, **changes) -> PromptTemplate:
    return PromptTemplate("t", source, **{**YES_NO, **changes})


@pytest.mark.parametrize(
    ("source", "rendered"),
    [
        ("Say: {{ text }}", "Say: Hello there"),
        ("{{ text | lower | replace('hello', 'bye') }}", "bye there"),
        ("{{ text.split(' ')[-1].upper() }}", "THERE"),
        ("{{ text[:5] ~ '!' }}", "Hello!"),
        ("{% if text | length > 3 %}long{% else %}short{% endif %}: {{ text }}", "long: Hello there"),
        ("{% set first = text.split(' ')[0] %}{{ first }}, {{ text }}", "Hello, Hello there"),
        ("{{ text }}: {{ answer_choices | join(' or ') }}?", "Hello there: yes or no?"),
        ("{{ text }}: {{ ', '.join(answer_choices) }}?", "Hello there: yes, no?"),
        ("{% with t = text %}{{ t }}{% endwith %}", "Hello there"),
        ("{% raw %}{{ text }}{% endraw %}{{ text }}", "{{ text }}Hello there"),
        ("{{ '{%' }} {{ text }}", "{% Hello there"),
        ("{{ text }}\n", "Hello there\n"),
    ],
)
def test_the_jinja_of_ordinary_prompts_renders(source, rendered):
    validate(template(source))
    assert render(template(source), "Hello there") == rendered


def test_what_would_only_fail_on_a_branch_not_taken_is_no_reason_to_refuse():
    source = "{% if text == '' %}{{ ''[0] }}{{ 1 / 0 }}{{ {[]: 1} }}{% endif %}{{ text }}"
    assert render(template(source), "Hello") == "Hello"


def test_a_text_is_data_and_never_a_template():
    hostile = "{{ 7 * 7 }}{% for x in y %}{{ self }}<b>"
    assert render(template("{{ text }}"), hostile) == hostile


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("{% for c in text %}{{ c }}{% endfor %}", "a loop in line 1"),
        ("{% macro m() %}x{% endmacro %}{{ m() }}{{ text }}", "a macro"),
        ("{% call text() %}{% endcall %}", "a call block"),
        ("{% filter upper %}{{ text }}{% endfilter %}", "a filter block"),
        ("{% include 'x' %}{{ text }}", "an include"),
        ("{% import 'x' as y %}{{ text }}", "an import"),
        ("{% from 'x' import y %}{{ text }}", "an import"),
        ("{% extends 'x' %}{{ text }}", "an extends"),
        ("{% block b %}{{ text }}{% endblock %}", "a block"),
        ("{% set ns.a = 1 %}{{ text }}", "a namespace"),
        ("{{ text }}\n{{ text * 9 }}", "a multiplication in line 2"),
        ("{{ 9 ** 9 }}{{ text }}", "a power"),
        ("{{ '%999999999d' % 1 }}{{ text }}", "a % format"),
        ("{% autoescape true %}{{ text }}{% endautoescape %}", "an autoescape switch"),
        ("{{ text | xmlattr }}", "the filter 'xmlattr'"),
        ("{{ text | attr('x') }}", "the filter 'attr'"),
        ("{{ text | round(99999999, 'ceil') }}", "the filter 'round'"),
        ("{{ text | join(',', attribute='__class__') }}", "joins by attribute"),
        ("{{ text is nosuchtest }}", "Jinja error"),
        ("{{ text }", "Jinja error in line 1"),
        ("{% if text %}{{ text }}", "Jinja error"),
        ("{% nosuchtag %}{{ text }}", "Jinja error"),
    ],
)
def test_what_could_run_long_or_load_code_is_refused_by_name(source, says):
    with pytest.raises(BadInput, match=says.replace("(", r"\(")):
        parse(source)


@pytest.mark.parametrize(
    "source",
    [
        "{{ text.__class__ }}",
        "{{ text.format }}",
        "{{ text.format('x') }}",
        "{{ text.upper }}",
        "{{ text.replace(text.format, '') }}",
        "{{ text['format'] }}",
        "{{ text['__cla' ~ 'ss__'] }}",
        "{{ ''['for' ~ 'mat'] }}{{ text }}",
        "{{ text[text] }}",
        "{{ text }}{{ 1[0] }}",
        "{{ text['upper']() }}",
        "{{ text.upper.__call__() }}",
        "{{ text.encode() }}",
        "{{ range(9) }}{{ text }}",
        "{{ lipsum() }}{{ text }}",
        "{{ self }}{{ text }}",
        "{{ self._TemplateReference__context }}{{ text }}",
        "{{ text.replace(*['a', text]) }}",
        "{{ text | replace(*['a', text]) }}",
        "{{ text.split(**{'sep': text}) }}",
    ],
)
def test_nothing_reaches_into_python(source):
    with pytest.raises(BadInput, match=r"attribute|calls a function|picks by|Jinja's own|\* argument"):
        parse(source)


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


def test_variables_come_in_order_of_use_and_only_free_ones():
    assert variables("A premise. {% set x = b %}{{ a }}{{ x }}{{ answer_choices[0] }}{{ a }}") == ("b", "a")
    assert variables("no variable at all") == ()


def test_a_template_without_the_text_is_refused():
    with pytest.raises(BadInput, match=r"never uses the text; put \{\{ text \}\}"):
        validate(template("Is it good?"))
    with pytest.raises(BadInput, match=r"never uses \{\{ text_pair \}\}"):
        validate(template("{{ text }}", pair=True))


def test_an_unknown_variable_is_named_with_a_guess():
    with pytest.raises(BadInput, match="'texte', which is neither text nor text_pair; did you mean 'text'"):
        validate(template("{{ text }} {{ texte }}"))
    with pytest.raises(BadInput, match="map it with --field review=text"):
        validate(template("{{ text }} {{ review }}"))


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


def test_fields_put_the_text_under_the_templates_own_names():
    pair = template(
        "{{ premise }} > {{ hypothesis }}", fields={"premise": "text", "hypothesis": "text_pair"}, pair=True
    )
    validate(pair)
    assert render(pair, ("a", "b")) == "a > b"
    crossed = template("{{ text }} > {{ title }}", fields={"title": "text", "text": "text_pair"}, pair=True)
    assert render(crossed, ("a", "b")) == "b > a"
