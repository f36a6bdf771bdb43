"""A link to a run of the Prompt lab: which run it opens, and what it brings into the form."""

from job_states import as_state
from lab_runs import started
from streamlit.testing.v1 import AppTest

from dashboard.reads import work

ASKED = "Is this good? {{ text }}"
ANSWERS = "good: Yes, yes\nbad: No"


def test_a_link_opens_its_run_in_whatever_state_that_is_by_now(app, monkeypatch):
    monkeypatch.setattr("fute_core.jobs.start_detached", lambda *_, **__: None)
    app.run().switch_page("views/prompt_lab.py").run()
    app.button(key="lab-start-job").click().run()
    linked = app.query_params["run"]
    app.text_input(key="lab-name").set_value("another").run()
    app.button(key="lab-start-job").click().run()
    newer = app.query_params["run"]
    assert newer != linked
    as_state(work.find(linked), "done", items_state="done")
    app.query_params["run"] = linked
    app.run()
    assert not app.exception
    assert app.selectbox(key="run").value == linked == app.query_params["run"]
    app.selectbox(key="run").set_value(newer).run()
    assert app.query_params["run"] == newer


def link(app, run: str):
    """A new visit by the link of a run."""
    visit = AppTest.from_file(app._script_path, default_timeout=60)
    visit.query_params["run"] = run
    visit.run().switch_page("views/prompt_lab.py").run()
    assert not visit.exception
    return visit


def test_a_link_to_a_run_brings_its_prompt_into_the_form(app, monkeypatch):
    monkeypatch.setattr("fute_core.jobs.start_detached", lambda *_, **__: None)
    app.run().switch_page("views/prompt_lab.py").run()
    written = {"lab-template": ASKED, "lab-answers": ANSWERS}
    for key, value in written.items():
        app.text_area(key=key).set_value(value)
    app.text_input(key="lab-name").set_value("of a link")
    app.text_input(key="lab-family").set_value("sentiment").run()
    app.button(key="lab-start-job").click().run()
    visit = link(app, app.query_params["run"])
    assert {key: visit.text_area(key=key).value for key in written} == written
    assert [visit.text_input(key=f"lab-{key}").value for key in ("name", "family")] == ["of a link", "sentiment"]
    visit.text_area(key="lab-template").set_value("My own? {{ text }}").run()
    assert visit.text_area(key="lab-template").value == "My own? {{ text }}"


def test_a_link_never_takes_the_place_of_what_is_being_written(app, monkeypatch):
    job = started(app, monkeypatch)
    app.text_area(key="lab-template").set_value("Mine? {{ text }}").run()
    app.session_state["lab.run_written"] = "another"
    app.query_params["run"] = job.id
    app.run()
    assert app.text_area(key="lab-template").value == "Mine? {{ text }}"


def test_a_run_that_is_not_here_is_told_of_and_no_other_is_opened_in_its_place(app, monkeypatch):
    job = started(app, monkeypatch)
    visit = link(app, "20260101-000000-abcdef")
    assert ["20260101" in w.value and "not here" in w.value for w in visit.warning] == [True]
    assert visit.selectbox(key="run").value is None
    assert visit.query_params["run"] == "20260101-000000-abcdef"
    visit.selectbox(key="run").set_value(job.id).run()
    assert not visit.exception
    assert not visit.warning
    assert visit.query_params["run"] == job.id
