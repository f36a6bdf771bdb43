"""What was just embedded is shown on the page that began it, without another click."""

import json
from pathlib import Path

import pytest
from added import add

from dashboard.reads import work
from dashboard.session.text import html_text
from fute_core.embedding.requests import EmbedRequest
from fute_core.home import fute_home
from fute_core.jobs.job import Job, JobItem


def job(state: str, request: EmbedRequest) -> Job:
    return Job("20260131-120000-a1b2c3", Path(), "", "2026-01-31T12:00:00+00:00", (JobItem(request, state),), state)


def components(app) -> set[str]:
    return {e.key for e in app.get("bidi_component")}


@pytest.mark.parametrize(
    ("page", "kept", "kind"), [("datasets", "datasets.job", "dataset"), ("models", "models.job", "model")]
)
def test_a_point_that_has_landed_is_drawn_with_its_verdict_and_its_nearest(app, monkeypatch, page, kept, kind):
    add(fute_home(), "mine", "sst2", kind=kind)
    monkeypatch.setattr(work, "find", lambda _: job("done", EmbedRequest(kind, "mine.csv", name="mine")))
    app.session_state[kept] = "20260131-120000-a1b2c3"
    app.query_params["do"] = "Upload" if kind == "dataset" else "Add a model"
    app.switch_page(f"views/{page}.py").run()
    assert not app.exception
    assert {"landed-map", "landed-near"} <= components(app)
    drawn = json.loads(next(e for e in app.get("bidi_component") if e.key == "landed-map").proto.json)
    assert drawn["selected"] == [f"{kind}:mine"]
    assert drawn["near"]
    assert any('class="verdict"' in e.proto.body for e in app.get("html"))
    app.button(key="landed-to-map").click().run()
    assert app.query_params["sel"] == f"{kind}:mine"


def test_while_it_is_made_there_is_its_progress_and_no_map(app, monkeypatch):
    monkeypatch.setattr(work, "find", lambda _: job("running", EmbedRequest("dataset", "mine.csv", name="mine")))
    app.session_state["datasets.job"] = "20260131-120000-a1b2c3"
    app.query_params["do"] = "Upload"
    app.switch_page("views/datasets.py").run()
    assert not app.exception
    assert "landed-map" not in components(app)


def test_a_point_that_was_removed_meanwhile_is_told_of(app, monkeypatch):
    monkeypatch.setattr(work, "find", lambda _: job("done", EmbedRequest("dataset", "mine.csv", name="gone")))
    app.session_state["datasets.job"] = "20260131-120000-a1b2c3"
    app.query_params["do"] = "Upload"
    app.switch_page("views/datasets.py").run()
    assert not app.exception
    said = " ".join(e.proto.body for e in app.get("html"))
    assert html_text("It was removed, or made in another way than the space that is shown.") in said
