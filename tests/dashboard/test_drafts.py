"""What a browser kept of a prompt that was being written: taken as it is, or not at all."""

import json

import pytest

from dashboard.components import drafts

WHOLE = {"lab-name": "mine", "lab-template": "Good? {{ text }}", "lab-answers": "good\nbad", "lab-completion": True}


def test_a_draft_comes_back_with_the_run_that_was_looked_at():
    assert drafts.read(json.dumps({"run": "20260101-000000-abcdef", **WHOLE})) == ("20260101-000000-abcdef", WHOLE)


TOO_LONG = json.dumps({**WHOLE, "lab-name": "x" * 99})
NO_TEXT = json.dumps({**WHOLE, "lab-template": 3})


@pytest.mark.parametrize("text", ["", "null", "[]", "{", '"x"', "7", json.dumps({"lab-name": "x"}), NO_TEXT, TOO_LONG])
def test_what_is_no_draft_fills_nothing(text):
    assert drafts.read(text) == (None, {})


def test_other_fields_and_values_that_no_widget_has_are_left_out():
    strange = {"lab-model": "evil", "lab-completion": "yes", "lab-key": "sk-1", "lab-start-job": True, "run": 3}
    run, fields = drafts.read(json.dumps({**WHOLE, **strange}))
    assert run is None
    assert fields == {key: value for key, value in WHOLE.items() if key != "lab-completion"}


def test_no_key_and_no_address_is_kept():
    assert not {"lab-key", "lab-url"} & {*drafts.WORDS, *drafts.CHOSEN}


def test_the_page_asks_the_browser_once_and_fills_an_untouched_form(app, monkeypatch):
    app.run().switch_page("views/prompt_lab.py").run()
    assert not app.exception
    assert "lab.draft_asked" not in app.session_state
    app.session_state["lab.draft_asked"] = True
    app.text_area(key="lab-template").set_value(WHOLE["lab-template"]).run()
    assert app.session_state["lab.draft_kept"]
    app.text_area(key="lab-template").set_value(app.session_state["lab.draft_begun"]["lab-template"]).run()
    assert not app.session_state["lab.draft_kept"]
