"""The embedder among scikit-learn's estimators: their own checks, and vectors that are those of the atlas."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer
from sklearn.utils.estimator_checks import parametrize_with_checks

import fute_core as fute
from fute_core.errors import BadInput, Incomparable
from fute_core.vectors import Block, Provenance, TaskEmbedding

FILMS = fute.Dataset(["fine film", "good fun", "dull", "bad film"], [1, 1, 0, 0], name="films")
TRIPS = fute.Dataset(["to London", "to Rome", "who is it", "who asks"], ["where", "where", "who", "who"], name="trips")


class OfRows(fute.TaskEmbedder):
    """Takes rows of numbers, which is what scikit-learn's checks have, for embeddings made elsewhere."""

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array, tags.input_tags.two_d_array = False, True
        tags.no_validation = False
        return tags

    def _embedding(self, item):
        row = np.asarray(item, np.float32)
        made = Provenance("checks", "", "rows", {}, "", 1, False, 0)
        block = Block("row", 0, len(row), "rows")
        return TaskEmbedding("", "dataset", row, (block,), "", made)


NO_TABLE = "X is a list of datasets and models: it has no columns to count"
NO_NUMBERS = "items are no numbers: what one holds is checked where it is embedded"
EXPECTED = {
    "check_n_features_in": NO_TABLE,
    "check_n_features_in_after_fitting": NO_TABLE,
    "check_fit1d": NO_TABLE,
    "check_fit2d_predict1d": NO_TABLE,
    "check_estimators_empty_data_messages": NO_TABLE,
    "check_complex_data": NO_NUMBERS,
    "check_estimators_nan_inf": NO_NUMBERS,
}


@parametrize_with_checks([OfRows("text", calibration="kind")], expected_failed_checks=lambda _: EXPECTED)
def test_the_checks_of_scikit_learn(estimator, check):
    check(estimator)


def test_an_estimator_is_cloned_and_set_with_all_its_parameters(store):
    made = fute.TaskEmbedder("text", calibration="kind", limit=50, store=store, progress=False)
    copied = clone(made)
    assert copied.get_params()["limit"] == 50
    assert copied.set_params(limit=20, method=fute.Recipe("text")).limit == 20
    assert "limit=50" in repr(made)
    assert clone(made).fit([FILMS, TRIPS]).transform([FILMS]).shape == (1, 384)


def test_nothing_is_transformed_before_it_is_fitted():
    with pytest.raises(NotFittedError):
        fute.TaskEmbedder().transform([FILMS])
    with pytest.raises(NotFittedError):
        fute.TaskEmbedder().get_feature_names_out()


def test_vectors_of_datasets_and_embeddings_lie_where_the_atlas_has_them():
    atlas = fute.open_atlas(store=False)
    shipped = [item.embedding for item in atlas.items[:3]]
    fitted = fute.TaskEmbedder().fit(shipped)
    np.testing.assert_allclose(fitted.transform(shipped), atlas.space.placed.take(range(3)).vectors(), atol=1e-6)
    assert len(fitted.get_feature_names_out()) == len(shipped[0].vector)
    with pytest.raises(Incomparable, match="method"):
        fitted.transform([fute.embed(FILMS, method="text", store=False)])


def test_a_data_frame_comes_out_where_one_is_asked_for():
    embedder = fute.TaskEmbedder("text", store=False).set_output(transform="pandas")
    found = make_pipeline(embedder, Normalizer()).fit([FILMS, TRIPS]).transform([FILMS, TRIPS])
    frame = embedder.fit_transform([FILMS, TRIPS])
    assert isinstance(frame, pd.DataFrame)
    assert list(frame.columns) == list(embedder.get_feature_names_out())
    np.testing.assert_allclose(frame.to_numpy(), np.asarray(found), atol=1e-6)


def test_each_calibration_is_learnt_from_what_it_says():
    items = [fute.embed(d, method="text", store=False) for d in (FILMS, TRIPS)]
    bare = fute.TaskEmbedder(calibration="none").fit_transform(items)
    for item, vector in zip(items, bare, strict=True):
        np.testing.assert_allclose(vector, item.vector / np.linalg.norm(item.vector), atol=1e-6)


@pytest.mark.parametrize(
    ("how", "items", "told"),
    [
        (
            {"calibration": "kinds"},
            [FILMS],
            "calibration is 'kinds'; give one of 'atlas', 'none', 'kind', 'kind-arity'",
        ),
        ({}, [], "X is empty"),
        ({}, csr_array((2, 2)), "X is a sparse csr_array; give a list"),
        ({}, FILMS, "X is of type TaskDataset; give a list"),
        ({}, ["a text that I like"], "neither a shipped name nor a path"),
        ({"method": "fuzed"}, [FILMS], "There is no method 'fuzed'"),
    ],
)
def test_what_cannot_be_fitted_is_told_in_a_sentence(how, items, told):
    with pytest.raises(BadInput, match=told):
        fute.TaskEmbedder(**how).fit(items)
