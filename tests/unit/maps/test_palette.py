"""Families are told apart by numbers: CIEDE2000, also as those see them who tell neither red from green."""

from itertools import pairwise

import numpy as np
import pytest

from fute_core.maps.palette import NO_FAMILY_COLOUR, TONES, TONES_DARK, family_colour, family_groups, family_order

APART, APART_WITHOUT_GREEN = 20, 10
SIZES = (4, 3, 4, 4, 3, 4, 4, 4, 4, 4, 2)
FORTY = {f"family {g}.{n}": f"group {g}" for g, size in enumerate(SIZES) for n in range(size)}
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
DEUTERANOPIA = np.array(
    [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
)
"""Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB."""


def lab(colour: str, without_green: bool = False) -> np.ndarray:
    rgb = np.array([int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    if without_green:
        linear = np.clip(DEUTERANOPIA @ linear, 0, 1)
    x = TO_XYZ @ linear / np.array([0.95047, 1.0, 1.08883])
    f = np.where(x > (6 / 29) ** 3, np.cbrt(x), x / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def ciede2000(one: np.ndarray, other: np.ndarray) -> float:
    """Sharma, Wu and Dalal 2005."""
    mean = (np.hypot(*one[1:]) + np.hypot(*other[1:])) / 2
    stretch = 1.5 - 0.5 * np.sqrt(mean**7 / (mean**7 + 25.0**7))
    (l1, c1, h1), (l2, c2, h2) = (
        (v[0], np.hypot(stretch * v[1], v[2]), np.degrees(np.arctan2(v[2], stretch * v[1])) % 360) for v in (one, other)
    )
    turn = 0.0 if c1 * c2 == 0 else (h2 - h1 + 180) % 360 - 180
    dl, dc, dh = l2 - l1, c2 - c1, 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2))
    lm, cm = (l1 + l2) / 2, (c1 + c2) / 2
    hm = h1 + h2 if c1 * c2 == 0 else (h1 + turn / 2) % 360
    t = (1 - 0.17 * np.cos(np.radians(hm - 30)) + 0.24 * np.cos(np.radians(2 * hm))
         + 0.32 * np.cos(np.radians(3 * hm + 6)) - 0.2 * np.cos(np.radians(4 * hm - 63)))  # fmt: skip
    sl = 1 + 0.015 * (lm - 50) ** 2 / np.sqrt(20 + (lm - 50) ** 2)
    sc, sh = 1 + 0.045 * cm, 1 + 0.015 * cm * t
    bend = 2 * np.sqrt(cm**7 / (cm**7 + 25.0**7)) * -np.sin(np.radians(60 * np.exp(-(((hm - 275) / 25) ** 2))))
    return float(np.sqrt((dl / sl) ** 2 + (dc / sc) ** 2 + (dh / sh) ** 2 + bend * dc / sc * dh / sh))


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
