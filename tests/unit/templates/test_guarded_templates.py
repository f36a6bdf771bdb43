"""Templates that reach into Python, load code or run long are refused by name."""

import pytest

from fute_core.errors import BadInput
from fute_core.templates.syntax import parse


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
