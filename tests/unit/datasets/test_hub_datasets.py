"""Datasets of the Hub, and folders of datasets with a fault."""

import json
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from dataset_rows import put, rows
from huggingface_hub.hf_api import RepoFile

from fute_core.datasets import hub as hub_datasets
from fute_core.datasets.catalog import load_dataset, shipped_datasets
from fute_core.errors import BadInput, Unavailable


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
