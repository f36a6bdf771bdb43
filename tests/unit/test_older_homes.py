"""Homes and exports that an earlier version wrote open whole: `tests/data/home-1.zip` and `export-1.zip`.

They were made once, by the version whose values did not name their key, and must never be made anew.
"""

import hashlib
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dashboard.reads import findings
from fute_core.datasets import uploads
from fute_core.datasets.probes import load_probes
from fute_core.datasets.tables import read_rows
from fute_core.embedding.fulfil import embed_request, request_key
from fute_core.embedding.requests import EmbedRequest
from fute_core.home import fute_home
from fute_core.jobs import list_jobs
from fute_core.store.archive import export_store, import_archive
from fute_core.store.keys import answers_key
from fute_core.store.sections import SECTIONS
from fute_core.store.store import Store, open_store
from fute_core.templates.loading import load_templates

OLD = Path(__file__).parents[1] / "data"
OWNER = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def home():
    with zipfile.ZipFile(OLD / "home-1.zip") as archive:
        archive.extractall(fute_home())
    return fute_home()


def numbers(store: Store, section: str) -> str:
    """One digest of all arrays of a section, in the order of their keys and names."""
    state = hashlib.blake2b(digest_size=8)
    for key in sorted(store.keys(section)):
        arrays, _ = store.get(key, section)
        for name in sorted(arrays):
            state.update(f"{key}/{name}".encode() + arrays[name].tobytes())
    return state.hexdigest()


def test_every_value_of_an_older_home_is_there_to_the_last_bit(home):
    store = open_store()
    assert store.verify() == []
    assert {s: store.info()[s]["count"] for s in SECTIONS} == COUNTS
    assert {s: numbers(store, s) for s in SECTIONS} == NUMBERS


def test_names_with_and_without_vectors_of_an_older_home_mean_what_they_meant(home):
    store = open_store()
    assert {(h.name, h.kind, h.provenance.method) for h in store.headers()} == NAMES
    assert {h.entry for h in store.headers()} == set(store.keys("names"))
    assert len(store.embeddings()) == 6
    box, same = store.find("box")[0], store.find("the same box")[0]
    assert box.key == same.key
    assert (box.family, box.dim, dict(box.provenance.details)["labels"]) == ("sentiment", 120, ["no", "yes"])
    assert store.get(answers_key(box.key))[0]["answers"].shape == (16, 2)
    older, newer = store.runs("trec", "dataset")
    assert (older.provenance.n_texts, newer.provenance.n_texts) == (24, 30)
    assert newer.key == store.find("trec")[0].key


def test_what_an_older_home_read_with_older_probe_texts_stays_beside_what_is_asked_anew(home):
    store = open_store()
    old = sst2_key(store, "functional")
    request = EmbedRequest("dataset", "sst2", limit=12, method="functional", probes=16)
    assert request_key(request) != old
    made = embed_request(request, store)
    assert made.provenance.probes == load_probes(False, 16).identity
    assert store.get_embedding(old).provenance.probes.startswith("single-v1-")
    assert {old, made.key} <= {h.key for h in store.find("sst2")}


def sst2_key(store: Store, method: str) -> str:
    return next(h.key for h in store.find("sst2") if h.provenance.method == method)


def test_jobs_uploads_prompts_and_boards_of_an_older_home_open(home):
    waiting, done = list_jobs()
    assert (done.state, waiting.state) == ("done", "queued")
    assert [item.key for item in done.items] == [open_store().find(n)[0].key for n in ("films", "sst2")]
    assert waiting.items[0].request.ref == "mr"
    (film,) = uploads.uploads()
    assert (film.title, film.family, film.columns["label_column"]) == ("films", "sentiment", "label")
    assert len(read_rows(film.path).rows) == 16
    (draft,) = uploads.uploads_folder().glob("*.yaml")
    (loaded,) = load_templates(draft)
    assert (loaded.template.name, loaded.template.choices) == ("my prompt", (("Good", "fine"), ("Bad",)))
    assert findings.boards(OWNER) == ["Findings", "Second board"]
    (pin,) = findings.read(OWNER, "Findings").pins
    assert (pin.title, pin.rows()) == ("Two films", [{"name": "films", "similarity": 0.5}])


def test_an_older_home_is_written_to_and_exported(home, tmp_path):
    store = open_store()
    box = store.get_embedding(store.find("box")[0].key)
    before = store.get(box.key, "embeddings")[0]["vector"]
    store.put_embedding(replace(box, name="box again"))
    np.testing.assert_array_equal(store.get_embedding(box.key).vector, box.vector)
    np.testing.assert_allclose(box.vector, before, atol=1e-6)
    n = export_store(store, tmp_path / "all.zip")
    other = Store(tmp_path / "other")
    assert import_archive(other, tmp_path / "all.zip") == {"new": n, "known": 0, "damaged": 0}
    for key in other.keys("embeddings"):
        np.testing.assert_array_equal(other.get_embedding(key).vector, store.get_embedding(key).vector)
    assert {h.name for h in other.headers()} == {name for name, _, _ in NAMES} | {"box again"}


def test_an_older_export_comes_in_whole(tmp_path):
    store = open_store()
    assert import_archive(store, OLD / "export-1.zip") == {"new": 4, "known": 0, "damaged": 0}
    assert [h.name for h in store.headers()] == ["box", "the same box"]
    assert len(store.embeddings()) == 2
    assert store.get(answers_key(store.headers()[0].key))[0]["answers"].shape == (16, 2)
    assert store.verify() == []


NAMES = {
    ("films", "dataset", "functional"),
    ("sst2", "dataset", "functional"),
    ("sst2", "dataset", "fused"),
    ("trec", "dataset", "functional"),
    ("box", "model", "functional"),
    ("the same box", "model", "functional"),
}
COUNTS = {"embeddings": 6, "names": 6, "answers": 16, "arrays": 11}
NUMBERS = {
    "embeddings": "e1a74cd090284e5c",
    "names": "e4a6a0577479b2b4",
    "answers": "f5e75464b3de5507",
    "arrays": "3c0446f01e22fef9",
}
