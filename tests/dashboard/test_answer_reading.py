"""The form of the Prompt lab says how answers are read, and a run is asked so."""

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.__main__ import SETTINGS
from dashboard.reads import costs, history, lab, work
from fute_core.embedding.requests import EmbedRequest
from fute_core.predictors.written import MAX_TOKENS
from fute_core.templates import draft

TEMPLATE = draft.draft("mine", "Good? {{ text }}", "good: Yes, yes\nbad: No").template


@pytest.fixture
def form(app, monkeypatch):
    monkeypatch.setattr("fute_core.jobs.start_detached", lambda *_, **__: None)
    return app.run().switch_page("views/prompt_lab.py").run()


def at_an_endpoint(app):
    app.radio(key="lab-model").set_value("endpoint").run()
    app.text_input(key="lab-url").set_value("http://127.0.0.1:9/v1").run()
    app.text_input(key="lab-served").set_value("a-model").run()


def asked(app) -> EmbedRequest:
    app.button(key="lab-start-job").click().run()
    assert not app.exception
    return work.find(app.query_params["run"]).items[0].request


def said(app) -> str:
    return " ".join(str(e.proto.body) for e in app.get("html"))


def test_words_of_an_endpoint_are_asked_for_as_often_and_as_long_as_the_form_says(form):
    at_an_endpoint(form)
    form.radio(key="lab-reading").set_value("text").run()
    form.number_input(key="lab-samples").set_value(8).run()
    form.number_input(key="lab-max-tokens").set_value(2000).run()
    assert "4,096 calls, tokens as the server counts and at most 8,192,000 to write" in said(form)
    request = asked(form)
    read = {name: request.options.get(name) for name in costs.READING}
    assert read == {"text": True, "samples": 8, "max_tokens": 2000, "api": None}
    assert history.settings(history.Asked(work.known()[0], 0, None))["Read as"] == (
        "words (8 answers a text, at most 2000 tokens)"
    )


def test_words_of_a_model_at_hand_are_asked_for_too(form):
    form.radio(key="lab-reading").set_value("text").run()
    assert "at most 8,192 to write" in said(form)
    assert "lab-api-text" not in [box.key for box in form.selectbox]
    assert asked(form).options["text"] is True


@pytest.mark.parametrize(("how", "api", "calls"), [("probabilities", "completions", 2048), ("text", "next-token", 512)])
def test_a_server_is_asked_in_every_way_that_the_command_offers(form, how, api, calls):
    at_an_endpoint(form)
    form.radio(key="lab-reading").set_value(how).run()
    form.selectbox(key=f"lab-api-{how}").set_value(api).run()
    assert f"{calls:,} calls" in said(form)
    assert asked(form).options["api"] == api


def test_as_usual_a_request_names_nothing(form):
    at_an_endpoint(form)
    assert set(asked(form).options) <= {"base_url", "device", "precision"}


def test_a_run_comes_back_into_the_form_with_how_it_was_read(form):
    at_an_endpoint(form)
    form.radio(key="lab-reading").set_value("text").run()
    form.number_input(key="lab-samples").set_value(4).run()
    form.selectbox(key="lab-api-text").set_value("next-token").run()
    asked(form)
    elsewhere = AppTest.from_file(str(SETTINGS.parents[1] / "app.py"), default_timeout=60)
    elsewhere.query_params["run"] = form.query_params["run"]
    elsewhere.run().switch_page("views/prompt_lab.py").run()
    assert not elsewhere.exception
    assert elsewhere.radio(key="lab-reading").value == "text"
    assert elsewhere.number_input(key="lab-samples").value == 4
    assert elsewhere.number_input(key="lab-max-tokens").value == MAX_TOKENS
    assert elsewhere.selectbox(key="lab-api-text").value == "next-token"


def test_the_pace_of_one_reading_says_nothing_of_another():
    words, probabilities = (
        lab.requests_of("x", [TEMPLATE], costs.Model(read=read), None)[0] for read in ((("text", True),), ())
    )
    assert costs._same_model(words, costs.Model(read=(("text", True),)))
    assert not costs._same_model(probabilities, costs.Model(read=(("text", True),)))
