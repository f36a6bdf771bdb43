"""Which variable of a template is the text and which its pair."""

import pytest

from fute_core.errors import BadInput
from fute_core.templates import Options
from fute_core.templates.fields import map_fields


@pytest.mark.parametrize(
    ("source", "given", "fields", "pair"),
    [
        ("{{ text }}", {}, {}, False),
        ("{{ review }}", {}, {"review": "text"}, False),
        ("{{ hypothesis }} {{ premise }}", {}, {"premise": "text", "hypothesis": "text_pair"}, True),
        ("{{ text }} {{ text_pair }}", {}, {}, True),
        ("{{ a }} {{ b }}", {"a": "text_pair", "b": "text"}, {"a": "text_pair", "b": "text"}, True),
        ("{{ claim }} {{ text }}", {"claim": "text_pair"}, {"claim": "text_pair"}, True),
        ("{{ text }}", {"elsewhere": "text"}, {}, False),
    ],
)
def test_what_is_plain_or_said_is_mapped(source, given, fields, pair):
    assert map_fields(source, Options(fields=given)) == (fields, pair)


@pytest.mark.parametrize(
    ("source", "given", "sentence"),
    [
        ("{{ a }} {{ b }}", {}, "not plain which of a, b is the text; say so with --field a=... --field b=..."),
        ("{{ a }} {{ b }}", {"a": "text"}, "not plain which of a, b is the text; say so with --field b=..."),
        ("Good?", {}, "never uses the text"),
        ("{{ text_pair }}", {}, "uses text_pair and never text"),
        ("{{ text }} {{ label }}", {}, "reads the label"),
        ("{{ a }}", {"a": "label"}, "--field a=label maps to neither text nor text_pair"),
    ],
)
def test_what_is_not_plain_names_the_option_to_give(source, given, sentence):
    with pytest.raises(BadInput) as caught:
        map_fields(source, Options(fields=given))
    assert sentence in str(caught.value)
