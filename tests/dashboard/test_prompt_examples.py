"""Worked examples put into the prompt of the lab's form, drawn again, and taken away."""

import pytest

from dashboard.components import prompt_examples

TEMPLATE = "Review: {{ text }}\nIs it good or bad?"
ANSWERS = "negative: bad\npositive: good"


@pytest.fixture
def lab(app):
    app.session_state["lab-template"] = TEMPLATE
    app.session_state["lab-answers"] = ANSWERS
    app.run().switch_page("views/prompt_lab.py").run()
    return app


def chosen(lab, name="sst2"):
    lab.selectbox(key="lab-examples-of").set_value(f"dataset:{name}").run()
    assert not lab.exception
    return lab


def test_examples_of_a_dataset_with_these_labels_stand_before_the_prompt(lab):
    assert lab.button(key="lab-examples-go").disabled
    chosen(lab).button(key="lab-examples-go").click().run()
    source = lab.text_area(key="lab-template").value
    assert source.endswith(TEMPLATE)
    assert source.count("Is it good or bad? good\n\n") == source.count("Is it good or bad? bad\n\n") == 2
    assert lab.text_input(key="lab-name").value == "my prompt with 4 examples"
    assert lab.toggle(key="lab-completion").value
    assert not lab.error


def test_others_are_drawn_in_their_place_and_all_are_taken_away(lab):
    chosen(lab).button(key="lab-examples-go").click().run()
    first = lab.text_area(key="lab-template").value
    lab.button(key="lab-examples-go").click().run()
    other = lab.text_area(key="lab-template").value
    assert other != first
    assert other.count("Is it good or bad?") == 5
    lab.button(key="lab-examples-away").click().run()
    assert lab.text_area(key="lab-template").value == TEMPLATE
    assert lab.text_input(key="lab-name").value == "my prompt"
    assert not lab.toggle(key="lab-completion").value
    assert "lab-examples-away" not in [button.key for button in lab.button]


def test_what_is_written_since_keeps_its_examples_until_others_are_drawn(lab):
    chosen(lab).button(key="lab-examples-go").click().run()
    source = lab.text_area(key="lab-template").value
    lab.text_area(key="lab-template").set_value(source.removesuffix(TEMPLATE) + "{{ text }} Well?").run()
    lab.text_input(key="lab-name").set_value("another").run()
    lab.button(key="lab-examples-go").click().run()
    assert lab.text_area(key="lab-template").value.count("Well?") == 5
    assert lab.text_area(key="lab-template").value.count("Is it good") == 0
    assert lab.text_input(key="lab-name").value == "another with 4 examples"
    lab.button(key="lab-examples-away").click().run()
    assert lab.text_area(key="lab-template").value == "{{ text }} Well?"
    assert lab.text_input(key="lab-name").value == "another"


def test_examples_that_were_changed_are_the_prompts_own(lab):
    chosen(lab).button(key="lab-examples-go").click().run()
    lab.text_area(key="lab-template").set_value("{{ text }} Well?").run()
    assert "lab-examples-away" not in [button.key for button in lab.button]
    lab.button(key="lab-examples-go").click().run()
    assert lab.text_area(key="lab-template").value.count("Well?") == 5


def test_without_a_dataset_of_these_labels_it_is_told_what_to_do(lab):
    lab.text_area(key="lab-answers").set_value("aye: aye\nnay: nay").run()
    shown = " ".join(str(e.proto.body) for e in lab.get("html"))
    assert "No dataset here has labels that are called as those of the answers are" in shown
    assert "lab-examples-go" not in [button.key for button in lab.button]


def test_rows_that_are_gone_are_told_of_and_nothing_is_lost(lab, monkeypatch):
    monkeypatch.setattr(prompt_examples.swapping, "labelled_rows", lambda item: None)
    chosen(lab).button(key="lab-examples-go").click().run()
    assert [e.value for e in lab.error] == ["The rows of sst2 are not known here any more\\."]
    assert lab.text_area(key="lab-template").value == TEMPLATE
