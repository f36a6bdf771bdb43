"""Questions with spans for answers, in the form of SQuAD and of the Hub, as pairs of a question and a sentence."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from squad_files import ASKED, PASSAGE, flat_rows, put, question, said, squad

from fute_core.datasets import uploads
from fute_core.datasets.answer_pairs import HOLDS, LACKS, MISPLACED
from fute_core.datasets.catalog import load_dataset
from fute_core.datasets.previews import preview


def test_each_question_stands_beside_the_sentence_with_its_answer_and_the_likest_without(tmp_path):
    made = load_dataset(put(tmp_path, squad(*(question(*one) for one in ASKED))))
    assert said(made) == [
        ("Where does Ada live?", "Ada lives in Rome.", HOLDS),
        ("Where does Ada live?", "Her dog is called Rex.", LACKS),
        ("What is her dog called?", "Her dog is called Rex.", HOLDS),
        ("What is her dog called?", "Ada lives in Rome.", LACKS),
        ("Where is Bo from?", "Dr. Bo from Oslo came by train!", HOLDS),
        ("Where is Bo from?", "Her dog is called Rex.", LACKS),
    ]
    assert (made.pair, made.name, made.dropped) == (True, "squad", {})
    assert made.notes == (
        "3 questions about 1 passage are read as 6 pairs of a question and a sentence of its passage: 3 "
        "that hold the answer, and 3 that do not.",
    )


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.parquet"])
def test_the_form_of_the_hub_gives_the_same_pairs(tmp_path, name):
    rows = flat_rows()
    if name == "a.parquet":
        rows[0]["answers"] = {"text": ["Rome"], "answer_start": [PASSAGE.index("Rome")]}
        rows[2]["answers"] = {"text": ["Oslo"], "answer_start": [PASSAGE.index("Oslo")]}
        pq.write_table(pa.Table.from_pylist(rows), tmp_path / name)
    else:
        put(tmp_path, "\n".join(map(json.dumps, rows)) if name == "a.jsonl" else rows, name)
    nested = load_dataset(put(tmp_path, squad(*(question(*one) for one in ASKED))))
    assert load_dataset(tmp_path / name).fingerprint() == nested.fingerprint()


def test_what_a_passage_does_not_answer_is_taken_first(tmp_path):
    none = [question(f"Who saw Ada {i}?", "", is_impossible=True) for i in range(2)]
    made = load_dataset(put(tmp_path, squad(*(question(*one) for one in ASKED), *none)))
    lacking = [text for *text, label in said(made) if label == LACKS]
    assert lacking == [
        ["Where does Ada live?", "Her dog is called Rex."],
        ["Who saw Ada 0?", "Ada lives in Rome."],
        ["Who saw Ada 1?", "Ada lives in Rome."],
    ]
    assert "2 of them without an answer, are read as 6 pairs" in made.notes[0]


def test_there_are_never_more_without_than_with_an_answer(tmp_path):
    none = [question(f"Who saw Ada {i}?", "", is_impossible=True) for i in range(9)]
    made = load_dataset(put(tmp_path, squad(*(question(*one) for one in ASKED), *none)))
    assert made.targets.sum(0).tolist() == [3, 3]
    assert {first for first, _, label in said(made) if label == LACKS} == {f"Who saw Ada {i}?" for i in (0, 3, 6)}


def test_a_sentence_that_has_the_words_of_an_answer_is_none_without(tmp_path):
    passage = "Ada is in Rome. Rome is where Ada is. It rains."
    made = load_dataset(
        put(tmp_path, squad(*(question(f"Where is Ada {i}?", "Rome", passage) for i in range(2)), passage=passage))
    )
    assert {text for _, text, label in said(made) if label == LACKS} == {"It rains."}


def test_splits_of_questions_or_paragraphs_are_kept(tmp_path):
    asked = [question(*one, split="train" if i else "test") for i, one in enumerate((*ASKED, ("Who?", "Bo")))]
    path = put(tmp_path, squad(*asked))
    assert {text for text, *_ in load_dataset(path).texts} == {"What is her dog called?", "Where is Bo from?", "Who?"}
    assert len(load_dataset(path, split="all").texts) == 8


def test_an_upload_is_previewed_as_the_pairs_that_are_embedded(tmp_path, monkeypatch):
    monkeypatch.setenv("FUTE_HOME", str(tmp_path))
    content = json.dumps(squad(*(question(*one) for one in ASKED), question("Who came?", "Bo", shift=1))).encode()
    seen = preview(uploads.read(uploads.keep(content, "mine.json")))
    assert (seen.text, seen.text_pair, seen.label, seen.pair) == ("question", "sentence", "label", True)
    assert seen.labels == {HOLDS: 3, LACKS: 3}
    assert seen.dropped == {MISPLACED: 1}
    assert seen.warnings[0].startswith("3 questions about 1 passage are read as 6 pairs")
