"""Calibrated items as arrays of factors: they are the vectors that they stand for, and neighbours are exact."""

from dataclasses import replace

import numpy as np
import pytest

from fute_core.atlas.gallery import load_gallery
from fute_core.space import all_pairs
from fute_core.space import foremost as foremost_items
from fute_core.space import placed as placed_items
from fute_core.space.all_pairs import nearest_of_all
from fute_core.space.calibration import Calibrator
from fute_core.space.foremost import cosines_to, foremost
from fute_core.space.rows import UnitRows


@pytest.fixture(scope="module", params=[False, True], ids=["single", "pairs"])
def gallery(request):
    return load_gallery(request.param)


def test_similarities_are_the_inner_products_of_the_vectors_that_are_exported(gallery):
    placed = gallery.space.placed
    vectors = placed.vectors().astype(np.float64)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    answers = vectors[:, : gallery.items[0].embedding.gram_block.stop]
    np.testing.assert_allclose(placed.weight, np.linalg.norm(answers, axis=1), atol=1e-5)
    alike = vectors @ vectors.T
    lacking = np.not_equal.outer(placed.row >= 0, placed.row >= 0)
    alike[lacking] /= np.sqrt(2 / 3)
    np.testing.assert_allclose(placed.cosines(placed), alike, atol=5e-6)


def test_a_dataset_may_be_as_like_a_classifier_as_two_classifiers_are(gallery):
    dataset = next(e for e in gallery.space.embeddings if e.kind == "dataset")
    twin = replace(dataset, name="twin", values=np.zeros_like(dataset.values))
    bare = Calibrator("none").fit([dataset])
    assert bare.place([dataset]).cosines(bare.place([twin]))[0, 0] == pytest.approx(1, abs=1e-6)


def test_an_item_is_the_same_alone_among_others_and_in_another_order(gallery):
    placed, embeddings = gallery.space.placed, gallery.space.embeddings
    chosen = [5, 0, 20, 7]
    alone = [gallery.calibrator.place([embeddings[i]]) for i in chosen]
    together = alone[0].joined(*alone[1:])
    for other in (placed.take(chosen), together):
        np.testing.assert_allclose(other.cosines(placed), placed.cosines(placed)[chosen], atol=5e-6)


def test_many_are_compared_as_few_are(gallery, monkeypatch):
    few = gallery.space.similarity()
    monkeypatch.setattr(placed_items, "AT_ONCE", 17)
    np.testing.assert_allclose(gallery.space.similarity(), few, atol=1e-6)
    some, all_items = gallery.space.placed.take([3, 1, 2]), gallery.space.placed
    np.testing.assert_allclose(some.cosines(all_items), few[[3, 1, 2]], atol=2e-6)
    assert all_items.take([]).cosines(all_items).shape == (0, len(few))


def test_what_answers_all_alike_is_like_nothing(gallery):
    model = next(e for e in gallery.space.embeddings if e.kind == "model")
    silent = gallery.calibrator.place([replace(model, factor=model.factor[:, :0])])
    assert not silent.cosines(gallery.space.placed).any()
    assert not silent.vectors().any()


def test_an_item_takes_the_place_of_its_factor_alone(gallery):
    placed = gallery.space.placed
    assert placed.columns.nbytes < 20_000 * len(placed)
    assert len(placed.values) == sum(e.kind == "dataset" for e in gallery.space.embeddings)


@pytest.mark.parametrize("block", [7, 64, 1024])
def test_neighbours_found_in_blocks_are_those_of_a_plain_search(gallery, block, monkeypatch):
    monkeypatch.setattr(all_pairs, "BLOCK", block)
    placed = gallery.space.placed
    near, cosines = nearest_of_all(placed, 9)
    plain = placed.cosines(placed)
    np.fill_diagonal(plain, -np.inf)
    order = np.argsort(-plain, axis=1, kind="stable")[:, :9]
    np.testing.assert_allclose(cosines, np.take_along_axis(plain, order, 1), atol=5e-6)
    assert np.mean([len({*a} & {*b}) for a, b in zip(near, order, strict=True)]) > 8.9, "but for equals"


def test_no_item_is_its_own_neighbour_and_few_items_have_few():
    copies = UnitRows(np.ones((5, 1), np.float32))
    near, cosines = nearest_of_all(copies, 9)
    assert near.shape == (5, 4)
    assert all(i not in row for i, row in enumerate(near))
    assert (cosines == 1).all()
    assert nearest_of_all(UnitRows(np.ones((1, 3), np.float32)), 3)[0].shape == (1, 0)


@pytest.mark.parametrize("kind", [None, "dataset", "prompt"])
def test_the_nearest_of_many_are_those_of_all_similarities(gallery, kind, monkeypatch):
    """Only some are looked at whole, and none that belongs to the first is missed."""
    space, looked_at = gallery.space, []
    members = np.flatnonzero([kind in (None, e.kind) for e in space.embeddings])
    take = placed_items.Placed.take
    for own in range(0, len(space), 7):
        target = take(space.placed, [own])
        plain = space.placed.cosines(target)[:, 0]
        with monkeypatch.context() as few:
            few.setattr(foremost_items, "EXACT", 1)
            few.setattr(foremost_items, "WORTH", 1.0)
            few.setattr(placed_items.Placed, "take", lambda s, rows: looked_at.append(len(rows)) or take(s, rows))
            found = cosines_to(target, space.placed, members, 5)
        first = foremost(plain, members, 5)
        assert set(foremost(found, members, 5)) == set(first)
        np.testing.assert_allclose(found[first], plain[first], atol=2e-6)
    assert looked_at
    assert np.mean(looked_at) < len(members) / 2 or kind == "dataset", "strangers are left alone"


def test_the_foremost_are_chosen_with_all_that_equal_the_last_of_them():
    cosines = np.array([0.1, 0.9, 0.5, 0.5 + 1e-9, 0.2, 0.5])
    assert set(foremost(cosines, np.arange(6), 2)) == {1, 2, 3, 5}
    assert set(foremost(cosines, np.array([0, 4]), 5)) == {0, 4}
