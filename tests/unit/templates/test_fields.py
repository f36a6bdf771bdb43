"""Which variable of a template is the text and which its pair."""

import pytest

from fute_core.errors import BadInput
from fute_core.tasks import PromptTemplate
from fute_core.templates import Options
from fute_core.templates.fields import map_fields
from fute_core.templates.rendering import render


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
        ("{{ head_b }} {{ head_a }}", {}, {"head_a": "text", "head_b": "text_pair"}, True),
        ("{{ note1 }} {{ note2 }}", {}, {"note1": "text", "note2": "text_pair"}, True),
        ("{{ pair_en }}", {"pair.en": "text"}, {"pair_en": "text"}, False),
        ("{{ text[0] }}", {}, {}, False),
    ],
)
def test_what_is_plain_or_said_is_mapped(source, given, fields, pair):
    assert map_fields(source, Options(fields=given)) == (source, fields, pair)


@pytest.mark.parametrize(
    ("source", "given", "sentence"),
    [
        ("{{ a }} {{ b }}", {}, "not plain which of a, b is the text; say so with --field a=... --field b=..."),
        ("{{ a }} {{ b }}", {"a": "text"}, "not plain which of a, b is the text; say so with --field b=..."),
        ("Good?", {}, "never uses the text"),
        ("{{ text_pair }}", {}, "uses text_pair and never text"),
        ("{{ text }} {{ label }}", {}, "reads the label"),
        ("{{ a }}", {"a": "label"}, "--field a=label maps to neither text nor text_pair"),
        ("{{ a }} {{ b }}", {"a": "text", "b": "text"}, "a and b are both mapped to text; map one variable to each"),
        ("{{ a }} {{ text }}", {"a": "text"}, "not plain which of a, text is the text"),
        (
            "{{ a }} {{ b }} {{ c }}",
            {},
            "it reads 3 columns (a, b, c), more than a text and its pair; name those with",
        ),
        ("{{ q }} {{ way1 }} {{ way2 }} {{ way3 }}", {}, "the answers stand in each row (columns way1, way2, way3)"),
        ("{{ q }}: {{ ways[0] }} or {{ ways[1] }}", {}, "picks from ways, a list in each row"),
        ("{{ q }}: {{ ways | join(', ') }}", {}, "joins ways, a list in each row"),
        ("{{ q }}: {{ ', '.join(ways) }}", {}, "joins ways, a list in each row"),
    ],
)
def test_what_is_not_plain_names_the_option_to_give(source, given, sentence):
    with pytest.raises(BadInput) as caught:
        map_fields(source, Options(fields=given))
    assert sentence in str(caught.value)


@pytest.mark.parametrize("words", ["a kettle", "it's", 'so "called"', "a\\b", "{{ text }}", "雨 ☂ 𝄞", "two\nlines", ""])
def test_a_variable_takes_words_of_ones_own(words):
    options = Options(fields={"thing": f'"{words}"', "review": "text"})
    source, fields, pair = map_fields("{{ thing }} | {{ review }}", options)
    assert (fields, pair) == ({"review": "text"}, False)
    assert (
        render(PromptTemplate("t", source, (("a",), ("b",)), ("a", "b"), fields=fields), "Fine.") == f"{words} | Fine."
    )


def test_columns_called_as_the_answers_are_the_answers_of_a_row():
    with pytest.raises(BadInput, match=r"the answers stand in each row \(columns A, B\)"):
        map_fields("{{ question }} {{ A }} {{ B }}", Options(), ("A", "B"))
