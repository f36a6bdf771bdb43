"""What cannot be used in a file of prompts is one sentence."""

import pytest
from template_files import problem

from fute_core.errors import BadInput
from fute_core.templates.loading import load_templates


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
