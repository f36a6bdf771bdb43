"""Options that say what a file of templates does not: answers, fields and choices."""

import pytest
from template_files import EXAMPLES, FULL, saved

from fute_core.errors import BadInput
from fute_core.templates.checking import check
from fute_core.templates.loading import load_templates, parse_choice_option


@pytest.mark.parametrize("ending", [".jinja", ".jinja2", ".j2", ".txt"])
def test_a_plain_template_takes_its_answers_from_the_option(tmp_path, ending):
    path = saved(tmp_path, "Good or bad?\n\n{{ review }}\n", f"ask{ending}")
    (item,) = load_templates(path, choices="negative=bad|awful,positive=good")
    assert (item.name, item.format) == ("ask", "jinja")
    assert item.template.source == "Good or bad?\n\n{{ review }}"
    assert dict(zip(item.template.labels, item.template.choices, strict=True)) == {
        "negative": ("bad", "awful"),
        "positive": ("good",),
    }
    (without,) = load_templates(path)
    assert "--choices" in without.problem


def test_the_fields_option_names_the_text_where_it_is_not_plain(tmp_path):
    path = saved(tmp_path, "{{ title }}: {{ body }}", "two.jinja")
    (unclear,) = load_templates(path, choices="a,b")
    assert unclear.problem.startswith("it is not plain which of title, body is the text; say so with --field title=...")
    (mapped,) = load_templates(path, choices="a,b", fields={"title": "text", "body": "text_pair"})
    assert mapped.template.pair
    (half,) = load_templates(path, choices="a,b", fields={"title": "text"})
    assert "--field body=..." in half.problem
    (wrong,) = load_templates(path, choices="a,b", fields={"title": "headline"})
    assert "maps to neither text nor text_pair" in wrong.problem


def test_a_variable_called_text_needs_no_option_beside_a_mapped_one(tmp_path):
    (item,) = load_templates(saved(tmp_path, "{{ text }} {{ b }}", "t.txt"), choices="a,b", fields={"b": "text_pair"})
    assert item.template.fields == {"b": "text_pair"}


@pytest.mark.parametrize(
    ("pair", "swapped"),
    [("premise", "hypothesis"), ("sentence1", "sentence2"), ("question1", "question2"), ("text", "text_pair")],
)
def test_usual_pairs_map_by_themselves_whatever_their_order(tmp_path, pair, swapped):
    path = saved(tmp_path, "{{ " + swapped + " }} {{ " + pair + " }}", "pair.jinja")
    row = check(path, fields=None, choices="a,b", examples=EXAMPLES)[0]
    assert row["example"] == "An animal moves. A dog runs."
    assert row["fields"] == {pair: "text", swapped: "text_pair"}


@pytest.mark.parametrize(
    ("option", "says"),
    [
        ("", "an empty label"),
        ("a", "fewer than two"),
        ("a,a", "'a' stands twice"),
        ("a=x,b=x", "'x' stands twice, for 'a' and 'b'"),
        ("a=,b=y", "'a' has an empty answer choice"),
        ("a=x||y,b=z", "'a' has an empty answer choice"),
        ("a=x,,b=y", "an empty label"),
    ],
)
def test_a_bad_choices_option_is_quoted(option, says):
    with pytest.raises(BadInput) as caught:
        parse_choice_option(option)
    assert str(caught.value).startswith(f"--choices {option!r}: ")
    assert says in str(caught.value)


def test_check_tells_of_every_template_what_it_is_or_why_not(tmp_path):
    content = (
        FULL + '  - {name: broken, template: "no text"}\n  - {name: fails, template: "{{ text[0] }}{{ 1 / 0 }}"}\n'
    )
    rows = check(saved(tmp_path, content), fields=None, choices=None, examples=EXAMPLES)
    assert [row["usable"] for row in rows] == [True, True, True, False, False]
    assert rows[0] == {
        "name": "first",
        "usable": True,
        "format": "atlas",
        "family": "sentiment",
        "pair": False,
        "completion": False,
        "reasoning": None,
        "fields": {"text": "text"},
        "labels": ["negative", "positive"],
        "choices": [["bad", "awful"], ["good"]],
        "example": "Is this good?\n\nRain is on its way.",
        "notes": [],
        "problem": None,
    }
    assert rows[2]["example"] == "A dog runs. / An animal moves."
    assert rows[2]["fields"] == {"a": "text", "b": "text_pair"}
    for row in rows[3:]:
        assert row.keys() == rows[0].keys()
        assert row["problem"]
        assert row["example"] is None


def test_the_option_for_choices_replaces_those_of_every_template(tmp_path):
    items = load_templates(saved(tmp_path, FULL), choices="bad,good")
    assert {item.template.labels for item in items} == {("bad", "good")}
