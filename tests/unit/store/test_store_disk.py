"""The store's folder: several processes, and a disk that refuses."""

import errno
import logging
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import stored
from stored import BIG

from fute_core.errors import BadInput, Unavailable
from fute_core.store import disk
from fute_core.store.store import Store, open_store


def test_one_store_a_process_and_place(tmp_path, monkeypatch):
    assert open_store() is open_store()
    assert open_store(tmp_path) is not open_store()
    before = open_store()
    monkeypatch.setenv("FUTE_HOME", str(tmp_path / "elsewhere"))
    assert open_store() is not before
    assert open_store().path == tmp_path / "elsewhere" / "cache"


def test_a_forked_child_reads_and_writes(store):
    store.put("parent", {"v": BIG}, {})
    child = os.fork()
    if child == 0:
        try:
            ok = store.get("parent") is not None
            store.put("child", {"v": BIG}, {})
            os._exit(0 if ok else 1)
        finally:
            os._exit(2)
    assert os.waitpid(child, 0)[1] == 0
    assert store.get("child") is not None


def test_a_folder_that_the_user_removed_is_begun_anew(store):
    import shutil

    store.put("k", {"v": BIG}, {})
    shutil.rmtree(store.path)
    assert store.get("k") is None
    store.put("k", {"v": BIG}, {})
    assert store.get("k") is not None


def test_keys_are_the_same_in_every_process(store):
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); from stored import embedding; "
        "from fute_core.store.headers import header_of; print(header_of(embedding()).entry)"
    )
    command = [sys.executable, "-c", script, os.path.dirname(stored.__file__)]
    entries = {
        subprocess.run(
            command, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(entries) == 1


def test_a_file_in_the_way_is_named(tmp_path):
    (tmp_path / "cache").write_text("mine")
    with pytest.raises(Unavailable, match=r"a file is in the way"):
        Store(tmp_path / "cache").put("k", {}, {})
    assert (tmp_path / "cache").read_text() == "mine"


def test_a_folder_that_may_not_be_looked_into_is_one_sentence(tmp_path, monkeypatch):
    def denied(*_args, **_how):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "stat", denied)
    with pytest.raises(Unavailable, match=r"Permission denied.*check the folder's permissions or set FUTE_HOME"):
        Store(tmp_path / "cache").get("k")


def test_a_folder_called_locked_is_not_taken_for_a_lock():
    with pytest.raises(Unavailable, match="cannot be used"):
        Store("/proc/locked/cache").put("k", {}, {})


def test_a_place_that_cannot_be_written_is_one_sentence():
    with pytest.raises(Unavailable, match="FUTE_HOME"):
        Store("/proc/no/cache").put("k", {}, {})


def test_an_index_overwritten_with_garbage_is_one_sentence(store):
    store.put("k", {}, {})
    (store.path / "arrays" / "cache.db").write_bytes(b"garbage" * 1000)
    with pytest.raises(Unavailable, match="damaged"):
        Store(store.path).get("k")


def test_a_locked_store_can_be_read_and_says_so_on_writing(tmp_path, monkeypatch):
    monkeypatch.setattr(disk, "TIMEOUT_SECONDS", 0.2)
    store = Store(tmp_path)
    store.put("k", {"v": BIG}, {})
    other = sqlite3.connect(tmp_path / "arrays" / "cache.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert store.get("k") is not None
    with pytest.raises(Unavailable, match="locked by another process"):
        store.put("k2", {}, {})
    other.execute("ROLLBACK")
    store.put("k2", {}, {})
    assert store.get("k2") is not None


def test_a_lock_is_told_long_before_waiting_for_it_ends(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(disk, "TELL_SECONDS", 0.1)
    store = Store(tmp_path)
    store.put("k", {}, {})
    other = sqlite3.connect(tmp_path / "arrays" / "cache.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")

    class Freeing(logging.Handler):
        def emit(self, record):
            other.execute("ROLLBACK")

    logger = logging.getLogger("fute_core.store")
    logger.addHandler(handler := Freeing())
    try:
        Store(tmp_path).put("k2", {}, {})  # opened under the lock, too
    finally:
        logger.removeHandler(handler)
    assert "locked by another process; waiting" in caplog.text
    assert store.get("k2") is not None


def test_reading_makes_no_folder(tmp_path):
    store = Store(tmp_path / "home" / "cache")
    assert (store.get("k"), store.keys("names"), store.headers(), store.verify()) == (None, [], [], [])
    assert store.info()["names"] == {"count": 0, "bytes": 0}
    assert store.info()["free_bytes"] > 0
    assert list(tmp_path.iterdir()) == []


def test_what_killed_writers_left_is_read_where_nothing_may_be_written(tmp_path, monkeypatch):
    script = (
        "import os, sys; import numpy as np; from fute_core.store.store import Store; s = Store(sys.argv[1]);"
        "[s.put(f'k{i}', {'v': np.full(9, i)}, {}) for i in range(20)]; os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=True)
    log = tmp_path / "arrays" / "cache.db-wal"
    assert log.stat().st_size, "its changes lie beside the index still"
    before = sorted((p.name, p.stat().st_size) for p in tmp_path.rglob("*"))
    real = sqlite3.connect

    def read_only(address, **how):
        if str(tmp_path) in address and "mode=rw" in address:
            raise sqlite3.OperationalError("unable to open database file")
        return real(address, **how)

    monkeypatch.setattr("fute_core.store.index.sqlite3.connect", read_only)
    store = Store(tmp_path)
    assert [int(store.get(f"k{i}")[0]["v"][0]) for i in range(20)] == list(range(20))
    assert sorted((p.name, p.stat().st_size) for p in tmp_path.rglob("*")) == before


def test_a_write_that_fails_leaves_no_half_file_and_the_old_value(store, monkeypatch):
    store.put("k", {"v": BIG}, {"round": 1})
    files = set(store.path.rglob("*.val"))

    def full(self, path, iterator, mode, encoding=None):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, mode) as f:
            f.write(next(iter(iterator))[:100])
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(disk.diskcache.Disk, "_write", full)
        with pytest.raises(Unavailable, match=r"is full.*kept"):
            store.put("k", {"v": BIG}, {"round": 2})
    assert set(store.path.rglob("*.val")) == files
    assert store.get("k")[1] == {"round": 1}
    store.put("k", {"v": BIG}, {"round": 3})
    assert store.get("k")[1] == {"round": 3}


def test_an_unknown_section_is_refused_with_the_known_ones(store):
    with pytest.raises(BadInput, match="embeddings"):
        store.get("k", "elsewhere")
