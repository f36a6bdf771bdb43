"""A store that was tampered with, cut or left half written."""

import os
import pickle
import sqlite3
import time

import numpy as np
import pytest
from stored import BIG, embedding

from fute_core.store import disk, sections
from fute_core.store.store import Store
from fute_core.store.values import pack

# no pickles -----------------------------------------------------------------------------------------------------------


class Bomb:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def test_a_hostile_pickle_in_a_row_is_never_run(store, tmp_path):
    store.put("k", {"v": BIG[:10]}, {})
    row = pickle.dumps(Bomb(tmp_path / "ran"))
    with sqlite3.connect(store.path / "arrays" / "cache.db") as db:
        db.execute("UPDATE Cache SET mode = 4, value = ?", (row,))
    assert Store(store.path).get("k") is None
    assert store.verify() == [("arrays", "k")]
    assert not (tmp_path / "ran").exists()


def test_a_hostile_pickled_key_does_not_run_or_stop_a_listing(store, tmp_path):
    store.put_embedding(embedding())
    with sqlite3.connect(store.path / "names" / "cache.db") as db:
        db.execute(
            "INSERT INTO Cache (key, raw, mode, value) VALUES (?, 0, 1, ?)", (pickle.dumps(Bomb(tmp_path / "ran")), b"")
        )
    assert [h.name for h in store.headers()] == ["sst2"]
    assert not (tmp_path / "ran").exists()


def test_a_row_that_points_outside_the_store_is_refused(store, tmp_path):
    (tmp_path / "secret").write_bytes(pack({"v": BIG}, {"secret": True}, "k"))
    store.put("k", {"v": BIG}, {})
    with sqlite3.connect(store.path / "arrays" / "cache.db") as db:
        db.execute("UPDATE Cache SET filename = '../../secret'")
    assert store.get("k") is None


# damage ---------------------------------------------------------------------------------------------------------------


def test_a_cut_value_file_is_missing_and_reported_and_can_be_dropped(store):
    files = {}
    for key in ("cut", "sound"):
        before = set(store.path.rglob("*.val"))
        store.put(key, {"v": BIG}, {})
        (files[key],) = set(store.path.rglob("*.val")) - before
    assert store.verify() == []
    files["cut"].write_bytes(files["cut"].read_bytes()[:1000])
    assert store.get("cut") is None
    assert store.verify() == [("arrays", "cut")]
    assert store.prune(damaged=True) == 1
    assert store.verify() == []
    np.testing.assert_array_equal(store.get("sound")[0]["v"], BIG)


def test_a_value_file_copied_under_the_key_of_another_is_missing_and_made_again(store):
    files, values = {}, {"a": BIG, "b": -BIG}
    for key, value in values.items():
        before = set(store.path.rglob("*.val"))
        store.put(key, {"v": value}, {})
        (files[key],) = set(store.path.rglob("*.val")) - before
    files["b"].write_bytes(files["a"].read_bytes())
    assert store.get("b") is None
    assert store.verify() == [("arrays", "b")]
    assert [key for _, key, _ in store.entries()] == ["a"]
    store.put("b", {"v": values["b"]}, {})
    for key, value in values.items():
        np.testing.assert_array_equal(store.get(key)[0]["v"], value)


def test_a_row_copied_under_the_key_of_another_is_no_answer_of_it(store):
    store.put_answers("fp", ["a", "b"], np.array([[0.0, 1.0], [1.0, 0.0]]))
    with sqlite3.connect(store.path / "answers" / "cache.db") as db:
        db.execute("UPDATE Cache SET value = (SELECT value FROM Cache ORDER BY rowid LIMIT 1)")
    rows, missing = store.get_answers("fp", ["a", "b"])
    assert missing.sum() == 1
    assert [row.tolist() for row in rows if row is not None] in ([[0.0, 1.0]], [[1.0, 0.0]])


def test_a_damaged_vector_is_left_out_of_the_list(store):
    store.put_embedding(embedding())
    store.put_embedding(embedding("mr", key="k2"))
    with sqlite3.connect(store.path / "embeddings" / "cache.db") as db:
        db.execute("UPDATE Cache SET value = x'00' WHERE key = 'k1'")
    assert [e.name for e in store.embeddings()] == ["mr"]
    assert store.verify() == [("embeddings", "k1")]


def test_files_of_killed_writers_are_swept_but_not_young_ones(store):
    store.put("k", {"v": BIG}, {})
    folder = next((store.path / "arrays").rglob("*.val")).parent
    (folder / "old.val").write_bytes(b"x")
    (folder / "young.val").write_bytes(b"x")
    past = time.time() - 2 * disk.ORPHAN_SECONDS
    os.utime(folder / "old.val", (past, past))
    store.verify(drop=True)
    assert not (folder / "old.val").exists()
    assert (folder / "young.val").exists()
    assert store.get("k") is not None


def test_a_value_of_a_newer_version_a_vector_of_nan_and_a_lost_index_are_told_apart(store):
    store.put_embedding(embedding())
    store.put("newer", {"v": BIG[:10]}, {})
    store.put("nan", {"v": np.array([np.nan])}, {})
    with sqlite3.connect(store.path / "arrays" / "cache.db") as db:
        db.execute("UPDATE Cache SET value = ? WHERE key = 'newer'", (b"FUTE3\n and something else",))
    broken, key = {"v": np.array([1.0, np.nan])}, store.keys("embeddings")[0]
    store.put(key, broken, {}, "embeddings")
    store.put("big", {"v": BIG}, {}, "answers")
    (file,) = (store.path / "answers").rglob("*.val")
    os.utime(file, (time.time() - 2 * disk.ORPHAN_SECONDS,) * 2)
    store._caches.pop("answers").close()
    for left in (store.path / "answers").glob("cache.db*"):
        left.unlink()
    assert sorted(store.faults()) == [
        ("answers", "", "1 files of values are not in its index"),
        ("answers", "", "its index cache.db is missing or empty"),
        ("arrays", "newer", "written by a newer version"),
        ("embeddings", key, "holds NaN or infinity"),
    ]
    assert store.verify(drop=True) == [("embeddings", key)]
    assert store.faults() == [("arrays", "newer", "written by a newer version")]


def test_a_store_that_may_not_be_written_is_verified(store, monkeypatch):
    store.put("k", {"v": BIG}, {})
    monkeypatch.setattr(sections, "open_cache", lambda folder: pytest.fail(f"{folder} was opened for writing"))
    assert Store(store.path).faults() == []
