"""`fute list`, `neighbours`, `similarity` and `map` on a small atlas, and on none."""

import csv
import json
import re

import numpy as np
import pandas as pd
import pytest
from added import add
from command_line import EMBEDDED, SPACE, fute, fute_process
from small_space import small_embedding
from stored import embedding

from fute_core.atlas.atlas import open_atlas
from fute_core.datasets.catalog import shipped_datasets
from fute_core.home import fute_home
from fute_core.store.store import open_store

SINGLE = sorted(EMBEDDED)


# list ---------------------------------------------------------------------------------------------------------------


def test_what_is_shipped_is_listed():
    datasets = fute("list", "datasets", "--json").json
    cards = shipped_datasets()
    assert [d["name"] for d in datasets] == list(cards)
    free = fute("list", "datasets", "--licence", "open", "--json").json
    assert {d["name"] for d in free} == {name for name, card in cards.items() if card["use"] == "open"}
    families = fute("list", "families", "--json").json
    assert sum(f["datasets"] for f in families) == len(cards)
    assert {"name", "family", "pair", "labels", "rows", "licence", "title"} <= datasets[0].keys()
    assert {d["name"] for d in datasets if d["pair"]} == {name for name, card in cards.items() if card["pair"]}
    assert all(d["licence"] for d in datasets)
    models = {m["name"]: m for m in fute("list", "models", "--json").json}
    assert models["minilm"]["installed"] is True
    prompts = fute("list", "prompts", "--json").json
    assert len({p["name"] for p in prompts}) == len(prompts) > 100
    table = fute("list", "datasets").out
    assert all(d["name"] in table for d in datasets)


def test_embeddings_are_listed_with_where_they_come_from(atlas):
    rows = fute("list", "embeddings", "--json").json
    assert sorted(row["name"] for row in rows) == SINGLE
    for row in rows:
        assert (row["kind"], row["surrogate"], row["pair"], row["n_texts"]) == ("dataset", "bge-small", False, 200)
        assert re.fullmatch(r"[0-9a-f]{32}", row["key"])


def test_nothing_is_chosen_where_nothing_is_embedded():
    assert (
        fute("list", "embeddings", "--find", "x").out == "No embeddings yet; make some with `fute embed dataset all`.\n"
    )


def test_embeddings_are_chosen_by_name_kind_and_family(atlas):
    found = fute("list", "embeddings", "--find", SINGLE[0].upper(), "--json").json
    assert [row["name"] for row in found] == [name for name in SINGLE if SINGLE[0] in name]
    own = found[0]
    assert own in fute("list", "embeddings", "--kind", "dataset", "--family", own["family"], "--json").json
    assert (
        fute("list", "embeddings", "--kind", "prompt").out == "No embedding fits; `fute list embeddings` shows all.\n"
    )
    refused = fute("list", "datasets", "--find", "x")
    assert refused.code == 2
    assert "`fute list embeddings`" in refused.err


def test_a_name_without_its_vector_is_not_listed():
    store = open_store()
    for name in ("here", "gone"):
        store.put_embedding(embedding(name, key=f"key of {name}"))
    store.remove("embeddings", "key of gone")
    assert [row["name"] for row in fute("list", "embeddings", "--json").json] == ["here"]


def test_without_embeddings_every_command_says_how_to_make_some():
    assert fute("list", "embeddings", "--json").json == []
    assert "fute embed dataset all" in fute("list", "embeddings").out
    for command in (
        ("neighbours", "sst2"),
        ("similarity",),
        ("map", "--out", "x.csv"),
        ("export", "--out", "x.parquet"),
    ):
        done = fute(*command, *SPACE)
        assert done.code == 2
        assert "fute embed dataset all" in done.err


# neighbours ---------------------------------------------------------------------------------------------------------


def test_neighbours_are_ranked_and_never_the_item_itself(atlas):
    found = fute("neighbours", *SPACE, "sst2", "--json").json["neighbours"]
    assert [n["rank"] for n in found] == [1, 2, 3]
    assert {n["name"] for n in found} == set(EMBEDDED) - {"sst2"}
    assert found[0]["name"] == "mr"
    similarities = [n["similarity"] for n in found]
    assert similarities == sorted(similarities, reverse=True)
    assert all(n.keys() >= {"rank", "name", "kind", "family", "similarity"} for n in found)


def test_neighbours_by_number_kind_and_fusion(atlas):
    assert len(fute("neighbours", *SPACE, "sst2", "-k", 1, "--json").json["neighbours"]) == 1
    assert fute("neighbours", *SPACE, "sst2", "--kind", "prompt", "--json").json["neighbours"] == []
    assert "No prompt to compare sst2 with" in fute("neighbours", *SPACE, "sst2", "--kind", "prompt").out
    assert fute("neighbours", *SPACE, "sst2", "--fusion", "rrf", "--json").json["neighbours"][0]["name"] == "mr"
    told = fute("neighbours", *SPACE, "sst2", "--fusion", "rrf", "--interval", "both").err
    assert "No interval is known: it needs all probe texts" in told
    assert "mr" in fute("neighbours", *SPACE, "sst2", "--calibration", "none").out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("neighbours", "sst3", *SPACE), "did you mean 'sst2'?"),
        (("neighbours", "sst2", "-k", "0"), "'-k': 0"),
        (("neighbours", "sst2", "--method", "lora"), "no embeddings for lora"),
        (("neighbours", "sst2", "--pairs", *SPACE), "no embeddings for functional, pairs"),
        (("similarity", "sst2", "nothing"), "Nothing called 'nothing' has been embedded"),
        (("similarity", "--out", "x.txt"), "does not end in .csv"),
        (("similarity", *SPACE, "--out", "/no/such/folder/x.csv"), "cannot be written"),
        (("map", *SPACE, "--out", "x.gif"), ".csv, .html, .png, .svg, .pdf"),
        (("map", *SPACE, "--projection", "pca", "--out", "/no/such/folder/x.csv"), "cannot be written"),
        (("map", *SPACE, "--projection", "pca", "--out", "/no/such/folder/x.html"), "cannot be written"),
        (("map",), "--out"),
        (("export", *SPACE, "--out", "x.csv"), "neither a folder nor ends in .parquet"),
        (("export", *SPACE, "--out", "/no/such/folder"), "cannot be made"),
        (("export", *SPACE, "--axes", "0", "--out", "x"), "'--axes': 0"),
        (("list", "things"), "'datasets', 'families', 'models', 'prompts'"),
    ],
)
def test_what_cannot_be_shown_is_a_sentence_and_exit_code_2(atlas, tmp_path, monkeypatch, arguments, says):
    monkeypatch.chdir(tmp_path)
    done = fute(*arguments)
    assert done.code == 2
    assert says in done.err
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_two_kinds_share_is_told_apart_by_its_kind(tmp_path):
    text = ("--method", "text")
    films = tmp_path / "both.csv"
    films.write_text("text,label\n" + "".join(f"film {i},{i % 2}\n" for i in range(12)))
    fute("embed", "dataset", films, "--limit", 12, *text)
    fute("probes", "export", tmp_path / "probes.jsonl", "--probes", 32)
    answered = [json.dumps({**json.loads(line), "score": i}) for i, line in enumerate(
        (tmp_path / "probes.jsonl").read_text().splitlines())]  # fmt: skip
    (tmp_path / "both.jsonl").write_text("\n".join(answered))
    fute("embed", "outputs", tmp_path / "both.jsonl", "--probes", 32, *text)
    refused = fute("neighbours", "both", *text)
    assert (refused.code, "write 'dataset:both' or 'model:both'" in refused.err) == (2, True)
    assert fute("neighbours", "dataset:both", *text, "--json").json["neighbours"][0]["kind"] == "model"
    assert fute("similarity", *text, "--json").json["names"] == ["dataset:both", "model:both"]
    written = fute("similarity", *text, "--out", tmp_path / "s.csv", "--json").json
    assert written == {"file": str(tmp_path / "s.csv"), "names": ["dataset:both", "model:both"]}


# similarity ---------------------------------------------------------------------------------------------------------


def test_similarities_as_json_table_and_csv_agree(atlas, tmp_path):
    given = fute("similarity", *SPACE, "trec", "sst2", "mr", "--json").json
    assert given["names"] == ["trec", "sst2", "mr"]
    matrix = given["similarity"]
    assert [matrix[i][i] for i in range(3)] == [1.0, 1.0, 1.0]
    assert matrix[0][1] == matrix[1][0]
    assert matrix[1][2] > matrix[1][0]
    *_, last = fute("similarity", *SPACE, "trec", "sst2", "mr").out.split("sst2 ")[-1].splitlines()[0].split()
    assert float(last) == pytest.approx(matrix[1][2], abs=1e-3)
    done = fute("similarity", *SPACE, "--out", tmp_path / "all.csv")
    assert done.code == 0
    rows = list(csv.reader((tmp_path / "all.csv").open(encoding="utf-8")))
    assert sorted(rows[0][1:]) == SINGLE
    table = {row[0]: dict(zip(rows[0][1:], map(float, row[1:]), strict=True)) for row in rows[1:]}
    assert table["sst2"]["mr"] == pytest.approx(matrix[1][2], abs=1e-3)


# map ----------------------------------------------------------------------------------------------------------------


def test_a_map_as_csv_has_a_row_an_item_and_is_the_same_each_time(atlas, tmp_path):
    for name in ("one.csv", "two.csv"):
        assert fute("map", *SPACE, "--out", tmp_path / name, "--projection", "pca").code == 0
    rows = list(csv.DictReader((tmp_path / "one.csv").open(encoding="utf-8")))
    assert sorted(row["name"] for row in rows) == SINGLE
    assert all(float(row["x"]) or float(row["y"]) for row in rows)
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()
    assert fute("map", *SPACE, "--out", tmp_path / "space.csv", "--projection", "pca", "--dim", 3).code == 0
    assert "z" in (tmp_path / "space.csv").read_text().splitlines()[0]


def test_a_map_as_html_needs_no_network_and_as_a_picture_is_one(atlas, tmp_path):
    assert fute("map", *SPACE, "--out", tmp_path / "map.html", "--projection", "pca").code == 0
    page = (tmp_path / "map.html").read_text("utf-8")
    assert "sst2" in page
    assert not re.search(r"<(script|link|img)[^>]*(src|href)=.?https?:", page)
    assert fute("map", *SPACE, "--out", tmp_path / "map.png", "--projection", "pca").code == 0
    assert (tmp_path / "map.png").read_bytes().startswith(b"\x89PNG")


def test_umap_of_few_points_falls_back_and_says_so(atlas, tmp_path):
    done = fute_process("map", *SPACE, "--out", tmp_path / "map.csv")  # its own process: importing umap takes its time
    assert done.returncode == 0, done.stderr
    assert "Wrote 4 points" in done.stderr
    assert len(done.stderr.splitlines()) > 1


# export -------------------------------------------------------------------------------------------------------------


def test_a_space_is_exported_for_the_projector_with_the_share_of_variance_kept(atlas, tmp_path):
    done = fute("export", *SPACE, "--out", tmp_path / "projector", "--axes", 2)
    assert done.code == 0, done.err
    assert re.search(r"The 2 leading axes hold \d+ % of the variance\.\nWrote 4 items to ", done.err)
    rows = (tmp_path / "projector" / "metadata.tsv").read_text("utf-8").splitlines()
    assert sorted(row.split("\t")[0] for row in rows[1:]) == SINGLE
    again = fute("export", *SPACE, "--out", tmp_path / "projector", "--json").json
    assert (again["items"], again["axes"], again["variance"]) == (4, 3, 1.0)
    assert all((tmp_path / "projector" / file.rpartition("/")[2]).exists() for file in again["files"])


def test_the_atlas_is_exported_on_its_own_map_with_what_the_user_added(tmp_path):
    add(fute_home(), "mine", "sst2")
    done = fute("export", "-k", 3, "--out", tmp_path / "atlas.parquet", "--json").json
    opened = open_atlas()
    assert done["items"] == len(opened.items)
    table = pd.read_parquet(tmp_path / "atlas.parquet")
    assert table["name"].tolist()[-1] == "mine"
    assert table["skill"].notna().sum() == sum("skill" in item.facts for item in opened.items) > 0
    np.testing.assert_array_equal(table[["x", "y"]], opened.coordinates)
    assert {len(near["ids"]) for near in table["neighbors"]} == {3}


def test_a_person_reads_of_classifiers_and_a_program_of_the_kind_model():
    open_store().put_embedding(small_embedding("mine", "model", "topic", 1))
    assert "classifier" in fute("list", "embeddings").out
    assert fute("list", "embeddings", "--json").json[0]["kind"] == "model"
    only = fute("neighbours", "mine", "--kind", "model")
    assert only.out == "No classifier to compare mine with yet.\n"


def test_what_another_encoder_read_is_told_to_be_embedded_again():
    open_store().put_embedding(small_embedding("mine", "dataset", "topic", 1))
    told = "mine was read with small, and the atlas with bge-small: embed it again to compare them."
    assert told in fute("neighbours", "mine").err
    assert fute("neighbours", "mine", "--json").json["notes"] == [told]


def test_each_neighbour_says_what_may_be_said_of_its_job():
    rows = fute("neighbours", "uci_imdb", "-k", 12, "--json").json["neighbours"]
    assert {row["standing"] for row in rows} == {"same", "near"}
    printed = fute("neighbours", "uci_imdb", "-k", 12).out
    assert printed.count("may do the same job") == sum(row["standing"] == "same" for row in rows)
