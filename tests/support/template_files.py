"""Files of prompts in our own form."""

from pathlib import Path

from fute_core.templates.loading import load_templates

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
