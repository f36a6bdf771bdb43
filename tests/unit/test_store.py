import errno
import json
import os
import pickle
import sqlite3
import subprocess
import sys
import time
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from fute_core import rawdisk
from fute_core.archive import MANIFEST
from fute_core.errors import BadInput, Unavailable
from fute_core.packing import MAGIC, pack, unpack
from fute_core.store import SECTIONS, Store, open_store
from fute_core.tasks import Block, Provenance, TaskEmbedding

BIG = np.arange(20_000, dtype=np.float32)  # beyond 32 kB: a file of its own, not a database row


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "cache")


def embedding(name="sst2", *, key="k1", kind="dataset", method="fused", created="2026-01-01", seed=0):
    vector = np.random.default_rng(len(name) + seed).standard_normal(300).astype(np.float32)
    provenance = Provenance(
        "minilm", "abc", method, {"C": 0.1}, "data", 20, False, seed, created=created, details={"labels": ["a", "b"]}
    )
    return TaskEmbedding(
        name, kind, vector, (Block("layer", 0, 300, "fisher", log=True),), key, provenance, "sentiment"
    )


def same(a: TaskEmbedding, b: TaskEmbedding) -> bool:
    return np.array_equal(a.vector, b.vector) and replace(a, vector=None) == replace(b, vector=None)


# values -------------------------------------------------------------------------------------------------------------

dtypes = (
    hnp.integer_dtypes()
    | hnp.unsigned_integer_dtypes()
    | hnp.floating_dtypes(sizes=(16, 32, 64))
    | hnp.boolean_dtypes()
)
arrays = hnp.arrays(dtypes, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=5))
scalars = st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False) | st.text()
metas = st.dictionaries(
    st.text(), st.recursive(scalars, lambda x: st.lists(x) | st.dictionaries(st.text(), x), max_leaves=5)
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.text(max_size=5), arrays, max_size=3), metas)
def test_any_numbers_and_json_come_back_as_they_were(given_arrays, meta):
    found, found_meta = unpack(pack(given_arrays, meta))
    assert found_meta == meta
    assert found.keys() == given_arrays.keys()
    for name, array in given_arrays.items():
        assert found[name].dtype == array.dtype.newbyteorder("<")
        assert found[name].shape == array.shape
        np.testing.assert_array_equal(found[name], array)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_changed_or_missing_byte_reads_as_missing(data):
    value = pack({"v": np.arange(6, dtype=np.float32)}, {"a": 1})
    position = data.draw(st.integers(0, len(value) - 1))
    flipped = bytearray(value)
    flipped[position] ^= data.draw(st.integers(1, 255))
    assert unpack(bytes(flipped)) is None
    assert unpack(value[:position]) is None


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200), st.binary(max_size=40))
def test_sealed_nonsense_never_raises(header, data):
    """A value with a right digest and any header: what malice, not accident, can make."""
    assert unpack(_sealed(header, data)) is None or json.loads(header)["meta"] is not None


@pytest.mark.parametrize(
    "spec",
    [
        ["O", [1], 0, 8], ["<f4", [-1], 0, 8], ["<f4", [3], 0, 8], ["<f4", [2], 8, 8], ["<f4", [2], -8, 8],
        ["<f4", [10**30], 0, 8], ["<f4", ["2"], 0, 8], ["<f4", [2, 1], 0], "abc", None, ["V8", [1], 0, 8],
        ["(2,)<f4", [1], 0, 8], ["<f4", [-2, -1], 0, 8], ["M8[s]", [1], 0, 8], ["nonsense", [1], 0, 8],
    ],
)  # fmt: skip
def test_a_header_that_does_not_fit_its_bytes_reads_as_missing(spec):
    assert unpack(_sealed(json.dumps({"arrays": {"v": spec}, "meta": {}}).encode(), bytes(8))) is None


def _sealed(header: bytes, data: bytes) -> bytes:
    import hashlib

    body = MAGIC + len(header).to_bytes(4, "little") + header + data
    return body + hashlib.blake2b(body, digest_size=16).digest()


def test_arrays_come_back_aligned_and_read_only():
    found = unpack(pack({"a": np.ones(3, np.int8), "b": BIG}, {"odd": "x"}))[0]["b"]
    assert found.ctypes.data % 16 == 0
    assert not found.flags.writeable


@pytest.mark.parametrize("values", [["text"], [object()], [np.longdouble(1)], [1j]])
def test_what_is_no_plain_number_is_not_stored(store, values):
    with pytest.raises(TypeError, match="only numbers"):
        store.put("k", {"v": np.array(values)}, {})
    assert store.get("k") is None


def test_numpy_scalars_in_remarks_become_json_numbers():
    assert unpack(pack({}, {"loss": np.float32(0.5), "n": np.int64(3)}))[1] == {"loss": 0.5, "n": 3}


# no pickles ---------------------------------------------------------------------------------------------------------


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
    (tmp_path / "secret").write_bytes(pack({"v": BIG}, {"secret": True}))
    store.put("k", {"v": BIG}, {})
    with sqlite3.connect(store.path / "arrays" / "cache.db") as db:
        db.execute("UPDATE Cache SET filename = '../../secret'")
    assert store.get("k") is None


# damage -------------------------------------------------------------------------------------------------------------


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
    past = time.time() - 2 * rawdisk.ORPHAN_SECONDS
    os.utime(folder / "old.val", (past, past))
    store.verify(drop=True)
    assert not (folder / "old.val").exists()
    assert (folder / "young.val").exists()
    assert store.get("k") is not None


# embeddings and names -----------------------------------------------------------------------------------------------


def test_an_embedding_comes_back_whole_in_another_store_object(store):
    e = embedding()
    store.put_embedding(e)
    assert same(Store(store.path).get_embedding("k1"), e)
    assert same(Store(store.path).embeddings()[0], e)
    assert store.get_embedding("k2") is None


def test_one_vector_may_carry_two_names_and_goes_with_the_last(store):
    e = embedding()
    store.put_embedding(e)
    store.put_name(replace(e, name="again"))
    assert sorted(x.name for x in store.embeddings()) == ["again", "sst2"]
    store.delete(e)
    assert [x.name for x in store.embeddings()] == ["again"]
    store.delete(store.find("again")[0])
    assert store.get_embedding("k1") is None


def test_within_a_space_a_name_means_the_vector_it_was_given_last(store):
    old, new = embedding(created="2026-02-02"), embedding(key="k2", created="2026-01-01", seed=1)
    store.put_embedding(old)
    store.put_embedding(new)
    assert [h.key for h in store.find("sst2")] == ["k2"]
    assert store.has_embedding("k1"), "the older vector stays, for a later hit"
    store.put_name(old)
    assert [h.key for h in store.find("sst2")] == ["k1"]
    assert store.prune(unnamed=True) == 1
    assert not store.has_embedding("k2")


def test_a_name_is_found_in_every_space_and_kind(store):
    for item in (
        embedding(),
        embedding(key="k2", method="fisher"),
        embedding(key="k3", kind="model"),
        embedding("mr", key="k4"),
    ):
        store.put_embedding(item)
    assert {h.key for h in store.find("sst2")} == {"k1", "k2", "k3"}
    assert {h.key for h in store.find("sst2", "model")} == {"k3"}
    assert {e.key for e in store.embeddings("dataset")} == {"k1", "k2", "k4"}


def test_renaming_moves_the_name_and_refuses_one_that_is_taken(store):
    store.put_embedding(embedding())
    store.put_embedding(embedding("mr", key="k2"))
    store.rename(store.find("sst2")[0], "stanford")
    assert store.find("sst2") == []
    assert [h.key for h in store.find("stanford")] == ["k1"]
    with pytest.raises(BadInput, match="'mr'"):
        store.rename(store.find("stanford")[0], "mr")
    store.rename(store.find("mr")[0], "mr")
    assert [h.key for h in store.find("mr")] == ["k2"]


def test_names_from_undecodable_file_names_survive(store):
    store.put_embedding(embedding("caf\udce9 \x00 <b>"))
    assert store.headers()[0].name == "caf\udce9 \x00 <b>"


def test_prune_takes_what_fits_all_conditions_and_nothing_else(store):
    items = [
        embedding("a", key="k1", created="2026-01-01"), embedding("b", key="k2", created="2026-03-01"),
        embedding("c", key="k3", kind="prompt", created="2026-01-01"),
    ]  # fmt: skip
    for item in items:
        store.put_embedding(item)
    store.put_answers("fp", ["t"], np.ones((1, 2)))
    assert store.prune() == 0
    assert store.prune(kind="dataset", older_than="2026-02-01") == 1
    assert [h.name for h in store.headers()] == ["c", "b"]
    assert store.prune(keep=["k3"]) == 1
    assert [h.name for h in store.headers()] == ["c"]
    assert store.prune(section="embeddings") == 1
    assert store.headers() == []
    assert store.info()["answers"]["count"] == 1


def test_a_thousand_names_are_listed_without_reading_vectors(store):
    e = embedding()
    store.put_embedding(e)
    header = store.headers()[0]
    for i in range(1000):
        store.put_name(replace(header, name=f"n{i}"))
    (store.path / "embeddings" / "cache.db").unlink()
    started = time.perf_counter()
    assert len(store.headers()) == 1001
    assert time.perf_counter() - started < 1.0


# answers ------------------------------------------------------------------------------------------------------------


def test_answers_are_reused_for_any_overlap_of_texts(store):
    texts = ["a", "b", ("a", "b"), "a b"]
    scores = np.arange(8, dtype=np.float32).reshape(4, 2)
    store.put_answers("fp", texts, scores)
    rows, missing = store.get_answers("fp", ["new", ("a", "b"), "b", ("b", "a")])
    assert missing.tolist() == [True, False, False, True]
    assert rows[0] is None
    np.testing.assert_array_equal(rows[1], scores[2])
    np.testing.assert_array_equal(rows[2], scores[1])
    assert store.get_answers("other", texts)[1].all()


def test_an_answer_of_nothing_is_known_and_not_missing(store):
    store.put_answers("fp", ["a"], np.full((1, 2), np.nan))
    rows, missing = store.get_answers("fp", ["a"])
    assert not missing[0]
    assert np.isnan(rows[0]).all()


def test_512_answers_are_read_in_milliseconds(store):
    texts = [f"text {i}" for i in range(512)]
    store.put_answers("fp", texts, np.ones((512, 6)))
    seconds = []
    for _ in range(5):
        started = time.perf_counter()
        assert not store.get_answers("fp", texts)[1].any()
        seconds.append(time.perf_counter() - started)
    assert min(seconds) < 0.1  # about 0.02 on an idle machine


def test_answers_of_a_chunk_are_stored_together_or_not_at_all(store):
    with pytest.raises(ValueError, match="zip"):
        store.put_answers("fp", ["a", "b", "c"], np.ones((2, 2)))
    assert store.get_answers("fp", ["a", "b", "c"])[1].all()


# opening and the disk -----------------------------------------------------------------------------------------------


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
        "import sys; sys.path.insert(0, sys.argv[1]); from test_store import embedding; from fute_core.store import *; "
        "print(header_of(embedding()).entry)"
    )
    command = [sys.executable, "-c", script, os.path.dirname(__file__)]
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


def test_a_place_that_cannot_be_written_is_one_sentence():
    with pytest.raises(Unavailable, match="FUTE_HOME"):
        Store("/proc/no/cache").get("k")


def test_an_index_overwritten_with_garbage_is_one_sentence(store):
    store.put("k", {}, {})
    (store.path / "arrays" / "cache.db").write_bytes(b"garbage" * 1000)
    with pytest.raises(Unavailable, match="damaged"):
        Store(store.path).get("k")


def test_a_locked_store_can_be_read_and_says_so_on_writing(tmp_path, monkeypatch):
    monkeypatch.setattr(rawdisk, "TIMEOUT_SECONDS", 0.2)
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


def test_a_write_that_fails_leaves_no_half_file_and_the_old_value(store, monkeypatch):
    store.put("k", {"v": BIG}, {"round": 1})
    files = set(store.path.rglob("*.val"))

    def full(self, path, iterator, mode, encoding=None):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, mode) as f:
            f.write(next(iter(iterator))[:100])
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(rawdisk.diskcache.Disk, "_write", full)
        with pytest.raises(Unavailable, match=r"is full.*kept"):
            store.put("k", {"v": BIG}, {"round": 2})
    assert set(store.path.rglob("*.val")) == files
    assert store.get("k")[1] == {"round": 1}
    store.put("k", {"v": BIG}, {"round": 3})
    assert store.get("k")[1] == {"round": 3}


def test_an_unknown_section_is_refused_with_the_known_ones(store):
    with pytest.raises(BadInput, match="embeddings"):
        store.get("k", "elsewhere")


def test_info_counts_each_section(store):
    store.put_embedding(embedding())
    info = store.info()
    assert info["embeddings"]["count"] == info["names"]["count"] == 1
    assert info["embeddings"]["bytes"] > 0
    assert info["free_bytes"] > 0
    assert info["path"] == str(store.path)


# export and import --------------------------------------------------------------------------------------------------


@pytest.fixture
def exported(store, tmp_path):
    store.put_embedding(embedding())
    store.put_embedding(embedding("mr", key="k2"))
    store.put_answers("fp", ["a"], np.ones((1, 2)))
    store.put("features", {"v": BIG}, {})
    path = tmp_path / "atlas.zip"
    assert store.export(path) == 6
    return path


def test_an_export_comes_back_whole_and_twice_is_known(store, exported, tmp_path):
    other = Store(tmp_path / "other")
    assert other.import_(exported) == {"new": 6, "known": 0, "damaged": 0}
    for mine, theirs in zip(store.embeddings(), other.embeddings(), strict=True):
        assert same(mine, theirs)
    assert not other.get_answers("fp", ["a"])[1].any()
    assert other.import_(exported) == {"new": 0, "known": 6, "damaged": 0}
    assert not list(tmp_path.glob(".*tmp"))


def test_chosen_embeddings_travel_with_their_names_only(store, exported, tmp_path):
    assert store.export(tmp_path / "one.zip", ["k2"]) == 2
    other = Store(tmp_path / "other")
    other.import_(tmp_path / "one.zip")
    assert [e.name for e in other.embeddings()] == ["mr"]
    with pytest.raises(BadInput, match="'k9'"):
        store.export(tmp_path / "one.zip", ["k9"])
    assert Store(tmp_path / "third").import_(tmp_path / "one.zip")["new"] == 2, "the old file was kept"


def test_an_import_never_replaces_a_sound_value_or_name(exported, tmp_path):
    other = Store(tmp_path / "other")
    mine = embedding("sst2", key="mine", seed=5)
    other.put_embedding(mine)
    other.put_embedding(replace(embedding("mr", key="k2", seed=9)))
    counts = other.import_(exported)
    assert counts["damaged"] == 0
    assert same(other.get_embedding("mine"), mine)
    np.testing.assert_array_equal(other.get_embedding("k2").vector, embedding("mr", seed=9).vector)
    assert {h.name: h.key for h in other.headers()} == {"sst2": "mine", "sst2 (imported)": "k1", "mr": "k2"}


def rewrite(source, target, *, change=lambda name, data: data, manifest=lambda m: m, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", compression) as new:
        for name in old.namelist():
            data = old.read(name)
            data = json.dumps(manifest(json.loads(data))).encode() if name == MANIFEST else change(name, data)
            if data is not None:
                new.writestr(name, data)
    return target


def test_damaged_and_missing_values_of_an_archive_are_counted_and_the_rest_comes_in(exported, tmp_path):
    with zipfile.ZipFile(exported) as archive:
        first, second, *_ = [e["file"] for e in json.loads(archive.read(MANIFEST))["values"]]

    def change(name, data):
        return None if name == first else data[:-1] + b"\0" if name == second else data

    other = Store(tmp_path / "other")
    counts = other.import_(rewrite(exported, tmp_path / "bad.zip", change=change))
    assert counts == {"new": 2, "known": 0, "damaged": 4}, "two vectors, and the names that mean them"
    assert other.headers() == []
    assert other.verify() == []


def test_a_flipped_byte_anywhere_never_brings_a_wrong_number(store, exported, tmp_path):
    raw = exported.read_bytes()
    mine = {e.key: e for e in store.embeddings()}
    for position in range(0, len(raw), len(raw) // 40):
        (tmp_path / "bad.zip").write_bytes(raw[:position] + bytes([raw[position] ^ 0x41]) + raw[position + 1 :])
        other = Store(tmp_path / f"other{position}")
        try:
            other.import_(tmp_path / "bad.zip")
        except BadInput:
            continue
        assert all(same(e, mine[e.key]) for e in other.embeddings())


def test_an_archive_that_climbs_out_or_swaps_sections_writes_nothing(exported, tmp_path):
    def climb(manifest):
        for entry, key in zip(manifest["values"], ["../../up", "/etc/x", "a b", "", "k" * 300, "ok"], strict=True):
            entry.update(key=key)
        manifest["values"].append({**manifest["values"][0], "section": "../names"})
        return manifest

    other = Store(tmp_path / "deep" / "other")
    counts = other.import_(rewrite(exported, tmp_path / "bad.zip", manifest=climb))
    assert counts["new"] == 1, "only the array under a plain key"
    assert sorted(p.name for p in (tmp_path / "deep").iterdir()) == ["other"]
    assert {p.name for p in (tmp_path / "deep" / "other").iterdir()} <= set(SECTIONS)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda p, e: rewrite(e, p, compression=zipfile.ZIP_DEFLATED), "compressed"),
        (lambda p, e: rewrite(e, p, manifest=lambda m: {**m, "version": 99}), "version 99"),
        (lambda p, e: rewrite(e, p, manifest=lambda m: [1]), "damaged manifest"),
        (lambda p, e: rewrite(e, p, manifest=lambda m: {**m, "values": [{"key": 1}]}), "damaged manifest"),
        (lambda p, e: p.write_bytes(e.read_bytes()[:3000]), "cannot be read"),
        (lambda p, e: p.write_text("text"), "cannot be read"),
        (lambda p, e: p.mkdir(), "cannot be read"),
        (lambda p, e: None, "does not exist"),
    ],
)
def test_a_file_that_is_no_export_is_refused_in_one_sentence(make, says, exported, tmp_path):
    make(tmp_path / "bad.zip", exported)
    other = Store(tmp_path / "other")
    with pytest.raises(BadInput, match=says) as told:
        other.import_(tmp_path / "bad.zip")
    assert "bad.zip" in str(told.value)
    assert other.headers() == []


def test_a_place_that_cannot_be_exported_to_is_one_sentence(store, tmp_path):
    with pytest.raises(Unavailable, match="cannot be written"):
        store.export(tmp_path / "no" / "folder.zip")
