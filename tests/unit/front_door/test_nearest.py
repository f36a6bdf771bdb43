"""`Atlas.nearest`: something new is compared as an item of the atlas is, and what has no place is told."""

from dataclasses import replace

import pandas as pd
import pytest
from four_films import LABELS, TEXTS, loud

import fute_core as fute
from fute_core.atlas.nearest import COLUMNS
from fute_core.errors import BadInput, Incomparable


def test_something_new_is_compared_as_an_item_of_the_atlas_is(atlas):
    mine = fute.embed(loud, labels=["calm", "loud"], name="mine")
    outside = atlas.nearest(mine, k=5)
    assert list(outside.columns) == list(COLUMNS)
    inside = fute.open_atlas()
    assert "yours: 1" in repr(inside)
    pd.testing.assert_frame_equal(inside.nearest("mine", k=5), outside_of(inside, mine))
    assert outside[["low", "high"]].isna().all().all(), "an atlas that sees no store of ours knows no answers of it"


def outside_of(atlas, embedding):
    return atlas.nearest(replace(embedding, name="another name"), k=6).query("name != 'mine'").reset_index(drop=True)


def test_intervals_hold_the_similarity_also_for_what_is_not_kept(atlas):
    mine = fute.embed(loud, labels=["calm", "loud"], store=False)
    found = atlas.nearest(mine, k=4, kind="model")
    assert (found["kind"] == "model").all()
    assert (found["low"] < found["similarity"]).all()
    assert (found["similarity"] < found["high"]).all()


def test_how_close_is_one_minus_the_share_of_different_jobs(atlas):
    row = atlas.nearest("mr", k=1, kind="dataset", family="sentiment").iloc[0]
    i, j = atlas.space.index("mr"), atlas.space.index(row["name"], "dataset")
    cosine = float(atlas.space.cosines([i], [j])[0, 0])
    assert row["similarity"] == pytest.approx(cosine, abs=1e-4)
    assert row["closer_than"] == pytest.approx(1 - atlas.scale.share("dataset", "dataset", cosine), abs=1e-4)
    assert (row["low"], row["high"]) == pytest.approx(atlas.intervals(i, j), abs=1e-4)


def test_something_new_is_judged_by_what_newcomers_reach(atlas):
    mine = fute.embed(loud, labels=["calm", "loud"], store=False)
    row = atlas.nearest(mine, k=1, kind="dataset").iloc[0]
    placed = atlas.space.place(mine)
    cosine = float(atlas.space.placed.take([atlas.space.index(row["name"], "dataset")]).cosines(placed)[0, 0])
    assert row["closer_than"] == pytest.approx(1 - atlas.scale.share("model", "dataset", cosine, 1), abs=1e-4)
    assert row["closer_than"] < 1 - atlas.scale.share("model", "dataset", cosine, 0), "a newcomer lies nearer to all"
    assert atlas.verdict(mine).job == "none", "whether a text has capitals is no job of the atlas"


def test_what_has_no_place_in_the_atlas_is_told(atlas):
    mine = fute.Dataset(TEXTS, LABELS)
    pairs = fute.embed(fute.Dataset(list(zip(TEXTS, TEXTS, strict=True)), LABELS), method="text", store=False)
    for item, how, told in (
        ("sts2", {}, "did you mean 'sst2'"), (mine, {}, "embed it first"), (pairs, {}, r"open_atlas\(pair=True\)"),
        ("sst2", {"kind": "models"}, "kind is 'models', .* did you mean 'model'"),
        ("sst2", {"family": "sentimnt"}, "did you mean 'sentiment'"), ("sst2", {"k": 0}, "k is 0"),
    ):  # fmt: skip
        with pytest.raises(BadInput, match=told):
            atlas.nearest(item, **how)
    with pytest.raises(Incomparable, match="method"):
        atlas.nearest(fute.embed(mine, method="text", store=False))


def test_arguments_that_say_nothing_are_told(atlas):
    with pytest.raises(BadInput, match="pair is 'yes'; give True for text pairs, False for single texts"):
        fute.open_atlas(pair="yes")
    for how, told in (
        ({"k": 0}, "k is 0; give a whole"),
        ({"k": 2.5}, "k is 2.5"),
        ({"fusion": "sum"}, "fusion is 'sum'"),
    ):
        with pytest.raises(BadInput, match=told):
            atlas.space.neighbours("sst2", **how)
