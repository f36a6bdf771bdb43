"""The Prompt lab as a page: its form, its runs, links to them, and what is deleted."""

import errno
import json
import sqlite3
from dataclasses import replace

import numpy as np
import pytest
from job_states import as_state
from just_landed import found, said_by_a_prompt
from streamlit.testing.v1 import AppTest

from dashboard.components import prompt_landing, prompt_pin
from dashboard.reads import data, findings, lab, moments, places, undoing, work
from fute_core.atlas import landing
from fute_core.atlas.atlas import open_atlas
from fute_core.atlas.same_texts import atlas_basis
from fute_core.space.told import STANDING, STANDINGS
from fute_core.store.keys import answers_key

ASKED = "Is this good? {{ text }}"
ANSWERS = "good: Yes, yes\nbad: No"


@pytest.fixture(scope="module")
def atlas():
    return open_atlas(store=False)


@pytest.fixture(scope="module")
def said(atlas):
    return said_by_a_prompt(atlas)


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


def started(app, monkeypatch):
    """The page's own example asked for, without a process; its job, done."""
    monkeypatch.setattr("fute_core.jobs.start_detached", lambda *_, **__: None)
    app.run().switch_page("views/prompt_lab.py").run()
    app.button(key="lab-start-job").click().run()
    return as_state(work.find(app.query_params["run"]), "done", items_state="done")


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


def test_deleting_a_prompt_that_landed_asks_first(app, monkeypatch, atlas, said):
    job = started(app, monkeypatch)
    item, _ = said
    there = replace(found(said, 512, atlas), item=item, complete=True)
    monkeypatch.setattr(places, "landed", lambda *_: there)
    app.run()
    app.button(key="lab-delete").click().run()
    for _ in range(2):  # a page that has become complete is drawn anew, and the question stays
        assert not app.exception
        assert {"lab-delete-yes", "lab-delete-no"} <= {b.key for b in app.button}
        assert job.id == app.query_params["run"]
        app.run()
    app.button(key="lab-delete-no").click().run()
    assert "lab-delete-yes" not in {b.key for b in app.button}


def test_what_was_deleted_comes_back_with_the_answers_kept_beside_it(app, atlas, said):
    app.run()
    own = replace(said[0].embedding, name="mine", key="mine" + "0" * 8)
    kept = {"answers": said[0].answers}, {"probes": "all"}
    data.store().put_embedding(own)
    data.store().put(answers_key(own.key), *kept)
    back = undoing.deleted(own)
    assert data.store().get(answers_key(own.key)) is None
    assert data.store().get_embedding(own.key) is None
    back()
    assert data.store().get_embedding(own.key).vector.tobytes() == own.vector.tobytes()
    arrays, facts = data.store().get(answers_key(own.key))
    assert np.array_equal(arrays["answers"], kept[0]["answers"], equal_nan=True)
    assert facts == kept[1]
    assert [h.name for h in data.store().headers()] == ["mine"]


READ_ONLY = sqlite3.OperationalError("attempt to write a readonly database")
DENIED = PermissionError(errno.EACCES, "Permission denied")


@pytest.mark.parametrize("refusal", [READ_ONLY, DENIED])
def test_a_disk_that_refuses_the_deletion_is_one_sentence(app, monkeypatch, said, refusal):
    def page_that_deletes(embedding):
        from dashboard.components import prompt_landing

        prompt_landing.delete(embedding)

    monkeypatch.setattr("diskcache.Cache.delete", raising(refusal))
    deleting = AppTest.from_function(page_that_deletes, kwargs={"embedding": said[0].embedding}).run()
    assert not deleting.exception
    assert [str(refusal) in e.value.replace("\\", "") for e in deleting.error] == [True]
    assert "lab.undo" not in deleting.session_state


@pytest.mark.parametrize("refusal", [READ_ONLY, DENIED])
def test_a_disk_that_cannot_be_looked_into_is_one_sentence(app, monkeypatch, refusal):
    started(app, monkeypatch)
    monkeypatch.setattr(moments, "store", raising(refusal))
    app.run()
    assert not app.exception
    assert [str(refusal) in e.value.replace("\\", "") for e in app.error] == [True]


def test_a_home_that_refuses_the_cancelling_is_one_sentence(app, monkeypatch):
    job = started(app, monkeypatch)
    as_state(job, "running", texts=(1, 9))
    app.run()
    monkeypatch.setattr("pathlib.Path.touch", raising(DENIED))
    app.button(key=f"lab-cancel-{job.id}").click().run()
    assert not app.exception
    assert ["Permission denied" in e.value for e in app.error] == [True]


def raising(error: Exception):
    def refused(*_args, **_how):
        raise error

    return refused


def stored(job, **made) -> None:
    """The job's prompt in the store, by other parameters of the method."""
    shipped = open_atlas(store=False).items[0].embedding
    made = replace(shipped.provenance, **made)
    key = "earlier" + "0" * 8
    own = replace(shipped, name=job.items[0].request.label, kind="prompt", key=key, provenance=made)
    data.store().put_embedding(own)


def test_a_name_that_only_an_earlier_method_has_is_free_and_one_on_the_map_is_not(app, monkeypatch):
    job = started(app, monkeypatch)
    request = job.items[0].request
    stored(job, params={"rank": 12})
    assert lab.taken([request]) == []
    stored(job)
    assert lab.taken([request]) == [request.label]


def test_a_prompt_of_an_earlier_method_is_told_from_one_that_was_deleted(app, monkeypatch, atlas):
    job = started(app, monkeypatch)
    item = replace(job.items[0], key="earlier" + "0" * 8)
    assert places.older(atlas, item) == ""
    stored(job, params={"rank": 12})
    assert places.older(atlas, item) == "other method parameters"


def test_a_pin_of_a_run_has_verdict_repeats_model_prompt_settings_and_a_picture(app, monkeypatch, atlas, said):
    job = started(app, monkeypatch)
    there = replace(found(said, 512, atlas), complete=True)
    monkeypatch.setattr(places, "landed", lambda *_: there)
    repeats = landing.repeats(atlas, there.answers, atlas_basis(atlas, None), calibrate=False)
    monkeypatch.setattr(places, "repeats", lambda *_: repeats)
    app.run()
    app.button(key="pin-lab").click().run()
    assert not app.exception
    table, picture = findings.read(app.session_state["findings.owner"], "Findings").pins
    judged = places.verdict(atlas, there)
    for words in (judged.why, "repeats land", "Model: smollm2", "label priors kept", "fused on bge-small",
                  "Is the writer of this review happy", "positive: Yes, yes"):  # fmt: skip
        assert words in table.note
    assert f"run={job.id}" in table.address == picture.address
    (spot,) = [t for t in json.loads(picture.content)["data"] if t.get("ids") == [f"prompt:{there.name}"]]
    assert (spot["x"], spot["y"]) == ([there.last.x], [there.last.y])


def html(app) -> str:
    return " ".join(str(e.proto.body) for e in app.get("html"))


def test_a_pinned_landing_calls_kinds_as_the_page_does():
    tells = {STANDING: STANDINGS["near"]}
    assert prompt_pin.as_read([{"name": "sst2 · bayes", "kind": "model", "low": 0.1, **tells}]) == [
        {"name": "sst2 · bayes", "kind": "classifier", "low": 0.1, **tells}
    ]
