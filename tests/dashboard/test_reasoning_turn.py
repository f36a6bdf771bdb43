"""Letting the model think first: the fields of the lab, what asking is said to take, and what a run's page shows."""

import json
from dataclasses import replace
from itertools import count

import pytest
from job_states import as_state
from just_landed import found, said_by_a_prompt
from streamlit.testing.v1 import AppTest

from dashboard.components import ask, details, drafts, page, prompt_pin, reasoning_turn
from dashboard.reads import costs, history, lab, places, work
from dashboard.reads.asking import Someone
from fute_core.analysis.asking import Reply
from fute_core.datasets import uploads
from fute_core.tasks import PromptTemplate, Reasoning
from fute_core.templates import draft

THOUGHT = "<script>alert(1)</script> *bold* so it is good"
ANSWERS = "good: Yes, yes\nbad: No"
TURN = Reasoning("So it is", 24)
THINKS = draft.draft("mine", "Is this good? {{ text }}", ANSWERS, reasoning=TURN).template


@pytest.fixture
def started(app, monkeypatch):
    """`started(template)`: a run of it, without a process."""
    monkeypatch.setattr("fute_core.jobs.start_detached", lambda *_, **__: None)
    rising = count()  # jobs of one second are in the order of their random ends
    monkeypatch.setattr("fute_core.jobs.state.secrets.token_hex", lambda n: f"{next(rising):0{2 * n}x}")
    app.run()

    def start(template: PromptTemplate, texts: int = 64, seconds: float = 8.0):
        path = uploads.keep(draft.as_yaml([template]), "p.yaml", uploads.TEMPLATE_ENDINGS)
        job = work.start(lab.requests_of(str(path), [template], lab.Model(), 64))
        items = tuple(replace(i, measured_texts=texts, measured_seconds=seconds) for i in job.items)
        return as_state(replace(job, items=items), "done", items_state="done")

    return start


def html(app) -> str:
    return " ".join(str(e.proto.body) for e in app.get("html"))


def test_the_form_makes_a_prompt_that_thinks_and_shows_both_turns(app):
    app.run().switch_page("views/prompt_lab.py").run()
    assert not [field for field in app.text_area if field.key == reasoning_turn.THEN], "one switch until it is on"
    app.toggle(key=reasoning_turn.ON).set_value(True).run()
    app.number_input(key=reasoning_turn.TOKENS).set_value(24).run()
    app.text_area(key=reasoning_turn.THEN).set_value("So it is").run()
    assert not app.exception
    end = "[the model reasons in its own words, at most 24 tokens]\n\nSo it is"
    assert any(shown.value.endswith(end) for shown in app.code)
    assert "1,024 calls, about " in html(app)
    assert "at most 12,288 to write" in html(app)
    app.text_area(key=reasoning_turn.THEN).set_value("So {{ text }} is").run()
    assert ["sees no text" in error.value for error in app.error] == [True]
    assert app.button(key="lab-start-job").disabled


def test_what_cannot_be_asked_so_is_told_before_it_is(app):
    app.run().switch_page("views/prompt_lab.py").run()
    app.toggle(key=reasoning_turn.ON).set_value(True).run()
    app.radio(key="lab-reading").set_value("text").run()
    assert ["let it answer at once" in error.value for error in app.error] == [True]
    assert app.button(key="lab-start-job").disabled
    assert "calls" not in html(app), "no price of what is not asked"
    served = costs.Model("m", "http://localhost:1/v1")
    assert "No endpoint" in reasoning_turn.refused([THINKS], served)
    assert not reasoning_turn.refused([replace(THINKS, reasoning=None)], served)
    assert not reasoning_turn.refused([THINKS], costs.Model())


def test_a_run_that_thinks_is_never_promised_the_time_of_one_that_does_not(started):
    started(replace(THINKS, reasoning=None), seconds=2.0)
    assert costs.pace_of(costs.Model()).slow == 32
    assert costs.pace_of(costs.Model(), 24) is None
    started(THINKS, seconds=64.0)
    assert costs.pace_of(costs.Model(), 24).slow == 1
    assert costs.pace_of(costs.Model(), 64) is None
    assert costs.pace_of(costs.Model()).slow == 32
    found = costs.cost(THINKS, costs.Model("somewhere", base_url="http://localhost:1/v1"), 64)
    assert (found.calls, found.written, found.thinks, found.pace) == (128, 64 * 24, 24, None)


def test_a_draft_keeps_the_turn_and_nothing_else_that_is_called_so():
    whole = {"lab-name": "mine", "lab-template": "Good? {{ text }}", "lab-answers": "good\nbad"}
    turn = {reasoning_turn.ON: True, reasoning_turn.THEN: "So it is", reasoning_turn.TOKENS: 24}
    assert drafts.read(json.dumps({**whole, **turn}))[1] == {**whole, **turn}
    strange = {reasoning_turn.ON: 1, reasoning_turn.TOKENS: 24.0, reasoning_turn.THEN: ["x"]}
    assert drafts.read(json.dumps({**whole, **strange}))[1] == whole
    assert drafts.read(json.dumps({**whole, reasoning_turn.TOKENS: 10**9}))[1] == whole
    assert drafts.read(json.dumps({**whole, reasoning_turn.THEN: "x" * 501})) == (None, {})


def test_a_runs_page_shows_what_was_thought_and_escapes_it(app, started, atlas, monkeypatch):
    job = started(THINKS)
    late = found(said_by_a_prompt(atlas), 64, atlas)
    thoughts = (THOUGHT, *(f"thought {n}" for n in range(1, 63)), "")
    there = replace(late, answers=replace(late.answers, thoughts=thoughts), complete=True)
    monkeypatch.setattr(places, "landed", lambda *_: there)
    monkeypatch.setattr(history, "surest", lambda found, k: {"good": [0, 1], "bad": [63]})
    opened = AppTest.from_file(app._script_path, default_timeout=60)
    opened.query_params["run"] = job.id
    opened.run().switch_page("views/runs.py").run()
    assert not opened.exception
    told = html(opened)
    assert "first, at most 24 tokens, then “So it is”" in told
    assert "In italics what the model thought" in told
    assert "&lt;script&gt;alert(1)&lt;/script&gt; *bold* so it is good" in told
    assert "<script>alert" not in told
    assert "thought 1" in told
    assert "(nothing)" in told
    from dashboard.components.run_answers import table

    assert [row["thought"] for row in table(atlas, there)] == list(thoughts)
    (asked,) = history.prompts(work.find(job.id))
    assert not history.can_speak(asked), "its own words are there already"
    assert "So it is" in prompt_pin._asked(there, asked.request)


def test_what_was_thought_of_a_hidden_text_is_hidden_too():
    shown = page._quote("text", None, "good 93 %", True, 240, "bad <b>words</b>")
    assert '<span class="thought" dir="auto" aria-hidden="true">bad &lt;b&gt;words&lt;/b&gt;</span>' in shown
    assert "thought" not in page._quote("text", None, "good 93 %", False, 240)


def test_a_card_of_ask_shows_it_in_short():
    someone = Someone("prompt:mine", "mine", "prompt", None, "a prompt", "", {}, (1, ""))
    reply = Reply(("good", "bad"), (0.75, 0.25), None, True, False, THOUGHT + " again" * 99)
    card = ask.card(someone, reply)
    assert "It thought first: “&lt;script&gt;" in card
    assert "<script>" not in card
    assert len(card) < 1500


def test_the_map_says_of_a_prompt_that_it_thinks(atlas):
    item = next(i for i in atlas.items if i.embedding.kind == "prompt")
    assert "Thinks first" not in details.what_it_is(item)
    told = details.what_it_is(replace(item, facts={**item.facts, "reasoning": 24}))
    assert told["Thinks first"] == "at most 24 tokens"


def test_worked_examples_are_not_offered_to_it(app):
    app.run().switch_page("views/prompt_lab.py").run()
    app.toggle(key=reasoning_turn.ON).set_value(True).run()
    assert "let it answer at once" in html(app)
    assert not [button for button in app.button if button.key == "lab-examples-go"]


def test_what_is_chosen_below_the_lid_is_said_above_it_too(app):
    app.run().switch_page("views/prompt_lab.py").run()
    assert "Asked so that" not in html(app)
    app.toggle(key="lab-reasons").set_value(True)
    app.text_area(key="lab-system").set_value("You are terse.").run()
    assert not app.exception
    assert "Asked so that the model thinks first and it has a system message." in html(app)
