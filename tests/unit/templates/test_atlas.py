"""The own YAML and plain Jinja files: what is read, and the sentence for what cannot be."""

from pathlib import Path

import pytest

from fute_core.errors import BadInput
from fute_core.templates.checking import check
from fute_core.templates.loading import load_templates, parse_choice_option, shipped_prompts

EXAMPLES = {False: "Rain is on its way.", True: ("A dog runs.", "An animal moves.")}


def saved(tmp_path: Path, content: str, name: str = "mine.yaml") -> Path:
    path = tmp_path / name
    path.write_text(content, "utf-8")
    return path


def problem(tmp_path: Path, content: str, **options) -> str:
    (item,) = load_templates(saved(tmp_path, content), **options)
    assert item.template is None
    assert "\n" not in item.problem
    return item.problem


FULL = """
family: sentiment
choices: {negative: [bad, awful], positive: good}
system: Answer briefly.
prompts:
  - name: first
    template: |
      Is this good?

      {{ text }}
  - template: "{{ review }}"
    family: opinion
    choices: [no, yes]
    system: null
    delimiter: ""
  - name: pair
    template: "{{ a }} / {{ b }}"
    fields: {a: text, b: text_pair}
"""


def test_prompts_take_what_stands_beside_them_unless_they_say_otherwise(tmp_path):
    first, second, pair = (item.template for item in load_templates(saved(tmp_path, FULL)))
    assert (first.name, first.family, first.system, first.delimiter) == ("first", "sentiment", "Answer briefly.", " ")
    assert first.source == "Is this good?\n\n{{ text }}"
    assert dict(zip(first.labels, first.choices, strict=True)) == {"negative": ("bad", "awful"), "positive": ("good",)}
    assert (second.name, second.family, second.system, second.delimiter) == ("mine-2", "opinion", None, "")
    assert second.choices == (("no",), ("yes",))
    assert second.fields == {"review": "text"}
    assert pair.pair
    assert pair.fields == {"a": "text", "b": "text_pair"}


def test_answers_are_words_as_they_are_written(tmp_path):
    content = """
prompts:
  - template: "{{ text }}"
    choices: {a: [No, no, off], b: [Yes, y, "on"], c: 01, d: 1.0, e: 1:30, f: 2020-01-01, g: True, h: 1_000, 3: three}
"""
    (item,) = load_templates(saved(tmp_path, content))
    words = [word for choice in item.template.choices for word in choice]
    assert words == ["No", "no", "off", "Yes", "y", "on", "01", "1.0", "1:30", "2020-01-01", "True", "1_000", "three"]
    assert item.template.labels[-1] == "3"


@pytest.mark.parametrize(("said", "meant"), [("yes", True), ("True", True), ("no", False), ("null", False)])
def test_a_prompt_says_whether_it_is_written_to_be_continued(tmp_path, said, meant):
    prompts = "prompts: [{template: '{{ text }}'}, {template: '{{ b }}', completion: no}]"
    content = f"completion: {said}\nchoices: [a, b]\n{prompts}\n"
    first, second = load_templates(saved(tmp_path, content))
    assert (first.template.completion, second.template.completion) == (meant, False)


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ("just words", "the entry is not a mapping"),
        ("{name: p, template: '{{ text }}', choises: [a, b]}", "the key 'choises' is unknown; did you mean 'choices'"),
        ("{name: p, template: '{{ text }}', colour: red}", "the key 'colour' is unknown; known are name"),
        ("{name: p, choices: [a, b]}", "there is no template"),
        ("{name: p, template: ' ', choices: [a, b]}", "there is no template"),
        ("{name: p, template: [a], choices: [a, b]}", "template is not text"),
        ("{name: [p], template: '{{ text }}', choices: [a, b]}", "name is not text"),
        ("{name: p, template: '{{ text }}', family: [x], choices: [a, b]}", "family is not text"),
        ("{name: p, template: '{{ text }}', system: {x: y}, choices: [a, b]}", "system is not text"),
        ("{name: p, template: '{{ text }}', delimiter: [x], choices: [a, b]}", "delimiter is not text"),
        ("{name: p, template: '{{ text }}'}", "there are no answer choices"),
        ("{name: p, template: '{{ text }}', choices: []}", "there are no answer choices"),
        ("{name: p, template: '{{ text }}', choices: yes}", "there are no answer choices"),
        ("{name: p, template: '{{ text }}', choices: [a]}", "fewer than two"),
        ("{name: p, template: '{{ text }}', choices: [a, a]}", "'a' stands twice"),
        ("{name: p, template: '{{ text }}', choices: {a: x, b: x}}", "'x' stands twice, for 'a' and 'b'"),
        ("{name: p, template: '{{ text }}', choices: {a: [], b: x}}", "'a' has an empty answer choice"),
        ("{name: p, template: '{{ text }}', choices: {a: ' ', b: x}}", "'a' has an empty answer choice"),
        ("{name: p, template: '{{ text }}', choices: {a: [[x]], b: y}}", "an answer choice is not text"),
        ("{name: p, template: '{{ text }}', choices: {a: null, b: y}}", "an answer choice is not text"),
        ("{name: p, template: '{{ text }}', choices: {null: x, b: y}}", "an answer choice is not text"),
        ("{name: p, template: '{{ text }}', completion: perhaps, choices: [a, b]}", "completion is neither yes nor no"),
        ("{name: p, template: no text at all, choices: [a, b]}", "never uses the text"),
        ("{name: p, template: '{{ x }}{{ y }}', choices: [a, b]}", "--field x=... --field y=..."),
        ("{name: p, template: '{{ x }}', fields: [x], choices: [a, b]}", "fields is not a mapping"),
        ("{name: p, template: '{{ x }}', fields: {x: label}, choices: [a, b]}", "neither text nor text_pair"),
        ("{name: p, template: '{{ text }}{{ label }}', choices: [a, b]}", "the prompt reads the label"),
        ("{name: p, template: '{{ text_pair }}', choices: [a, b]}", "uses text_pair and never text"),
        ("{name: p, template: '{% for a in text %}{% endfor %}', choices: [a, b]}", "a loop in line 1"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(tmp_path, entry, says):
    assert says in problem(tmp_path, f"prompts:\n  - {entry}\n")


def test_one_bad_prompt_leaves_the_others_usable(tmp_path):
    content = """
choices: [a, b]
prompts:
  - {name: good, template: "{{ text }}"}
  - {name: bad, template: "no text"}
  - {name: good, template: "again {{ text }}"}
"""
    good, bad, again = load_templates(saved(tmp_path, content))
    assert good.template is not None
    assert bad.problem
    assert again.problem == "the name 'good' stands twice in mine.yaml; rename it."


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"# nothing\n", "is empty"),
        (b"just a sentence", "is no template file: it needs `prompts:`"),
        (b"- a\n- list\n", "is no template file"),
        (b"prompts: []", "holds no template"),
        (b"famly: x\nprompts: [{template: a}]", "mine: the key 'famly' is unknown; did you mean 'family'"),
        (b"prompts: [", "line 1 is not YAML"),
        (b"prompts:\n\t- a", "line 2 is not YAML"),
        (b"a: 1\n---\nb: 2\n", "is not YAML (but found another document)"),
        (b"prompts: [{choices: {a: x, a: y}}]", "line 1 is not YAML (the key 'a' stands twice)"),
        (b"prompts: &p [*p]", "line 1 has a YAML alias (*name) inside of what it names"),
        (b"a: &a [x]\nb: *b\nprompts: []", "line 2 is not YAML (found undefined alias"),
        (
            b"a: &a [x, x, x, x, x, x, x, x, x, x]\n"
            + b"".join(b"%c: &%c [%s]\n" % (c, c, b", ".join([b"*%c" % (c - 1)] * 10)) for c in b"bcdef")
            + b"prompts: []",
            "grows to over 100,000 values by its YAML aliases",
        ),
        (b"prompts: !!python/object/apply:os.system ['true']", "is not YAML (could not determine a constructor"),
        (b"prompts: !mine [a]", "is not YAML (could not determine a constructor"),
        (b"prompts: " + b"[" * 20_000, "line 1 is nested over 20 deep"),
        (b"a:\n" + b"- " * 3_000, "line 2 is nested over 20 deep"),
        (b"prompts: " + b"[[[" + b"]" * 20_000, "is not YAML"),
        (b"prompts: [\x00]", "is not YAML"),
        (b"prompts: caf\xe9", "is not UTF-8 (byte 12); save it as UTF-8."),
        (b"x" * 2_000_001, "has more than 2 MB"),
    ],
)
def test_a_file_that_is_no_template_file_is_one_sentence(tmp_path, content, says):
    path = tmp_path / "mine.yaml"
    path.write_bytes(content)
    with pytest.raises(BadInput) as caught:
        load_templates(path)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_path_that_cannot_be_read_is_one_sentence(tmp_path):
    with pytest.raises(BadInput, match="is a folder"):
        load_templates(tmp_path)
    with pytest.raises(BadInput, match="cannot be read"):
        load_templates(tmp_path / "missing.yaml")
    with pytest.raises(BadInput, match="no file name"):
        load_templates("a\0b.yaml")
    with pytest.raises(BadInput, match="is a device"):
        load_templates("/dev/zero")


def test_aliases_are_read(tmp_path):
    content = "prompts: [{template: '{{ text }}', choices: &c [dry, wet]}, {template: '{{ text }}?', choices: *c}]\n"
    first, second = load_templates(saved(tmp_path, content))
    assert first.template.labels == second.template.labels == ("dry", "wet")


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_bytes(b"\xef\xbb\xbfchoices: [a, b]\r\nprompts:\r\n  - template: |\r\n      Q:\r\n      {{ text }}\r\n")
    (item,) = load_templates(path)
    assert item.template.source == "Q:\n{{ text }}"


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


def test_shipped_prompts_are_read_once():
    assert shipped_prompts() is shipped_prompts()
