"""What Jinja a template may use, and what it is told where it may not."""

import pytest
from yes_no_template import template

from fute_core.errors import BadInput
from fute_core.templates.rendering import render, validate
from fute_core.templates.syntax import variables


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


def test_fields_put_the_text_under_the_templates_own_names():
    pair = template(
        "{{ premise }} > {{ hypothesis }}", fields={"premise": "text", "hypothesis": "text_pair"}, pair=True
    )
    validate(pair)
    assert render(pair, ("a", "b")) == "a > b"
    crossed = template("{{ text }} > {{ title }}", fields={"title": "text", "text": "text_pair"}, pair=True)
    assert render(crossed, ("a", "b")) == "b > a"
