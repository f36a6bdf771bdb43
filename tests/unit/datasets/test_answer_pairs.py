"""Questions with spans for answers, in the form of SQuAD and of the Hub, as pairs of a question and a sentence."""

import json
import re

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fute_core.datasets import uploads
from fute_core.datasets.answer_pairs import HOLDS, LACKS, MISPLACED, answer_pairs
from fute_core.datasets.catalog import load_dataset
from fute_core.datasets.previews import preview
from fute_core.datasets.sentences import sentence_spans
from fute_core.datasets.tables import Table, read_rows
from fute_core.errors import BadInput

PASSAGE = "Ada lives in Rome. Her dog is called Rex. Dr. Bo from Oslo came by train! Nobody saw him."
ASKED = (("Where does Ada live?", "Rome"), ("What is her dog called?", "Rex"), ("Where is Bo from?", "Oslo"))


def question(asked, answer, passage=PASSAGE, shift=0, **more):
    return {
        "question": asked,
        "answers": [{"text": answer, "answer_start": passage.index(answer) + shift}] if answer else [],
        **more,
    }


def squad(*questions, passage=PASSAGE, **more):
    return {"version": "1.1", "data": [{"title": "a", "paragraphs": [{"context": passage, "qas": questions}]}], **more}


def put(folder, content, name="squad.json"):
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return path


def said(dataset):
    return [(*text, dataset.labels[row.argmax()]) for text, row in zip(dataset.texts, dataset.targets, strict=True)]


def flat_rows():
    rows = [{**question(*one), "context": PASSAGE, "id": str(i), "title": "a"} for i, one in enumerate(ASKED)]
    lists = {"text": ["Rex", "Rex"], "answer_start": [PASSAGE.index("Rex")] * 2}
    rows[1] = {**rows[1], "answers": lists}
    return rows


# what is made -------------------------------------------------------------------------------------------------------


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


def test_answers_that_stand_elsewhere_are_counted_and_left_out(tmp_path):
    asked = [*(question(*one) for one in ASKED), question("Who came?", "Bo", shift=1)]
    made = load_dataset(put(tmp_path, squad(*asked)))
    assert made.dropped == {MISPLACED: 1}
    assert made.notes[1] == "1 question is left out, since no answer stands where answer_start says."
    assert "Who came?" not in {text for text, *_ in said(made)}


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


def test_other_tables_stay_as_they_are(tmp_path):
    table = read_rows(put(tmp_path, '{"context": "a", "question": "b", "answers": "c"}\n', "a.jsonl"))
    assert answer_pairs(table) is table


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (squad(question("Who?", "")), "0 questions whose answer stands in the passage where answer_start says, of 1;"),
        (squad({"answers": []}), "squad.json, article 1, paragraph 1, question 1 has no text under 'question'; fill"),
        (squad({"question": "Who?", "answers": ["Bo"]}), "question 1 has answers that are no objects with text and"),
        (squad(passage=" "), "squad.json, article 1, paragraph 1 has no text under 'context'; fill it"),
        ({"data": [{"paragraphs": [{"context": "a"}]}]}, "paragraph 1 has no list of objects under 'qas'; write it as"),
        ({"data": [{"paragraphs": []}, {"title": "a"}]}, "article 2 has no list of objects under 'paragraphs'"),
        ({"data": [{"paragraphs": 3}]}, "'paragraphs'"),
    ],
)  # fmt: skip
def test_what_lacks_its_parts_is_one_sentence(tmp_path, content, told):
    with pytest.raises(BadInput) as error:
        load_dataset(put(tmp_path, content))
    assert told in str(error.value)


# what holds of any file ---------------------------------------------------------------------------------------------

TEXT = st.text(st.sampled_from("aB .!?…\n\"')。」é😀1"), min_size=1, max_size=60)


@given(TEXT)
def test_sentences_are_apart_in_order_and_have_all_but_blanks(passage):
    spans = sentence_spans(passage)
    ends = [0, *(end for _, end in spans)]
    assert all(before <= start < end for before, (start, end) in zip(ends, spans, strict=False))
    assert all(passage[start:end] == passage[start:end].strip() for start, end in spans)
    assert "".join("".join(passage[a:b].split()) for a, b in spans) == "".join(passage.split())


@settings(max_examples=200)
@given(st.lists(st.tuples(TEXT.filter(str.strip), st.integers(0, 59), st.integers(1, 30)), min_size=2, max_size=5))
def test_the_answer_begins_in_the_sentence_that_is_said_to_hold_it(given_spans):
    rows, begins = [], {}
    for i, (passage, start, length) in enumerate(given_spans):
        answer = passage[start % len(passage) :][:length]
        begins[f"question {i}"] = passage, start % len(passage), answer
        answers = [{"text": answer, "answer_start": start % len(passage)}]
        rows.append({"context": passage, "question": f"question {i}", "answers": answers})
    try:
        made = answer_pairs(Table("a.jsonl", ("context", "question", "answers"), rows))
    except BadInput as error:  # fewer than two answers have more than blanks, or they stand in every sentence
        assert re.search("give two or more|no passage with a sentence", str(error))  # noqa: PT017
        return
    labels = [row["label"] for row in made.rows]
    assert labels.count(LACKS) <= labels.count(HOLDS)
    for row in made.rows:
        passage, start, answer = begins[row["question"]]
        assert row["sentence"] in passage
        if row["label"] == LACKS:
            assert answer.strip().casefold() not in row["sentence"].casefold()
        else:
            first = start + len(answer) - len(answer.lstrip())
            places = [at for at in range(len(passage)) if passage.startswith(row["sentence"], at)]
            assert any(at <= first < at + len(row["sentence"]) for at in places)


def test_a_long_run_of_signs_is_no_sentence_and_is_read_once():
    dots = "." * 200_000  # read from each of its places it would take half an hour
    assert sentence_spans(f"{dots}x") == [(0, len(dots) + 1)]
    assert sentence_spans(f'{dots}" Yes.') == [(0, len(dots) + 1), (len(dots) + 2, len(dots) + 6)]


# what it is not -----------------------------------------------------------------------------------------------------


def test_a_table_with_a_label_of_its_own_is_read_as_before(tmp_path):
    rows = [{**row, "label": kind} for row, kind in zip(flat_rows() * 2, ["person", "dog", "person"] * 2, strict=True)]
    made = load_dataset(put(tmp_path, rows, "kinds.json"))
    assert made.labels == ("dog", "person")
    named = [{**row, "kind": kind} for row, kind in zip(flat_rows() * 2, ["person", "dog", "person"] * 2, strict=True)]
    chosen = load_dataset(put(tmp_path, named, "named.json"), text_column="question", label_column="kind")
    assert chosen.labels == ("dog", "person")
    assert not chosen.pair


def test_a_column_called_paragraphs_makes_no_questions(tmp_path):
    rows = [{"text": f"text {n}", "label": "ab"[n % 2], "paragraphs": ["one", "two"]} for n in range(6)]
    assert load_dataset(put(tmp_path, rows, "plain.json")).labels == ("a", "b")


def test_words_of_an_answer_that_is_misplaced_are_in_no_sentence_without_answer(tmp_path):
    asked = question("Where does Ada live, and what is her dog called?", "Rome")
    asked["answers"].append({"text": "Rex", "answer_start": 0})
    made = load_dataset(put(tmp_path, squad(asked, question(*ASKED[2]))))
    assert not [pair for pair in said(made) if pair[0] == asked["question"] and pair[2] == LACKS and "Rex" in pair[1]]


@pytest.mark.parametrize("start", ["{}", "{}.0"])
def test_a_start_written_as_text_or_with_a_point_is_a_number(tmp_path, start):
    asked = [question(*one) for one in ASKED]
    for one in asked:
        (answer,) = one["answers"]
        answer["answer_start"] = start.format(answer["answer_start"])
    assert len(load_dataset(put(tmp_path, squad(*asked))).texts) == 6


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ([{"text": "Rome", "answer_start": "first"}], "answer_start 'first'; write a text and a whole number"),
        ({"text": "Ro", "answer_start": [0, 1]}, "answers that are no objects with text and answer_start"),
    ],
)
def test_answers_without_a_place_are_named(tmp_path, answers, told):
    with pytest.raises(BadInput, match=told):
        load_dataset(put(tmp_path, squad({"question": "Where?", "answers": answers}, question(*ASKED[1]))))


@pytest.mark.parametrize("impossible", [True, "true", 1])
def test_a_question_that_is_said_to_be_impossible_has_no_answer(tmp_path, impossible):
    asked = question(*ASKED[0], is_impossible=impossible)
    made = load_dataset(put(tmp_path, squad(asked, *(question(*one) for one in ASKED[1:]))))
    assert [label for text, _, label in said(made) if text == asked["question"]] == [LACKS]


def test_passages_of_one_sentence_have_nothing_to_tell_answers_from(tmp_path):
    asked = [question(*one, passage="Ada and Rex came from Rome and Oslo") for one in ASKED]
    with pytest.raises(BadInput, match="no passage with a sentence that holds no answer"):
        load_dataset(put(tmp_path, squad(*asked, passage="Ada and Rex came from Rome and Oslo")))
