"""The pipelines beside the methods: what is refused, what is made again, what a vector does not depend on."""

from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import pytest

from fute_core.datasets.catalog import load_dataset
from fute_core.embedding.answering import collect_answers
from fute_core.embedding.pipelines import embed_dataset, embed_model
from fute_core.embedding.recipe import Recipe
from fute_core.errors import BadInput, Cancelled
from fute_core.methods import METHODS, Fitted
from fute_core.store.keys import answers_key
from fute_core.store.store import open_store
from fute_core.tasks import TaskDataset
from fute_core.vectors import Block

RECIPE = Recipe("functional", n_probes=32)


def scores(unit: float, offset: float = 0.0) -> TaskDataset:
    texts = tuple(f"a film of {i} minutes, {'dull' if i % 3 else 'fine'}" for i in range(12))
    return TaskDataset("scores", texts, (unit * np.arange(12, dtype=np.float32)[:, None] % 5 + offset))


class Box:
    labels = ("no", "yes")

    def __init__(self):
        self.asked = 0

    def fingerprint(self):
        return "box"

    def predict_proba(self, texts):
        self.asked += len(texts)
        yes = np.array([(len(t) % 7 + 1) / 9 for t in texts], np.float32)
        return np.stack([1 - yes, yes], 1)


def test_a_fisher_vector_does_not_depend_on_the_unit_of_the_scores():
    one = embed_dataset(scores(1.0), Recipe("fisher")).vector
    for dataset in (replace(scores(1.0), targets=scores(1.0).targets * 1e12), scores(1.0, offset=100.0)):
        np.testing.assert_allclose(embed_dataset(dataset, Recipe("fisher")).vector, one, rtol=1e-3, atol=1e-12)


def test_a_vector_that_is_not_finite_is_refused_and_not_stored(monkeypatch):
    class Diverging:
        name, needs_probes, seeded = "diverging", False, False

        def params(self):
            return {}

        def fit(self, _surrogate, _observations):
            return Fitted(np.array([1.0, np.nan], np.float32), (Block("all", 0, 2, "diverging"),))

    monkeypatch.setitem(METHODS._targets, "diverging", Diverging)
    with pytest.raises(BadInput, match="'sst2' gave numbers beyond all bounds under method 'diverging'"):
        embed_dataset(load_dataset("sst2", limit=8), Recipe("diverging"), open_store())
    assert open_store().headers() == []


def test_answers_that_are_gone_are_made_again_with_the_vector():
    store, box, dataset = open_store(), Box(), load_dataset("sst2", limit=20)
    made = [embed_dataset(dataset, RECIPE, store), embed_model(box, RECIPE, store, name="box")]
    before = [store.get(answers_key(m.key))[0]["answers"] for m in made]
    store.prune(section="arrays")
    again = [embed_dataset(dataset, RECIPE, store), embed_model(box, RECIPE, store, name="box")]
    assert [m.key for m in again] == [m.key for m in made]
    for embedding, answers in zip(again, before, strict=True):
        np.testing.assert_array_equal(store.get(answers_key(embedding.key))[0]["answers"], answers)
    assert box.asked == 32, "what the black box answered was still there"


def test_soft_labels_without_a_majority_are_a_task():
    texts = tuple(f"text {i}" for i in range(6))
    near = np.array([[0.4, 0.35, 0.25], [0.3, 0.4, 0.3], [0.3, 0.3, 0.4]] * 2, np.float32)
    assert embed_dataset(TaskDataset("soft", texts, near, ("a", "b", "c")), RECIPE).vector.any()
    sure = np.repeat(np.array([[1.0, 0.0, 0.0]], np.float32), 6, 0)
    with pytest.raises(BadInput, match="one label only"):
        embed_dataset(TaskDataset("sure", texts, sure, ("a", "b", "c")), RECIPE)


class Short(Box):
    """A black box that reads 40 characters."""

    def predict_proba(self, texts):
        return super().predict_proba([t[:40] for t in texts])

    def count_truncated(self, texts):
        return sum(len(t) > 40 for t in texts)


@pytest.mark.parametrize("asked_before", [0, 32, 64, 96])
def test_texts_that_the_model_cuts_are_counted_whatever_the_store_has_of_them(asked_before):
    recipe, store, stopped = Recipe("functional", n_probes=96), open_store(), Short()
    texts = recipe.probes(False).texts
    if asked_before:
        with pytest.raises(Cancelled) if asked_before < 96 else nullcontext():
            collect_answers(stopped, recipe.probes(False), store, should_stop=lambda: stopped.asked >= asked_before)
    made = embed_model(Short(), recipe, store, name="box")
    assert stopped.asked == asked_before
    assert made.provenance.n_truncated == sum(len(t) > 40 for t in texts) > 32
