"""The fine-tuned language models that ship: points of the atlas that shaped nothing and are judged as newcomers."""

import numpy as np
import pytest

from fute_core.analysis.asking import askable
from fute_core.analysis.chosen_axis import end_members
from fute_core.analysis.respondents import named
from fute_core.atlas.atlas import open_atlas
from fute_core.atlas.comparable import calibrated, select_space
from fute_core.atlas.gallery import load_gallery
from fute_core.atlas.newcomers import is_tuned, load_newcomers, shipped_items, shipped_newcomers
from fute_core.embedding.naming import free_name
from fute_core.embedding.recipe import Recipe
from fute_core.errors import BadInput
from fute_core.models.packaged import PACKAGED_MODELS
from fute_core.space.space import TaskSpace

TUNED = "trec · bge-small fine-tuned"


@pytest.fixture(scope="module")
def gallery():
    return load_gallery(False)


@pytest.fixture(scope="module")
def atlas():
    return open_atlas(store=False)


def test_they_stand_behind_what_shaped_the_space_and_over_pairs_there_are_none(atlas, gallery):
    n = len(gallery.items)
    assert atlas.items == shipped_items(False)
    assert atlas.items[:n] == gallery.items
    assert [is_tuned(i) for i in atlas.items] == [False] * n + [True] * len(load_newcomers(gallery))
    assert not any(map(is_tuned, open_atlas(pair=True, store=False).items))
    assert shipped_newcomers(True) == ()


def test_nothing_moves_by_them_and_each_lies_where_it_is_placed_alone(atlas, gallery):
    n = len(gallery.items)
    known = range(n)
    np.testing.assert_array_equal(atlas.coordinates[:n], gallery.coordinates)
    np.testing.assert_allclose(atlas.space.cosines(known, known), gallery.space.cosines(), atol=1e-12)
    at = atlas.positions[f"model:{TUNED}"]
    alone = gallery.space.place(atlas.items[at].embedding).cosines(gallery.space.placed)[0]
    np.testing.assert_allclose(atlas.space.cosines([at], known)[0], alone, atol=1e-12)
    assert np.isfinite(atlas.coordinates).all()


def test_a_similarity_to_one_is_judged_as_that_to_a_newcomer(atlas):
    near = {row["name"]: row for row in atlas.nearest_rows("trec", len(atlas.items), kind="model")}
    tuned = [i.embedding for i in atlas.items if is_tuned(i)]
    trec = atlas.positions["dataset:trec"]
    cosines = atlas.space.cosines([trec], [atlas.positions[f"model:{e.name}"] for e in tuned])[0].astype(float)
    shares = [[atlas.scale.share("model", "dataset", c, n) for c in cosines] for n in (0, 1)]
    told = [1 - near[e.name]["closer_than"] for e in tuned]
    np.testing.assert_allclose(told, shares[1], atol=1e-4)
    assert not np.allclose(told, shares[0], atol=1e-4)
    other = next(i.embedding for i in atlas.items if is_tuned(i) and i.embedding.name != TUNED)
    own = atlas.items[atlas.positions[f"model:{TUNED}"]].embedding
    assert atlas.meaning.share(own, other, 0.06) == atlas.scale.share("model", "model", 0.06, 2)


def test_another_calibration_is_not_fitted_on_them_either(atlas, gallery):
    found = select_space([], pairs=False)
    assert len(found) == len(atlas.items)
    space = calibrated(found, "kind")
    fitted = TaskSpace([i.embedding for i in gallery.items], calibration="kind")
    np.testing.assert_allclose(space.cosines(range(5), range(5)), fitted.cosines(range(5), range(5)), atol=1e-12)
    assert space.index(TUNED) >= len(gallery.items)


def test_the_end_of_an_axis_is_not_made_of_them(atlas):
    members = end_members(atlas.items, "family:question type")
    assert len(members)
    assert not any(is_tuned(atlas.items[i]) for i in members)
    assert end_members(atlas.items, f"model:{TUNED}") == [atlas.positions[f"model:{TUNED}"]]


def test_one_says_why_it_answers_nothing_and_its_dataset_does_not_stand_for_it(atlas):
    (item,) = named(atlas, [TUNED])
    with pytest.raises(BadInput, match=r"bge-small fine-tuned on trec; its answers .* ship, its weights"):
        askable(item, {})
    assert not any(map(is_tuned, named(atlas, ["trec"])))


def test_their_names_are_taken():
    assert free_name(TUNED, "model", "another key", Recipe(), pair=False) == f"{TUNED} (yours)"


def test_each_says_what_was_tuned_and_under_which_licence(atlas):
    for item in filter(is_tuned, atlas.items):
        assert item.facts["base_licence"] == PACKAGED_MODELS[item.facts["base_model"]].licence
        assert {"dataset", "accuracy", "skill", "labels"} <= item.facts.keys()
