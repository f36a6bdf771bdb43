"""Files as people have them: the right columns and rows, or a question; never the wrong column in silence."""

import json

import pytest
from file_shapes import SHAPES, Read

from fute_core.datasets.catalog import load_dataset
from fute_core.errors import BadInput


@pytest.mark.parametrize("shape", SHAPES)
def test_a_file_gives_the_right_columns_or_a_question(tmp_path, shape):
    name, content, expected = SHAPES[shape]
    path = tmp_path / name
    path.write_bytes(content)
    if isinstance(expected, tuple):
        with pytest.raises(BadInput) as refused:
            load_dataset(path)
        for part in expected:
            assert part in str(refused.value)
        return
    made = load_dataset(path)
    assert made.columns == {"text": expected.text, "text_pair": expected.pair, "label": expected.label}
    assert made.labels == expected.labels
    assert len(made.texts) == expected.rows
    assert dict(made.dropped) == expected.dropped
    for part in expected.notes:
        assert part in " ".join(made.notes)
    if expected.first is not None:
        assert made.texts[0] == expected.first


def test_there_are_shapes_of_each_kind():
    assert sum(isinstance(expected, Read) for *_, expected in SHAPES.values()) > 50
    assert sum(isinstance(expected, tuple) for *_, expected in SHAPES.values()) > 10


def test_one_column_is_not_both_text_and_label(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("text,label\nfine,a\ngood,a\ndull,b\nbad,b\n", "utf-8")
    with pytest.raises(BadInput, match="column 'label' is named twice; name different columns"):
        load_dataset(path, text_column="label", label_column="label")


def test_one_answer_may_stand_without_lists(tmp_path):
    passage = "Ada lives in Rome. Her dog is called Rex."
    asked = [("Where does Ada live?", "Rome"), ("What is her dog called?", "Rex")]
    made = {}
    for name, wrapped in (("plain", lambda value: value), ("lists", lambda value: [value])):
        rows = [
            {"context": passage, "question": question,
             "answers": {"text": wrapped(answer), "answer_start": wrapped(passage.index(answer))}}
            for question, answer in asked
        ]  # fmt: skip
        path = tmp_path / f"{name}.jsonl"
        path.write_text("\n".join(map(json.dumps, rows)), "utf-8")
        made[name] = load_dataset(path)
    assert made["plain"].fingerprint() == made["lists"].fingerprint()
