"""A model's vector is made in the basis that ships, and is the one that its method makes with the encoder."""

import numpy as np
import pytest

from fute_core.datasets.probes import load_probes
from fute_core.embedding import shipped
from fute_core.embedding.pipelines import embed_model
from fute_core.embedding.recipe import Recipe
from fute_core.errors import Unavailable
from fute_core.models.encoder import Surrogate
from fute_core.models.surrogate import load_surrogate
from fute_core.predictors.callable import CallablePredictor


def exclaims(texts):
    share = np.array([0.9 if "!" in text else 0.2 for text in texts])
    return np.stack([share, 1 - share], 1)


@pytest.fixture
def predictor():
    return CallablePredictor(exclaims, ["loud", "calm"])


def test_the_basis_that_ships_gives_the_vector_of_the_encoder(predictor, monkeypatch):
    quick = embed_model(predictor, Recipe(), name="loud")
    monkeypatch.setattr("fute_core.embedding.pipelines.fitted_by_gallery", lambda *_: None)
    monkeypatch.setattr("fute_core.embedding.pipelines.knowing_probes", lambda surrogate, _: surrogate)
    slow = embed_model(predictor, Recipe(), name="loud")
    assert (quick.key, quick.blocks) == (slow.key, slow.blocks)
    assert quick.space() == slow.space()
    assert quick.provenance.details == slow.provenance.details
    np.testing.assert_allclose(quick.vector, slow.vector, atol=1e-5)
    assert quick.vector @ slow.vector > 0.99999


def test_no_encoder_is_opened_for_a_model(predictor, monkeypatch):
    monkeypatch.setattr("fute_core.embedding.pipelines.load_surrogate", lambda *_: pytest.fail("was opened"))
    assert embed_model(predictor, Recipe(), name="loud").vector.any()


@pytest.mark.parametrize("pair", [False, True])
def test_probe_texts_are_as_the_encoder_reads_them_and_not_read_again(pair, monkeypatch):
    plain, texts = load_surrogate(), load_probes(pair).texts
    some = plain.features(texts[:16])
    monkeypatch.setattr(Surrogate, "_features", lambda *_: pytest.fail("were read"))
    knowing = shipped.knowing_probes(plain, pair)
    assert knowing.features(texts).shape == (len(texts), plain.hidden_size)
    np.testing.assert_allclose(knowing.features(texts[:16]), some, atol=1e-4)
    with pytest.raises(pytest.fail.Exception, match="were read"):
        knowing.features(texts[1:16])


def test_another_encoder_reads_the_probe_texts_itself():
    assert shipped.knowing_probes(other := load_surrogate("minilm"), False) is other


def test_another_space_asks_its_own_method(predictor):
    made = embed_model(predictor, Recipe("functional", n_probes=64), name="loud")
    assert made.blocks[-1].stop < load_probes(False, 64).texts.__len__() ** 2


def test_an_encoder_that_is_not_installed_is_known_by_the_gallery(monkeypatch):
    here = shipped.encoder_identity("bge-small")

    def gone(ref):
        raise Unavailable(f"{ref} is not installed.")

    monkeypatch.setattr(shipped, "surrogate_identity", gone)
    assert shipped.encoder_identity("bge-small") == here
    with pytest.raises(Unavailable, match="other"):
        shipped.encoder_identity("other")
