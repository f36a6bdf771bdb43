"""From raw answers to the label distributions that a vector is made from."""

import numpy as np
import pytest

from fute_core.predictors.answers import ProbeAnswers, answers_from, known_as, raw_answers, read_answers
from fute_core.predictors.scoring import batch_calibration
from fute_core.store.store import Store

TEXTS = ("good", "bad", "so so")
SURE = np.array([[0.9, 0.1], [np.nan, np.nan], [0.6, 0.4]], np.float32)


class Plain:
    labels = ("yes", "no")

    def predict_proba(self, texts):
        return SURE[: len(texts)].astype(np.float64)

    def fingerprint(self):
        return "plain"


class Scoring(Plain):
    """Its scores are log-probabilities of three words: two of the first label, one of the second."""

    def score(self, texts):
        return np.log(np.array([[0.2, 0.4, 0.3]] * len(texts), np.float32))

    def proba(self, scores):
        both = np.exp(scores[:, 1:])
        return both / both.sum(1, keepdims=True)

    def outside_mass(self, scores):
        return 1 - np.exp(scores).sum(1)

    def score_fingerprint(self):
        return "scores"


def test_raw_answers_are_scores_where_there_are_scores_and_kept_under_their_name():
    assert (known_as(Plain()), known_as(Scoring())) == ("plain", "scores")
    plain = raw_answers(Plain(), TEXTS)
    assert plain.dtype == np.float32
    np.testing.assert_array_equal(plain, SURE)
    assert raw_answers(Scoring(), TEXTS).shape == (3, 3)


def test_rows_without_an_answer_are_left_out_and_stay_empty_among_all():
    answers = answers_from(Plain(), SURE)
    assert answers.labels == ("yes", "no")
    assert answers.index.tolist() == [0, 2]
    np.testing.assert_array_equal(answers.proba, SURE[[0, 2]])
    assert answers.outside is None
    full = answers.full(4, calibrate=False)
    assert np.isnan(full).all(1).tolist() == [False, True, False, True]
    np.testing.assert_array_equal(full[[0, 2]], SURE[[0, 2]])


def test_label_priors_are_removed_over_the_answered_rows_only():
    used = answers_from(Plain(), SURE).used()
    np.testing.assert_allclose(used, batch_calibration(SURE[[0, 2]]))
    assert used[0, 0] > 0.5 > used[1, 0]


def test_scores_become_probabilities_and_tell_what_lay_outside_the_choices():
    answers = answers_from(Scoring(), raw_answers(Scoring(), TEXTS))
    np.testing.assert_allclose(answers.proba[0], [4 / 7, 3 / 7], rtol=1e-5)
    np.testing.assert_allclose(answers.outside, [0.1] * 3, atol=1e-6)


def test_a_regression_has_no_label_prior_to_remove():
    scores = np.array([[1.5], [-0.5]], np.float32)
    np.testing.assert_array_equal(ProbeAnswers((), np.array([0, 1]), scores).used(calibrate=True), scores)


@pytest.mark.parametrize("predictor", [Plain(), Scoring()])
def test_no_answer_at_all_has_the_shape_of_some(predictor):
    answers = answers_from(predictor, np.full((2, 3), np.nan, np.float32))
    assert answers.proba.shape == (0, 2)
    assert answers.used().shape == (0, 2)


@pytest.mark.parametrize("predictor", [Plain(), Scoring()])
def test_stored_answers_read_like_fresh_ones_without_asking(tmp_path, predictor, monkeypatch):
    store = Store(tmp_path)
    store.put_answers(known_as(predictor), TEXTS[:1], raw_answers(predictor, TEXTS[:1]))
    fresh = answers_from(predictor, raw_answers(predictor, TEXTS[:1]))
    monkeypatch.setattr(type(predictor), "predict_proba", lambda *_: pytest.fail("asked"))
    monkeypatch.setattr(type(predictor), "score", lambda *_: pytest.fail("asked"), raising=False)
    read = read_answers(predictor, store, TEXTS)
    assert read.index.tolist() == [0]
    np.testing.assert_array_equal(read.proba, fresh.proba)
