"""Datasets by shipped name, file, folder and Hub id; columns, labels and limits."""

import json
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from huggingface_hub.hf_api import RepoFile
from hypothesis import given, settings
from hypothesis import strategies as st

from fute_core.datasets import hub as hub_datasets
from fute_core.datasets.catalog import load_dataset, shipped_datasets
from fute_core.datasets.targets import draw
from fute_core.errors import BadInput, Unavailable


def put(tmp_path, rows, name="mine.jsonl"):
    path = tmp_path / name
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def rows(*labels, **more):
    return [{"text": f"text {i}", "label": label, **more} for i, label in enumerate(labels)]


# shipped ------------------------------------------------------------------------------------------------------------


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


# what makes a fingerprint -------------------------------------------------------------------------------------------


def test_name_path_and_label_names_do_not_change_the_fingerprint_and_content_does(tmp_path):
    one = load_dataset(put(tmp_path, rows("no", "yes") * 2))
    other = load_dataset(put(tmp_path, rows("bad", "good") * 2, "other.jsonl"))
    assert one.name != other.name
    assert one.fingerprint() == other.fingerprint()
    swapped = load_dataset(put(tmp_path, rows("yes", "no") * 2, "swapped.jsonl"))
    assert swapped.fingerprint() != one.fingerprint()


# columns and labels -------------------------------------------------------------------------------------------------


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


# folders ------------------------------------------------------------------------------------------------------------


def test_a_folder_of_datasets_is_read_like_the_shipped_one(tmp_path):
    (tmp_path / "datasets").mkdir()
    put(tmp_path / "datasets", rows("a", "b", "a", "b"), "x.jsonl")
    cards = [{"name": "x", "family": "letters", "title": "Letters", "labels": ["b", "a"]}]
    (tmp_path / "datasets.json").write_text(json.dumps(cards))
    assert list(shipped_datasets(tmp_path)) == ["x"]
    dataset = load_dataset("x", folder=tmp_path)
    assert (dataset.name, dataset.family, dataset.labels) == ("x", "letters", ("b", "a"))


@pytest.mark.parametrize(
    ("cards", "says"),
    [
        (None, "a folder of datasets has a datasets.json"),
        ("{", "is not valid JSON"),
        ('{"name": "x"}', "does not hold a list of cards"),
        ('[{"family": "x"}]', "card 1 has no name"),
        ('[{"name": "../x"}]', "card 1 has no name that can be a file's"),
        ('[{"name": "x", "labels": "ab"}]', "labels are no list of texts"),
        ('[{"name": "x"}]', "does not exist"),
        ('[{"name": "y", "labels": ["a"]}]', "has the label 'b', which its card does not list: 'a'"),
    ],
)
def test_a_folder_with_a_fault_is_one_sentence(tmp_path, cards, says):
    (tmp_path / "datasets").mkdir()
    put(tmp_path / "datasets", rows("a", "b", "a", "b"), "y.jsonl")
    if cards is not None:
        (tmp_path / "datasets.json").write_text(cards)
    with pytest.raises(BadInput) as refused:
        [load_dataset(name, folder=tmp_path) for name in shipped_datasets(tmp_path)]
    assert says in str(refused.value)


# the Hub ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def hub(monkeypatch, tmp_path):
    """A Hub with one dataset of two configurations: the answers are those of the real client's calls."""
    folder = tmp_path / "hub"
    for config in ("plain", "odd"):
        for split in ("train", "test"):
            where = folder / config / split
            where.mkdir(parents=True)
            table = pa.table({"text": [f"{split} {i}" for i in range(6)], "label": [0, 1, 0, 1, -1, 0][:6]})
            features = {"label": {"names": ["no", "yes"], "_type": "ClassLabel"}, "text": {"_type": "Value"}}
            pq.write_table(
                table.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})}),
                where / "0000.parquet",
            )
    files = {str(f.relative_to(folder)): f.stat().st_size for f in folder.rglob("*.parquet")}

    class Api:
        def dataset_info(self, repo):
            return SimpleNamespace(card_data={"license": "mit"})

        def list_repo_tree(self, repo, **_):
            return [RepoFile(path=path, size=size, oid="") for path, size in files.items()]

    monkeypatch.setattr("huggingface_hub.HfApi", Api)
    monkeypatch.setattr("huggingface_hub.hf_hub_download", lambda repo, file, **_: str(folder / file))
    return files


def test_all_splits_of_a_hub_dataset_are_read_together(hub):
    assert len(load_dataset("someone/things:plain", split="all").texts) == 10


def test_a_hub_dataset_is_read_from_its_parquet_copy(hub):
    dataset = load_dataset("someone/things:plain", split="test")
    assert (dataset.name, dataset.labels) == ("things", ("no", "yes"))
    assert len(dataset.texts) == 5, "the row without a label is left out"
    assert dataset.dropped == {"no label": 1}
    assert dataset.card["licence"] == "mit"
    assert "someone/things" in dataset.card["source"]


@pytest.mark.parametrize(
    ("ref", "split", "says"),
    [
        ("someone/things", None, "several configurations; name one as someone/things:NAME, of odd, plain"),
        ("someone/things:best", None, "no configuration 'best'"),
        ("someone/things:odd", "dev", "has no split 'dev'; choose one of test, train, or all"),
    ],
)
def test_a_hub_dataset_that_is_not_there_names_what_is(hub, ref, split, says):
    with pytest.raises(BadInput) as refused:
        load_dataset(ref, split=split)
    assert says in str(refused.value)


def test_a_hub_dataset_too_large_or_out_of_reach(hub, monkeypatch):
    monkeypatch.setattr(hub_datasets, "MAX_FILE_BYTES", 10)
    with pytest.raises(BadInput, match="save a sample of it as a file"):
        load_dataset("someone/things:plain")

    def offline():
        raise ConnectionError("no route")

    monkeypatch.setattr("huggingface_hub.HfApi", offline)
    with pytest.raises(Unavailable, match=r"could not be fetched from the Hub \(ConnectionError\)"):
        load_dataset("someone/things:plain")


def test_targets_are_float32(tmp_path):
    assert load_dataset(put(tmp_path, rows("a", "b", "a", "b"))).targets.dtype == np.float32
