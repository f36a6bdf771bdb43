"""Functions as black boxes: arrays, dicts and scores, and what tells one function from another."""

import functools

import numpy as np
import pytest

from fute_core.errors import BadInput
from fute_core.predictors.callable import CallablePredictor

LABELS = ("calm", "shout")
TEXTS = ("HELLO", "hello", "Hello")
THRESHOLD = 0.5


def share(text):
    return sum(c.isupper() for c in text) / max(1, len(text))


def as_rows(texts):
    return [[1 - share(t), share(t)] for t in texts]


def as_array(texts):
    return np.array(as_rows(texts))


def as_dicts(texts):
    return [{"shout": share(t), "calm": 1 - share(t)} for t in texts]


def above(texts, least=0.5):
    return [[float(share(t) < least), float(share(t) >= least)] for t in texts]


def above_global(texts):
    return above(texts, THRESHOLD)


@pytest.mark.parametrize("function", [as_rows, as_array, as_dicts])
def test_rows_arrays_and_dicts_answer_alike(function):
    got = CallablePredictor(function, LABELS).predict_proba(TEXTS)
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, [[0, 1], [1, 0], [0.8, 0.2]], atol=1e-6)


def test_without_labels_a_function_gives_scores():
    predictor = CallablePredictor(lambda texts: [len(t) for t in texts], [], version="1")
    assert predictor.predict_proba(["a", "abc"]).tolist() == [[1.0], [3.0]]


def test_pairs_reach_the_function_as_tuples():
    predictor = CallablePredictor(lambda ps: [[a == b, a != b] for a, b in ps], ["same", "other"], version="1")
    assert predictor.predict_proba([("a", "a"), ("a", "b")]).tolist() == [[1.0, 0.0], [0.0, 1.0]]


def test_no_texts_never_reach_the_function():
    assert CallablePredictor(lambda texts: 1 / 0, LABELS, version="1").predict_proba([]).shape == (0, 2)


def test_a_functions_source_tells_it_from_others_and_the_labels_names_do_not():
    known = CallablePredictor(as_rows, LABELS).fingerprint()
    assert CallablePredictor(as_rows, ("quiet", "loud")).fingerprint() == known
    assert CallablePredictor(as_array, LABELS).fingerprint() != known


def test_a_value_read_from_outside_is_part_of_the_fingerprint(monkeypatch):
    known = CallablePredictor(above_global, LABELS).fingerprint()
    assert CallablePredictor(above_global, LABELS).fingerprint() == known
    monkeypatch.setitem(globals(), "THRESHOLD", 0.9)
    assert CallablePredictor(above_global, LABELS).fingerprint() != known


def test_arguments_of_a_partial_are_part_of_the_fingerprint():
    low, high = (CallablePredictor(functools.partial(above, least=x), LABELS).fingerprint() for x in (0.2, 0.9))
    assert low != high


def test_a_version_stands_for_the_source():
    known = CallablePredictor(as_rows, LABELS, version="1").fingerprint()
    assert CallablePredictor(as_array, LABELS, version="1").fingerprint() == known
    assert CallablePredictor(as_rows, LABELS, version="2").fingerprint() != known


class Model:
    def answer(self, texts):
        return as_rows(texts)


@pytest.mark.parametrize("function", [lambda texts: as_rows(texts), Model().answer], ids=["lambda", "method"])
def test_what_shows_no_content_needs_a_version(function):
    with pytest.raises(BadInput, match="`version`"):
        CallablePredictor(function, LABELS)
    assert CallablePredictor(function, LABELS, version="1").predict_proba(TEXTS).shape == (3, 2)


@pytest.mark.parametrize(
    ("function", "labels", "sentence"),
    [("as_rows", LABELS, "is no function"), (as_rows, ["one"], "two labels"), (as_rows, ["a", "a"], "each named once")],
)
def test_what_cannot_answer_is_refused(function, labels, sentence):
    with pytest.raises(BadInput, match=sentence):
        CallablePredictor(function, labels)
