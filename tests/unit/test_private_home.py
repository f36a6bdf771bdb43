"""What is written below the home is its owner's alone, whatever the surroundings allow others."""

import os
import stat

import numpy as np
import pytest
from job_requests import create, request

from dashboard.reads import brought, findings
from fute_core.home import fute_home, private_folder
from fute_core.models.identity import weights_digest
from fute_core.models.making import made_whole
from fute_core.store.store import open_store


@pytest.fixture(autouse=True)
def open_to_all(monkeypatch):
    before = os.umask(0)
    yield
    os.umask(before)


def reached_by_others():
    """Files below the home that another account could open: each folder on the way to them lets it through."""
    found, left = [], [fute_home()]
    while left:
        path = left.pop()
        if path.is_dir():
            left += path.iterdir() if stat.S_IMODE(path.stat().st_mode) & 0o077 else ()
        elif stat.S_IMODE(path.stat().st_mode) & 0o077:
            found.append(path)
    return found


@pytest.mark.parametrize("shared", [False, True])
def test_no_other_account_reads_what_is_kept(shared, tmp_path):
    if shared:
        fute_home().mkdir(exist_ok=True, parents=True)
        fute_home().chmod(0o755)
    store = open_store()
    store.put("k", {"v": np.arange(90_000)}, {"name": "mine"})
    store.put_answers("who", ["a text"], np.ones((1, 2), np.float32))
    create(store, request("a"))
    brought.keep(b"text,label\na,x\n", "a.csv")
    findings.create("0" * 32, "Mine")
    (tmp_path / "w").write_bytes(b"weights")
    weights_digest(tmp_path / "w")
    with made_whole(fute_home() / "models" / "m") as temporary:
        temporary.write_bytes(b"weights")
    assert {path.name for path in fute_home().iterdir()} >= {"cache", "jobs", "uploads", "boards", "models"}
    assert reached_by_others() == []


def test_a_folder_that_somebody_shares_stays_shared(tmp_path):
    (tmp_path / "ours").mkdir(mode=0o775)
    private_folder(tmp_path / "ours" / "a" / "b")
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("ours", "ours/a", "ours/a/b")]
    assert modes == [0o775, 0o700, 0o700]
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(FileExistsError):
        private_folder(tmp_path / "file" / "a")
