"""An axis between two ends, against vectors whose places are known."""

import numpy as np
import pytest

from fute_core.analysis.chosen_axis import chosen_axis, end_members, families_of
from fute_core.analysis.skill import is_weak
from fute_core.atlas.atlas import open_atlas
from fute_core.errors import BadInput
from fute_core.space.rows import UnitRows


def rows(*vectors) -> UnitRows:
    return UnitRows.of(np.array(vectors, float))


@pytest.fixture(scope="module")
def atlas():
    return open_atlas(store=False)


def test_an_item_at_an_end_lies_at_that_end_and_what_is_like_neither_between_and_low():
    found = chosen_axis(rows([1, 0, 0], [0, 1, 0], [1, 1, 0], [0, 0, 1]), np.array([0]), np.array([1]))
    assert found.along == pytest.approx([-1, 1, 0, 0])
    assert found.nearer == pytest.approx([1, 1, np.sqrt(0.5), 0], abs=1e-6)


def test_an_end_of_several_is_the_cosine_to_the_mean_of_the_others():
    rng = np.random.default_rng(1)
    vectors = rng.standard_normal((9, 5))
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    start, end = np.array([0, 1, 2]), np.array([3, 4])
    found = chosen_axis(rows(*vectors), start, end)
    for members, told in ((start, found.start), (end, found.end)):
        for i in range(9):
            mean = unit[[m for m in members if m != i]].mean(0)
            assert told[i] == pytest.approx(unit[i] @ mean / np.linalg.norm(mean), abs=1e-5)


def test_the_other_way_round_the_axis_is_mirrored(atlas):
    one, other = (end_members(atlas.items, f"family:{f}") for f in ("sentiment", "toxicity"))
    there, back = (chosen_axis(atlas.space.placed, *ends).coordinates for ends in ((one, other), (other, one)))
    assert np.allclose(there * (-1, 1), back)


def test_families_lie_at_their_own_ends_though_no_item_counts_for_itself(atlas):
    found = chosen_axis(
        atlas.space.placed, end_members(atlas.items, "family:sentiment"), end_members(atlas.items, "family:toxicity")
    )
    of = np.array([item.embedding.family for item in atlas.items])
    sure = np.array([not is_weak(item.facts) for item in atlas.items])
    assert (found.along[(of == "sentiment") & sure] < 0).mean() > 0.9
    assert (found.along[(of == "toxicity") & sure] > 0).mean() >= 0.8
    others = ~np.isin(of, ["sentiment", "toxicity", "emotion"])
    assert np.abs(found.along[others]).mean() < np.abs(found.along[~others]).mean() / 3


def test_an_end_is_a_family_without_what_guesses_or_an_item(atlas):
    assert "sentiment" in families_of(atlas.items)
    members = end_members(atlas.items, "family:sentiment")
    assert {atlas.items[i].embedding.family for i in members} == {"sentiment"}
    assert not any(is_weak(atlas.items[i].facts) for i in members)
    assert end_members(atlas.items, "dataset:sst2").tolist() == [atlas.positions["dataset:sst2"]]


def test_members_that_cancel_out_are_like_nothing():
    found = chosen_axis(rows([1, 0], [-1, 0], [0, 1], [1, 1]), np.array([0, 1]), np.array([2]))
    assert found.start[2:] == pytest.approx([0, 0])
    assert np.isfinite(found.coordinates).all()


def test_an_unknown_end_and_two_equal_ends_are_refused(atlas):
    with pytest.raises(BadInput, match="neither a family nor an item"):
        end_members(atlas.items, "family:no such job")
    same = np.array([0, 1])
    with pytest.raises(BadInput, match="Both ends"):
        chosen_axis(rows([1, 0], [0, 1]), same, same[::-1])
