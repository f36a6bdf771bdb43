"""Datasets in memory: natural attempts work or are told how, and a file of the same rows is the same dataset."""

import json

import numpy as np
import pandas as pd
import pytest
from command_line import fute as command
from four_films import FRAME, LABELS, TEXTS

import fute_core as fute
from fute_core.embedding.embed import first_rows
from fute_core.errors import BadInput


@pytest.mark.parametrize(
    "labels",
    [
        ["b", "b", "a", "a"], (1, 1, 0, 0), np.array([True, True, False, False]), pd.Series([1.0, 1.0, 0.0, 0.0]),
        pd.Categorical(["b", "b", "a", "a"]), [[0, 1], [0, 1], [1, 0], [1, 0]], np.eye(2)[[1, 1, 0, 0]],
        [{"x": 0, "y": 1}, {"y": 1}, {"x": 1}, {"x": 1, "y": 0}], iter([7, 7, 3, 3]),
        pd.DataFrame({"x": [0, 0, 1, 1], "y": [1, 1, 0, 0]}),
    ],
    ids=lambda labels: type(labels).__name__,
)  # fmt: skip
@pytest.mark.parametrize(
    "texts", [TEXTS, tuple(TEXTS), np.array(TEXTS), pd.Series(TEXTS)], ids=lambda t: type(t).__name__
)
def test_any_container_gives_the_same_dataset(texts, labels):
    if hasattr(labels, "__next__"):
        labels = iter([7, 7, 3, 3])
    made = fute.Dataset(texts, labels)
    assert made.fingerprint() == fute.Dataset(TEXTS, LABELS).fingerprint()
    assert made.targets.dtype == np.float32


def test_pairs_are_two_lists_or_tuples():
    other = ["one", "two", "three", "four"]
    wanted = fute.Dataset(list(zip(TEXTS, other, strict=True)), LABELS)
    assert wanted.pair
    for given in (
        fute.Dataset((TEXTS, other), LABELS), fute.Dataset(TEXTS, LABELS, text_pairs=pd.Series(other)),
        fute.Dataset(np.array([TEXTS, other]).T, LABELS),
    ):  # fmt: skip
        assert given.fingerprint() == wanted.fingerprint()


def test_scores_and_soft_targets_are_kept():
    assert fute.Dataset(TEXTS, [0.5, 1, 2, 3.5]).regression
    assert not fute.Dataset(TEXTS, [0.5, 0.5, 2, 2], regression=False).regression
    soft = fute.Dataset(TEXTS, [[0.2, 0.8], [0, 1], [1, 0], [0.7, 0.3]], label_names=["no", "yes"])
    np.testing.assert_allclose(soft.targets[:, 1], [0.8, 1, 0, 0.3])
    assert soft.labels == ("no", "yes")


class TorchDataset:
    __module__ = "torch.utils.data.dataset"


@pytest.mark.parametrize(
    ("texts", "labels", "how", "told"),
    [
        (TEXTS, [1, 0], {}, "texts has 4 items and labels has 2; give one label for each text"),
        (TEXTS, [1] * 4, {}, "one label only"),
        (TEXTS, ["a", "a", None, "b"], {}, r"labels\[2\] has no label; fill it"),
        (TEXTS, [1, 0, float("nan"), 1], {}, r"labels\[2\] has no label"),
        (TEXTS, pd.Series([1, 0, pd.NA, 1], dtype="Int64"), {}, r"labels\[2\] has no label"),
        (["a", "b", None, "d"], [1, 1, 0, 0], {}, r"texts\[2\] holds nothing instead of a text"),
        (["a", "b", 3, "d"], [1, 1, 0, 0], {}, r"texts\[2\] holds a number instead of a text"),
        (["a", "b", " ", "d"], [1, 1, 0, 0], {}, r"texts\[2\] has no text"),
        (TEXTS, ["a", "a", 1, 1], {}, r"labels mixes texts \(labels\[0\] is 'a'\) and numbers \(labels\[2\] is 1\)"),
        (TEXTS, [True, True, 0, 0], {}, "labels mixes truth values"),
        (["a", ("b", "c"), "d", "e"], [1, 1, 0, 0], {}, r"texts mixes single texts \(texts\[0\]\) and pairs"),
        ([("a", "b", "c")] * 4, [1, 1, 0, 0], {}, r"texts\[0\] has 3 texts"),
        ("a text", [1], {}, "texts is the single string 'a text'; give a list"),
        (TEXTS, "1100", {}, "labels is the single string"),
        (TEXTS, None, {}, "labels is None; give a list"),
        (set(TEXTS), LABELS, {}, "texts is a set, which has no order"),
        (5, LABELS, {}, "texts is of type int"),
        (TorchDataset(), LABELS, {}, "texts is a torch TorchDataset; give two lists"),
        (FRAME, LABELS, {}, r"the columns 'sentence', 'label'; .*fute.Dataset\(data\['sentence'\], data\['label'\]\)"),
        ({"premise": 1, "hypothesis": 2, "label": 3}, LABELS, {}, r"data\['label'\], text_pairs=data\['hypothesis'\]"),
        (TEXTS, [[1, 1], [0, 1], [1, 0], [0, 1]], {}, r"labels\[0\] is \[1.0, 1.0\], no distribution"),
        (TEXTS, [[1, 0], [0, 1], [1], [0, 1]], {}, r"labels\[2\] is no row of 2 probabilities"),
        (TEXTS, [[1, 0], [0, 1], ["x", 0], [0, 1]], {}, "labels has rows that are not all numbers"),
        (TEXTS, ["pos", "pos", "neg", "neg"], {"label_names": ["poss", "negs"]}, "did you mean 'poss'"),
        (TEXTS, [1, 1, 2, 2], {"label_names": ["no", "yes"]}, r"labels\[2\] is 2.0, which label_names does not have"),
        (TEXTS, [1, 1, 2, 2], {"label_names": ["no", "yes"], "regression": True}, "leave one of them out"),
        (TEXTS, LABELS, {"text_pairs": ["x"]}, "texts has 4 items and text_pairs has 1"),
        ([], [], {}, "texts is empty"),
        (TEXTS, LABELS, {"name": 3}, "name is 3 of type int; give a string"),
        (TEXTS, LABELS, {"family": ["a"]}, r"family is \['a'\] of type list; give a string"),
    ],
)  # fmt: skip
def test_what_is_no_dataset_is_told_in_a_sentence(texts, labels, how, told):
    with pytest.raises(BadInput, match=told):
        fute.Dataset(texts, labels, **how)


def rows(kind: str, n: int = 40) -> list:
    return [{"text": f"row {i}", "class": f"c{i % 3}", "number": i % 12, "score": i / 7 + 0.5}[kind] for i in range(n)]


@pytest.mark.parametrize("kind", ["class", "number", "score"])
@pytest.mark.parametrize("limit", [None, 25])
def test_the_same_rows_are_the_same_dataset_as_in_a_file(kind, limit, tmp_path):
    pd.DataFrame({"text": rows("text"), "label": rows(kind)}).to_csv(tmp_path / "mine.csv", index=False)
    of_file = fute.load_dataset(tmp_path / "mine.csv", limit=limit)
    held = first_rows(fute.Dataset(rows("text"), rows(kind)), limit)
    assert held.labels == of_file.labels
    assert held.fingerprint() == of_file.fingerprint()


def test_the_vector_is_that_of_the_command_line(tmp_path):
    file = tmp_path / "mine.csv"
    pd.DataFrame({"text": rows("text", 400), "label": rows("class", 400)}).to_csv(file, index=False)
    made = command("embed", "dataset", file, "--method", "text", "--json")
    assert made.code == 0, made.err
    held = fute.embed(fute.Dataset(rows("text", 400), rows("class", 400), name="mine"), method="text", store=False)
    assert held.key == made.json["key"]
    assert held.provenance.n_texts == 300
    np.testing.assert_array_equal(held.vector, fute.open_store().get_embedding(held.key).vector)


def test_questions_about_passages_are_those_of_a_file(tmp_path):
    passages = ["Ada is in Rome. Rex barks.", "It rains. Bo eats figs."]
    asked, answers = ["Where is Ada?", "What does Bo eat?"], [("Rome", 10), ("figs", 18)]
    spans = [{"text": [text], "answer_start": [at]} for text, at in answers]
    mine = fute.Dataset(asked, spans, passages=passages)
    rows = [{"question": q, "context": p, "answers": a} for q, p, a in zip(asked, passages, spans, strict=True)]
    (tmp_path / "a.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
    assert mine.fingerprint() == fute.load_dataset(tmp_path / "a.jsonl").fingerprint()
    assert mine.notes[0].startswith("2 questions about 2 passages are read as 4 pairs")
    with pytest.raises(BadInput, match="2 items, passages 1 and labels 2; give one for each"):
        fute.Dataset(asked, spans, passages=passages[:1])
    with pytest.raises(BadInput, match="no answers; give dicts with lists text and answer_start"):
        fute.Dataset(asked, ["yes", "no"], passages=passages)
