"""Columns, labels and options of a file: what is plain is read, and what is no dataset is one sentence."""

import pytest
from dataset_rows import put, rows

from fute_core.datasets.catalog import load_dataset
from fute_core.errors import BadInput


@pytest.mark.parametrize(
    ("columns", "pair"),
    [
        (("text", "label"), False), (("Sentence", "Class"), False), (("review", "score"), False),
        (("premise", "hypothesis", "gold_label"), True), (("Question1", "Question2", "label"), True),
        (("text", "text_pair", "labels"), True), (("question", "passage", "label"), True),
    ],
)  # fmt: skip
def test_usual_columns_are_found_in_any_case(tmp_path, columns, pair):
    made = [dict(zip(columns, [f"a {i}", f"b {i}", "xy"[i % 2]][-len(columns) :], strict=True)) for i in range(4)]
    dataset = load_dataset(put(tmp_path, made))
    assert dataset.pair is pair
    assert dataset.labels == ("x", "y")


def test_numbers_are_classes_or_scores_by_what_they_are_and_by_option(tmp_path):
    assert load_dataset(put(tmp_path, rows(0, 1, 0, 1))).labels == ("0", "1")
    assert load_dataset(put(tmp_path, rows(*map(float, [0, 1, 0, 1])))).labels == ("0", "1")
    scores = load_dataset(put(tmp_path, rows(0.5, 1.5, 2.25, 0.5)))
    assert scores.regression
    assert scores.targets.tolist() == [[0.5], [1.5], [2.25], [0.5]]
    assert load_dataset(put(tmp_path, rows(*range(1, 30)))).regression, "30 different whole numbers are no classes"
    assert load_dataset(put(tmp_path, rows(1, 2, 1, 2)), regression=True).regression
    assert not load_dataset(put(tmp_path, rows(0.5, 1.5, 0.5, 1.5)), regression=False).regression
    assert load_dataset(put(tmp_path, rows(True, False, True, False))).labels == ("False", "True")


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (rows("a", "a", "a"), "mine.jsonl, column 'label' has one label only ('a'); a task needs at least two."),
        (rows("a", "a", "b"), "has a single row with the label 'b'; give every label at least two rows"),
        (rows(None, "  "), "mine.jsonl, column 'label' has no label in any row; name another with --label-column."),
        (rows("a", ["b"], "a"), "row 2 (line 2), column 'label' holds a list"),
        ([{"text": "\t ", "label": "a"}] * 3 + rows("a", "b"), "column 'text' is empty in 3 of 5 rows"),
        ([*rows("a", "b", "a", "b"), {"text": 7, "label": "a"}], "holds a number instead of a text"),
        ([*rows("a", "b", "a", "b"), {"text": "\ud800", "label": "a"}], "half of a surrogate pair"),
        ([{"words": "x", "label": "a"}], "mine.jsonl has no text column called text, sentence, review"),
        ([{"txet": "x", "label": "a"}], "(is it 'txet'?)"),
        ([{"text": "x", "kind": "a"}], "has no label column called label"),
        (rows(*[f"l{i}" for i in range(201)] * 2), "201 different labels, more than 200; is it the right column?"),
        (rows(0.5, 0.5, 0.5), "has the same score everywhere"),
    ],
)
def test_what_is_no_dataset_is_named_with_its_place_and_mend(tmp_path, made, says):
    with pytest.raises(BadInput) as refused:
        load_dataset(put(tmp_path, made))
    assert says in str(refused.value)


def test_single_texts_and_pairs_are_never_mixed(tmp_path):
    made = rows(*"ab" * 4, text_pair="other")
    del made[2]["text_pair"]
    assert load_dataset(put(tmp_path, made)).pair
    assert load_dataset(put(tmp_path, made)).dropped == {"no second text": 1}
    for row in made[:5]:
        row["text_pair"] = ""
    with pytest.raises(BadInput, match="keep single texts and pairs in files of their own"):
        load_dataset(put(tmp_path, made))


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ({"text_column": "txet"}, "did you mean 'text'?"),
        ({"label_column": "zzz"}, "it has 'text', 'label'."),
        ({"split": "test"}, "has no column 'split'"),
        ({"limit": 0}, "A limit of 0 rows leaves nothing"),
        ({"regression": True}, "is no number ('a'), which scores have to be"),
    ],
)
def test_options_that_do_not_fit_the_file(tmp_path, how, says):
    with pytest.raises(BadInput) as refused:
        load_dataset(put(tmp_path, rows("a", "b", "a", "b")), **how)
    assert says in str(refused.value)


def test_a_split_column_is_used(tmp_path):
    made = [{**row, "split": "train" if i < 4 else "dev"} for i, row in enumerate(rows(*"ab" * 4))]
    path = put(tmp_path, made)
    assert len(load_dataset(path).texts) == 4
    assert len(load_dataset(path, split="dev").texts) == 4
    assert len(load_dataset(path, split="all").texts) == 8
    with pytest.raises(BadInput, match="choose one of dev, train, or all"):
        load_dataset(path, split="test")


def test_a_missing_file_is_guessed_from_its_neighbours(tmp_path):
    put(tmp_path, rows("a", "b"), "reviews.jsonl")
    with pytest.raises(BadInput, match=r"did you mean 'reviews.jsonl'\?"):
        load_dataset(tmp_path / "review.jsonl")
