"""`fute embed` end to end: what it prints, what it stores, and what it says of names and of texts that say nothing."""

import json

from command_line import EMBEDDED, SMALL, SPACE, fute
from film_files import FILMS, films, write

from fute_core.store.store import open_store

KEYS = {"name", "kind", "key", "cached", "seconds", "n_texts", "dim", "method", "surrogate", "neighbours"}


def test_several_datasets_in_one_process_are_each_told_with_all_keys(atlas):
    rows = json.loads((atlas / "embedded.json").read_text())
    assert [row["name"] for row in rows] == list(EMBEDDED)
    for row in rows:
        assert row.keys() >= KEYS
        assert (row["kind"], row["cached"], row["n_texts"], row["surrogate"]) == ("dataset", False, 200, "bge-small")
        assert row["seconds"] > 0
        assert len(row["neighbours"]) == 3
        for neighbour in row["neighbours"]:
            assert neighbour.keys() >= {"name", "kind", "family", "similarity"}
            assert neighbour["name"] != row["name"]
            assert -1 <= neighbour["similarity"] <= 1
    assert rows[0]["neighbours"][0]["name"] == "mr", "sentiment beside sentiment"


def test_one_dataset_gives_one_object_and_the_second_time_comes_from_the_store(atlas):
    again = fute("embed", "dataset", "sst2", *SMALL, "--json").json
    first = json.loads((atlas / "embedded.json").read_text())[0]
    assert again["cached"] is True
    assert (again["key"], again["dim"]) == (first["key"], first["dim"])


def test_the_default_is_the_fusion_of_both_methods(tmp_path):
    row = fute("embed", "dataset", films(tmp_path), "--probes", 32, "--json").json
    assert (row["method"], row["surrogate"], row["cached"]) == ("fused", "bge-small", False)
    assert fute("embed", "dataset", tmp_path / "films.jsonl", "--probes", 32, "--json").json["cached"] is True


def test_at_most_five_neighbours_and_none_alone(tmp_path):
    alone = fute("embed", "dataset", films(tmp_path), "--method", "text", "--json").json
    assert alone["neighbours"] == []
    for i in range(6):
        films(tmp_path, f"more{i}.jsonl", note=i)
        fute("embed", "dataset", tmp_path / f"more{i}.jsonl", "--method", "text")
    assert len(fute("embed", "dataset", tmp_path / "films.jsonl", "--method", "text", "--json").json["neighbours"]) == 5


def test_a_file_of_ones_own_lands_beside_its_kind_under_the_name_it_is_given(own_atlas, tmp_path):
    row = fute(
        "embed", "dataset", films(tmp_path), *SMALL, "--name", "my films", "--family", "sentiment", "--json"
    ).json
    assert (row["name"], row["family"], row["n_texts"]) == ("my films", "sentiment", 16)
    table = fute("embed", "dataset", tmp_path / "films.jsonl", *SMALL, "--name", "my films").out
    assert "my films  (dataset, 16 texts" in table
    assert "from the store" in table
    assert fute("neighbours", *SPACE, "my films", "--json").json["name"] == "my films"


def test_a_name_that_changes_its_meaning_is_told(tmp_path):
    films(tmp_path)
    first = fute("embed", "dataset", tmp_path / "films.jsonl", "--method", "text", "--json")
    (tmp_path / "later").mkdir()
    path = write(tmp_path / "later" / "films.jsonl", [{"text": f"{t}!", "label": t.split()[1]} for t in FILMS])
    second = fute("embed", "dataset", path, "--method", "text", "--json")
    assert first.err == ""
    assert "'films' meant another vector until now" in second.err
    assert [h.key for h in open_store().find("films")] == [second.json["key"]]
    again = fute("embed", "dataset", tmp_path / "films.jsonl", "--method", "text", "--json")
    assert again.json["cached"]
    assert [h.key for h in open_store().find("films")] == [first.json["key"]], "what was asked for last has the name"


def test_texts_that_are_all_alike_are_told_to_say_nothing(tmp_path):
    rows = [{"text": "the same words", "label": "ab"[i % 2]} for i in range(8)]
    row = fute("embed", "dataset", write(tmp_path / "alike.jsonl", rows), "--method", "fisher", "--json").json
    assert row["notes"][0].startswith(
        "alike: its labels do not follow from what the surrogate reads in its texts, so its vector says nothing"
    )
