"""Vectors made elsewhere, read from a table and laid beside the space."""

import numpy as np
import pytest

from fute_core.analysis.own_vectors import beside_the_space, read_vectors
from fute_core.analysis.two_views import neighbourhoods
from fute_core.atlas.atlas import open_atlas
from fute_core.datasets.tables import Table
from fute_core.errors import BadInput

KNOWN = ("a", "b", "c", "dataset:d")


def table(**columns: list) -> Table:
    names = tuple(columns)
    rows = [dict(zip(names, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    return Table("The file", names, rows, (), ())


def test_the_columns_are_found_by_what_they_hold_and_rows_have_unit_norm():
    own = read_vectors(table(group=["x", "y"], what=["b", "a"], emb=[[3.0, 4], [0, 2]]), KNOWN)
    assert own.names == ("b", "a")
    np.testing.assert_allclose(own.vectors, [[0.6, 0.8], [0, 1]], atol=1e-6)


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"name": ["a", "b"]}, "no column with a list"),
        ({"name": ["a"], "u": [[1.0, 2]], "v": [[1.0, 2]]}, "2 columns with a list"),
        ({"name": ["a", "b"], "v": [[1.0, 2], [1.0, 2, 3]]}, "vectors of 2 to 3 numbers"),
        ({"name": ["z", "y"], "v": [[1.0, 2], [1.0, 3]]}, "names of items here"),
        ({"name": ["a", "a"], "v": [[1.0, 2], [1.0, 3]]}, "has 'a' twice"),
        ({"name": ["a", "b"], "v": [[1.0, 2], [1.0, float("nan")]]}, "'b' has a value that is no finite number"),
        ({"name": ["a", "b"], "v": [[0, 0], [1.0, 2]]}, "'a' has only zeros"),
        ({"name": ["a"], "v": [[True, False]]}, "no column with a list"),
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(columns, said):
    with pytest.raises(BadInput, match=said):
        read_vectors(table(**columns), KNOWN)


def test_vectors_of_the_space_itself_keep_every_neighbour_and_unknown_names_are_left_out():
    atlas = open_atlas(store=False)
    at = [i for i, item in enumerate(atlas.items) if item.embedding.kind == "dataset"]
    cosines = atlas.space.cosines(at, at).astype(np.float64)
    values, turn = np.linalg.eigh(cosines)
    vectors = turn * np.sqrt(np.clip(values, 0, None))
    names = [f"dataset:{atlas.items[i].embedding.name}" for i in at]
    rows = table(name=[*names, "nobody"], vector=[*vectors.tolist(), vectors[0].tolist()])
    found = beside_the_space(atlas.items, atlas.space.placed, read_vectors(rows, names))
    assert list(found.left) == at
    assert neighbourhoods(found).kept.mean() > 0.95


def test_too_few_items_are_refused():
    atlas = open_atlas(store=False)
    own = read_vectors(table(name=["sst2", "mr"], vector=[[1.0, 2], [2.0, 1]]), ["sst2", "mr"])
    with pytest.raises(BadInput, match="vectors for 2 items here"):
        beside_the_space(atlas.items, atlas.space.placed, own)
