"""`fute embed` end to end: what it prints, what it stores, and what it says when it cannot."""

import json
import time

import pytest
from command_line import EMBEDDED, SMALL, SPACE, fute

from fute_core.jobs import list_jobs
from fute_core.store.store import open_store

KEYS = {"name", "kind", "key", "cached", "seconds", "n_texts", "dim", "method", "surrogate", "neighbours"}
FILMS = [f"a {word} film, number {i}" for i, word in enumerate(["fine", "dull"] * 8)]


def write(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def films(tmp_path, name="films.jsonl", **changes):
    return write(tmp_path / name, [{"text": t, "label": t.split()[1], **changes} for t in FILMS])


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
    assert again["seconds"] < 1.0


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


def test_columns_are_named_where_they_are_unusual(tmp_path):
    path = write(tmp_path / "odd.jsonl", [{"body": t, "mark": t.split()[1]} for t in FILMS])
    found = fute("embed", "dataset", path, "--method", "text", "--json")
    assert found.json["columns"] == {"text": "body", "text_pair": None, "label": "mark"}
    named = ("--text-column", "body", "--label-column", "mark")
    assert fute("embed", "dataset", path, "--method", "text", *named, "--json").json["n_texts"] == 16


def test_which_columns_were_read_is_said_also_of_what_the_store_has_from_a_file_with_other_names(tmp_path):
    first = [{"title": "Fine", "body": t, "mark": t.split()[1]} for t in FILMS]
    named = ("--text-column", "body", "--label-column", "mark", "--method", "text")
    done = fute("embed", "dataset", write(tmp_path / "one.jsonl", first), *named, "--json").json
    assert done["columns"] == {"text": "body", "text_pair": None, "label": "mark"}
    other = [{"text": row["body"], "label": row["mark"]} for row in first]
    again = fute("embed", "dataset", write(tmp_path / "two.jsonl", other), "--method", "text", "--json").json
    assert (again["cached"], again["key"]) == (True, done["key"])
    assert again["columns"] == {"text": "text", "text_pair": None, "label": "label"}
    shown = fute("embed", "dataset", tmp_path / "one.jsonl", *named).out
    assert "Read from columns: text 'body', label 'mark'" in shown


def test_scores_and_pairs_are_read(tmp_path):
    pairs = [{"sentence1": t, "sentence2": t[::-1], "score": i / 3} for i, t in enumerate(FILMS)]
    row = fute("embed", "dataset", write(tmp_path / "sts.jsonl", pairs), "--method", "fisher", "--json").json
    assert row["n_texts"] == 16
    assert row["columns"] == {"text": "sentence1", "text_pair": "sentence2", "label": "score"}
    assert row["labels"] == []


def test_one_that_fails_stops_no_other_and_makes_the_exit_code_2(own_atlas, tmp_path):
    done = fute("embed", "dataset", "sst2", tmp_path / "missing.csv", "mr", *SMALL, "--json")
    assert done.code == 2
    assert [row["name"] for row in done.json] == ["sst2", "mr"]
    assert done.err.count("\n") == 1
    assert "missing.csv" in done.err


def test_a_predictor_that_breaks_is_a_sentence_and_stops_no_other(own_atlas, monkeypatch):
    from fute_core.embedding import opening

    load = opening.dataset_of

    def breaking(request):
        if request.ref == "mr":
            raise ZeroDivisionError("division by zero\nsecond line")
        return load(request)

    monkeypatch.setattr(opening, "dataset_of", breaking)
    done = fute("embed", "dataset", "mr", "sst2", *SMALL, "--json")
    assert done.code == 1, "2 is for input that cannot be used"
    assert fute("embed", "dataset", "mr", "sst2", *SMALL, "--backend", "sequential").code == 1
    assert fute("jobs", "retry", list_jobs()[0].id, "--backend", "sequential").code == 1
    assert [row["name"] for row in done.json] == ["sst2"]
    assert "mr: Stopped by an unexpected ZeroDivisionError: division by zero. Set FUTE_TRACEBACK=1" in done.err
    monkeypatch.setenv("FUTE_TRACEBACK", "1")
    with pytest.raises(ZeroDivisionError):
        fute("embed", "dataset", "mr")


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


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("dataset", "sstt2"), "did you mean 'sst2'?"),
        (("dataset", "sst2", "--limit", "1"), "A limit of 1 rows is too few for the 2 labels of 'sst2'"),
        (("dataset", "sst2", "--limit", "-3"), "'--limit': -3"),
        (("dataset", "sst2", "--method", "fuzed"), "There is no method 'fuzed'; choose one of fused"),
        (("dataset", "sst2", "--param", "colour=red"), "Method 'fused' has no option 'colour'"),
        (("dataset", "sst2", "--method", "fisher", "--param", "C=abc"), "Option C of method 'fisher' must be a number"),
        (("dataset", "sst2", "--method", "fisher", "--param", "C=0"), "a number above 0, not 0"),
        (("dataset", "sst2", "--method", "fisher", "--param", "C=NaN"), "a number above 0, not nan"),
        (("dataset", "sst2", "--method", "fisher", "--param", "variant=best"), "one of empirical, true, squared-mean"),
        (("dataset", "sst2", "--param", "C"), "--param 'C' is not NAME=VALUE"),
        (("dataset", "sst2", "--split", "nope"), "choose one of test, train, or all"),
        (("dataset", "sst2", "--surrogate", "minilmm"), "did you mean 'minilm'?"),
        (("dataset", "sst2", "--probes", "99999"), "there are 2048 single texts"),
        (("dataset", "sst2", "mr", "--name", "x"), "would name 2 items"),
        (("dataset", "sst2", "--jobs", "0"), "--jobs 0"),
        (("dataset", "sst2", "--address", "tcp://x:1"), "--backend dask"),
        (("dataset", "sst2", "--text-column", "texte"), "did you mean 'text'?"),
        (("dataset", "a\0b"), "No dataset"),
        (("dataset", "x" * 5000), "is no file name"),
        (("dataset",), "Missing argument"),
        (("prompt", "y" * 5000), "No prompt"),
        (("prompt", "nothing-like-it"), "No prompt 'nothing-like-it' is shipped"),
        (("prompt", "spam", "--template", "zzz"), "spam has no template 'zzz'; choose from: spam-01"),
        (
            ("prompt", "spam", "--choices", "a=b,c=d"),
            "spam ships with fields and answers of its own; leave out --choices",
        ),
        (("prompt", "spam", "--field", "text"), "--field 'text' is not NAME=VALUE"),
        (("prompt", "spam-01-message-question", "--model", "smollm"), "'smollm'"),
    ],
)
def test_a_wrong_word_is_one_sentence_with_a_mend_and_exit_code_2(arguments, says):
    done = fute("embed", *arguments)
    assert done.code == 2
    assert says in done.err
    assert "Traceback" not in done.err
    assert done.out == ""


def test_unknown_hub_ids_are_one_sentence_too(monkeypatch):
    import huggingface_hub

    def no_network(*_args, **_how):
        raise ConnectionError("offline")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", no_network)
    done = fute("embed", "dataset", "sst2", "--surrogate", "someone/something")
    assert done.code == 2
    assert "could not be fetched from the Hub (ConnectionError); check the id and the network" in done.err


def test_work_in_other_processes_gives_the_same_keys_and_a_job_that_can_be_looked_at(own_atlas):
    here = {row["name"]: row["key"] for row in json.loads((own_atlas / "embedded.json").read_text())}
    fute("cache", "prune", "--kind", "dataset", "--yes")
    done = fute("embed", "dataset", "sst2", "trec", *SMALL, "--method", "text", "--jobs", "2", "--json")
    assert done.code == 0, done.err
    assert [row["name"] for row in done.json] == ["sst2", "trec"]
    assert {row["key"] for row in done.json}.isdisjoint(here.values()), "another method, another key"
    (job,) = fute("jobs", "list", "--json").json
    assert (job["state"], job["n_items"], job["items_done"]) == ("done", 2, 2)


def test_a_job_in_the_background_is_followed_with_the_jobs_commands(own_atlas):
    started = fute("embed", "dataset", "sst2", "nope.csv", *SMALL, "--detach", "--json")
    assert "nope.csv" in started.err
    job = started.json["job"]
    until = time.monotonic() + 90
    while (state := fute("jobs", "show", job, "--json").json)["state"] in ("queued", "running"):
        assert time.monotonic() < until
        time.sleep(0.2)
    assert state["state"] == "failed"
    assert [item["state"] for item in state["items"]] == ["done", "failed"]
    assert state["items"][0]["cached"] is True
    assert "nope.csv" in fute("jobs", "show", job).out
    assert fute("jobs", "list").out.count(job) == 1
    assert fute("jobs", "retry", job, "--json").code == 2, "the file is missing still"
    assert fute("jobs", "delete", job).code == 0
    assert fute("jobs", "list", "--json").json == []


def test_texts_that_are_all_alike_are_told_to_say_nothing(tmp_path):
    rows = [{"text": "the same words", "label": "ab"[i % 2]} for i in range(8)]
    row = fute("embed", "dataset", write(tmp_path / "alike.jsonl", rows), "--method", "fisher", "--json").json
    assert row["notes"][0].startswith(
        "alike: its labels do not follow from what the surrogate reads in its texts, so its vector says nothing"
    )


def test_a_packaged_model_in_the_wrong_place_is_refused_without_a_request(tmp_path):
    surrogate = fute("embed", "dataset", "sst2", "--limit", 8, "--surrogate", "smollm2")
    assert "'smollm2' is a packaged language model, which cannot be used in this place" in surrogate.err
    prompt = fute("embed", "prompt", "sentiment", "--model", "minilm", "--probes", 32)
    assert "'minilm' is a packaged surrogate, which cannot be used in this place" in prompt.err
    assert (surrogate.code, prompt.code) == (2, 2)


def test_packaged_names_are_those_that_are_listed():
    from fute_core.models.packaged import PACKAGED, list_models

    assert {m["name"]: m["kind"] for m in list_models()} == PACKAGED


def test_what_was_read_from_a_file_is_told_in_text_and_json(tmp_path):
    rows = [f"an opening number {i},{label}" for i in range(8) for label in ("yes", "no")]
    path = tmp_path / "asked.csv"
    path.write_text("\n".join(["Kommentar,queue", *rows, "nothing is said,-", ",yes"]) + "\n")
    done = fute("embed", "dataset", path, "--method", "text", "--json")
    assert done.code == 0, done.err
    assert done.json["columns"] == {"text": "Kommentar", "text_pair": None, "label": "queue"}
    assert done.json["labels"] == ["no", "yes"]
    assert done.json["dropped"] == {"no label": 1, "no text": 1}
    again = fute("embed", "dataset", path, "--method", "text")
    assert "Read from columns: text 'Kommentar', label 'queue'; 2 labels: no, yes; 2 rows left out" in again.out
    assert "1 row without a label is left out, the first being row 17 (line 18)" in again.err


def test_intervals_over_rows_are_made_where_the_rows_are_and_found_again(tmp_path):
    path = films(tmp_path)
    over = fute("embed", "dataset", path, "--interval", "both", "--json").json
    assert {near["interval"] for near in over["neighbours"]} == {"both"}
    later = fute("neighbours", "films", "--interval", "rows", "--json").json
    assert {near["interval"] for near in later["neighbours"]} == {"rows"}
    assert fute("embed", "dataset", path, "--json").json["key"] == over["key"], "no vector changes by it"
    assert "95 % intervals: over the dataset's own rows." in fute("neighbours", "films", "--interval", "rows").out


def test_a_method_without_answers_has_no_interval_over_rows(tmp_path):
    told = fute("embed", "dataset", films(tmp_path), "--method", "text", "--interval", "rows")
    assert told.code == 2
    assert "use the method fused or functional" in told.err
