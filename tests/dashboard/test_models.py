"""The models page: what is listed, and the ways in for another one."""

import json

import pandas as pd
import pytest

from dashboard.components.add_model import probe_file
from dashboard.reads import work
from fute_core.datasets.probes import load_probes


@pytest.fixture
def filled(in_small_space):
    return in_small_space.switch_page("views/models.py")


def html(app) -> str:
    return " ".join(str(e.proto.body) for e in app.get("html"))


def rows(app) -> list[dict]:
    return json.loads(next(e for e in app.get("bidi_component") if e.key == "models").proto.json)["rows"]


def to_add(app, way: str) -> None:
    app.run()
    next(c for c in app.get("segmented_control") if c.key == "do").set_value("add").run()
    app.radio(key="add-way").set_value(way).run()


def test_classifiers_and_prompts_are_listed_with_what_is_known(filled):
    filled.run()
    assert not filled.exception
    listed = {row["name"]: row for row in rows(filled)}
    assert {"sst2 bayes", "sst2 asked @ smollm2"} <= set(listed)
    assert "sst2" not in listed
    assert listed["sst2 bayes"]["figure"] == "81 %"
    assert "bayes" in listed["sst2 bayes"]["note"]
    assert "smollm2" in html(filled)


def test_a_filter_that_empties_the_list_is_named(filled):
    filled.query_params["q"] = "nowhere"
    filled.run()
    assert not filled.exception
    assert "Nothing fits the filter search “nowhere”." in html(filled)


def test_the_selected_model_is_shown_in_full(filled):
    filled.query_params["sel"] = "model:mr bayes"
    filled.run()
    assert not filled.exception
    assert "mr bayes" in html(filled)
    assert "Architecture" in html(filled)


def test_a_classifier_that_is_not_there_is_refused_in_a_sentence_and_leaves_no_job(filled):
    to_add(filled, "classifier")
    filled.text_input(key="add-ref").set_value("/no/such/folder").run()
    filled.button(key="add-classifier").click().run()
    assert not filled.exception
    assert filled.error
    assert work.known() == []


def test_a_name_that_is_taken_is_refused(filled):
    to_add(filled, "classifier")
    filled.text_input(key="add-ref").set_value("some/sst2 bayes").run()
    assert "Another classifier is called" in html(filled)
    assert filled.button(key="add-classifier").disabled


def test_a_button_that_waits_says_for_what(filled):
    to_add(filled, "classifier")
    assert filled.button(key="add-classifier").disabled
    assert "It still needs a folder or Hub id." in html(filled)
    filled.text_input(key="add-ref").set_value("some/model").run()
    assert "It still needs" not in html(filled)
    assert not filled.button(key="add-classifier").disabled
    to_add(filled, "endpoint")
    assert "It still needs a base URL and a model name." in html(filled)
    filled.text_input(key="add-served").set_value("served").run()
    assert "It still needs a base URL." in html(filled)


def test_probe_texts_leave_with_their_ids():
    lines = probe_file(False, "jsonl").decode().splitlines()
    probes = load_probes(False)
    assert len(lines) == len(probes.ids)
    assert json.loads(lines[0]) == {"id": probes.ids[0], "text": probes.texts[0]}
    assert probe_file(True, "csv").startswith(b"id,text,text_pair")


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_answers_made_elsewhere_are_shown_before_they_are_added(filled, ending):
    to_add(filled, "outputs")
    answers = pd.DataFrame({"id": load_probes(False).ids, "no": 0.4, "yes": 0.6})
    content = answers.to_parquet() if ending == "parquet" else answers.to_csv(index=False).encode()
    filled.file_uploader[0].set_value((f"my answers.{ending}", content, "application/octet-stream")).run()
    assert not filled.exception
    assert filled.text_input(key="add-name-my answers").value == "my answers"
    assert not filled.button(key="add-answers").disabled


def bring_answers(app, **columns) -> None:
    to_add(app, "outputs")
    content = pd.DataFrame({"id": load_probes(False).ids, **columns}).to_csv(index=False).encode()
    app.file_uploader[0].set_value(("said.csv", content, "text/csv")).run()
    assert not app.exception
    assert not app.error


def test_hard_labels_are_taken_and_said_to_be_so(filled):
    bring_answers(filled, label=["no", "yes"] * (len(load_probes(False).ids) // 2))
    assert "read as hard labels" in html(filled)
    assert not filled.button(key="add-answers").disabled


def test_two_columns_of_answers_are_a_choice_and_no_failure(filled, monkeypatch):
    monkeypatch.setattr("fute_core.jobs.start_detached", lambda job, **_: None)
    said = ["no", "yes"] * (len(load_probes(False).ids) // 2)
    bring_answers(filled, erste=said, zweite=said[::-1])
    assert "2 columns that could be the answers" in html(filled)
    assert not [b for b in filled.button if b.key == "add-answers"]
    next(s for s in filled.selectbox if s.label == "Column of the answers").set_value("zweite").run()
    filled.button(key="add-answers").click().run()
    assert not filled.exception
    assert work.known()[0].items[0].request.options["answer_column"] == "zweite"


def test_an_endpoint_is_taken_to_the_prompt_lab(filled):
    to_add(filled, "endpoint")
    filled.text_input(key="add-url").set_value("http://127.0.0.1:9/v1")
    filled.text_input(key="add-served").set_value("mine").run()
    filled.button(key="add-endpoint").click().run()
    assert not filled.exception
    assert filled.radio(key="lab-model").value == "endpoint"
    assert filled.text_input(key="lab-served").value == "mine"
