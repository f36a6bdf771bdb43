"""Neighbours of what answered fewer probe texts than the shipped items: a shipped prompt's first answers, kept anew."""

from dataclasses import replace

import numpy as np
import pytest

from fute_core.atlas.fewer_texts import nearest_on_fewer, shipped_texts
from fute_core.atlas.gallery import load_gallery
from fute_core.atlas.landing import FEWEST_ANSWERS
from fute_core.datasets.probes import load_probes
from fute_core.store.keys import answers_key
from fute_core.store.store import Store

N = 128
PROMPT = "topic-01-news-question"


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "cache")


def kept(store, name: str, like: str = PROMPT, n: int = N, answered: int | None = None, **made):
    """An embedding from the first n probe texts with the answers of the shipped prompt `like` to `answered` of them."""
    shipped = next(i for i in load_gallery(False).items if i.embedding.name == like)
    answers = shipped.answers[:n].copy()
    answers[n if answered is None else answered :] = np.nan
    provenance = replace(shipped.embedding.provenance, probes=load_probes(False, n).identity, **made)
    own = replace(shipped.embedding, name=name, key=f"key of {name}", provenance=provenance)
    store.put_embedding(own)
    store.put(answers_key(own.key), {"answers": answers}, {})
    return own


def strangers(kind: str) -> int:
    """How many pairs of a shipped prompt with an item of a kind are known to do different jobs.

    Beside datasets only prompts on the same language model count.
    """
    models = {"", "smollm2"} if kind == "dataset" else {"", "smollm2", "gemma3-270m"}
    items = [i.embedding for i in load_gallery(False).items]
    kinds = [(e.kind, e.family) for e in items if e.language_model in models]
    return sum(own != other for k, own in kinds for of, other in kinds if (k, of) == ("prompt", kind))


def test_the_item_that_gave_the_same_answers_is_nearest(store):
    found = nearest_on_fewer(kept(store, "mine"), store, 5)
    first, *others = found["neighbours"]
    assert (first["name"], first["similarity"]) == (PROMPT, pytest.approx(1, abs=1e-3))
    assert first["closer_than"] == pytest.approx(1, abs=1e-3)
    assert [row["similarity"] for row in others] == sorted((row["similarity"] for row in others), reverse=True)
    assert found["notes"] == ["mine: compared by the answers to its 128 probe texts; more texts tell more."]


def test_only_neighbours_of_a_kind_with_the_share_of_pairs_less_similar_and_a_verdict_by_these_texts(store):
    told = nearest_on_fewer(kept(store, "mine"), store, 3, "dataset")
    found = told["neighbours"]
    assert told["verdict"]["job"] == "none", "128 texts make strangers look more alike than this prompt is to its kin"
    assert found[0]["name"] in told["verdict"]["why"]
    assert [row["kind"] for row in found] == ["dataset"] * 3
    assert found[0]["family"] == "topic"
    closer = [row["closer_than"] for row in found]
    assert closer == sorted(closer, reverse=True)
    assert closer[0] > 0.95
    assert {row["pairs"] for row in found} == {strangers("dataset")}


def test_classifiers_are_judged_by_pairs_of_their_kind(store):
    found = nearest_on_fewer(kept(store, "mine"), store, 3, "model")["neighbours"]
    assert [row["pairs"] for row in found] == [strangers("model")] * 3


def test_what_users_made_from_the_same_texts_is_compared_too(store):
    own = kept(store, "mine")
    kept(store, "twin")
    kept(store, "of other texts", n=64)
    names = [row["name"] for row in nearest_on_fewer(own, store, 500)["neighbours"]]
    assert "twin" in names[:2]
    assert "of other texts" not in names
    assert "mine" not in names
    assert len(names) == len(load_gallery(False).items) + 1


@pytest.mark.parametrize(
    "made",
    [
        {"n": 512},
        {"answered": FEWEST_ANSWERS - 1},
        {"method": "functional"},
    ],
    ids=["as many texts", "too few answers", "another method"],
)
def test_nothing_is_said_of_what_cannot_be_compared_so(store, made):
    assert nearest_on_fewer(kept(store, "mine", **made), store, 5) is None


def test_nothing_is_said_without_stored_answers_or_of_texts_that_are_not_shipped(store):
    own = kept(store, "mine")
    assert nearest_on_fewer(replace(own, key="no answers"), store, 5) is None
    foreign = replace(own.provenance, probes="single-v1-128-00000000")
    assert nearest_on_fewer(replace(own, provenance=foreign), store, 5) is None


def test_how_many_texts_the_shipped_items_have_answered():
    for pair in (False, True):
        item = load_gallery(pair).items[0]
        assert shipped_texts(item.embedding) == len(item.answers)
