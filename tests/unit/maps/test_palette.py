"""Families are told apart by numbers: CIEDE2000, also as those see them who tell neither red from green."""

from itertools import pairwise

import numpy as np
import pytest
from seen_colours import ciede2000, lab

from fute_core.maps.palette import NO_FAMILY_COLOUR, TONES, TONES_DARK, family_colour, family_groups, family_order

APART, APART_WITHOUT_GREEN = 20, 10
SIZES = (4, 3, 4, 4, 3, 4, 4, 4, 4, 4, 2)
FORTY = {f"family {g}.{n}": f"group {g}" for g, size in enumerate(SIZES) for n in range(size)}


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, -1, 2), (50, 0, 0), 2.3669),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((22.7233, 20.0904, -46.6940), (23.0331, 14.9730, -42.5619), 2.0373),
    ],
)
def test_the_difference_is_that_of_the_published_pairs(one, other, apart):
    assert ciede2000(np.array(one), np.array(other)) == pytest.approx(apart, abs=1e-4)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize(
    "groups", [FORTY, family_groups(), {f: f for f in list(FORTY)[:20]}], ids=["groups", "shipped", "alone"]
)
def test_neighbours_are_told_apart_on_either_surface_and_without_green(groups, dark):
    order = family_order(groups, groups)
    for one, other in pairwise(order):
        colours = [family_colour(f, dark, groups) for f in (one, other)]
        assert ciede2000(*map(lab, colours)) >= APART, (one, other, colours)
        assert ciede2000(*(lab(c, True) for c in colours)) >= APART_WITHOUT_GREEN, (one, other, colours)


@pytest.mark.parametrize("dark", [False, True])
def test_forty_families_have_forty_colours_and_a_group_one_hue(dark):
    colours = {f: family_colour(f, dark, FORTY) for f in FORTY}
    assert len(set(colours.values())) == len(FORTY) == 40
    for group in set(FORTY.values()):
        rows = {n for n, tones in enumerate(TONES_DARK if dark else TONES) for f in FORTY
                if FORTY[f] == group and colours[f] in tones}  # fmt: skip
        assert len(rows) <= 2  # eleven groups have ten hues


def test_a_family_that_no_card_names_has_a_colour_that_no_known_one_has():
    mine = family_colour("a family of mine")
    assert mine == family_colour(" A family of mine ")
    assert mine not in {family_colour(f) for f in family_groups()}
    assert family_colour("sentiment") != family_colour("sentiment", dark=True)
    assert family_colour(None) == NO_FAMILY_COLOUR


def test_families_of_a_group_stand_together_and_what_is_unknown_comes_last():
    groups = {"b": "x", "a": "y", "c": "x"}
    assert family_order(["c", None, "mine", "a", "b", "c"], groups) == ["b", "c", "a", "mine", None]


def test_more_families_than_colours_still_have_one_each():
    many = {f"f{n}": f"g{n % 7}" for n in range(130)}
    assert all(family_colour(f, groups=many).startswith("#") for f in many)
