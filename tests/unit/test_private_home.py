"""What is written below the home is its owner's alone, whatever the surroundings allow others."""

import os
import stat

import numpy as np
import pytest
from command_line import fute
from job_requests import create, request

from dashboard.reads import brought, findings
from fute_core.home import fute_home, private_folder
from fute_core.models.identity import weights_digest
from fute_core.models.making import made_whole
from fute_core.store.store import Store, open_store


@pytest.fixture(autouse=True)
def open_to_all(monkeypatch):
    before = os.umask(0)
    yield
    os.umask(before)


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


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
    files = [path for path in fute_home().rglob("*") if path.is_file()]
    assert {".val", ".db", ".csv", ".json"} <= {path.suffix for path in files}
    assert {str(path): oct(mode_of(path)) for path in files if mode_of(path) != 0o600} == {}


def folders_of_values():
    return {path.parent for path in fute_home().rglob("*.val")} | {
        path.parents[1] for path in fute_home().rglob("*.val")
    }


def test_new_folders_of_a_store_in_an_open_home_are_its_owners_alone():
    fute_home().mkdir(exist_ok=True, parents=True)
    store = open_store()
    store.put("k", {"v": np.arange(90_000)}, {"name": "mine"})
    for path in (fute_home(), *(path for path in fute_home().rglob("*") if path.is_dir())):
        path.chmod(0o755)
    before = folders_of_values()
    for number in range(4):
        Store(store.path).put(f"other {number}", {"v": np.arange(90_000)}, {"name": "mine"})
    made = folders_of_values() - before
    assert made
    assert {mode_of(path) for path in made} == {0o700}
    assert {mode_of(path) for path in before} == {0o755}


def test_a_folder_that_somebody_shares_stays_shared(tmp_path):
    (tmp_path / "ours").mkdir(mode=0o775)
    private_folder(tmp_path / "ours" / "a" / "b")
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("ours", "ours/a", "ours/a/b")]
    assert modes == [0o775, 0o700, 0o700]
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(FileExistsError):
        private_folder(tmp_path / "file" / "a")


def test_folders_and_indexes_of_earlier_versions_are_closed_when_they_are_written_to_again():
    store = open_store()
    store.put("k", {"v": np.arange(9)}, {"name": "mine"})
    (folder,) = (path.parent for path in fute_home().rglob("cache.db") if path.parent.name == "arrays")
    folder.chmod(0o755)
    (folder / "cache.db").chmod(0o644)
    again = Store(store.path)
    again.put("other", {"v": np.arange(90_000)}, {"name": "mine"})
    assert (mode_of(folder), mode_of(folder / "cache.db")) == (0o700, 0o600)


def test_what_is_written_into_a_store_that_is_shared_can_be_read_by_those_it_is_shared_with():
    store = open_store()
    store.put("k", {"v": np.arange(9)}, {"name": "mine"})
    for folder in (path.parent for path in list(fute_home().rglob("cache.db"))):
        folder.chmod(0o770)
        (folder / "cache.db").chmod(0o660)
    again = Store(store.path)
    again.put("large", {"v": np.arange(90_000)}, {"name": "mine"})
    written = [path for path in fute_home().rglob("*") if path.suffix in (".db", ".val")]
    assert {mode_of(path) for path in written} == {0o660}
    assert {mode_of(path) for path in folders_of_values()} == {0o770}


def test_a_command_writes_for_its_owner_alone_and_exports_as_the_user_has_it(tmp_path):
    os.umask(0o022)
    rows = "text,label\n" + "".join(f"a fine film {i},good\na dull book {i},bad\n" for i in range(30))
    (tmp_path / "rows.csv").write_text(rows, "utf-8")
    assert fute("embed", "dataset", tmp_path / "rows.csv", "--method", "text").code == 0
    assert fute("cache", "export", tmp_path / "mine.zip").code == 0
    assert reached_by_others() == []
    assert {mode_of(path) for path in fute_home().rglob("*") if path.is_file()} == {0o600}
    assert mode_of(tmp_path / "mine.zip") == 0o644
