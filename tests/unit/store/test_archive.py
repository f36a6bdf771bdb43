"""Export and import of a store."""

import json
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from stored import BIG, embedding, same

from fute_core.errors import BadInput, Unavailable
from fute_core.store.archive import MANIFEST, export_store, import_archive
from fute_core.store.keys import answers_key
from fute_core.store.sections import SECTIONS
from fute_core.store.store import Store


@pytest.fixture
def exported(store, tmp_path):
    store.put_embedding(embedding())
    store.put_embedding(embedding("mr", key="k2"))
    store.put_answers("fp", ["a"], np.ones((1, 2)))
    store.put("features", {"v": BIG}, {})
    path = tmp_path / "atlas.zip"
    assert export_store(store, path) == 6
    return path


def test_an_export_comes_back_whole_and_twice_is_known(store, exported, tmp_path):
    other = Store(tmp_path / "other")
    assert import_archive(other, exported) == {"new": 6, "known": 0, "damaged": 0}
    for mine, theirs in zip(store.embeddings(), other.embeddings(), strict=True):
        assert same(mine, theirs)
    assert not other.get_answers("fp", ["a"])[1].any()
    assert import_archive(other, exported) == {"new": 0, "known": 6, "damaged": 0}
    assert not list(tmp_path.glob(".*tmp"))


def test_chosen_embeddings_travel_with_their_names_and_answers_only(store, exported, tmp_path):
    for key in ("k1", "k2"):
        store.put(answers_key(key), {"answers": np.ones((2, 2), np.float32)}, {})
    assert export_store(store, tmp_path / "one.zip", ["k2"]) == 3
    other = Store(tmp_path / "other")
    import_archive(other, tmp_path / "one.zip")
    assert [e.name for e in other.embeddings()] == ["mr"]
    assert (other.get(answers_key("k1")), other.get(answers_key("k2")) is None) == (None, False)
    with pytest.raises(BadInput, match="'k9'"):
        export_store(store, tmp_path / "one.zip", ["k9"])
    assert import_archive(Store(tmp_path / "third"), tmp_path / "one.zip")["new"] == 3, "the old file was kept"


def test_an_entry_of_another_form_is_left_out_of_an_export(store, exported, tmp_path):
    store.put("odd", {}, {"key": ["k1"]}, "names")
    assert export_store(store, tmp_path / "one.zip", ["k2"]) == 2


def test_an_import_never_replaces_a_sound_value_or_name(exported, tmp_path):
    other = Store(tmp_path / "other")
    mine = embedding("sst2", key="mine", seed=5)
    other.put_embedding(mine)
    other.put_embedding(replace(embedding("mr", key="k2", seed=9)))
    counts = import_archive(other, exported)
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
    counts = import_archive(other, rewrite(exported, tmp_path / "bad.zip", change=change))
    assert counts == {"new": 2, "known": 0, "damaged": 4}, "two vectors, and the names that mean them"
    assert other.headers() == []
    assert other.verify() == []


def test_a_value_listed_under_the_key_of_another_does_not_come_in(exported, tmp_path):
    def swap(manifest):
        answers = next(e for e in manifest["values"] if e["section"] == "answers")
        feature = next(e for e in manifest["values"] if e["section"] == "arrays")
        manifest["values"] += [{**answers, "key": "fp/of-another-text"}, {**feature, "key": "other-features"}]
        return manifest

    other = Store(tmp_path / "other")
    assert import_archive(other, rewrite(exported, tmp_path / "bad.zip", manifest=swap))["damaged"] == 2
    assert other.get("other-features") is None


def test_a_flipped_byte_anywhere_never_brings_a_wrong_number(store, exported, tmp_path):
    raw = exported.read_bytes()
    mine = {e.key: e for e in store.embeddings()}
    for position in range(0, len(raw), len(raw) // 40):
        (tmp_path / "bad.zip").write_bytes(raw[:position] + bytes([raw[position] ^ 0x41]) + raw[position + 1 :])
        other = Store(tmp_path / f"other{position}")
        try:
            import_archive(other, tmp_path / "bad.zip")
        except BadInput:
            continue
        assert all(same(e, mine[e.key]) for e in other.embeddings())


def test_an_archive_that_climbs_out_or_swaps_sections_writes_nothing(exported, tmp_path):
    def climb(manifest):
        for entry, key in zip(
            manifest["values"], ["../../up", "/etc/x", "a b", "", "k" * 300, "features"], strict=True
        ):
            entry.update(key=key)
        manifest["values"].append({**manifest["values"][0], "section": "../names"})
        return manifest

    other = Store(tmp_path / "deep" / "other")
    counts = import_archive(other, rewrite(exported, tmp_path / "bad.zip", manifest=climb))
    assert counts["new"] == 1, "only the array under its own plain key"
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
        import_archive(other, tmp_path / "bad.zip")
    assert "bad.zip" in str(told.value)
    assert other.headers() == []


def test_a_list_of_values_that_begins_beyond_the_end_of_the_file_is_damaged(exported, tmp_path):
    """As after a flipped bit in the length of what stands before it."""
    with zipfile.ZipFile(exported) as archive:
        header = archive.getinfo(MANIFEST).header_offset
    content = bytearray(exported.read_bytes())
    content[header + 28 : header + 30] = b"\xff\xff"
    (tmp_path / "cut.zip").write_bytes(content)
    with pytest.raises(BadInput, match=f"damaged {MANIFEST}"):
        import_archive(Store(tmp_path / "other"), tmp_path / "cut.zip")


def test_a_place_that_cannot_be_exported_to_is_one_sentence(store, tmp_path):
    with pytest.raises(Unavailable, match="cannot be written"):
        export_store(store, tmp_path / "no" / "folder.zip")
