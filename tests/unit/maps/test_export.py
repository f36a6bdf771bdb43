"""Spaces as files for other tools: rows say what the space says, no name breaks a line, nothing is overwritten."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from random_items import item, random_items

import fute_core as fute
from fute_core.errors import BadInput
from fute_core.maps.export import export_space
from fute_core.space.space import TaskSpace

HOSTILE = ("a\ttab", "two\nlines", "carriage\rreturn", " \t ", "line\u2028separator", 'a "quote', "half \ud800", "")


@pytest.fixture(scope="module")
def atlas():
    return fute.open_atlas(pair=True, store=False)


@pytest.fixture(scope="module")
def table(atlas, tmp_path_factory):
    path = tmp_path_factory.mktemp("export") / "atlas.parquet"
    facts = [item.facts for item in atlas.items]
    export_space(atlas.space, path, atlas.coordinates, facts, neighbours=7, axes=len(atlas.items))
    return pd.read_parquet(path)


@pytest.fixture
def hostile():
    named = [
        replace(item(name, np.exp(np.arange(10) % (i + 2)), "prompt"), key=str(i)) for i, name in enumerate(HOSTILE)
    ]
    return TaskSpace([*random_items(5), *named])


def test_a_row_is_an_item_with_what_is_known_of_it(atlas, table):
    items = atlas.items
    assert table["id"].tolist() == [f"{i.embedding.kind}:{i.embedding.name}" for i in items]
    assert set(table["kind"]) == {"dataset", "classifier", "prompt"}
    assert table["labels"].map(list).tolist() == [i.facts["labels"] for i in items]
    for name in ("skill", "accuracy"):
        np.testing.assert_array_equal(table[name], [i.facts.get(name, np.nan) for i in items])
    np.testing.assert_array_equal(table[["x", "y"]], atlas.coordinates)
    assert table["key"].tolist() == [i.embedding.key for i in items]
    assert table["n_texts"].tolist() == [i.embedding.provenance.n_texts for i in items]


def test_neighbours_are_row_numbers_of_the_most_similar_others_with_their_distances(atlas, table):
    similarities = atlas.space.cosines(range(len(atlas.items)), range(len(atlas.items)))
    for i, (near, similar) in enumerate(zip(table["neighbors"], table["neighbor_similarities"], strict=True)):
        others = np.delete(similarities[i], i)
        np.testing.assert_allclose(similar, np.sort(others)[::-1][:7], atol=1e-6)
        np.testing.assert_allclose(similarities[i, near["ids"]], similar, atol=1e-6)
        np.testing.assert_allclose(near["distances"], 1 - similar, atol=1e-6)
        assert i not in near["ids"]


def test_factors_have_unit_gram_matrices_and_vectors_the_distances_of_the_space(atlas, table):
    factors = [np.reshape(u, (-1, k)) for u, k in zip(table["factor"], table["factor_k"], strict=True)]
    assert {len(u) for u in factors} == {atlas.items[0].embedding.factor.shape[0]}
    assert table["factor_k"].tolist() == [max(item.embedding.factor.shape[1], 1) for item in atlas.items]
    placed = atlas.space.placed
    for i, u in enumerate(factors):
        assert np.linalg.norm(u @ u.T) == pytest.approx(1, abs=1e-5)
        np.testing.assert_allclose(u.T, placed.take([i]).columns, atol=1e-6)
    vectors = np.stack(table["vector"])
    squares = ((vectors[:, None] - vectors) ** 2).sum(-1)
    similarities = placed.cosines(placed).astype(np.float64)
    own = np.diag(similarities)
    # Not exactly, since where only one of two has something beside its answers, no vectors have their similarity.
    np.testing.assert_allclose(squares, own[:, None] + own - 2 * similarities, atol=2e-2)


def test_embedding_atlas_finds_the_types_that_it_reads(tmp_path, atlas):
    export_space(atlas.space, tmp_path / "a.parquet", atlas.coordinates)
    schema = pq.read_schema(tmp_path / "a.parquet")
    assert str(schema.field("neighbors").type) == ("struct<ids: list<element: int64>, distances: list<element: float>>")
    assert (str(schema.field("x").type), str(schema.field("y").type)) == ("double", "double")
    made = json.loads(schema.metadata[b"task_atlas"])
    assert made["neighbours"] == 10
    assert made["space"] == atlas.items[0].embedding.space()
    assert 0.5 < made["variance"] <= 1.001


def test_methods_without_answers_have_no_factor_and_few_items_few_neighbours(tmp_path):
    done = export_space(TaskSpace(random_items(3)), tmp_path / "few.parquet")
    few = pd.read_parquet(tmp_path / "few.parquet")
    assert few["factor"].isna().all()
    assert [len(near["ids"]) for near in few["neighbors"]] == [2, 2, 2]
    assert (done.items, done.axes) == (3, 3)
    export_space(TaskSpace(random_items(1)), tmp_path / "one.parquet")
    assert len(pd.read_parquet(tmp_path / "one.parquet")["neighbors"][0]["ids"]) == 0


def test_a_line_of_the_projector_is_an_item_whatever_its_name(hostile, tmp_path):
    facts = [{"labels": ["yes\tor", "no\n"]}] * len(hostile)
    done = export_space(hostile, tmp_path / "projector", facts=facts, axes=4)
    config = json.loads((tmp_path / "projector" / "projector_config.json").read_text())["embeddings"][0]
    assert config["tensorShape"] == [len(hostile), 4]
    assert sorted(file.name for file in done.files) == sorted(f.name for f in (tmp_path / "projector").iterdir())
    vectors = np.loadtxt(tmp_path / "projector" / config["tensorPath"], delimiter="\t")
    assert vectors.shape == (len(hostile), 4)
    raw = (tmp_path / "projector" / config["metadataPath"]).read_text("utf-8")
    lines = [line.split("\t") for line in raw.split("\n")[:-1]]
    assert len(lines) == len(raw.splitlines()) == len(hostile) + 1
    assert {len(cells) for cells in lines} == {len(lines[0])}
    assert all(cells[0].strip() and cells[-1].strip() for cells in lines)
    told = [dict(zip(lines[0], cells, strict=True)) for cells in lines[1:]]
    assert told[5]["name"] == "a tab"
    assert told[5]["labels"] == "yes or, no"


def test_hostile_names_stay_what_they_are_in_the_table(hostile, tmp_path):
    export_space(hostile, tmp_path / "a.parquet", np.zeros((len(hostile), 2), np.float32))
    names = pd.read_parquet(tmp_path / "a.parquet")["name"].tolist()[5:]
    assert names == [name.replace("\ud800", "?") for name in HOSTILE]


def test_the_share_of_variance_is_that_of_the_axes_written(tmp_path):
    space = TaskSpace(random_items(12))
    two, all_ = (export_space(space, tmp_path / str(axes), axes=axes).variance for axes in (2, 11))
    assert 0 < two < all_
    assert all_ == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("name", ["atlas.parquet", "projector"])
def test_an_earlier_export_is_replaced_and_the_same_space_gives_the_same_bytes(atlas, tmp_path, name):
    def contents():
        done = export_space(atlas.space, tmp_path / name, atlas.coordinates)
        return [file.read_bytes() for file in done.files]

    before = contents()
    export_space(TaskSpace(random_items(3)), tmp_path / name)
    assert contents() == before


def test_what_is_no_export_is_left_alone(atlas, tmp_path):
    answers = tmp_path / "answers.parquet"
    pd.DataFrame({"id": ["s0001"]}).to_parquet(answers)
    text = tmp_path / "text.parquet"
    text.write_text("mine")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "vectors.tsv").write_text("mine")
    (folder / "projector_config.json").write_text('{"embeddings": []}')
    (tmp_path / "file").write_text("mine")
    (tmp_path / "d.parquet").mkdir()
    before = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    for path in (answers, text, tmp_path / "d.parquet"):
        with pytest.raises(BadInput, match="is there already and is no export"):
            export_space(atlas.space, path, atlas.coordinates)
    with pytest.raises(BadInput, match="holds other files"):
        export_space(atlas.space, folder)
    for path in (tmp_path / "file", tmp_path / "atlas.csv"):
        with pytest.raises(BadInput, match=r"neither a folder nor ends in \.parquet"):
            export_space(atlas.space, path)
    for path in (tmp_path / "no" / "a.parquet", tmp_path / "no" / "folder"):
        with pytest.raises(BadInput, match="cannot be"):
            export_space(atlas.space, path, atlas.coordinates)
    assert {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()} == before


def test_places_and_facts_of_other_items_are_refused(atlas, tmp_path):
    for given in ({"coordinates": atlas.coordinates[1:]}, {"facts": []}):
        with pytest.raises(BadInput, match="give those of each item"):
            export_space(atlas.space, tmp_path / "a.parquet", **given)
    with pytest.raises(BadInput, match="0 neighbours"):
        export_space(atlas.space, tmp_path / "a.parquet", neighbours=0)
    assert list(tmp_path.iterdir()) == []
