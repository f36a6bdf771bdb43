import numpy as np
import pytest
from tiny_models import tiny_surrogate

from fute_core.errors import BadInput
from fute_core.gram import gram_factor
from fute_core.methods import Observations
from fute_core.methods.functional import Functional, centre, log_odds, probe_basis
from fute_core.methods.heads import fit_head
from fute_core.methods.spelling import spelling_answers
from fute_core.predictors.scoring import batch_calibration, softmax

PROBES = tuple(f"probe text number {i} about {'films' if i % 3 else 'banks'}" for i in range(40))


@pytest.fixture(scope="module")
def surrogate(tmp_path_factory):
    return tiny_surrogate("bert", tmp_path_factory.mktemp("bert"))


def answers(k: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).dirichlet(np.ones(k), len(PROBES)).astype(np.float32)


def model_vector(surrogate, targets, index=None) -> np.ndarray:
    index = np.arange(len(PROBES)) if index is None else index
    texts = tuple(PROBES[i] for i in index)
    return Functional(rank=64).fit(surrogate, Observations(texts, targets[index], False, PROBES, index)).vector


def test_full_rank_dot_product_is_linear_cka():
    rng = np.random.default_rng(0)
    a, b = centre(rng.normal(size=(30, 3))), centre(rng.normal(size=(30, 5)))
    basis = np.linalg.qr(rng.normal(size=(30, 30)))[0]
    (fa, la), (fb, lb) = gram_factor(a, basis), gram_factor(b, basis)
    cka = np.linalg.norm(a.T @ b) ** 2 / (np.linalg.norm(a.T @ a) * np.linalg.norm(b.T @ b))
    assert np.linalg.norm(fa.T @ fb) ** 2 == pytest.approx(cka, abs=1e-6)
    assert la == pytest.approx(0, abs=1e-9)
    assert lb == pytest.approx(0, abs=1e-9)


def test_loss_is_the_share_of_the_gram_outside_the_basis():
    a = centre(np.random.default_rng(0).normal(size=(30, 3)))
    basis = np.linalg.qr(np.random.default_rng(1).normal(size=(30, 10)))[0]
    projected = basis @ basis.T @ a
    kept = np.linalg.norm(projected @ projected.T) ** 2 / np.linalg.norm(a @ a.T) ** 2
    assert gram_factor(a, basis)[1] == pytest.approx(1 - kept)


def test_basis_is_orthonormal_and_its_signs_do_not_depend_on_those_of_the_features():
    x = np.random.default_rng(0).normal(size=(50, 8)).astype(np.float32)
    basis = probe_basis(x, 5)
    assert np.allclose(basis.T @ basis, np.eye(5), atol=1e-8)
    assert np.allclose(basis, probe_basis(-x, 5), atol=1e-8)


def test_label_order_and_calibrated_priors_do_not_matter(surrogate):
    targets = answers(3)
    shifted = targets * np.array([0.2, 1.0, 3.0], np.float32)
    shifted /= shifted.sum(1, keepdims=True)
    one = model_vector(surrogate, targets)
    assert one @ model_vector(surrogate, targets[:, [2, 0, 1]]) == pytest.approx(1, abs=1e-5)
    assert one @ model_vector(surrogate, shifted) > 0.999


def test_length_does_not_depend_on_the_number_of_labels(surrogate):
    assert len({len(model_vector(surrogate, answers(k))) for k in (2, 3, 9)}) == 1


def test_constant_answers_give_zeros(surrogate):
    assert not model_vector(surrogate, np.full((40, 2), 0.5, np.float32)).any()


def test_an_unanswered_probe_says_nothing(surrogate):
    targets = answers(2)
    index = np.arange(0, 40, 2)
    part = model_vector(surrogate, targets, index)
    assert np.isfinite(part).all()
    assert 0.3 < part @ model_vector(surrogate, targets) < 0.999


@pytest.mark.parametrize("spelling", [0.0, 0.5])
def test_dataset_and_a_model_that_answers_as_its_heads_would_coincide(surrogate, spelling):
    texts = PROBES[:20]
    targets = np.eye(2, dtype=np.float32)[[int("films" in t) for t in texts]]
    logits = fit_head(surrogate.features(texts), targets, C=Functional.C).logits(surrogate.features(PROBES))
    if spelling:
        read = centre(spelling_answers(texts, targets, PROBES))
        logits = centre(logits) + spelling * read * np.linalg.norm(centre(logits)) / np.linalg.norm(read)
    dte = Functional(rank=64, spelling=spelling).fit(surrogate, Observations(texts, targets, False, PROBES)).vector
    p = np.exp(logits - logits.max(1, keepdims=True))
    assert dte @ model_vector(surrogate, p / p.sum(1, keepdims=True)) == pytest.approx(1, abs=1e-4)


def test_without_probes_it_is_refused(surrogate):
    with pytest.raises(BadInput, match="probe texts"):
        Functional().fit(surrogate, Observations(PROBES, answers(2)))


def test_a_prior_that_is_the_same_for_all_texts_leaves_the_vector_as_it_is():
    draw = np.random.default_rng(5)
    proba = softmax(draw.normal(size=(40, 3)))
    prior = np.array([0.7, 0.2, 0.1])
    without_content = softmax(np.log(proba) - np.log(prior))
    assert np.allclose(log_odds(without_content), log_odds(proba), atol=1e-5)
    assert np.allclose(log_odds(batch_calibration(proba)), log_odds(proba), atol=1e-5)
