"""Label distributions from scores."""

import numpy as np
from click.testing import CliRunner

from fute_core.cli import main
from fute_core.predictors.scoring import batch_calibration, outside_mass, softmax


def test_batch_calibration_evens_out_label_priors():
    rng = np.random.default_rng(0)
    proba = softmax(rng.normal(size=(50, 3)) + np.array([3, 0, 0]))
    calibrated = batch_calibration(proba)
    log_p = np.log(calibrated)
    centred = log_p - log_p.mean(1, keepdims=True)
    np.testing.assert_allclose(centred.mean(0), 0, atol=1e-5)
    np.testing.assert_allclose(batch_calibration(calibrated), calibrated, atol=1e-5)


def test_the_prior_is_that_of_the_batch_as_in_batch_calibration_and_no_other_input_is_asked():
    rng = np.random.default_rng(1)
    proba = softmax(rng.normal(size=(400, 3)) + np.array([1.5, 0, -1]))
    published = proba / proba.mean(0)  # Zhou et al. (2023): the arithmetic mean in place of the geometric one
    own = batch_calibration(proba)
    said = own.argmax(1)
    assert (published.argmax(1) == said).mean() > 0.8 > 0.7 > (proba.argmax(1) == said).mean()
    assert not np.allclose(batch_calibration(proba[:20]), own[:20], atol=0.01)
    assert "Batch calibration" in CliRunner().invoke(main, ["embed", "prompt", "--help"]).output


def test_outside_mass_is_what_no_choice_received():
    scores = np.log(np.array([[0.5, 0.25], [0.001, 0.001]], np.float32))
    np.testing.assert_allclose(outside_mass(scores), [0.25, 0.998], atol=1e-6)
