"""What an atlas keeps of its items on resampled probe texts, and for how long."""

import gc
import weakref

import numpy as np
import pytest

from fute_core.atlas.atlas import open_atlas
from fute_core.atlas.resampled import KEPT
from fute_core.methods.functional import log_odds
from fute_core.space.resampling import fewer_columns


def test_answers_in_fewer_columns_have_the_same_gram_matrix():
    given = np.random.default_rng(0).random((40, 3))
    answers = log_odds(given / given.sum(1, keepdims=True))
    fewer = fewer_columns(answers)
    assert fewer.shape == (40, 2)
    np.testing.assert_allclose(fewer @ fewer.T, answers @ answers.T, atol=1e-12)


@pytest.mark.parametrize("answers", [np.zeros((5, 2)), np.arange(5.0)[:, None]])
def test_answers_all_alike_and_scores_stay_a_column(answers):
    fewer = fewer_columns(answers)
    assert fewer.shape == (5, 1)
    np.testing.assert_allclose(fewer @ fewer.T, answers @ answers.T)


def test_an_interval_is_the_same_as_from_all_columns():
    atlas = open_atlas(store=False)
    one, other = (atlas.positions[f"dataset:{name}"] for name in ("ag_news", "mr"))
    drawn = [
        atlas.resampler.resample(
            atlas.items[i].embedding, log_odds(atlas.items[i].answers), atlas.space.placed.take([i])
        )
        for i in (one, other)
    ]
    whole = atlas.resampler.similarities(*drawn, float(atlas.space.cosines([one], [other])[0, 0]))
    assert atlas.intervals(one, other) == pytest.approx(tuple(np.percentile(whole, [2.5, 97.5])), abs=1e-9)


def test_an_atlas_keeps_a_few_resampled_items_however_many_were_asked_for():
    atlas = open_atlas(store=False)
    for i in range(KEPT + 3):
        assert atlas.resample(i) is not None
    assert atlas.resample(KEPT + 2) is atlas.resample(KEPT + 2)
    assert atlas._resampled.cache_info().currsize == KEPT


def test_an_atlas_that_nobody_holds_is_gone_at_once():
    atlas = open_atlas(store=False)
    atlas.intervals(0, 1)
    seen = weakref.ref(atlas)
    gc.disable()
    try:
        del atlas
        assert seen() is None
    finally:
        gc.enable()
