"""Claims of a wider group, counted for every kind on what ships."""

import pytest

from fute_core.atlas.gallery import load_gallery
from fute_core.evaluation.group_claims import KINDS, group_measures
from fute_core.evaluation.parts.left_out import LeftOut


@pytest.fixture(scope="module")
def found():
    gallery = load_gallery(False)
    return group_measures(LeftOut.of(gallery.items, gallery.basis, [len(gallery.basis)]), 0.3)


def test_of_datasets_without_any_of_their_group_one_in_twenty_is_told_one(found):
    values, _ = found
    false = values["groups_dataset"]["false"]
    assert false.n == 37
    assert false.value * false.n == pytest.approx(2), "one in twenty would be 1.85 of them"


def test_datasets_whose_group_stays_are_told_theirs_and_one_another(found):
    values, _ = found
    told = values["groups_dataset"]
    assert told["claimed"].value >= 0.4
    assert told["wrong"].value * told["wrong"].n <= 1


def test_the_table_has_every_kind(found):
    values, table = found
    assert [row[0] for row in table.rows] == list(KINDS)
    assert all(len(row) == len(table.columns) for row in table.rows)
    for figures in values.values():
        assert figures["claimed"].value + figures["wrong"].value <= 1
