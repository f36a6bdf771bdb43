"""Claims of a wider group, counted for every kind on what ships."""

import pytest

from fute_core.atlas.gallery import load_gallery
from fute_core.evaluation.group_claims import KINDS, group_measures
from fute_core.evaluation.parts.left_out import LeftOut


@pytest.fixture(scope="module")
def found():
    gallery = load_gallery(False)
    return group_measures(LeftOut.of(gallery.items, gallery.basis, [len(gallery.basis)]), 0.3)


def test_of_datasets_without_any_of_their_group_one_in_twenty_at_most_is_told_one(found):
    values, _ = found
    assert values["groups_dataset"]["false"].value <= 0.05
    assert values["groups_dataset"]["false"].n == 37


def test_datasets_whose_group_stays_are_told_theirs_and_no_other(found):
    values, _ = found
    assert values["groups_dataset"]["claimed"].value >= 0.2
    assert values["groups_dataset"]["wrong"].value == 0.0


def test_the_table_has_every_kind(found):
    values, table = found
    assert [row[0] for row in table.rows] == list(KINDS)
    assert all(len(row) == len(table.columns) for row in table.rows)
    for figures in values.values():
        assert figures["claimed"].value + figures["wrong"].value <= 1
