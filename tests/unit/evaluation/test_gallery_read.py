"""A gallery in the space of another encoder: models keep their answers and get the keys that they would have there."""

import json

import numpy as np
import pytest
from command_line import fute_process
from safetensors.numpy import load_file, save_file
from tiny_models import tiny_model_folder

import fute_core as fute
from fute_core.atlas.gallery import FOLDER, load_gallery
from fute_core.atlas.gallery_writing import write_gallery
from fute_core.atlas.newcomers import load_newcomers, shipped_newcomers, write_newcomers
from fute_core.embedding.recipe import Recipe, known_model_key
from fute_core.errors import BadInput
from fute_core.evaluation.gallery_build import ARITIES
from fute_core.evaluation.gallery_read import read_gallery
from fute_core.evaluation.parts.reference import task_of
from fute_core.space.space import TaskSpace
from fute_core.store.store import open_store

TASKS = {"single": ("mr", "trec", "sms_spam"), "pairs": ("mrpc", "snli")}


@pytest.fixture
def small(tmp_path):
    """Some of what ships, as a gallery of its own."""
    parts = {}
    for arity in ARITIES:
        gallery = load_gallery(arity == "pairs")
        kept = [n for n, item in enumerate(gallery.items) if task_of(item) in TASKS[arity]]
        prompts = [n for n, item in enumerate(gallery.items) if item.embedding.kind == "prompt"][:2]
        chosen = [*kept, *prompts]
        parts[arity] = {**vars(gallery), "items": [gallery.items[n] for n in chosen],
                        "coordinates": gallery.coordinates[chosen]}  # fmt: skip
    write_gallery(parts, tmp_path / "small")
    write_newcomers(shipped_newcomers(False)[:2], tmp_path / "small")
    return tmp_path / "small"


def test_models_keep_their_answers_and_datasets_are_read_anew(small, tmp_path):
    recipe = Recipe("functional", surrogate=str(tiny_model_folder("bert", tmp_path / "tiny")))
    told = []
    counts = read_gallery(open_store(), recipe, tmp_path / "out", source=small, told=told.append)
    assert {sentence.rpartition(" ")[2] for sentence in told} == {*TASKS["single"], *TASKS["pairs"]}
    for arity in ARITIES:
        before, after = (load_gallery(arity == "pairs", folder) for folder in (small, tmp_path / "out"))
        assert counts[arity] == len(after.items) == len(before.items)
        for old, new in zip(before.items, after.items, strict=True):
            made = new.embedding.provenance
            assert (new.embedding.name, made.surrogate) == (old.embedding.name, "tiny")
            assert new.embedding.key != old.embedding.key
            if new.embedding.kind == "dataset":
                assert not np.array_equal(new.answers, old.answers)
                continue
            assert np.array_equal(new.answers, old.answers)
            assert new.embedding.key == known_model_key(
                made.data, recipe, pair=made.pair, calibrate=new.embedding.kind == "prompt"
            )
        space = TaskSpace([item.embedding for item in after.items], calibrator=after.calibrator)
        assert np.isfinite(space.cosines()).all()
    out = load_gallery(False, tmp_path / "out")
    tuned = load_newcomers(out, tmp_path / "out")
    assert counts["fine-tuned"] == 2
    assert {item.embedding.provenance.surrogate for item in tuned} == {"tiny"}


def test_the_keys_of_what_ships_are_those_that_its_models_get():
    gallery = load_gallery(False)
    for item in (*gallery.items, *shipped_newcomers(False)):
        e = item.embedding
        if e.kind != "dataset":
            assert e.key == known_model_key(e.provenance.data, Recipe(), pair=False, calibrate=e.kind == "prompt")


def test_without_a_gallery_there_is_nothing_to_read(tmp_path):
    with pytest.raises(BadInput, match="no gallery of single to read; build it"):
        read_gallery(open_store(), Recipe(), tmp_path / "out", source=tmp_path)


def test_the_atlas_is_opened_on_the_gallery_that_is_named(small, tmp_path, monkeypatch):
    tiny = str(tiny_model_folder("bert", tmp_path / "tiny"))
    read_gallery(
        open_store(), Recipe("functional", surrogate=tiny), tmp_path / "out", source=small, told=lambda _: None
    )
    monkeypatch.setenv("FUTE_GALLERY", str(tmp_path / "out"))
    atlas = fute.open_atlas()
    assert {item.embedding.provenance.surrogate for item in atlas.items} == {"tiny"}
    assert Recipe().surrogate == fute.EmbedRequest("dataset", "mr").surrogate == tiny
    again = fute.embed("mr", method="functional", limit=40)
    assert again.provenance.surrogate == "tiny"
    assert list(atlas.nearest(again)["name"])


def test_a_folder_without_a_gallery_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("FUTE_GALLERY", str(tmp_path / "nowhere"))
    with pytest.raises(
        BadInput, match=r"FUTE_GALLERY names .*nowhere, which holds no gallery of single texts; write one"
    ):
        fute.open_atlas()
    with pytest.raises(BadInput, match="nowhere holds no gallery of this version; write one"):
        Recipe()
    assert fute_process("list", "datasets").returncode == 0, "which needs none"
    told = fute_process("neighbours", "sst2")
    assert (told.returncode, told.stderr.count("\n")) == (2, 1)
    doctor = fute_process("doctor", "--json")
    assert doctor.returncode == 2
    assert any("nowhere" in problem for problem in json.loads(doctor.stdout)["problems"])


def _without(folder, change):
    document = json.loads((folder / "gallery.json").read_text("utf-8"))
    change(document)
    (folder / "gallery.json").write_text(json.dumps(document), "utf-8")


def _arrays(folder, change):
    path = folder / "single.safetensors"
    save_file(change(load_file(path)), path)


DAMAGE = {
    "cut off": lambda folder: (folder / "gallery.json").write_text('{"format": 4, "sing', "utf-8"),
    "a list": lambda folder: (folder / "gallery.json").write_text("[1]", "utf-8"),
    "numbers cut off": lambda folder: (folder / "single.safetensors").write_bytes(b"12345678"),
    "a part gone": lambda folder: _without(folder, lambda document: document.pop("single")),
    "a name gone": lambda folder: _without(folder, lambda document: document["single"]["items"][0].pop("name")),
    "an item gone": lambda folder: _without(folder, lambda document: document["single"]["items"].pop(3)),
    "no scale": lambda folder: _arrays(folder, lambda held: {k: v for k, v in held.items() if "scale" not in k}),
    "no number": lambda folder: _arrays(folder, lambda held: held | {"whitening": held["whitening"] * np.nan}),
    "values of a dataset gone": lambda folder: _arrays(folder, lambda held: held | {"fisher": held["fisher"][1:]}),
}


@pytest.mark.parametrize("how", DAMAGE)
def test_a_damaged_gallery_is_one_sentence(how, small):
    DAMAGE[how](small)
    with pytest.raises(BadInput, match=r"The gallery in .*small is damaged \(.*\); write one there with"):
        load_gallery(False, small)


@pytest.mark.parametrize("name", ["fine-tuned.json", "fine-tuned.safetensors"])
def test_of_a_gallery_the_models_beside_it_are_read_as_carefully(name, tmp_path):
    for kept in ("fine-tuned.json", "fine-tuned.safetensors"):
        (tmp_path / kept).write_bytes((FOLDER / kept).read_bytes()[: None if kept != name else 90])
    with pytest.raises(BadInput, match=r"The gallery in .* is damaged \(.*\); write one there with"):
        load_newcomers(load_gallery(False), tmp_path)


def test_of_a_damaged_gallery_that_ships_it_is_told_how_to_get_it_back(small, monkeypatch):
    monkeypatch.setattr("fute_core.atlas.gallery.FOLDER", small)
    DAMAGE["a part gone"](small)
    with pytest.raises(BadInput, match=r"is damaged \(.*\); put it back as it ships, or install Task Atlas again\."):
        load_gallery(False, small)
