"""The region around a landing: what it holds of draws whose distribution is known, and of where prompts end."""

import numpy as np
import pytest

from fute_core.atlas.gallery import load_gallery
from fute_core.atlas.region import inside, region
from fute_core.evaluation.coverage.landings import landing_measures


@pytest.mark.parametrize("correlation", [0.0, 0.6, -0.95])
def test_a_region_holds_nine_tenths_of_a_normal_distribution_however_it_leans(correlation):
    covariance = np.array([[4.0, 2 * correlation], [2 * correlation, 1.0]])
    places = np.random.default_rng(0).multivariate_normal([3, -2], covariance, 4000)
    ellipse = region(np.array([3.0, -2.0]), places, 512)
    held = [inside((3, -2), ellipse, place) for place in places]
    assert np.mean(held) == pytest.approx(0.9, abs=0.015)
    area = ellipse[0] * ellipse[1]
    assert area == pytest.approx(4.605 * 2 * np.sqrt(1 - correlation**2), rel=0.1), "no wider than it has to be"


def test_the_longer_axis_lies_along_the_draws():
    along = np.linspace(-1, 1, 50)
    long, short, turn = region(np.zeros(2), np.column_stack([along, 2 * along]), 512)
    assert np.tan(turn) == pytest.approx(2)
    assert short == pytest.approx(0, abs=1e-6)
    assert long > 1


def test_draws_to_one_side_of_a_place_make_it_less_sure():
    draws = np.random.default_rng(0).normal(size=(200, 2))
    assert region(np.zeros(2), draws + np.array([3.0, 0.0]), 512)[0] > 2 * region(np.zeros(2), draws, 512)[0]


@pytest.mark.parametrize("pair", [False, True])
def test_nine_in_ten_shipped_prompts_end_within_the_region_told_after_few_texts(pair):
    found, table = landing_measures(load_gallery(pair), (32, 256))
    assert 0.85 <= found["region_held_32"].value <= 0.96
    assert 0.85 <= found["region_held_256"].value <= 0.96
    held = [row[table.columns.index("similarity to items held")] for row in table.rows]
    assert all(0.87 <= value <= 0.94 for value in held)
