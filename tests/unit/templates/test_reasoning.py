"""Prompts that let the model reason first: how they are written down, what is refused, and others as they were."""

from dataclasses import replace

import pytest

import fute_core as fute
from fute_core.digest import digest
from fute_core.errors import BadInput
from fute_core.predictors.prompted_lm import PromptedLM
from fute_core.tasks import PromptTemplate, Reasoning
from fute_core.templates.checking import check
from fute_core.templates.draft import as_yaml, draft, example
from fute_core.templates.loading import load_templates, shipped_prompts

PLAIN = PromptTemplate("plain", "{{ text }} Good?", (("yes",), ("no", "never")), ("good", "bad"))
FILE = "choices: [yes, no]\nprompts:\n  - name: mine\n    template: 'Good? {{ text }}'\n"


def loaded(tmp_path, more=""):
    (path := tmp_path / "mine.yaml").write_text(FILE + more, "utf-8")
    (item,) = load_templates(path)
    return item


def test_prompts_without_a_reasoning_turn_have_the_digests_that_they_had_before_there_was_one():
    assert PLAIN.fingerprint() == "a4a9ea59ec95a699740671c918d8e006"
    assert digest(PromptedLM(PLAIN)._asked()) == "ae92cd4b3b56fc2456bec1e170a2f516"
    shipped = shipped_prompts()
    known = digest([shipped[name].fingerprint() for name in sorted(shipped)])
    assert (known, len(shipped)) == ("2090636f17ff7973c3f125d6638c4c1d", 168)


def test_each_part_of_the_turn_counts_in_the_digests():
    turns = (None, Reasoning(), Reasoning("So it is"), Reasoning(max_tokens=65))
    templates = [replace(PLAIN, reasoning=turn) for turn in turns]
    assert len({template.fingerprint() for template in templates}) == len(turns)
    assert len({PromptedLM(template).score_fingerprint() for template in templates}) == len(turns)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("", None),
        ("no", None),
        ("yes", Reasoning()),
        ("{then: So it is}", Reasoning("So it is")),
        ("{max_tokens: 8}", Reasoning(max_tokens=8)),
        ("{then: 'Of {{ answer_choices | join(\", \") }} it is', max_tokens: 512}",
         Reasoning("Of {{ answer_choices | join(\", \") }} it is", 512)),
    ],
)  # fmt: skip
def test_a_file_says_how_the_model_reasons(tmp_path, written, read):
    item = loaded(tmp_path, f"    reasoning: {written}\n" if written else "")
    assert item.template.reasoning == read
    (again := tmp_path / "again.yaml").write_bytes(as_yaml([item.template]))
    assert load_templates(again)[0].template == item.template


def test_a_turn_beside_the_prompts_is_for_all_of_them(tmp_path):
    assert loaded(tmp_path, "reasoning: yes\n").template.reasoning == Reasoning()


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("maybe", "reasoning is 'maybe'; write yes, no, or a mapping with then and max_tokens."),
        ("[yes]", "reasoning is \"['yes']\"; write yes, no, or"),
        ("{after: so}", "reasoning has the key 'after'; known are then and max_tokens."),
        ("{then: [a]}", "reasoning.then is not text"),
        ("{then: ' '}", "reasoning.then is empty"),
        ("""{then: "{{ '' }}"}""", "reasoning.then is empty"),
        ("{then: 'So {{ text }} is'}", "reasoning.then uses 'text'; it follows the model's words and sees no text"),
        ("{then: 'So {{ answer_choice }} it is'}", "leave out reasoning or {{ answer_choice }}"),
        ("{then: '{% for'}", "reasoning.then: the template has a Jinja error"),
        ("{then: '{{ answer_choices | first | truncate(1) }}'}", "cannot be rendered"),
        ("{max_tokens: 0}", "reasoning.max_tokens is 0; write a whole number from 1 to 512."),
        ("{max_tokens: 513}", "reasoning.max_tokens is 513"),
        ("{max_tokens: 1e2}", "reasoning.max_tokens is '1e2'; write a whole number"),
        ("{max_tokens: " + "9" * 5000 + "}", "reasoning.max_tokens is '999"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told_in_a_sentence(tmp_path, written, told):
    item = loaded(tmp_path, f"    reasoning: {written}\n")
    assert item.template is None
    assert told in item.problem
    assert "\n" not in item.problem


def test_an_answer_inside_the_text_follows_no_reasoning():
    with pytest.raises(BadInput, match=r"leave out reasoning or \{\{ answer_choice"):
        fute.Prompt("{{ text }}, it was {{ answer_choice }}.", ["good", "bad"], reasoning=True)


def test_a_notebook_says_it_as_a_file_does():
    made = fute.Prompt("{{ text }} Good?", ["yes", "no"], name="x", reasoning={"then": "So it is", "max_tokens": 8})
    assert made.reasoning == Reasoning("So it is", 8)
    assert fute.Prompt("{{ text }} Good?", ["yes", "no"], reasoning=False).reasoning is None
    with pytest.raises(BadInput, match=r"^fute.Prompt: reasoning.max_tokens is 'many'"):
        fute.Prompt("{{ text }} Good?", ["yes", "no"], reasoning={"max_tokens": "many"})


def test_a_form_and_what_is_shown_of_it_have_both_turns():
    made = draft("x", "Good? {{ text }}", "yes\nno", reasoning=Reasoning("So it is", 8)).template
    assert made.reasoning == Reasoning("So it is", 8)
    shown = "Good? Rain.\n\n[the model reasons in its own words, at most 8 tokens]\n\nSo it is"
    assert example(made, "Rain.") == shown


def test_the_check_of_a_file_tells_the_turn(tmp_path):
    loaded(tmp_path, "    reasoning: {max_tokens: 8}\n")
    (row,) = check(tmp_path / "mine.yaml", fields={}, choices=None, examples={False: "Rain."})
    assert row["reasoning"] == {"then": "Therefore, the answer is", "max_tokens": 8}
    told = "the model reasons first, in at most 8 tokens, and goes on from 'Therefore, the answer is'."
    assert row["notes"] == [told]


def test_worked_examples_are_refused():
    reviews = fute.Dataset(["a", "b", "c", "d"], ["good", "bad"] * 2, name="films")
    with pytest.raises(BadInput, match="'plain' lets the model reason before it answers; examples with their answers"):
        fute.with_examples(replace(PLAIN, reasoning=Reasoning()), reviews, 2)
