"""Sentences of passages, and which of them holds an answer."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from squad_files import ASKED, put, question, squad

from fute_core.datasets.answer_pairs import HOLDS, LACKS, answer_pairs
from fute_core.datasets.catalog import load_dataset
from fute_core.datasets.sentences import sentence_spans
from fute_core.datasets.tables import Table
from fute_core.errors import BadInput

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


def test_passages_of_one_sentence_have_nothing_to_tell_answers_from(tmp_path):
    asked = [question(*one, passage="Ada and Rex came from Rome and Oslo") for one in ASKED]
    with pytest.raises(BadInput, match="no passage with a sentence that holds no answer"):
        load_dataset(put(tmp_path, squad(*asked, passage="Ada and Rex came from Rome and Oslo")))
