"""The store: embeddings and their names, and answers."""

from dataclasses import asdict, replace

import numpy as np
import pytest
from stored import embedding, same

from fute_core.errors import BadInput
from fute_core.store.keys import answers_key
from fute_core.store.store import Store
from fute_core.store.unnamed import UnnamedStore
from fute_core.vectors import Block

# embeddings and names -------------------------------------------------------------------------------------------------


def test_an_embedding_comes_back_whole_in_another_store_object(store):
    e = embedding()
    store.put_embedding(e)
    assert same(Store(store.path).get_embedding("k1"), e)
    assert same(Store(store.path).embeddings()[0], e)
    assert store.get_embedding("k2") is None


def test_one_vector_may_carry_two_names_and_goes_with_the_last(store):
    e = embedding()
    store.put_embedding(e)
    store.put_name(replace(e, name="again"))
    assert sorted(x.name for x in store.embeddings()) == ["again", "sst2"]
    store.delete(e)
    assert [x.name for x in store.embeddings()] == ["again"]
    store.delete(store.find("again")[0])
    assert store.get_embedding("k1") is None


def test_within_a_space_a_name_means_the_vector_it_was_given_last(store):
    old, new = embedding(created="2026-02-02"), embedding(key="k2", created="2026-01-01", seed=1)
    store.put_embedding(old)
    store.put_embedding(new)
    assert [h.key for h in store.find("sst2")] == ["k2"]
    assert store.has_embedding("k1"), "the older vector stays, for a later hit"
    store.put_name(old)
    assert [h.key for h in store.find("sst2")] == ["k1"]
    assert store.prune(unnamed=True) == 1
    assert not store.has_embedding("k2")


def test_what_an_evaluation_keeps_is_no_older_vector_of_a_name(store):
    store.put_embedding(embedding(key="mine"))
    UnnamedStore(store.path).put_embedding(embedding(key="theirs", seed=1))
    assert [e.key for e in store.runs("sst2", "dataset")] == ["mine"]
    assert store.prune(unnamed=True) == 0
    assert store.has_embedding("theirs")


def test_only_a_vector_whose_name_means_another_is_unnamed(store):
    """Evaluations once gave their vectors names inside, and no entry among the names."""
    for name in ("sst2", "mr"):
        Store.put(store, f"old {name}", *_inside(embedding(name, key=f"old {name}")), "embeddings")
    store.put_embedding(embedding(key="newer", seed=1))
    assert store.prune(unnamed=True) == 1
    assert [store.has_embedding(f"old {name}") for name in ("sst2", "mr")] == [False, True]


def _inside(made):
    meta = {name: value for name, value in asdict(made).items() if name not in ("values", "factor")}
    return {"vector": made.vector}, meta


def test_a_cleared_section_of_vectors_takes_their_answers_along(store):
    store.put_embedding(embedding())
    store.put(answers_key("k1"), {"answers": np.ones((2, 2), np.float32)}, {})
    store.put("features", {"f": np.ones(2, np.float32)}, {})
    assert store.prune(section="embeddings") == 1
    assert (store.get(answers_key("k1")), store.get("features") is None) == (None, False)


def test_a_vector_takes_its_answers_along(store):
    store.put_embedding(embedding())
    store.put(answers_key("k1"), {"answers": np.ones((2, 2), np.float32)}, {})
    store.delete(store.find("sst2")[0])
    assert store.get(answers_key("k1")) is None


@pytest.mark.parametrize(
    "wrong", [{"created": 5}, {"created": None}, {"n_texts": "20"}, {"pair": 1}, {"params": []}, {"seconds": "1"}]
)
def test_an_entry_with_values_of_other_types_is_left_out_of_lists(store, wrong):
    good, bad = embedding("good", key="k1"), embedding("bad", key="k2")
    store.put_embedding(good)
    store.put_embedding(replace(bad, provenance=replace(bad.provenance, **wrong)))
    assert [h.name for h in store.headers()] == ["good"]
    assert [e.name for e in store.embeddings()] == ["good"]
    assert store.get_embedding("k2") is None


def test_a_vector_that_is_not_finite_is_missing(store):
    e = embedding()
    store.put_embedding(replace(e, values=np.full_like(e.values, np.inf)))
    assert store.get_embedding("k1") is None
    assert store.embeddings() == []


def test_a_vector_that_is_not_finite_is_missing_where_an_earlier_version_wrote_it(store):
    """The one number at the head of a Gram matrix decided alone whether there is anything to fold."""
    e = with_factor()
    arrays, meta = _inside(e)
    vector = arrays["vector"].copy()
    vector[0] = np.nan
    store.put("k1", {"vector": vector}, meta, "embeddings")
    assert store.get_embedding("k1") is None


@pytest.mark.parametrize("left", [{}, {"factor": np.full((3, 1), np.nan, np.float32)},
                                  {"factor": np.ones((2, 1), np.float32)}, {"factor": np.ones(3, np.float32)},
                                  {"values": np.zeros(4, np.float32)}])  # fmt: skip
def test_an_embedding_that_lacks_numbers_or_has_others_is_missing(store, left):
    e = with_factor()
    store.put_embedding(e)
    assert same(store.get_embedding("k1"), e)
    store.put("k1", left, _inside(e)[1], "embeddings")
    assert store.get_embedding("k1") is None
    assert store.embeddings() == []


def with_factor():
    """Of 3 basis rows: a Gram matrix of 6 numbers, and 4 beside."""
    blocks = (Block("gram", 0, 6, "functional"), Block("layer", 6, 10, "fisher", log=True))
    factor = np.array([[0.6], [0.8], [0.0]], np.float32)
    return replace(embedding(), values=np.arange(1, 5, dtype=np.float32), blocks=blocks, factor=factor)


def test_a_name_is_found_in_every_space_and_kind(store):
    for item in (
        embedding(),
        embedding(key="k2", method="fisher"),
        embedding(key="k3", kind="model"),
        embedding("mr", key="k4"),
    ):
        store.put_embedding(item)
    assert {h.key for h in store.find("sst2")} == {"k1", "k2", "k3"}
    assert {h.key for h in store.find("sst2", "model")} == {"k3"}
    assert {e.key for e in store.embeddings("dataset")} == {"k1", "k2", "k4"}


def test_renaming_moves_the_name_and_refuses_one_that_is_taken(store):
    store.put_embedding(embedding())
    store.put_embedding(embedding("mr", key="k2"))
    store.rename(store.find("sst2")[0], "stanford")
    assert store.find("sst2") == []
    assert [h.key for h in store.find("stanford")] == ["k1"]
    with pytest.raises(BadInput, match="'mr'"):
        store.rename(store.find("stanford")[0], "mr")
    store.rename(store.find("mr")[0], "mr")
    assert [h.key for h in store.find("mr")] == ["k2"]


def test_names_from_undecodable_file_names_survive(store):
    store.put_embedding(embedding("caf\udce9 \x00 <b>"))
    assert store.headers()[0].name == "caf\udce9 \x00 <b>"


def test_prune_takes_what_fits_all_conditions_and_nothing_else(store):
    items = [
        embedding("a", key="k1", created="2026-01-01"), embedding("b", key="k2", created="2026-03-01"),
        embedding("c", key="k3", kind="prompt", created="2026-01-01"),
    ]  # fmt: skip
    for item in items:
        store.put_embedding(item)
    store.put_answers("fp", ["t"], np.ones((1, 2)))
    assert store.prune() == 0
    assert store.prune(kind="dataset", older_than="2026-02-01") == 1
    assert [h.name for h in store.headers()] == ["c", "b"]
    assert store.prune(keep=["k3"]) == 1
    assert [h.name for h in store.headers()] == ["c"]
    assert store.prune(section="embeddings") == 1
    assert store.headers() == []
    assert store.info()["answers"]["count"] == 1


def test_a_thousand_names_are_listed_without_reading_vectors(store):
    e = embedding()
    store.put_embedding(e)
    header = store.headers()[0]
    for i in range(1000):
        store.put_name(replace(header, name=f"n{i}"))
    (store.path / "embeddings" / "cache.db").unlink()
    assert len(store.headers()) == 1001


# answers --------------------------------------------------------------------------------------------------------------


def test_answers_are_reused_for_any_overlap_of_texts(store):
    texts = ["a", "b", ("a", "b"), "a b"]
    scores = np.arange(8, dtype=np.float32).reshape(4, 2)
    store.put_answers("fp", texts, scores)
    rows, missing = store.get_answers("fp", ["new", ("a", "b"), "b", ("b", "a")])
    assert missing.tolist() == [True, False, False, True]
    assert rows[0] is None
    np.testing.assert_array_equal(rows[1], scores[2])
    np.testing.assert_array_equal(rows[2], scores[1])
    assert store.get_answers("other", texts)[1].all()


def test_an_answer_of_nothing_is_known_and_not_missing(store):
    store.put_answers("fp", ["a"], np.full((1, 2), np.nan))
    rows, missing = store.get_answers("fp", ["a"])
    assert not missing[0]
    assert np.isnan(rows[0]).all()


def test_answers_of_a_chunk_are_stored_together_or_not_at_all(store):
    with pytest.raises(ValueError, match="zip"):
        store.put_answers("fp", ["a", "b", "c"], np.ones((2, 2)))
    assert store.get_answers("fp", ["a", "b", "c"])[1].all()


def test_info_counts_each_section(store):
    store.put_embedding(embedding())
    info = store.info()
    assert info["embeddings"]["count"] == info["names"]["count"] == 1
    assert info["embeddings"]["bytes"] > 0
    assert info["free_bytes"] > 0
    assert info["path"] == str(store.path)
