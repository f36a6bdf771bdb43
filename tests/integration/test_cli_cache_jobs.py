"""`fute cache` and `fute jobs`: seen, thinned out, taken elsewhere, stopped, and taken up again."""

import re
import sqlite3
from dataclasses import replace

import pytest
from command_line import EMBEDDED, SMALL, fute
from job_requests import create, execute, request

from fute_core import jobs
from fute_core.store.store import open_store

# cache --------------------------------------------------------------------------------------------------------------


def names():
    return sorted(h.name for h in open_store().headers())


def damage(home):
    with sqlite3.connect(home / "cache" / "embeddings" / "cache.db") as db:
        db.execute("UPDATE Cache SET filename = NULL, mode = 1, value = x'00' WHERE rowid = 1")


def test_info_counts_what_is_there(atlas):
    info = fute("cache", "info", "--json").json
    assert info["path"] == str(atlas / "cache")
    assert info["embeddings"]["count"] == info["names"]["count"] == len(EMBEDDED)
    assert info["arrays"]["bytes"] > 0
    assert info["free_bytes"] > 0
    assert "embeddings" in fute("cache", "info").out


def test_verify_names_damage_and_drops_it_when_told(own_atlas):
    sound = fute("cache", "verify", "--json").json
    assert (sound["damaged"], sound["dropped"]) == ([], False)
    assert sound["read"]["values"] > 0
    assert re.search(r"All \d+ values and \d+ models are sound", fute("cache", "verify").out)
    damage(own_atlas)
    found = fute("cache", "verify", "--json")
    assert (found.code, len(found.json["damaged"])) == (1, 1)
    assert found.json["damaged"][0]["section"] == "embeddings"
    assert "fute cache verify --drop" in fute("cache", "verify").err
    assert fute("cache", "verify", "--drop").code == 0
    assert fute("cache", "verify").code == 0
    again = fute("embed", "dataset", *EMBEDDED, *SMALL, "--json")
    assert sorted(row["cached"] for row in again.json) == [False, True, True, True], "only the damaged one"


def test_prune_deletes_what_is_named_and_nothing_else(own_atlas):
    assert fute("cache", "prune", "--kind", "model", "--json").json == {"removed": 0}
    assert fute("cache", "prune", "--older-than", "1d", "--json").json == {"removed": 0}
    assert fute("cache", "prune", "--older-than", "2000-01-01", "--json").json == {"removed": 0}
    assert names() == sorted(EMBEDDED)
    assert fute("cache", "prune", "--kind", "dataset", "--keep", "mr", "--yes").out == "Deleted 3 values.\n"
    assert names() == ["mr"]
    assert open_store().info()["arrays"]["count"] > 0
    assert fute("cache", "prune", "--older-than", "0d", "--kind", "dataset", "--yes", "--json").json["removed"] in (
        0,
        1,
    )


@pytest.mark.parametrize("chosen", [("--kind", "dataset"), ("--older-than", "0d"), ("--section", "names")])
def test_whatever_is_pruned_is_counted_and_asked_for_first(own_atlas, chosen):
    header = open_store().headers()[0]
    old = replace(header.provenance, created="2000-01-01T00:00:00+00:00")
    open_store().put_name(replace(header, name="older", provenance=old))
    before = names()
    asked = fute("cache", "prune", *chosen, stdin="n\n")
    assert asked.code == 1
    assert "Delete " in asked.err
    assert names() == before
    nobody_there = fute("cache", "prune", *chosen, stdin="")
    assert nobody_there.code == 1
    assert names() == before


def test_a_whole_section_goes_only_when_confirmed(own_atlas):
    asked = fute("cache", "prune", "--section", "embeddings", stdin="n\n")
    assert asked.code == 1
    assert "They would have to be computed again" in asked.err
    assert names() == sorted(EMBEDDED)
    assert fute("cache", "prune", "--section", "embeddings", stdin="y\n").code == 0
    assert names() == []
    assert fute("cache", "prune", "--section", "arrays", "--yes", "--json").json["removed"] > 0


def test_an_exported_store_is_the_same_elsewhere(atlas, tmp_path, monkeypatch):
    vectors = {e.name: e.vector.tobytes() for e in open_store().embeddings()}
    done = fute("cache", "export", tmp_path / "all.zip", "--json").json
    assert done["bytes"] == (tmp_path / "all.zip").stat().st_size
    part = fute("cache", "export", tmp_path / "part.zip", "mr", "trec")
    assert part.out.startswith("Wrote 6 values")
    monkeypatch.setenv("FUTE_HOME", str(tmp_path / "elsewhere"))
    assert fute("cache", "import", tmp_path / "part.zip", "--json").json == {"new": 6, "known": 0, "damaged": 0}
    assert names() == ["mr", "trec"]
    assert fute("cache", "import", tmp_path / "all.zip").code == 0
    assert {e.name: e.vector.tobytes() for e in open_store().embeddings()} == vectors
    again = fute("cache", "import", tmp_path / "all.zip", "--json").json
    assert (again["new"], again["damaged"]) == (0, 0)


def test_a_damaged_archive_is_told_and_its_sound_values_are_kept(atlas, tmp_path, monkeypatch):
    fute("cache", "export", tmp_path / "all.zip", "mr", "trec")
    content = bytearray((tmp_path / "all.zip").read_bytes())
    content[len(content) // 4] ^= 255
    (tmp_path / "bad.zip").write_bytes(bytes(content))
    monkeypatch.setenv("FUTE_HOME", str(tmp_path / "elsewhere"))
    done = fute("cache", "import", tmp_path / "bad.zip", "--json")
    assert done.code == 2
    assert done.json["damaged"] > 0
    assert "export the store again" in done.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("prune",), "--kind, --older-than, --unnamed, --damaged or --section"),
        (("prune", "--unnamed", "--keep", "mr"), "--keep spares"),
        (("prune", "--kind", "dataset", "--keep", "mrr"), "did you mean 'mr'?"),
        (("prune", "--older-than", "yesterday"), "neither a date like 2026-01-31 nor days like 30d"),
        (("prune", "--older-than", "99999999999d"), "neither a date"),
        (("import", "missing.zip"), "does not exist"),
        (("export", "/no/such/folder/x.zip"), "cannot be written"),
        (("export", "x.zip", "nothing"), "Nothing called 'nothing' has been embedded"),
    ],
)
def test_a_wrong_cache_command_is_a_sentence_and_deletes_nothing(atlas, tmp_path, monkeypatch, arguments, says):
    monkeypatch.chdir(tmp_path)
    done = fute("cache", *arguments)
    assert done.code == 2
    assert says in done.err
    assert names() == sorted(EMBEDDED)
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_archive_is_refused(atlas, tmp_path):
    (tmp_path / "x.zip").write_text("hello")
    done = fute("cache", "import", tmp_path / "x.zip")
    assert done.code == 2
    assert "cannot be read as an exported store" in done.err


# jobs ---------------------------------------------------------------------------------------------------------------


def test_a_job_is_shown_as_it_stands():
    job = create(open_store(), request("a"), request("b", impossible=1))
    listed = fute("jobs", "list", "--json").json
    assert [j["job"] for j in listed] == [job.id]
    assert {"state", "n_items", "items_done", "items_failed", "texts_done", "texts_total", "eta_seconds"} <= listed[
        0
    ].keys()
    shown = fute("jobs", "show", job.id, "--json").json
    assert [(i["name"], i["state"]) for i in shown["items"]] == [("a", "queued"), ("b", "failed")]
    assert "b.csv has no column 'label'; add one." in fute("jobs", "show", job.id).out
    assert job.id in fute("jobs", "list").out


def test_a_job_is_cancelled_resumed_retried_and_deleted(monkeypatch):
    monkeypatch.setattr("fute_core.embedding.fulfil.embed_request", execute)
    job = create(open_store(), request("a"), request("b", impossible=1))
    assert fute("jobs", "cancel", job.id).out == f"Job {job.id} is cancelled.\n"
    resumed = fute("jobs", "resume", job.id, "--backend", "sequential", "--json")
    assert resumed.code == 2, "an item failed"
    assert [i["state"] for i in resumed.json["items"]] == ["done", "failed"]
    retried = fute("jobs", "retry", job.id, "--backend", "sequential", "--json").json
    assert [i["state"] for i in retried["items"]] == ["done", "done"]
    assert fute("jobs", "cancel", job.id, "--json").json["state"] == "done"
    assert fute("jobs", "delete", job.id).code == 0
    assert jobs.list_jobs() == []
    assert fute("jobs", "list").out.startswith("No jobs yet")


@pytest.mark.parametrize("command", ["resume", "retry"])
def test_control_c_ends_a_resumed_job_with_130_and_says_how_to_go_on(monkeypatch, command):
    def stopped_by_hand(*_args, **_how):
        raise KeyboardInterrupt

    job = create(open_store(), request("a"))
    monkeypatch.setattr("fute_core.embedding.fulfil.embed_request", stopped_by_hand)
    done = fute("jobs", command, job.id, "--backend", "sequential", "--json")
    assert done.code == 130
    assert (done.json["state"], done.json["items"][0]["state"]) == ("cancelled", "cancelled")
    assert f"fute jobs resume {job.id}" in done.err
    monkeypatch.setattr("fute_core.embedding.fulfil.embed_request", execute)
    assert fute("jobs", "resume", job.id, "--backend", "sequential").code == 0


def test_control_c_ends_an_embedding_run_as_a_job_with_130(monkeypatch):
    def stopped_by_hand(*_args, **_how):
        raise KeyboardInterrupt

    monkeypatch.setattr("fute_core.embedding.fulfil.embed_request", stopped_by_hand)
    done = fute("embed", "dataset", "sst2", "--method", "functional", "--limit", "20", "--backend", "sequential")
    assert done.code == 130
    (job,) = jobs.list_jobs()
    assert job.state == "cancelled"
    assert f"fute jobs resume {job.id}" in done.err


def test_a_damaged_job_is_told_with_the_command_that_removes_it():
    job = create(open_store(), request("a"))
    (job.folder / "plan.json").write_text("{")
    listed = fute("jobs", "list")
    assert listed.code == 0
    assert f"`fute jobs delete {job.id}`" in " ".join(listed.err.split())
    assert fute("jobs", "delete", job.id).code == 0
    assert fute("jobs", "list").err == ""


@pytest.mark.parametrize("command", ["show", "cancel", "resume", "retry", "delete"])
@pytest.mark.parametrize("job", ["x", "../..", "20260101-000000-abcdef"])
def test_an_unknown_job_is_one_sentence(command, job):
    done = fute("jobs", command, job)
    assert (done.code, done.out) == (2, "")
    assert f"There is no job {job!r}" in done.err
