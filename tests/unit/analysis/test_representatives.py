"""The few items of the atlas that stand for the rest, of all or of some, and the curve by their number."""

from dataclasses import replace
from itertools import pairwise

import pytest

from fute_core.analysis.representatives import cover_curve, cover_json
from fute_core.atlas.atlas import open_atlas
from fute_core.errors import BadInput

SOME = ("sst2", "mr", "uci_imdb", "sms_spam", "youtube_spam", "tweet_emotion")


@pytest.fixture(scope="module")
def atlas():
    return open_atlas(store=False)


def test_of_some_items_none_but_these_are_chosen_stood_for_or_called_redundant(atlas):
    found = cover_json(atlas, 3, "dataset", SOME)
    stood_for = [other["name"] for one in found["chosen"] for other in one["stands_for"]]
    assert found["n"] == len(SOME)
    assert sorted([*(one["name"] for one in found["chosen"]), *stood_for, *found["unlike"]]) == sorted(SOME)
    assert {row[key] for row in found["redundant"] for key in ("name", "repeats")} <= set(SOME)


def test_a_dataset_whose_place_says_nothing_is_left_out_and_named(atlas):
    sst2 = atlas.items[atlas.positions["dataset:sst2"]]
    made = sst2.embedding.provenance
    code, blind = (
        replace(sst2, embedding=replace(sst2.embedding, name=name, key=name, provenance=replace(made, details=of)))
        for name, of in (("code", {"code_signs": 0.2}), ("blind", {"constant": True}))
    )
    wider = replace(
        atlas, items=(*atlas.items, code, blind), space=atlas.space.with_new(code.embedding, blind.embedding)
    )
    found = cover_json(wider, 2, "dataset", (*SOME, "code", "blind"))
    assert (found["n"], found["silent"], found["too_small"]) == (len(SOME), ["code", "blind"], [])


def test_the_curve_rises_stays_above_chance_and_ends_where_all_are_chosen(atlas):
    rows = cover_curve(atlas, "dataset", SOME)
    assert [row["k"] for row in rows] == [1, 2, 3, 4, 5, 6]
    assert all(one["coverage"] < other["coverage"] for one, other in pairwise(rows))
    assert all(row["coverage"] >= row["coverage_by_lot"] for row in rows)
    assert rows[-1] == {"k": 6, "alike": 6, "alike_by_lot": 6.0, "coverage": 1.0, "coverage_by_lot": 1.0}
    assert rows[2]["coverage"] == cover_json(atlas, 3, "dataset", SOME)["coverage"]


def test_the_curve_ends_at_the_number_that_is_asked_for_and_is_empty_without_items(atlas):
    assert [row["k"] for row in cover_curve(atlas, "dataset", most=4)] == [1, 2, 3, 4]
    assert cover_curve(atlas, "dataset", ()) == []


def test_more_than_there_are_cannot_be_chosen(atlas):
    with pytest.raises(BadInput, match="from 1 to 6"):
        cover_json(atlas, 7, "dataset", SOME)


@pytest.mark.parametrize("pair", [False, True])
def test_whatever_is_stood_for_is_closer_than_is_said(pair):
    found = cover_json(open_atlas(pair, store=False), 5, "dataset")
    shares = [other["share"] for one in found["chosen"] for other in one["stands_for"]]
    assert shares
    assert max(shares) <= 0.05
