"""The datasets page: what is listed and shown, and what an upload goes through before it becomes a job."""

import json

import pytest

from dashboard.reads import brought, datasets, work
from fute_core.datasets import uploads
from fute_core.datasets.previews import preview
from fute_core.errors import BadInput

GOOD = "text,label\n" + "".join(f"a {w} film number {i},{w}\n" for i in range(12) for w in ("good", "bad"))
HOSTILE = "../../é<img src=x>.csv"


@pytest.fixture
def filled(in_small_space):
    return in_small_space.switch_page("views/datasets.py")


def to_upload(app) -> None:
    app.run()
    next(c for c in app.get("segmented_control") if c.key == "do").set_value("upload").run()


def html(app) -> str:
    return " ".join(str(e.proto.body) for e in app.get("html"))


def rows(app) -> list[dict]:
    return json.loads(next(e for e in app.get("bidi_component") if e.key == "datasets").proto.json)["rows"]


def test_shipped_datasets_are_listed_with_whether_they_are_embedded(filled):
    filled.run()
    assert not filled.exception
    note = {row["name"]: row["note"] for row in rows(filled)}
    assert "not embedded" in note["trec"]
    assert "not" not in note["sst2"]
    assert not any("like" in said for said in note.values())  # too few pairs are known here to say so
    assert "snli" not in note


def test_a_card_has_licence_citation_labels_and_rows(filled):
    filled.query_params["sel"] = "dataset:trec"
    filled.run()
    assert not filled.exception
    assert "Licence" in html(filled)
    assert "TREC" in html(filled)
    assert filled.button(key="embed-dataset:trec")


def test_abusive_rows_are_blurred_until_asked_for(filled):
    filled.query_params["sel"] = "dataset:davidson"
    filled.run()
    assert 'class="quote blurred"' in html(filled)
    next(t for t in filled.toggle if t.label == "Show abusive texts").set_value(True).run()
    assert 'class="quote blurred"' not in html(filled)


def test_a_search_that_finds_nothing_says_so_and_can_be_cleared(filled):
    filled.query_params["find"] = "no such thing"
    filled.run()
    assert "Nothing here is called “no such thing”." in html(filled)
    next(b for b in filled.button if b.label == "Clear search and filters").click().run()
    assert not filled.exception
    assert len(rows(filled)) > 10


def test_an_upload_becomes_a_job_under_the_name_of_its_content(filled, monkeypatch):
    started = []
    monkeypatch.setattr("fute_core.jobs.start_detached", lambda job, **_: started.append(job))
    to_upload(filled)
    filled.file_uploader[0].set_value((HOSTILE, GOOD.encode(), "text/csv")).run()
    assert not filled.exception
    assert "<img" not in html(filled)
    filled.text_input(key="upload-family").set_value("sentiment")
    filled.button(key="upload-add").click().run()
    assert not filled.exception
    assert len(started) == 1
    (job,) = work.known()
    request = job.items[0].request
    assert request.label == "é<img src=x>"
    assert request.options["label_column"] == "label"
    assert [f.name for f in uploads.uploads_folder().glob("*.csv")] == [f"{uploads.uploads()[0].digest}.csv"]
    assert [u.title for u in brought.listed()] == ["é<img src=x>"]
    assert brought.broken() == []
    assert "An upload cannot be read" not in html(filled.run())


def upload(app, name: str, content: bytes) -> dict[str, str | None]:
    """Brings a file; returns what its boxes are set to."""
    to_upload(app)
    app.file_uploader[0].set_value((name, content, "text/csv")).run()
    assert not app.exception
    return {s.label: s.value for s in app.selectbox}


def test_columns_of_any_name_are_guessed_and_the_rows_are_shown(filled):
    odd = GOOD.replace("text,label", "Kommentar,Bewertung", 1)
    chosen = upload(filled, "odd.csv", odd.encode())
    assert (chosen["Text"], chosen["Label"]) == ("Kommentar", "Bewertung")
    assert list(filled.dataframe[0].value.columns) == ["Kommentar", "Bewertung"]
    assert not filled.error


def test_a_choice_between_columns_is_no_failure(filled):
    lines = [f"a {w} film number {i},on to evening {i} of a {w} week,{w}" for i in range(12) for w in ("good", "bad")]
    chosen = upload(filled, "two.csv", "\n".join(["befund,verlauf,label", *lines]).encode())
    assert not filled.error
    assert "2 columns that could be the text" in html(filled)
    assert "--text-column" not in html(filled)
    assert chosen["Text"] in ("befund", "verlauf")
    assert filled.button(key="upload-add")


def test_whole_numbers_of_a_scale_are_asked_about_before_anything_is_added(filled, monkeypatch):
    started = []
    monkeypatch.setattr("fute_core.jobs.start_detached", lambda job, **_: started.append(job))
    lines = [f"a film number {i} of {w},{1 + i % 5}" for i in range(15) for w in ("mine", "yours")]
    upload(filled, "stars.csv", "\n".join(["review,stars", *lines]).encode())
    assert not filled.error
    assert "labels or scores" in html(filled)
    assert not [b for b in filled.button if b.key == "upload-add"]
    filled.radio[0].set_value("scores").run()
    filled.button(key="upload-add").click().run()
    assert work.known()[0].items[0].request.options["regression"] is True


def test_labels_of_two_cases_are_asked_about(filled):
    upload(filled, "case.csv", GOOD.replace("number 1,good", "number 1,Good").replace("number 3,good", "number 3,Good")
           .encode())  # fmt: skip
    assert not filled.error
    filled.radio[0].set_value("one label").run()
    assert "Good" not in html(filled).partition("First rows")[0].partition("Rows")[2]
    assert filled.button(key="upload-add")


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16"])
def test_files_of_other_encodings_are_read_with_a_note(filled, encoding):
    upload(filled, "enc.csv", GOOD.replace("a good", "eine schöne").encode(encoding))
    assert not filled.error
    assert "The file is" in html(filled)
    assert "schöne" in html(filled)


def test_the_rows_of_an_upload_are_shown_on_its_card(filled):
    path = uploads.keep(GOOD.encode(), "mine.csv")
    columns = {"text_column": "text", "label_column": "label"}
    uploads.remember(uploads.Upload(path.stem, path, "mine of films", columns, "spam"))
    filled.query_params["sel"] = "dataset:mine of films"
    filled.run()
    assert not filled.exception
    assert "a good film number 0" in html(filled)


def test_a_name_that_another_dataset_has_is_refused(filled):
    to_upload(filled)
    filled.file_uploader[0].set_value(("sst2.csv", GOOD.encode(), "text/csv")).run()
    assert "Another dataset is called" in filled.error[0].value.replace("\\", "")
    assert filled.button(key="upload-add").disabled


def test_a_bad_file_is_told_in_one_sentence_and_leaves_no_job(filled):
    to_upload(filled)
    filled.file_uploader[0].set_value(("x.csv", b"text,label\none,yes\ntwo,yes\n", "text/csv")).run()
    assert not filled.exception
    assert "one label only" in filled.error[0].value.replace("\\", "")
    assert work.known() == []


def test_the_same_content_is_kept_once_and_never_by_the_clients_name():
    one = uploads.keep(GOOD.encode(), "a.csv")
    assert uploads.keep(GOOD.encode(), "../../b.csv") == one
    assert one.parent == uploads.uploads_folder()
    with pytest.raises(BadInput, match=r"\.exe"):
        uploads.keep(GOOD.encode(), "a.exe")
    with pytest.raises(BadInput, match="empty"):
        uploads.keep(b"", "a.csv")


def test_a_preview_counts_labels_and_warns_of_what_is_weak():
    text = "review,stars\n" + "same text,good\n" * 30 + "other,bad\nanother,bad\n" + f"{'long ' * 200},bad\n"
    seen = preview(uploads.read(uploads.keep(text.encode(), "a.csv")), label="stars")
    assert (seen.text, seen.label, seen.labels) == ("review", "stars", {"good": 30, "bad": 3})
    told = " ".join(seen.warnings)
    assert all(word in told for word in ("Only 33 rows", "Few rows with bad", "repeat the text", "128 tokens"))


def test_pairs_and_scores_are_told_apart_from_classes():
    text = "premise,hypothesis,score\n" + "".join(f"a{i},b{i},{i / 7:.2f}\n" for i in range(30))
    seen = preview(uploads.read(uploads.keep(text.encode(), "a.csv")))
    assert seen.pair
    assert seen.regression
    assert seen.labels == {}


def test_what_is_remembered_comes_back_and_is_asked_for_with_its_columns():
    path = uploads.keep(GOOD.encode(), "a.csv")
    uploads.remember(uploads.Upload(path.stem, path, "mine", {"label_column": "label", "regression": None}, "spam"))
    (one,) = uploads.uploads()
    request = datasets.upload_request(one)
    assert (request.ref, request.name, request.family) == (str(path), "mine", "spam")
    assert request.options == {"label_column": "label"}
    uploads.forget(one)
    assert uploads.uploads() == []


def test_questions_with_passages_are_offered_as_pairs_and_tagged_words_are_refused(filled):
    passage = "Ada is in Rome. It rains."
    asked = [
        {"context": passage, "question": f"Where is {n}?", "answers": {"text": ["Rome"], "answer_start": [10]}}
        for n in range(3)
    ]
    chosen = upload(filled, "asked.jsonl", "\n".join(map(json.dumps, asked)).encode())
    assert (chosen["Text"], chosen["Second text"], chosen["Label"]) == ("question", "sentence", "label")
    assert "3 questions about 1 passage are read as 6 pairs" in html(filled)
    tagged = json.dumps({"tokens": ["a", "b"], "tags": ["X", "O"]})
    filled.file_uploader[0].set_value(("tokens.jsonl", f"{tagged}\n{tagged}".encode(), "text/csv")).run()
    assert "The file has a tag for each word" in filled.error[0].value
    assert not [b for b in filled.button if b.key == "upload-add"]
