"""The page of one run: what was asked, the verdict at each stage, its answers, and the versions before it."""

from dataclasses import replace

import numpy as np
import pytest
from job_states import as_state
from just_landed import found, said_by_a_prompt
from streamlit.testing.v1 import AppTest

from dashboard.components import prompt_editor
from dashboard.reads import history, lab, places, work
from fute_core.datasets import uploads
from fute_core.templates import draft

ANSWERS = "good: Yes, yes\nbad: No"
SOURCE = "Is this good? Say yes or no.\n\n{{ text }}"


@pytest.fixture
def started(app, monkeypatch):
    """`started(name, source)`: a run of a prompt, done without a process; each later than the one before."""
    monkeypatch.setattr("fute_core.jobs.start_detached", lambda *_, **__: None)
    moments = iter(f"2026-01-0{day}T10:00:00+00:00" for day in range(1, 9))
    app.run()

    def start(*prompts: tuple[str, str]):
        templates = [draft.draft(name, source, ANSWERS, family="sentiment").template for name, source in prompts]
        path = uploads.keep(draft.as_yaml(templates), "p.yaml", uploads.TEMPLATE_ENDINGS)
        job = work.start(lab.requests_of(str(path), templates, lab.Model(), 64))
        as_state(job, "done", items_state="done")
        plan = job.folder / "plan.json"
        plan.write_text(plan.read_text("utf-8").replace(job.created, next(moments)), "utf-8")
        return work.find(job.id)

    return start


@pytest.fixture
def landed(atlas, monkeypatch):
    """Every run has landed after 32 and 64 texts, half of whose answers fell on other words."""
    said = said_by_a_prompt(atlas)
    early, late = found(said, 32, atlas), found(said, 64, atlas)
    outside = np.linspace(0, 0.9, 64, dtype=np.float32)
    there = replace(late, stages=(early.last, late.last), answers=replace(late.answers, outside=outside), complete=True)
    monkeypatch.setattr(places, "landed", lambda *_: there)
    return there


def visit(app, **params) -> AppTest:
    opened = AppTest.from_file(app._script_path, default_timeout=60)
    for name, value in params.items():
        opened.query_params[name] = value
    opened.run().switch_page("views/runs.py").run()
    assert not opened.exception
    return opened


def html(app) -> str:
    return " ".join(str(e.proto.body) for e in app.get("html"))


def test_without_a_run_the_page_leads_to_the_lab(app):
    page = visit(app)
    assert "No prompt was asked yet" in html(page)
    page.button(key="empty-No prompt was asked yet").click().run()
    assert not page.exception
    assert page.button(key="lab-start-job")


@pytest.mark.parametrize("prompts", [1, 2])
@pytest.mark.parametrize("named", [True, False])
def test_a_prompt_that_the_run_has_not_got_is_told_of(app, started, landed, prompts, named):
    job = started(*((f"p{n}", SOURCE) for n in range(prompts)))
    page = visit(app, prompt="99", **({"run": job.id} if named else {}))
    assert "the prompt “99” of this run" in html(page)
    assert "of this run, which has" not in html(visit(app, run=job.id, prompt=str(prompts)))


def test_a_run_tells_what_was_asked_and_the_verdict_at_each_stage(app, started, landed):
    job = started(("mine", SOURCE))
    page = visit(app, run=job.id)
    assert SOURCE in [c.value for c in page.code]
    told = html(page)
    for words in (
        "mine @ smollm2",
        "good: Yes, yes; bad: No",
        "the first 64",
        "<b>32</b>",
        "<b>64</b>",
        "It hesitated",
    ):
        assert words in told
    assert told.count("%") >= 8
    assert page.query_params["run"] == job.id


def test_a_run_that_is_not_here_is_told_of_and_the_list_is_offered(app, started, landed):
    job = started(("mine", SOURCE))
    page = visit(app, run="*nothing*")
    assert ["nothing" in w.value and "not here" in w.value for w in page.warning] == [True]
    page.selectbox(key="runs-run").set_value(job.id).run()
    assert not page.exception
    assert not page.warning
    assert page.query_params["run"] == job.id


def test_a_copy_opens_in_the_lab_under_a_name_of_its_own(app, started, landed):
    job = started(("mine", SOURCE))
    page = visit(app, run=job.id)
    page.button(key="runs-copy").click().run()
    assert not page.exception
    assert page.text_area(key="lab-template").value == SOURCE
    assert page.text_input(key="lab-name").value == "mine 2"


def test_names_of_copies_count_on():
    assert prompt_editor.next_name("mine 2") == "mine 3"
    assert prompt_editor.next_name("gpt-4") == "gpt-4 2"
    assert len(prompt_editor.next_name("x" * 60)) <= prompt_editor.LONGEST_NAME


def test_earlier_versions_are_those_of_like_words_and_their_differences_are_marked(app, started, landed):
    first = started(("mine", SOURCE))
    started(("else", "Translate into French, please: {{ text }}"))
    last = started(("mine 2", SOURCE.replace("good", "any <b>good</b>")))
    (own,) = history.prompts(last)
    assert [e.job.id for e in history.earlier(own)] == [first.id]
    (before,) = history.prompts(first)
    assert history.earlier(before) == []
    assert history.changes(before, own) == []
    page = visit(app, run=last.id)
    assert "<mark>any &lt;b&gt;</mark>good" in html(page)
    page.button(key="runs-open").click().run()
    assert page.query_params["run"] == first.id
    assert "There is none." in html(page)


def test_of_several_prompts_the_address_names_one(app, started, landed):
    job = started(("one", SOURCE), ("two", SOURCE.replace("good", "bad")))
    page = visit(app, run=job.id, prompt="2")
    assert "two @ smollm2" in html(page)
    for nonsense in ("0", "9", "²", "x"):
        assert "one @ smollm2" in html(visit(app, run=job.id, prompt=nonsense))


def test_a_template_that_is_gone_is_told_of(app, started, landed):
    job = started(("mine", SOURCE))
    for file in uploads.uploads_folder().glob("*.yaml"):
        file.unlink()
    page = visit(app, run=job.id)
    assert "its words nor its answers" in html(page)
    assert not [b for b in page.button if b.key == "runs-copy"]


def test_what_the_model_wanted_to_say_is_asked_for_and_never_by_itself(app, started, landed, monkeypatch):
    asked = []
    monkeypatch.setattr(history, "_said", lambda *given: [asked.append(t) or "<i>hm</i>" for t in given[2]])
    page = visit(app, run=started(("mine", SOURCE)).id)
    assert not asked
    (go,) = [b for b in page.button if str(b.key).startswith("runs-words-")]
    go.click().run()
    assert not page.exception
    assert len(asked) == 4
    assert "&lt;i&gt;hm&lt;/i&gt;" in html(page)


def test_a_model_at_an_endpoint_is_never_asked_again(app, started, landed):
    (asked,) = history.prompts(started(("mine", SOURCE)))
    assert history.can_speak(asked)
    request = replace(asked.request, options={"base_url": "http://127.0.0.1:9/v1"})
    job = replace(asked.job, items=(replace(asked.item, request=request),))
    assert not history.can_speak(replace(asked, job=job))
