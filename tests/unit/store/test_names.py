"""The list of names: what is listed is what is stored, whoever changed it and whatever became of the file beside it."""

import os
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import asdict, replace

import pytest
import stored
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stored import embedding

from fute_core.errors import Unavailable
from fute_core.store import index, names, names_file, sections
from fute_core.store.headers import header_of, read_header
from fute_core.store.store import Store

ANY_CHARACTER = st.text(st.characters(codec=None), min_size=1, max_size=5)


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """A few names are as many as thousands."""
    monkeypatch.setattr(names, "WORTH_A_FILE", 3)
    monkeypatch.setattr(names, "A_FEW", 2)
    monkeypatch.setattr(index, "AT_ONCE", 2)


def header(name="a", created="2026-01-01", **other):
    made = header_of(embedding(name, key=f"key of {name}", created=created))
    return replace(made, **other)


def put(store, *headers):
    store.put_many({h.entry: ({}, asdict(h)) for h in headers}, "names")


def held(store):
    """What the values say, each read by itself."""
    return {entry: h for entry in store.keys("names") if (h := read_header(store.get(entry, "names"))) is not None}


def check(store):
    listed = store.named()
    assert listed == held(store)
    ages = [names.header_age(h) for h in listed.values()]
    assert ages == sorted(ages)
    assert [type(h) for h in listed.values()] == [type(header())] * len(listed)


def filled(store, count=8):
    put(store, *(header(f"n{i}", f"2026-01-0{1 + i}") for i in range(count)))
    check(store)
    assert (store.path / "names" / names_file.FILE).exists()


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), ANY_CHARACTER, st.sampled_from(["2026-01-01", "2026-01-02", "2026-01-03"])),
        st.tuples(st.just("many"), st.integers(1, 9), st.just("")),
        st.tuples(st.sampled_from(["remove", "spoil", "file", "anew", "clear", "look"]), st.integers(0), st.just("")),
    ),
    max_size=25,
)


@given(steps=STEPS)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_what_is_listed_is_what_is_stored_after_anything(tmp_path_factory, steps):
    folder = tmp_path_factory.mktemp("store")
    mine, other = Store(folder), Store(folder)
    file = folder / "names" / names_file.FILE
    for step, what, created in steps:
        entries = other.keys("names")
        if step == "put":
            put(other, header(what, created))
        elif step == "many":
            put(other, *(header(f"n{i}", key=f"key {what}") for i in range(what)))
        elif step == "remove" and entries:
            other.remove("names", entries[what % len(entries)])
        elif step == "spoil" and entries:
            with sqlite3.connect(folder / "names" / "cache.db") as db:
                db.execute("UPDATE Cache SET value = x'00' WHERE key = ?", (entries[what % len(entries)],))
            db.close()
        elif step == "file" and file.exists():
            content = bytearray(file.read_bytes())
            content[what % len(content)] ^= 1 + what % 255
            file.write_bytes(content)
        elif step == "anew":
            mine = Store(folder)
        elif step == "clear" and what % 3 == 0:
            other.clear("names")
        check(mine)
    check(Store(folder))


def test_a_new_process_reads_one_file_and_what_changed_since(store, monkeypatch):
    filled(store)
    put(store, header("new"))
    store.remove("names", header("n3", "2026-01-04").entry)
    read = []
    monkeypatch.setattr(names, "read_header", lambda value: read.append(value) or read_header(value))
    assert [h.name for h in Store(store.path).headers()] == ["n0", "new", "n1", "n2", "n4", "n5", "n6", "n7"]
    assert len(read) == 2


def test_an_emptied_store_lists_nothing_and_can_be_filled_again(store):
    filled(store)
    store.clear("names")
    assert store.headers() == Store(store.path).headers() == []
    filled(store)


def test_values_of_another_process_are_seen(store):
    filled(store)
    script = (
        "import sys; sys.path.insert(0, sys.argv[2]); from stored import embedding; "
        "from fute_core.store.store import Store; Store(sys.argv[1]).put_embedding(embedding('theirs'))"
    )
    subprocess.run([sys.executable, "-c", script, store.path, os.path.dirname(stored.__file__)], check=True)
    assert "theirs" in {h.name for h in store.headers()}


@pytest.mark.parametrize("content", [b"", b"garbage", None])
def test_a_file_that_is_no_list_is_made_anew(store, content):
    filled(store)
    file = store.path / "names" / names_file.FILE
    if content is None:
        file.unlink()
        file.mkdir()
    else:
        file.write_bytes(content)
    check(Store(store.path))


@pytest.mark.parametrize("damage", [{"form": "another"}, {"entries": []}, {"change": {}}, {"columns": {}}])
def test_a_sealed_file_of_another_form_is_made_anew(store, damage):
    filled(store)
    file = store.path / "names" / names_file.FILE
    arrays, meta = names_file.unpack(file.read_bytes(), "names")
    file.write_bytes(names_file.pack(arrays, {**meta, **damage}, "names"))
    assert names_file.read_names(store.path / "names") is None
    check(Store(store.path))


@pytest.mark.parametrize(
    "field", [f for f in names_file._OF_PROVENANCE + names_file._OF_HEADER if f not in ("family",)]
)
def test_a_file_with_values_of_other_types_is_made_anew(store, field):
    filled(store)
    file = store.path / "names" / names_file.FILE
    arrays, meta = names_file.unpack(file.read_bytes(), "names")
    meta["columns"][field][0] = [None]
    file.write_bytes(names_file.pack(arrays, meta, "names"))
    assert names_file.read_names(store.path / "names") is None


def test_an_older_copy_of_the_section_that_was_put_back_is_read_as_it_is(store, tmp_path):
    filled(store)
    for cache in store._caches.values():
        cache.close()
    shutil.copytree(store.path, tmp_path / "copy")
    put(store, *(header(f"later {i}") for i in range(20)))
    check(store)
    shutil.copy(store.path / "names" / names_file.FILE, tmp_path / "copy" / "names")
    copy = Store(tmp_path / "copy")
    check(copy)
    for i in range(30):
        put(copy, header(f"other {i}"))
    shutil.copy(store.path / "names" / names_file.FILE, tmp_path / "copy" / "names")
    check(Store(tmp_path / "copy"))


def test_a_section_that_an_older_version_wrote_is_listed_and_noted_from_then_on(store, monkeypatch):
    monkeypatch.setattr(sections, "track", lambda folder, wait: None)
    put(store, header("a"), header("b"))
    check(store)
    assert store._index("names").newest() is None, "a short list writes nothing"
    put(store, header("c"), header("d"))
    monkeypatch.undo()
    monkeypatch.setattr(names, "WORTH_A_FILE", 3)
    other = Store(store.path)
    check(other)
    assert other._index("names").newest() is not None
    put(store, header("e"))
    check(other)


def test_on_a_disk_that_may_not_be_written_all_is_listed(store, monkeypatch):
    monkeypatch.setattr(sections, "track", lambda folder, wait: None)
    put(store, *(header(f"n{i}") for i in range(5)))

    def refused(folder):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(sections, "open_cache", refused)
    other = Store(store.path)
    assert len(other.headers()) == len(other.headers()) == 5
    with pytest.raises(Unavailable):
        put(other, header("x"))


def test_a_list_that_cannot_be_kept_is_a_list(store, monkeypatch):
    def full(names, folder):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(names, "write_names", full)
    put(store, *(header(f"n{i}") for i in range(5)))
    check(store)


def test_the_stamp_changes_with_every_name_and_with_nothing_else(store):
    seen = [store.stamp()]
    for change in (
        lambda: store.put_embedding(embedding()),
        lambda: store.rename(store.find("sst2")[0], "stanford"),
        lambda: store.delete(store.find("stanford")[0]),
    ):
        change()
        assert store.stamp() not in seen
        seen.append(store.stamp())
        store.put_answers("fp", ["text"], [[0.0, 1.0]])
        Store(store.path).headers()
        assert Store(store.path).stamp() == store.stamp() == seen[-1]


def test_a_search_takes_what_fits_all_that_is_given(store):
    put(store, header("Big one"), header("a BIG one", family="irony"), header("small", kind="prompt"))
    assert {h.name for h in store.search("big")} == {"Big one", "a BIG one"}
    assert [h.name for h in store.search("ONE", "dataset", "irony")] == ["a BIG one"]
    assert [h.name for h in store.search(kind="prompt")] == ["small"]
    assert store.search("none of them") == []
