"""The own YAML and plain Jinja files: what is read, and the sentence for what cannot be."""

import pytest
from template_files import FULL, saved

from fute_core.templates.loading import load_templates, shipped_prompts


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


def test_aliases_are_read(tmp_path):
    content = "prompts: [{template: '{{ text }}', choices: &c [dry, wet]}, {template: '{{ text }}?', choices: *c}]\n"
    first, second = load_templates(saved(tmp_path, content))
    assert first.template.labels == second.template.labels == ("dry", "wet")


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_bytes(b"\xef\xbb\xbfchoices: [a, b]\r\nprompts:\r\n  - template: |\r\n      Q:\r\n      {{ text }}\r\n")
    (item,) = load_templates(path)
    assert item.template.source == "Q:\n{{ text }}"


def test_shipped_prompts_are_read_once():
    assert shipped_prompts() is shipped_prompts()
