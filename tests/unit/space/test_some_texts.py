"""What is judged on some of the probe texts loses the mean of what the references answer to the same texts."""

import numpy as np
import pytest

from fute_core.atlas.atlas import open_atlas
from fute_core.atlas.gallery import load_gallery
from fute_core.atlas.same_texts import calibrator_on, similar_on_same_texts
from fute_core.evaluation.parts.left_out import LeftOut
from fute_core.predictors.answers import ProbeAnswers


@pytest.fixture(scope="module")
def atlas():
    return open_atlas(store=False)


def test_on_all_texts_it_is_the_calibrator_that_ships(atlas):
    basis = atlas.gallery.basis
    made = calibrator_on(atlas, np.arange(len(basis)), basis)
    ships, found = atlas.space.calibrator.centres_, made.centres_
    assert found.strata.groups == ships.strata.groups
    rng = np.random.default_rng(0)
    for taken in rng.random((3, len(ships.strata.group))):
        np.testing.assert_allclose(found.gram(taken), ships.gram(taken), atol=1e-6)


def test_on_few_texts_similarities_are_no_higher_on_average_than_on_all(atlas):
    basis, index = atlas.gallery.basis, np.arange(64)
    prompt = next(i for i in atlas.items if i.embedding.kind == "prompt")
    model = prompt.embedding.language_model
    given = ProbeAnswers((), index, prompt.answers[:64])
    few = similar_on_same_texts(atlas, given, basis, np.ones((1, 64)), calibrate=False, language_model=model)[0]
    assert abs(few.mean()) < 0.01
    plain = LeftOut.of(load_gallery(False).items, basis, [64, len(basis)])
    position = atlas.positions[f"prompt:{prompt.embedding.name}"]
    shaping = len(plain.items)
    np.testing.assert_allclose(few[:shaping], plain.similarities(range(shaping), [64])[64][position], atol=1e-5)
