"""The jobs page: what a job says of itself, and what its buttons do. Jobs are real ones on disk, most never run."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from job_states import as_state

from dashboard.components import job_list
from dashboard.reads import work
from fute_core.embedding.requests import EmbedRequest
from fute_core.errors import BadInput
from fute_core.jobs import create_job, load_job
from fute_core.store.store import open_store

HOSTILE = "![x](http://192.0.2.1/x.png) <img src=x onerror=alert(1)>"


def job_of(*names, state="queued", **changes):
    requests = [EmbedRequest("dataset", "sst2", name=name, limit=8) for name in names]
    return as_state(create_job(requests, open_store(), key_of=lambda _: None), state, **changes)


def test_a_job_says_what_it_is_how_far_and_how_long_still():
    job = job_of("one", "two", "three")
    assert job_list.title(job) == "one, two and 1 more"
    assert job_list.line(job) == "Waiting, 0 of 3 items"
    running = as_state(job, "running", items_state="done", eta_seconds=42.0)
    assert job_list.line(running) == "Running, 3 of 3 items, about 42 s left"
    fast = replace(running, texts_per_second=1234.4)
    assert job_list.line(fast) == "Running, 3 of 3 items, about 42 s left, 1,234 texts a second"
    here = replace(fast, tokens_per_second=98765.4)
    assert job_list.line(here) == "Running, 3 of 3 items, about 42 s left, 1,234 texts (98,765 tokens) a second"
    items = [replace(item, peak_memory=size) for item, size in zip(job.items, (None, 2 * 10**9, 10**9), strict=True)]
    assert "2 GB of memory at most" in job_list.line(replace(as_state(job, "done"), items=tuple(items)))


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.2, "under a second"), (42, "about 42 s"), (240, "about 4 min"), (7200, "about 2.0 h")],
)
def test_durations_are_rounded_to_what_matters(seconds, said):
    assert job_list.duration(seconds) == said


def test_how_long_ago_is_told_in_one_unit():
    now = datetime.now(UTC)
    assert job_list.ago((now - timedelta(seconds=5)).isoformat(), now) == "5 s ago"
    assert job_list.ago((now - timedelta(hours=30)).isoformat(), now) == "1 d ago"
    assert job_list.ago("never", now) == ""


@pytest.mark.parametrize(
    ("state", "names"),
    [
        ("queued", ["cancel"]), ("running", ["cancel"]), ("done", ["delete"]), ("failed", ["retry", "delete"]),
        ("cancelled", ["resume", "delete"]), ("interrupted", ["resume", "delete"]),
    ],
)  # fmt: skip
def test_each_state_offers_what_makes_sense_in_it(state, names):
    job = as_state(job_of("one"), state, items_state="failed" if state == "failed" else "queued", save=False)
    assert [act.name for act in job_list.acts(job)] == names


def test_one_reason_for_many_items_is_told_once_with_their_names():
    job = as_state(job_of("one", "two"), "failed", items_state="failed", error_of_items="No such column.")
    assert job_list.problems(job) == ["one, two: No such column."]


def test_results_are_one_click_away_once_there_are_some(app):
    asked = EmbedRequest(
        "prompt", "sentiment-06-classifier-role", model="smollm2", template="sentiment-06-classifier-role"
    )
    waiting = as_state(create_job([asked], open_store(), key_of=lambda _: None), "queued")
    assert job_list.way_on(waiting)[0] == "prompt_lab"
    job = job_of("one", "two")
    assert job_list.way_on(job) is None
    done = as_state(job, "done", items_state="done")
    assert job_list.way_on(done) == ("map", "Show on the map", {"sel": ["dataset:one", "dataset:two"]})
    app.run().switch_page("views/jobs.py").run()
    assert not app.exception
    links = {e.proto.label: e.proto.query_string for e in app.get("page_link")}
    assert links["Show on the map"] == "sel=dataset%3Aone&sel=dataset%3Atwo"
    assert links["Open in the Prompt lab"] == f"run={waiting.id}"


def test_a_first_run_says_how_jobs_come_about(app):
    app.run().switch_page("views/jobs.py").run()
    assert not app.exception
    assert "No jobs yet" in html(app)


def test_jobs_are_listed_with_progress_and_errors_and_no_name_is_markup(app):
    job_of(HOSTILE, state="failed", items_state="failed", error_of_items="Row 3 has no text.")
    as_state(job_of("slow one"), "running", texts=(10, 40))
    app.run().switch_page("views/jobs.py").run()
    assert not app.exception
    assert "<img" not in html(app)
    assert "&lt;img" in html(app)
    assert "Row 3 has no text" in app.error[0].value.replace("\\", "")
    assert any("10 of 40" in str(p.proto.text) for p in app.get("progress"))


def test_cancelling_asks_first(app):
    job = job_of("waiting")
    app.run().switch_page("views/jobs.py").run()
    app.button(key=f"cancel-{job.id}").click().run()
    assert not app.exception
    assert load_job(job.id).state == "queued"
    assert any(b.key == "jobs-yes" for b in app.button)


def test_a_damaged_job_says_why_and_is_removed_after_a_question(app):
    job = job_of("broken")
    (job.folder / "plan.json").write_text("{")
    app.run().switch_page("views/jobs.py").run()
    assert not app.exception
    shown = html(app)
    assert f"Job {job.id}" in shown
    assert "its files are damaged, or of another version" in shown
    assert "Expecting" not in shown, "what a parser says helps nobody"
    app.button(key=f"delete-{job.id}").click().run()
    assert not app.exception
    assert any(b.key == "jobs-yes" for b in app.button)
    work.act(job.id, "delete")
    assert "No jobs yet" in html(app.run())


def test_acting_on_a_job_changes_it_on_disk():
    job = job_of("waiting")
    work.act(job.id, "cancel")
    assert work.find(job.id).state == "cancelled"
    work.act(job.id, "delete")
    assert work.find(job.id) is None


def test_what_cannot_be_embedded_leaves_no_job_behind():
    with pytest.raises(BadInput, match="No dataset"):
        work.start([EmbedRequest("dataset", "no such thing")])
    assert work.known() == []


def html(app) -> str:
    return " ".join(str(e.proto.body) for e in app.get("html"))


def test_what_is_asked_for_twice_while_it_works_is_one_job(app, monkeypatch):
    started = []
    monkeypatch.setattr("fute_core.jobs.start_detached", lambda job, **_: started.append(job))
    requests = [EmbedRequest("dataset", "sst2", name="mine", limit=8, options={"label_column": "label"})]
    one, again = work.start(requests), work.start(list(requests))
    assert one.id == again.id
    assert len(started) == len(work.known()) == 1
    as_state(one, "failed")
    assert work.start(requests).id != one.id
    assert work.start([EmbedRequest("dataset", "sst2", name="another", limit=8)]).id not in (one.id, again.id)
