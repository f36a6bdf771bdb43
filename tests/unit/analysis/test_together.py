"""A group of items: its middle, how alike it is, and the texts that set it apart."""

import numpy as np
import pytest

from fute_core.analysis.skill import skill_of
from fute_core.analysis.together import MOST, setting_apart, together
from fute_core.atlas.atlas import open_atlas
from fute_core.errors import BadInput


@pytest.fixture(scope="module")
def atlas():
    return open_atlas(store=False)


def test_the_middle_is_the_most_similar_to_the_others_on_average(atlas):
    members = [i for i, item in enumerate(atlas.items) if item.embedding.family == "sentiment"][:20]
    found = together(atlas.space, atlas.items, members)
    cosines = atlas.space.cosines(members, members).astype(float)
    means = [np.delete(row, at).mean() for at, row in enumerate(cosines)]
    assert found.middle == members[int(np.argmax(means))]
    assert found.within == pytest.approx(np.mean(means), abs=1e-6)
    skills = [s.skill for i in members if (s := skill_of(atlas.items[i].facts))]
    assert found.measured == len(skills)
    assert found.skill == pytest.approx(np.median(skills))


def test_a_family_is_more_alike_than_items_of_all_families(atlas):
    families = [i for i, item in enumerate(atlas.items) if item.embedding.family == "topic"]
    spread = list(range(0, len(atlas.items), len(atlas.items) // 30))
    assert together(atlas.space, atlas.items, families).within > together(atlas.space, atlas.items, spread).within


def test_two_are_no_group(atlas):
    with pytest.raises(BadInput, match="3 items or more; this one has 2"):
        together(atlas.space, atlas.items, [0, 1])


def test_of_very_many_some_are_compared():
    class Space:
        def cosines(self, rows, columns):
            self.asked = len(rows)
            return np.ones((len(rows), len(columns)), np.float32)

    class Item:
        facts: dict = {}  # noqa: RUF012

    space = Space()
    found = together(space, [Item()] * 5000, list(range(5000)))
    assert space.asked == MOST
    assert found.within == 1
    assert found.skill is None


def test_texts_set_a_group_apart_where_they_add_more_inside():
    inside = [np.array([0.5, 0.1, 0.0, 0.2]), np.array([0.3, 0.1, 0.0, 0.4])]
    outside = [np.array([0.0, 0.4, 0.0, 0.2])]
    assert setting_apart(inside, outside, 3) == (0, 3)
    assert setting_apart(inside, outside, 1) == (0,)
