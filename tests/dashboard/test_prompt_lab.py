"""The Prompt lab as a page: its form, the job that it starts, and what its runs are called."""

import pytest
from job_states import as_state
from lab_runs import started, stored

from dashboard.components import prompt_landing
from dashboard.reads import data, lab, work


def test_the_page_shows_a_preview_a_price_and_a_button(app):
    app.run().switch_page("views/prompt_lab.py").run()
    assert not app.exception
    assert any("Review:" in c.value for c in app.code)
    assert not app.button(key="lab-start-job").disabled
    assert "Nothing has landed yet" in html(app)


def test_a_mistake_is_told_where_it_is_written_and_nothing_can_start(app):
    app.run().switch_page("views/prompt_lab.py").run()
    app.text_area(key="lab-template").set_value("Is it {{ good }} or {{ bad }}?").run()
    assert not app.exception
    assert app.error
    assert app.button(key="lab-start-job").disabled


def test_asking_starts_a_job_and_never_the_model_in_the_page(app, monkeypatch):
    started = []
    monkeypatch.setattr("fute_core.jobs.start_detached", lambda job, **_: started.append(job))
    monkeypatch.setattr("fute_core.predictors.prompted_lm.PromptedLM.score", lambda *_: pytest.fail("asked the model"))
    app.run().switch_page("views/prompt_lab.py").run()
    app.button(key="lab-start-job").click().run()
    assert not app.exception
    (job,) = work.known()
    assert len(started) == 1
    assert (job.items[0].request.kind, job.items[0].request.model) == ("prompt", "smollm2")
    assert app.query_params["run"] == job.id


def test_a_run_is_called_the_same_in_every_state(app, monkeypatch):
    monkeypatch.setattr("fute_core.jobs.start_detached", lambda *_, **__: None)
    app.run().switch_page("views/prompt_lab.py").run()
    app.button(key="lab-start-job").click().run()
    before = app.selectbox(key="run").options
    as_state(work.find(app.query_params["run"]), "done", items_state="done")
    assert app.run().selectbox(key="run").options == before


def test_a_page_that_was_complete_looks_again_where_something_new_is_awaited(app, monkeypatch):
    job = started(app, monkeypatch)
    for complete in (True, False):
        app.session_state["lab.settled"] = (job.id, data.stamp())
        monkeypatch.setattr(prompt_landing, "show", lambda *_, ready=complete, **__: ready)
        app.run()
        assert not app.exception
        assert ("lab.settled" in app.session_state) == complete


def test_a_name_that_only_an_earlier_method_has_is_free_and_one_on_the_map_is_not(app, monkeypatch):
    job = started(app, monkeypatch)
    request = job.items[0].request
    stored(job, params={"rank": 12})
    assert lab.taken([request]) == []
    stored(job)
    assert lab.taken([request]) == [request.label]


def html(app) -> str:
    return " ".join(str(e.proto.body) for e in app.get("html"))
