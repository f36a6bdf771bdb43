"""Datasets by shipped name, file, folder and Hub id; columns, labels and limits."""

import json

import numpy as np
import pytest
from dataset_rows import put, rows
from hypothesis import given, settings
from hypothesis import strategies as st

from fute_core.datasets.catalog import load_dataset, shipped_datasets
from fute_core.datasets.targets import draw


@pytest.mark.parametrize("name", shipped_datasets())
def test_every_shipped_dataset_is_as_its_card_says(name):
    card = shipped_datasets()[name]
    train = load_dataset(name)
    test = load_dataset(name, split="test")
    assert (len(train.texts), len(test.texts)) == (card["train"], card["test"])
    assert train.labels == tuple(card["labels"])
    assert train.pair == card["pair"]
    assert train.family == card["family"]
    assert {"title", "source", "licence"} <= train.card.keys()
    assert train.regression == card.get("regression", False)
    if not train.regression:
        assert (train.targets.sum(0) >= 2).all()
        assert train.targets.sum(1) == pytest.approx(1)
    assert not set(train.texts) & set(test.texts), "a test text is in train"


def test_a_limit_is_even_over_labels_and_nested(tmp_path):
    small, larger = load_dataset("trec", limit=24), load_dataset("trec", limit=60)
    assert small.targets.sum(0).tolist() == [4] * 6
    assert set(small.texts) <= set(larger.texts)
    assert load_dataset("trec", limit=24).fingerprint() == small.fingerprint()
    assert load_dataset("trec", limit=24, seed=1).fingerprint() != small.fingerprint()
    assert len(load_dataset("trec", limit=10_000).texts) == len(load_dataset("trec").texts)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=60), st.integers(1, 70), st.integers(0, 3))
def test_drawn_rows_are_distinct_in_order_and_as_even_as_can_be(values, limit, seed):
    taken = draw(values, limit, seed, scores=False)
    assert taken == sorted(set(taken))
    assert len(taken) == min(limit, len(values))
    counts = {v: sum(values[i] == v for i in taken) for v in set(values)}
    for v, count in counts.items():
        if count < values.count(v):  # a label with rows left over has as many as any other, give or take one
            assert count >= max(counts.values()) - 1
    assert set(draw(values, max(limit - 1, 1), seed, scores=False)) <= set(taken)


def test_name_path_and_label_names_do_not_change_the_fingerprint_and_content_does(tmp_path):
    one = load_dataset(put(tmp_path, rows("no", "yes") * 2))
    other = load_dataset(put(tmp_path, rows("bad", "good") * 2, "other.jsonl"))
    assert one.name != other.name
    assert one.fingerprint() == other.fingerprint()
    swapped = load_dataset(put(tmp_path, rows("yes", "no") * 2, "swapped.jsonl"))
    assert swapped.fingerprint() != one.fingerprint()


def test_a_folder_of_datasets_is_read_like_the_shipped_one(tmp_path):
    (tmp_path / "datasets").mkdir()
    put(tmp_path / "datasets", rows("a", "b", "a", "b"), "x.jsonl")
    cards = [{"name": "x", "family": "letters", "title": "Letters", "labels": ["b", "a"]}]
    (tmp_path / "datasets.json").write_text(json.dumps(cards))
    assert list(shipped_datasets(tmp_path)) == ["x"]
    dataset = load_dataset("x", folder=tmp_path)
    assert (dataset.name, dataset.family, dataset.labels) == ("x", "letters", ("b", "a"))


def test_targets_are_float32(tmp_path):
    assert load_dataset(put(tmp_path, rows("a", "b", "a", "b"))).targets.dtype == np.float32
