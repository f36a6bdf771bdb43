"""Intervals over a dataset's rows: over what they are is said of each, and what has no rows is not given any."""

import numpy as np
import pytest

from fute_core.atlas.atlas import Atlas, open_atlas
from fute_core.atlas.neighbours import nearest_of_each
from fute_core.errors import BadInput
from fute_core.store.keys import rows_key
from fute_core.store.store import Store


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Store:
    """Knows what mr is without each group of its rows, and something under irony's key that cannot be that."""
    made = Store(tmp_path_factory.mktemp("rows"))
    space = open_atlas(store=False).space
    mr, irony = (space.embeddings[space.index(name, "dataset")] for name in ("mr", "tweet_irony"))
    noise = np.random.default_rng(0).normal(size=(20, *mr.factor.shape)) * 0.003
    made.put(rows_key(mr.key), {"factors": (mr.factor + noise).astype(np.float32)}, {})
    made.put(rows_key(irony.key), {"factors": np.zeros((20, 3, 1), np.float32)}, {})
    return made


@pytest.fixture(scope="module")
def atlas(store) -> Atlas:
    return open_atlas(store=store)


def ends(rows):
    return np.array([(row["low"], row["similarity"], row["high"]) for row in rows]).T


def test_by_default_intervals_are_over_probe_texts(atlas):
    assert set(atlas.nearest("mr", k=3)["interval"]) == {"texts"}


def test_over_both_is_wider_than_over_either(atlas):
    over = {name: atlas.nearest_rows("dataset:mr", 5, interval=name) for name in ("texts", "rows", "both")}
    for name, rows in over.items():
        assert {row["interval"] for row in rows} == {name}
    widths = {name: ends(rows)[2] - ends(rows)[0] for name, rows in over.items()}
    assert (widths["rows"] > 0).all()
    assert (widths["both"] >= np.maximum(widths["rows"], widths["texts"]) - 1e-4).all()
    low, value, high = ends(over["both"])
    assert (low <= value).all()
    assert (value <= high).all()


def test_two_items_have_the_same_interval_as_in_a_list(atlas):
    first = atlas.nearest_rows("dataset:mr", 1, interval="both")[0]
    i, j = atlas.space.index("mr", "dataset"), atlas.space.index(first["name"], first["kind"])
    assert atlas.intervals(i, j, "both") == pytest.approx((first["low"], first["high"]), abs=1e-4)
    assert atlas.intervals(j, i, "rows") is None, "only mr's rows are at hand"


@pytest.mark.parametrize("name", ["dataset:sst2", "dataset:tweet_irony", "model:mr · logistic"])
def test_without_rows_at_hand_it_stays_with_the_texts(atlas, name):
    assert {row["interval"] for row in atlas.nearest_rows(name, 2, interval="both")} == {"texts"}


def test_an_unknown_interval_is_told_with_those_that_there_are(atlas):
    with pytest.raises(BadInput, match="'texts', 'rows', 'both'"):
        atlas.nearest("mr", interval="columns")


def test_why_there_are_no_rows_is_told(atlas, store):
    def notes(name, interval):
        return " ".join(
            nearest_of_each(store, [atlas.space.embeddings[atlas.space.index(name)]], 1, None, interval)[0]["notes"]
        )

    assert "not at hand" in notes("dataset:sst2", "rows")
    assert "has no rows" in notes("model:mr · logistic", "both")
    assert "rows" not in notes("dataset:mr", "both")
    assert "rows" not in notes("dataset:sst2", "texts")


def test_what_lies_beside_a_vector_goes_with_it(store):
    mr = next(key for key in store.keys("arrays"))
    store.remove_embedding(mr.partition("/")[2])
    assert mr not in store.keys("arrays")
