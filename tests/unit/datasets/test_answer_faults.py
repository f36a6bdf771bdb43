"""Tables that are no questions stay as they are, and answers that cannot be read are told."""

import pytest
from squad_files import ASKED, flat_rows, put, question, said, squad

from fute_core.datasets.answer_pairs import LACKS, MISPLACED, answer_pairs
from fute_core.datasets.catalog import load_dataset
from fute_core.datasets.tables import read_rows
from fute_core.errors import BadInput


def test_answers_that_stand_elsewhere_are_counted_and_left_out(tmp_path):
    asked = [*(question(*one) for one in ASKED), question("Who came?", "Bo", shift=1)]
    made = load_dataset(put(tmp_path, squad(*asked)))
    assert made.dropped == {MISPLACED: 1}
    assert made.notes[1] == "1 question is left out, since no answer stands where answer_start says."
    assert "Who came?" not in {text for text, *_ in said(made)}


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
