"""A process that has the index open keeps its lock on it, whoever opens it again."""

import sqlite3
import subprocess
import sys

import numpy as np
import pytest

from fute_core.errors import Unavailable
from fute_core.store.index import Index
from fute_core.store.store import Store

WRITES = """
import sys
import numpy as np
from fute_core.store.store import Store
Store(sys.argv[1]).put(sys.argv[2], {"x": np.ones(3)}, {})
"""


def test_opening_the_index_again_does_not_let_go_of_it(tmp_path):
    # Closing any descriptor of a file drops all POSIX locks that the process has on it, those of SQLite as well; the
    # next process that closes the index then takes itself for the last one and removes the log under the others.
    first = Store(tmp_path)
    first.put("a" * 64, {"x": np.zeros(3)}, {})
    assert first.get("a" * 64) is not None
    Store(tmp_path).put("b" * 64, {"x": np.zeros(3)}, {})
    log = tmp_path / "arrays" / "cache.db-wal"
    before = log.stat().st_ino
    subprocess.run([sys.executable, "-c", WRITES, str(tmp_path), "c" * 64], check=True)
    assert log.exists()
    assert log.stat().st_ino == before
    assert all(first.get(key * 64) is not None for key in "abc")


def test_the_index_is_made_for_its_owner_alone_and_only_once(tmp_path):
    Store(tmp_path).put("a" * 64, {"x": np.zeros(3)}, {})
    index = tmp_path / "arrays" / "cache.db"
    made = index.stat()
    assert made.st_mode & 0o077 == 0
    Store(tmp_path).put("b" * 64, {"x": np.zeros(3)}, {})
    assert index.stat().st_ino == made.st_ino
    assert made.st_nlink == 1
    assert sorted(p.name for p in index.parent.glob("cache.db*")) == ["cache.db", "cache.db-shm", "cache.db-wal"]


class Malformed:
    """A connection whose log was removed under it, as SQLite tells it."""

    def execute(self, question, values):
        raise sqlite3.DatabaseError("database disk image is malformed")


def test_a_connection_that_is_no_good_any_more_is_replaced_before_anything_is_told(tmp_path):
    store = Store(tmp_path)
    store.put("a" * 64, {"x": np.zeros(3)}, {})
    assert store.get("a" * 64) is not None
    store._index("arrays")._held.connection = Malformed()
    assert store.get("a" * 64) is not None


def test_an_index_that_is_damaged_is_told_after_the_second_try(tmp_path, monkeypatch):
    store = Store(tmp_path)
    store.put("a" * 64, {"x": np.zeros(3)}, {})
    monkeypatch.setattr(Index, "_opened", lambda self: (Malformed(), True))
    with pytest.raises(Unavailable, match="is damaged"):
        Store(tmp_path).get("a" * 64)
