"""Requests as data: what they are called, and how they stay true in another folder."""

from dataclasses import replace

import numpy as np
import pytest

from fute_core import jobs
from fute_core.embedding.answering import stored_answers_of
from fute_core.embedding.fulfil import embed_request
from fute_core.embedding.requests import EmbedRequest
from fute_core.jobs.task import Task
from fute_core.jobs.work import work
from fute_core.predictors import PREDICTORS
from fute_core.store.store import open_store


@pytest.mark.parametrize(
    ("model", "called"),
    [
        ("smollm2", "smollm2"), ("org/Model-3.1-8B", "org/Model-3.1-8B"), ("org/Model-3.2-1B", "org/Model-3.2-1B"),
        ("model-3.1", "model-3.1"), ("./model-3.1/", "model-3.1"),
    ],
)  # fmt: skip
def test_models_that_differ_behind_a_dot_have_names_of_their_own(model, called, tmp_path, monkeypatch):
    (tmp_path / "model-3.1").mkdir()
    monkeypatch.chdir(tmp_path)
    assert EmbedRequest("prompt", "p.yaml", model=model, template="t").label == f"t @ {called}"


def test_a_planned_file_is_found_from_another_folder(tmp_path, monkeypatch):
    (tmp_path / "films.csv").write_text("text,label\n")
    monkeypatch.chdir(tmp_path)
    for folder in ("encoder", "bare", "sst2", "minilm", "classifier"):
        (tmp_path / folder).mkdir()
    given = [
        EmbedRequest("dataset", "films.csv", surrogate="./encoder"), EmbedRequest("dataset", "sst2", surrogate="bare"),
        EmbedRequest("model", "classifier"), EmbedRequest("model", "org/name"),
    ]  # fmt: skip
    planned = jobs.plan(given, open_store(), lambda _: None)
    assert [(i.request.ref, i.request.surrogate) for i in planned.items] == [
        (str(tmp_path / "films.csv"), str(tmp_path / "encoder")), ("sst2", str(tmp_path / "bare")),
        (str(tmp_path / "classifier"), "bge-small"), ("org/name", "bge-small"),
    ]  # fmt: skip


def test_prompts_over_pairs_are_planned_with_the_probe_pairs_there_are():
    names = ("paraphrase-02-examples", "sentiment-14-two-posts")
    given = [EmbedRequest("prompt", name, model="smollm2", probes=n) for name in names for n in (None, 600)]
    planned = jobs.plan(given, open_store())
    assert [item.texts for item in planned.items] == [512, 600, 512, 600]


def test_other_content_under_a_shipped_name_shows_beside_the_shipped(tmp_path):
    rows = "".join(f"film {i} was {'fine' if i % 2 else 'dull'},{i % 2}\n" for i in range(12))
    (tmp_path / "sst2.csv").write_text("text,label\n" + rows)
    own = EmbedRequest("dataset", str(tmp_path / "sst2.csv"))
    assert embed_request(own, open_store()).name == "sst2 (yours)"
    assert embed_request(replace(own, method="text"), open_store()).name == "sst2", "no text vectors are shipped"
    assert embed_request(replace(own, ref="sst2", limit=20), open_store()).name == "sst2", "other rows of the same"
    assert embed_request(replace(own, ref="trec", name="sst2", limit=20), open_store()).name == "sst2 (yours)"


def test_another_method_than_the_shipped_one_opens_no_gallery(tmp_path, monkeypatch):
    (tmp_path / "sst2.csv").write_text("text,label\n" + "".join(f"film {i},{i % 2}\n" for i in range(12)))
    monkeypatch.setattr("fute_core.atlas.gallery.load_gallery", lambda *_: pytest.fail("was opened"))
    assert embed_request(EmbedRequest("dataset", str(tmp_path / "sst2.csv"), method="text")).name == "sst2"


class Shouting:
    """What a package would register: says yes to capitals."""

    labels = ("calm", "loud")
    asked = 0

    def __init__(self, ref):
        self.ref = ref

    def fingerprint(self):
        return f"shouting-{self.ref}"

    def predict_proba(self, texts):
        Shouting.asked += len(texts)
        loud = np.array([sum(c.isupper() for c in t) / (len(t) + 1) for t in texts], np.float32)
        return np.stack([1 - loud, loud], 1)


def test_a_package_may_add_a_kind_of_model(monkeypatch):
    monkeypatch.setitem(PREDICTORS._targets, "shouting", Shouting)
    request = EmbedRequest("model", "anything", probes=32, options={"opener": "shouting"})
    assert embed_request(request).provenance.details["labels"] == ["calm", "loud"]


def test_a_worker_without_our_store_sends_answers_back_and_is_sent_those_known(monkeypatch):
    monkeypatch.setitem(PREDICTORS._targets, "shouting", Shouting)
    monkeypatch.setattr(Shouting, "asked", 0)
    request = EmbedRequest("model", "anything", probes=32, options={"opener": "shouting"})
    outcome = work(Task(0, request, 1))
    assert outcome.state == "done"
    assert sorted({section for section, _, _ in outcome.entries}) == ["answers", "arrays"]
    store = open_store()
    assert {store.add_entry(*entry) for entry in outcome.entries} == {"new"}
    known = stored_answers_of(Shouting("anything"), request.recipe.probes(False), store)
    assert work(Task(0, replace(request, method="functional"), 1, answers=known)).state == "done"
    assert Shouting.asked == 32
