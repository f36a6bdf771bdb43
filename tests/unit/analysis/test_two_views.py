"""Two views of the same items: which items, and whose neighbours are others."""

import numpy as np
import pytest

from fute_core.analysis.grid import language_model, prompt_name
from fute_core.analysis.two_views import Neighbourhoods, TwoViews, neighbourhoods, two_views, views_of
from fute_core.atlas.atlas import open_atlas
from fute_core.errors import BadInput
from fute_core.space.rows import UnitRows


@pytest.fixture(scope="module")
def atlas():
    return open_atlas(store=False)


def seen(left: np.ndarray, right: np.ndarray) -> Neighbourhoods:
    here = np.arange(len(left))
    return neighbourhoods(TwoViews(here, here, UnitRows.of(left), UnitRows.of(right)))


def test_the_same_view_twice_keeps_every_neighbour():
    vectors = np.random.default_rng(0).standard_normal((30, 6))
    found = seen(vectors, vectors)
    assert found.k == 10
    assert (found.kept == 1).all()
    assert found.fell == pytest.approx(np.full(30, 5.5))


def test_turning_all_items_together_moves_none():
    rng = np.random.default_rng(1)
    vectors = rng.standard_normal((30, 6))
    turn, _ = np.linalg.qr(rng.standard_normal((6, 6)))
    assert (seen(vectors, vectors @ turn).kept == 1).all()


def test_the_item_that_went_elsewhere_moved_most():
    rng = np.random.default_rng(2)
    left = np.repeat(np.eye(4), 12, axis=0) + 0.05 * rng.standard_normal((48, 4))
    right = left.copy()
    right[5] = left[40] + 0.001  # from the first group into the last
    found = seen(left, right)
    assert found.order[0] == 5
    assert found.kept[5] == 0
    assert found.ranks(found.left, found.right)[5].min() > 10
    assert found.kept.sum() > 48 * 0.8


def test_unrelated_views_keep_about_what_chance_keeps():
    rng = np.random.default_rng(3)
    found = seen(rng.standard_normal((200, 40)), rng.standard_normal((200, 40)))
    assert found.chance == pytest.approx(10 / 199)
    assert found.kept.mean() == pytest.approx(found.chance, abs=0.02)


def test_language_models_share_prompts_by_name_and_all_that_is_no_prompt(atlas):
    assert views_of(atlas.items, atlas.space.placed)["model"] == ("smollm2", "gemma3-270m")
    views = two_views(atlas.items, atlas.space.placed, "model", "smollm2", "gemma3-270m")
    for i, j in zip(views.left, views.right, strict=True):
        one, other = atlas.items[i], atlas.items[j]
        if one.embedding.kind == "prompt":
            assert prompt_name(one) == prompt_name(other)
            assert (language_model(one), language_model(other)) == ("smollm2", "gemma3-270m")
        else:
            assert one is other
    assert {atlas.items[i].embedding.kind for i in views.left} == {"dataset", "model", "prompt"}


@pytest.mark.parametrize("pair", [False, True])
def test_methods_compare_datasets_by_one_part_or_both(pair):
    atlas = open_atlas(pair=pair, store=False)
    placed = atlas.space.placed
    assert views_of(atlas.items, placed)["method"] == ("fused", "functional", "fisher")
    fused, fisher = (two_views(atlas.items, placed, "method", *ways) for ways in
                     (("fused", "functional"), ("fisher", "functional")))  # fmt: skip
    assert {atlas.items[i].embedding.kind for i in fused.left} == {"dataset"}
    whole, answers = (rows.cosines(rows) for rows in (fused.left_rows, fused.right_rows))
    gradients = fisher.left_rows.cosines(fisher.left_rows)
    w = placed.weight[fused.left]
    rest = np.sqrt(1 - w**2)
    made = np.outer(w, w) * answers + np.outer(rest, rest) * gradients
    assert np.abs(whole - made).max() < 1e-4, "the whole is the weighted mean of its parts"


def test_the_functional_view_is_what_the_functional_method_gives(atlas):
    """Vectors without the part beside, under the same means and whitening, have the same similarities."""
    views = two_views(atlas.items, atlas.space.placed, "method", "fused", "functional")
    vectors = atlas.space.placed.take(views.left).vectors()
    beside = atlas.space.placed.values.width
    plain = UnitRows.of(vectors[:, : vectors.shape[1] - beside])
    assert np.abs(plain.cosines(plain) - views.right_rows.cosines(views.right_rows)).max() < 1e-4


def test_without_shared_prompts_there_is_one_way_less_and_a_sentence(atlas):
    some = [i for i in atlas.items if language_model(i) != "gemma3-270m"]
    placed = atlas.space.placed.take([atlas.positions[f"{i.embedding.kind}:{i.embedding.name}"] for i in some])
    assert list(views_of(some, placed)) == ["method"]
    with pytest.raises(BadInput, match="share 0 prompts"):
        two_views(some, placed, "model", "smollm2", "gemma3-270m")
