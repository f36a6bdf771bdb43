"""The form of the Prompt lab: every mistake is told at its field, and what is right is previewed meanwhile."""

import pytest

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
    assert "about " in " ".join(str(e.proto.body) for e in app.get("html") if "Tokens" in str(e.proto.body))


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
