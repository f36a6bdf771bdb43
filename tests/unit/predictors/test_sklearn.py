"""Fitted estimators as black boxes: what they answer, what identifies them, and the standard ones that are trained."""

import os
import subprocess
import sys

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import SVC, LinearSVC

from fute_core.datasets.catalog import load_dataset
from fute_core.datasets.pair_features import OVERLAPS, marked_words, overlaps, steps
from fute_core.errors import BadInput
from fute_core.evaluation.parts.trainers import char_naive_bayes, encoder_logistic, tfidf_logistic, tfidf_trees
from fute_core.predictors import Predictor
from fute_core.predictors.sklearn import SklearnPredictor
from fute_core.tasks import TaskDataset
from fute_core.testing import check_predictor

TEXTS = ["good film", "bad film", "so good", "so bad", "very good", "very bad"]
SENTIMENT = ["pos", "neg"] * 3
TRAINERS = [tfidf_logistic, char_naive_bayes, tfidf_trees]


def fitted(estimator=None, texts=TEXTS, labels=SENTIMENT, **options):
    model = LogisticRegression() if estimator is None else estimator
    return make_pipeline(TfidfVectorizer(**options), model).fit(texts, labels)


def test_answers_are_the_pipelines_own():
    pipeline = fitted()
    predictor = SklearnPredictor(pipeline)
    assert isinstance(predictor, Predictor)
    assert predictor.labels == ("neg", "pos")
    np.testing.assert_allclose(predictor.predict_proba(TEXTS), pipeline.predict_proba(TEXTS), atol=1e-6)
    assert SklearnPredictor(pipeline, ["bad", "good"]).labels == ("bad", "good")


def test_a_regressor_gives_scores():
    pipeline = fitted(Ridge(), labels=[1.0, 0.0, 1.5, -1.0, 2.0, -2.0])
    predictor = SklearnPredictor(pipeline)
    assert predictor.labels == ()
    np.testing.assert_allclose(predictor.predict_proba(TEXTS)[:, 0], pipeline.predict(TEXTS), atol=1e-6)


def test_pairs_reach_the_estimator_in_the_form_it_was_fitted_on():
    pairs = [("a good film", "good"), ("a bad film", "good"), ("so bad", "bad"), ("so good", "bad")] * 2
    labels = ["yes", "no"] * 4
    joined = fitted(texts=["\n".join(p) for p in pairs], labels=labels)
    columns = make_pipeline(
        ColumnTransformer([("a", TfidfVectorizer(), 0), ("b", TfidfVectorizer(), 1)]), LogisticRegression()
    ).fit(np.array(pairs, object), labels)
    numbers = make_pipeline(FunctionTransformer(overlaps), LogisticRegression()).fit(pairs, labels)
    for estimator, form in ((joined, "joined"), (columns, "columns"), (numbers, "tuples")):
        predictor = SklearnPredictor(estimator, pairs=form)
        assert predictor.predict_proba(pairs).shape == (8, 2)
    assert SklearnPredictor(joined, pairs="joined").predict_proba([("a good", "film")]).shape == (1, 2)


ESTIMATORS = {
    "logistic": lambda: fitted(),
    "forest": lambda: fitted(RandomForestClassifier(5, random_state=0)),
    "boosting": lambda: make_pipeline(
        FunctionTransformer(letters), HistGradientBoostingClassifier(max_iter=3, random_state=0)
    ).fit(TEXTS * 5, SENTIMENT * 5),
    "neighbours": lambda: fitted(KNeighborsClassifier(2)),
    "kernel": lambda: fitted(CalibratedClassifierCV(SVC(random_state=0), cv=2)),
    "calibrated": lambda: fitted(CalibratedClassifierCV(LinearSVC(random_state=0), cv=2)),
}


def letters(texts):
    return np.array([[len(t), t.count("o"), t.count("b")] for t in texts], float)


@pytest.mark.parametrize("name", ESTIMATORS)
def test_the_fingerprint_is_the_learned_content(name):
    make = ESTIMATORS[name]
    first, again = SklearnPredictor(make()), SklearnPredictor(make())
    assert first.fingerprint() == again.fingerprint()
    first.predict_proba(TEXTS)
    assert SklearnPredictor(first._estimator).fingerprint() == again.fingerprint()


def test_the_fingerprint_changes_with_parameters_and_with_what_was_learned():
    known = SklearnPredictor(fitted()).fingerprint()
    different = [
        fitted(LogisticRegression(C=3)), fitted(ngram_range=(1, 2)), fitted(lowercase=False),
        fitted(labels=SENTIMENT[::-1]), fitted(texts=[*TEXTS[:-1], "very very bad"]),
    ]  # fmt: skip
    assert len({known, *(SklearnPredictor(p).fingerprint() for p in different)}) == len(different) + 1
    assert SklearnPredictor(fitted(), ["a", "b"]).fingerprint() == known
    pipeline = fitted()
    pipeline[-1].coef_[0, 0] += 1e-9
    assert SklearnPredictor(pipeline).fingerprint() != known


def test_the_fingerprint_is_the_same_in_every_process():
    code = (
        "from fute_core.datasets.catalog import load_dataset; from fute_core.evaluation.parts.trainers import *;"
        "d = [load_dataset(n, limit=60) for n in ('sst2', 'sick')];"
        "print([f(x).fingerprint() for x in d for f in (tfidf_logistic, char_naive_bayes, tfidf_trees)])"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed, "OMP_NUM_THREADS": "1"},
            capture_output=True, text=True, check=True,
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(seen) == 1
    assert len(set(seen.pop().split(", "))) == 6


def test_what_shows_no_content_needs_a_version():
    opaque = make_pipeline(FunctionTransformer(lambda texts: letters(texts)), LogisticRegression()).fit(
        TEXTS, SENTIMENT
    )
    with pytest.raises(
        BadInput, match="lambda has no name to know it by; write a function with def, or give a `version`"
    ):
        SklearnPredictor(opaque)
    first, second = (SklearnPredictor(opaque, version=v) for v in ("1", "2"))
    assert first.fingerprint() != second.fingerprint()


def test_what_cannot_be_used_is_refused_in_a_sentence():
    with pytest.raises(BadInput, match="Pipeline is not fitted; call fit on labelled texts first"):
        SklearnPredictor(make_pipeline(TfidfVectorizer(), LogisticRegression()))
    with pytest.raises(BadInput, match="has no predict_proba; use one that has, or wrap it in CalibratedClassifierCV"):
        SklearnPredictor(fitted(LinearSVC()))
    with pytest.raises(BadInput, match="dict is no scikit-learn estimator"):
        SklearnPredictor({})
    with pytest.raises(BadInput, match="has 2 classes, and 3 labels are given"):
        SklearnPredictor(fitted(), ["a", "b", "c"])


# the standard black boxes ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("train", TRAINERS)
@pytest.mark.parametrize(("name", "at_least"), [("sick", 0.5), ("snli", 0.4), ("trec", 0.45), ("sms_spam", 0.85)])
def test_standard_black_boxes_beat_chance_on_rows_they_have_not_seen(train, name, at_least):
    box = train(load_dataset(name, split="train", limit=300))
    test = load_dataset(name, split="test")
    where = [test.labels.index(label) for label in box.labels]
    right = np.array(where)[box.predict_proba(test.texts).argmax(1)] == test.targets.argmax(1)
    chance = np.bincount(test.targets.argmax(1)).max() / len(test.texts)
    assert right.mean() >= max(at_least, chance)


def test_overlap_tells_paraphrases_apart_where_words_alone_do_not():
    data, test = load_dataset("mrpc", split="train", limit=400), load_dataset("mrpc", split="test")
    right = tfidf_logistic(data).predict_proba(test.texts).argmax(1) == test.targets.argmax(1)
    assert right.mean() >= 0.66
    joined = fitted(texts=["\n".join(t) for t in data.texts], labels=data.targets.argmax(1))
    by_words = SklearnPredictor(joined, pairs="joined").predict_proba(test.texts).argmax(1) == test.targets.argmax(1)
    assert right.mean() > by_words.mean()


@pytest.mark.parametrize("train", TRAINERS)
@pytest.mark.parametrize("name", ["sick", "trec"])
def test_standard_black_boxes_conform(train, name):
    data = load_dataset(name, limit=80)
    check_predictor(lambda: train(data), pair=data.pair)


def test_an_encoders_features_train_a_black_box_for_single_texts_and_pairs():
    box = encoder_logistic(letters, "letters-1")(load_dataset("sms_spam", split="train", limit=200))
    test = load_dataset("sms_spam", split="test")
    assert (box.predict_proba(test.texts).argmax(1) == test.targets.argmax(1)).mean() > 0.7
    pairs = encoder_logistic(letters, "letters-1")(load_dataset("sick", limit=60))
    assert pairs.predict_proba([("a", "b")]).shape == (1, 3)
    other = encoder_logistic(letters, "letters-2")(load_dataset("sick", limit=60))
    assert pairs.fingerprint() != other.fingerprint()


def test_labels_are_the_datasets_own_in_order_and_unseen_ones_have_no_column():
    targets = np.eye(3, dtype=np.float32)[[0, 2, 0, 2, 0, 2]]
    box = tfidf_logistic(TaskDataset("d", tuple(TEXTS), targets, ("good", "never", "bad")))
    assert box.labels == ("good", "bad")
    assert box.predict_proba(["so good"])[0].argmax() == 0


def test_a_dataset_that_trains_no_classifier_is_refused():
    with pytest.raises(BadInput, match="'d' has scores"):
        tfidf_logistic(TaskDataset("d", tuple(TEXTS), np.zeros((6, 1), np.float32)))
    one = np.eye(2, dtype=np.float32)[[0] * 6]
    with pytest.raises(BadInput, match="'d' has one label only"):
        tfidf_logistic(TaskDataset("d", tuple(TEXTS), one, ("a", "b")))


def test_pair_features_say_what_they_are_called():
    (same,) = overlaps([("The man sleeps", "the man sleeps")])
    (other,) = overlaps([("The man sleeps in 2010", "A dog does not run")])
    found = dict(zip(OVERLAPS, zip(same, other, strict=True), strict=True))
    assert found["shared words of all"] == (1, 0)
    assert found["common subsequence of b"] == (1, 0)
    assert found["negation in one"] == (0, 1)
    assert found["other numbers"] == (0, 1)
    assert found["words only in a"] == (0, 5)
    assert found["length ratio"] == (0, 0)
    assert marked_words(("the man", "the dog")) == ["b_the", "b_dog", "both_the", "only_b_dog", "only_a_man"]
    stepped = steps(overlaps([("a b", "a c"), ("", "")]))
    assert stepped.shape == (2, 5 * len(OVERLAPS))
    assert (stepped.reshape(2, len(OVERLAPS), 5).sum(2) == 1).all()
