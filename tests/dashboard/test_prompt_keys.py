"""A key that a visitor types for an endpoint: to the job's process, for that visitor's session, and to no file."""

from job_states import as_state
from streamlit.testing.v1 import AppTest

from dashboard.__main__ import SETTINGS
from dashboard.reads import work
from fute_core.home import fute_home
from fute_core.predictors.keys import TYPED


def test_a_typed_key_is_handed_to_the_job_and_kept_in_the_session_alone(app, monkeypatch):
    given = []
    monkeypatch.setattr("fute_core.jobs.start_detached", lambda job, key=None: given.append(key))
    app.run().switch_page("views/prompt_lab.py").run()
    app.radio(key="lab-model").set_value("endpoint").run()
    assert "Give the endpoint" in " ".join(str(e.proto.body) for e in app.get("html"))
    assert app.text_input(key="lab-key").proto.type == app.text_input(key="lab-key").proto.PASSWORD
    app.text_input(key="lab-url").set_value("http://127.0.0.1:9/v1").run()
    app.text_input(key="lab-served").set_value("a-model").run()
    assert "Give the endpoint" not in " ".join(str(e.proto.body) for e in app.get("html"))
    app.text_input(key="lab-key").set_value("sk-typed").run()
    app.button(key="lab-start-job").click().run()
    assert not app.exception
    job = work.find(app.query_params["run"])
    assert job.items[0].request.options["api_key_env"] == TYPED
    as_state(job, "failed", items_state="failed")
    app.run()
    app.button(key=f"lab-resume-{job.id}").click().run()
    assert given == ["sk-typed", "sk-typed"]
    assert not [p for p in fute_home().rglob("*") if p.is_file() and b"sk-typed" in p.read_bytes()]
    as_state(work.find(job.id), "failed", items_state="failed")
    elsewhere = AppTest.from_file(
        str(SETTINGS.parents[1] / "app.py"), default_timeout=60
    )  # another visitor, who never typed it
    elsewhere.query_params["run"] = job.id
    elsewhere.run().switch_page("views/prompt_lab.py").run()
    elsewhere.button(key=f"lab-resume-{job.id}").click().run()
    assert given == ["sk-typed", "sk-typed", None]
