"""Prompts of a run on rows of the dataset that they are ranked for: the target that is offered, the vote, the job."""

from dataclasses import replace

import numpy as np
import pytest
from just_landed import found, said_by_a_prompt

from dashboard.components import job_list, prompt_rows
from dashboard.reads import lab, own_rows, work
from fute_core.embedding.requests import EmbedRequest
from fute_core.errors import BadInput


@pytest.fixture
def sst2(atlas):
    return atlas.items[atlas.positions["dataset:sst2"]]


def test_the_dataset_that_was_brought_last_is_offered(atlas, sst2):
    assert own_rows.newest_own(atlas.items) is None
    made = replace(sst2.embedding.provenance, created="2026-02-01T00:00:00+00:00")
    old = replace(sst2, facts={**sst2.facts, "shipped": False})
    new = replace(old, embedding=replace(sst2.embedding, provenance=made))
    older = replace(
        old, embedding=replace(sst2.embedding, provenance=replace(made, created="2025-02-01T00:00:00+00:00"))
    )
    assert own_rows.newest_own([sst2, new, older]) is new


def test_rows_of_a_shipped_dataset_are_known_and_those_of_a_lost_file_are_not(app, sst2):
    app.run()
    assert len(own_rows.rows(sst2).texts) == 100
    lost = replace(sst2, facts={**sst2.facts, "shipped": False})
    assert own_rows.rows(lost) is None


def test_the_vote_is_told_for_several_prompts_on_the_texts_they_share(atlas, sst2):
    said = said_by_a_prompt(atlas)
    labels = tuple(sst2.facts["labels"])
    one, two = (replace(found(said, n, atlas), name=str(n)) for n in (32, 64))
    one, two = (replace(p, answers=replace(p.answers, labels=labels)) for p in (one, two))
    assert own_rows.by_vote(atlas, sst2, [one]) is None
    told = own_rows.by_vote(atlas, sst2, [one, two])
    assert told.n_texts == 32
    assert not told.labelled
    assert [set(row) for row in prompt_rows.table_of(told)] == [
        {"rank", "group", "prompt", "with the vote", "mutual information", "entropy", "texts"}
    ] * 2


def test_asking_is_a_job_of_its_own_and_no_run(app, sst2, monkeypatch):
    monkeypatch.setattr("fute_core.jobs.start_detached", lambda *_, **__: None)
    monkeypatch.setattr("fute_core.predictors.prompted_lm.PromptedLM.score", lambda *_: pytest.fail("asked the model"))
    app.run()
    request = EmbedRequest("prompt", "sentiment", model="smollm2", template="sentiment-02-four-reviews", probes=32)
    requests = {"mine": request}
    lacking, ranked = own_rows.answered(own_rows.rows(sst2), requests)
    assert (lacking, ranked) == (100, None)
    job = own_rows.ask(sst2, requests)
    assert own_rows.asking(sst2, requests).id == job.id
    assert job.items[0].texts_total == 100
    assert work.known()
    assert lab.runs() == []
    assert job_list.title(job) == "sentiment-02-four-reviews @ smollm2, on rows of a dataset"
    assert job_list.way_on(job) == ("prompt_lab", "Open the Prompt lab", {})


def test_what_was_answered_ranks_the_prompts_by_their_labels(sst2, monkeypatch, app):
    app.run()
    rows = own_rows.rows(sst2)

    class Knowing:
        labels = rows.labels

        def __init__(self, wrong: int):
            self.wrong = wrong

        def fingerprint(self):
            return f"knowing {self.wrong}"

    def said(predictor, _store, texts):
        from fute_core.predictors.answers import ProbeAnswers

        proba = np.where(rows.targets > 0, 0.9, 0.1).astype(np.float32)
        proba[: predictor.wrong] = 1 - proba[: predictor.wrong]
        return ProbeAnswers(rows.labels, np.arange(len(texts)), proba)

    makers = iter((Knowing(40), Knowing(0)))
    monkeypatch.setattr("dashboard.reads.places.source_of", lambda _: "")
    monkeypatch.setattr("dashboard.reads.background.soon", lambda *_, **__: next(makers))
    monkeypatch.setattr("fute_core.predictors.answers.read_answers", said)
    asked = EmbedRequest("prompt", "sentiment-12-faces", template="sentiment-12-faces")
    lacking, ranked = own_rows.answered(rows, {"poor": asked, "good": asked})
    assert lacking == 0
    assert [r.name for r in ranked.ranking] == ["good", "poor"]
    assert ranked.winner == "good"
    assert "surely more often" in ranked.reason


def test_prompts_with_other_labels_are_told_before_any_is_asked(sst2, monkeypatch, app):
    app.run()
    monkeypatch.setattr("dashboard.reads.background.soon", lambda *_, **__: pytest.fail("no model is needed for this"))
    topics = {"topics": EmbedRequest("prompt", "topic-01-news-question", template="topic-01-news-question")}
    with pytest.raises(BadInput, match="None of the prompts has two of the labels negative, positive"):
        own_rows.answered(own_rows.rows(sst2), topics)
