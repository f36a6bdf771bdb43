"""Label distributions from scores."""

import numpy as np

from fute_core.predictors.scoring import contextual_calibration, outside_mass, softmax


def test_contextual_calibration_evens_out_label_priors():
    rng = np.random.default_rng(0)
    proba = softmax(rng.normal(size=(50, 3)) + np.array([3, 0, 0]))
    calibrated = contextual_calibration(proba)
    log_p = np.log(calibrated)
    centred = log_p - log_p.mean(1, keepdims=True)
    np.testing.assert_allclose(centred.mean(0), 0, atol=1e-5)
    np.testing.assert_allclose(contextual_calibration(calibrated), calibrated, atol=1e-5)


def test_outside_mass_is_what_no_choice_received():
    scores = np.log(np.array([[0.5, 0.25], [0.001, 0.001]], np.float32))
    np.testing.assert_allclose(outside_mass(scores), [0.25, 0.998], atol=1e-6)
