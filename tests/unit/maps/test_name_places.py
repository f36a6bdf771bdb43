"""Where a name goes, on maps of a few points whose free places are known; and where a group is densest."""

import numpy as np
import pytest

from fute_core.maps.name_places import DIRECTIONS, densest, family_middles, place_labels, place_names

WIDE = (-100, -100, 100, 100)
SIZE = (10.0, 4.0)
NO_ROOM = (1000.0, 1000.0)
SLANTED = 5 / np.sqrt(2)


def places(at, frame=WIDE, sizes=SIZE, radius=1.0, reaches=(5.0,)):
    at = np.array(at, float)
    return place_labels(at, np.broadcast_to(np.array(sizes, float), at.shape), frame, radius, reaches)


@pytest.mark.parametrize(
    ("frame", "side", "box"),
    [
        (WIDE, "middle right", (5, -2, 15, 2)),
        ((-20, -1, 20, 20), "top right", (SLANTED, SLANTED, SLANTED + 10, SLANTED + 4)),
        ((-20, -20, 12, 20), "top center", (-5, 5, 5, 9)),
        ((-20, -1, 2, 20), "top left", (-SLANTED - 10, SLANTED, -SLANTED, SLANTED + 4)),
        ((-20, -20, 2, 6), "middle left", (-15, -2, -5, 2)),
        ((-20, -20, 2, 1), "bottom left", (-SLANTED - 10, -SLANTED - 4, -SLANTED, -SLANTED)),
        ((-6, -20, 6, 6), "bottom center", (-5, -9, 5, -5)),
        ((-2, -20, 20, 1), "bottom right", (SLANTED, -SLANTED - 4, SLANTED + 10, -SLANTED)),
    ],
)
def test_a_lonely_point_has_its_name_on_the_best_side_inside_the_frame(frame, side, box):
    (label,) = places([(0, 0)], frame)
    assert label.side == side
    assert label[:4] == pytest.approx(box)


def test_where_all_near_places_are_taken_the_name_stands_further_off():
    ring = [8 * np.array(towards) / np.linalg.norm(towards) for towards in DIRECTIONS.values()]
    sizes = [SIZE] + [NO_ROOM] * len(ring)
    centre, *others = places([(0, 0), *ring], sizes=sizes, reaches=(5.0, 20.0))
    assert others == [None] * len(ring)
    assert (centre.side, centre.reach) == ("middle right", 20.0)
    assert centre[:4] == (20, -2, 30, 2)


def test_a_name_may_touch_its_own_point_and_no_other():
    (label,) = places([(0, 0)], radius=3.0, reaches=(1.0,))
    assert label[:4] == (1, -2, 11, 2)
    label, _ = places([(0, 0), (8, 0)], sizes=[SIZE, NO_ROOM])
    assert label.side == "top right"


def test_the_loneliest_point_is_served_first():
    # Room in one row alone. Only to its left has the third a place, which the second would take if it came first.
    labels = places([(0, 0), (5, 0), (24, 0)], frame=(-100, -2.5, 30, 2.5))
    assert [label and label.side for label in labels] == ["middle left", None, "middle left"]
    assert labels[2][:4] == (9, -2, 19, 2)


def test_the_densest_part_is_the_middle_of_those_that_lie_closest_together():
    at = np.array([[30.0, 0], [0, 0], [20, 0], [1, 0], [10, 0], [2, 3]])
    assert densest(at, share=0.5) == pytest.approx([1, 1])
    assert densest(at, share=1.0) == pytest.approx([10.5, 0.5])
    assert densest(at[:1], share=0.1).tolist() == [30, 0], "one point at least"


def test_of_many_points_every_other_is_looked_at():
    at = np.array([[0.0, 0], [50, 50], [2, 4], [50, 50]])
    assert densest(at, share=1.0, most=2) == pytest.approx([1, 2])
    assert densest(at, share=1.0, most=3) == pytest.approx([1, 2])
    assert densest(at, share=1.0, most=4) == pytest.approx([25.5, 26])


def test_names_of_groups_cover_no_point_and_the_first_ones_are_placed_first():
    dots = np.array([[0.0, 0.0], [9.0, 0.0]])
    first, second, none = place_names(
        np.array([[0.0, 0.0], [0.0, 0.0], [0.0, 0.0]]), np.array([SIZE, SIZE, NO_ROOM]), dots, WIDE, 1.0, (5.0,)
    )
    assert first.side == "top right"
    assert second.side == "top center" or second.x0 >= first.x1 or second.y0 >= first.y1 or second.x1 <= first.x0
    assert none is None
    for label in (first, second):
        assert not any(label.x0 < x + 1 and x - 1 < label.x1 and label.y0 < y + 1 and y - 1 < label.y1 for x, y in dots)
    assert place_names(np.zeros((0, 2)), np.zeros((0, 2)), dots, WIDE, 1.0, (5.0,)) == []


def test_families_at_the_ends_of_an_axis_are_named_by_those_nearest_to_it():
    at = np.array([[x, 0.0] for x in (-9, -8, 0, 0.1, 0.2, 0.3)] + [[5.0, 1.0]] * 3 + [[7.0, 7.0]])
    families = np.array(["a"] * 6 + ["b"] * 3 + [""])
    assert [(name, place.tolist()) for name, place in family_middles(at, families, ("a", "b"))] == [
        ("a", [-8.5, 0.0]), ("b", [5.0, 1.0]),
    ]  # fmt: skip
    (name, middle), _ = family_middles(at, families)
    assert name == "a"
    assert 0 <= middle[0] <= 0.3
