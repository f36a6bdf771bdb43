"""Properties that a task embedding must have, in the space that users get: default recipe, shipped calibration."""

import copy
from dataclasses import replace

import numpy as np
import pytest
from models_at_hand import lend

from fute_core.atlas.comparable import shipped_calibrator
from fute_core.datasets.catalog import load_dataset
from fute_core.embedding.pipelines import embed_dataset
from fute_core.embedding.recipe import Recipe
from fute_core.evaluation.parts.rows import halves
from fute_core.space.space import TaskSpace
from fute_core.store.store import open_store

pytestmark = pytest.mark.slow
DATASETS = ("sst2", "trec", "tweet_emotion", "tweet_irony", "sms_spam")
ROWS = 120
"""Of a dataset, so 60 in each of its halves."""


def by_length(rows):
    """The same texts, asked whether they are longer than the median."""
    lengths = np.array([len(text) for text in rows.texts])
    targets = np.eye(2, dtype=np.float32)[(lengths > np.median(lengths)).astype(int)]
    return replace(rows, name=f"length of {rows.name}", targets=targets, labels=("short", "long"), family=None)


@pytest.fixture(scope="module")
def made(tmp_path_factory, lender):
    """DTEs by dataset and half, and for SST-2 those of the same texts labelled by their length."""
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FUTE_HOME", str(lend(tmp_path_factory.mktemp("home"), lender)))
        store = open_store()
        for name in DATASETS:
            for half, rows in zip("AB", halves(load_dataset(name, limit=ROWS)), strict=True):
                tasks = {name: rows, "length": by_length(rows)} if name == "sst2" else {name: rows}
                for task, asked in tasks.items():
                    found[task, half] = embed_dataset(replace(asked, name=f"{task} {half}"), Recipe(), store)
    return found


@pytest.fixture(scope="module")
def space(made):
    calibrator = shipped_calibrator(made["sst2", "A"])
    assert calibrator is not None, "the shipped gallery is of the default recipe"
    return TaskSpace(list(made.values()), calibrator=calibrator)


def cosines(space, part=None):
    """float (n, n) in the calibrated space, or within one part of the vectors."""
    whole, answers = (space.placed.cosines(space.placed, beside=beside) for beside in (True, False))
    products = {None: whole, "functional": answers, "fisher": whole - answers}[part].astype(np.float64)
    norms = np.sqrt(np.diag(products))
    return products / norms[:, None] / norms


def test_halves_of_a_dataset_are_each_others_nearest(made, space):
    keys = [key for key in made if key[0] != "length"]
    rows = [list(made).index(key) for key in keys]
    nearest = (cosines(space)[np.ix_(rows, rows)] - 3 * np.eye(len(rows))).argmax(1)
    mutual = [
        name
        for name in DATASETS
        if keys[nearest[keys.index((name, "A"))]] == (name, "B")
        and keys[nearest[keys.index((name, "B"))]] == (name, "A")
    ]
    assert len(mutual) >= 0.8 * len(DATASETS), set(DATASETS) - set(mutual)


def test_small_datasets_are_not_alike_for_being_small(made, space):
    """With all of the reference's mean taken away they are: both lack it."""
    whole = copy.copy(space.calibrator)
    whole.fewest_texts_ = {}
    names = [name for name, _ in made]
    other = np.array([[a != b for a in names] for b in names])
    mean, share = (cosines(TaskSpace(space.embeddings, calibrator=c))[other].mean() for c in (whole, space.calibrator))
    assert share < 0.7 * mean


def test_text_features_alone_cannot_tell_two_labelings_of_the_same_texts_apart():
    rows = load_dataset("sst2", limit=40)
    sentiment, length = (embed_dataset(r, Recipe(method="text")).vector for r in (rows, by_length(rows)))
    np.testing.assert_array_equal(sentiment, length)


@pytest.mark.parametrize("part", [None, "functional", "fisher"])
def test_two_labelings_of_the_same_texts_are_further_apart_than_other_rows_of_one_labeling(made, space, part):
    """The methods draw no random numbers, so other rows of the same task stand for the noise of a seed."""
    at, found = list(made).index, cosines(space, part)
    other_question = max(found[at(("sst2", half)), at(("length", half))] for half in "AB")
    other_rows = min(found[at((task, "A")), at((task, "B"))] for task in ("sst2", "length"))
    assert other_question < other_rows
