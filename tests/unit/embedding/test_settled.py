"""Asking stops once the verdict is settled, and what is kept says after how many texts.

The black boxes answer as shipped prompts and classifiers did, so what all texts say of them is known.
"""

from dataclasses import replace

import numpy as np
import pytest

import fute_core as fute
from fute_core.atlas.fewer_texts import nearest_on_fewer
from fute_core.atlas.gallery import load_gallery
from fute_core.datasets.probes import load_probes
from fute_core.embedding.fulfil import opened_model
from fute_core.embedding.recipe import Recipe, model_key
from fute_core.embedding.requests import EmbedRequest
from fute_core.embedding.settled import texts_until_settled
from fute_core.errors import BadInput, Cancelled
from fute_core.jobs.plan import plan
from fute_core.predictors import PREDICTORS
from fute_core.space.settling import LOOKS

FAR, NEAR = "acceptability-05-letters", "sentiment-12-faces"


class Replay:
    """Answers as a shipped item did; counts what it was asked."""

    def __init__(self, name: str, pair: bool = False):
        items = load_gallery(pair).items
        item = next(i for i in items if i.embedding.name == name)
        self.name, self.pair, self.asked = name, pair, []
        self._known = dict(zip(load_probes(pair).texts, item.answers, strict=True))
        self.labels = tuple(str(i) for i in range(item.answers.shape[1]))

    def predict_proba(self, texts):
        self.asked += texts
        return np.array([self._known[text] for text in texts], np.float32)

    def fingerprint(self):
        return f"replay-{self.name}"


def opened(box: Replay, settle: float | None = 0.95, recipe: Recipe = Recipe()):
    facts = {"kind": "prompt", "family": None, "pair": box.pair, "calibrate": False}
    return replace(opened_model(box, recipe, "mine", facts), settle=settle)


def test_what_is_far_from_everything_is_settled_early_under_the_key_of_so_many_texts(store):
    box = Replay(FAR)
    made = opened(box).embed(store)
    n = len(box.asked)
    assert n in LOOKS
    assert n <= 256
    assert len(set(box.asked)) == n, "no text is asked twice"
    assert list(box.asked) == list(load_probes(False).texts[:n])
    assert made.provenance.n_texts == n
    assert made.provenance.probes == load_probes(False, n).identity
    assert made.key == model_key(box, Recipe(n_probes=n), pair=False, calibrate=False) != opened(box).key
    assert not store.has_embedding(opened(box).key)
    assert nearest_on_fewer(made, store, 3)["verdict"]["job"] == "none"


def test_going_on_asks_the_rest_alone_and_then_nothing_is_asked_or_left_out_any_more(store):
    box = Replay(FAR)
    n = opened(box).embed(store).provenance.n_texts
    whole = opened(box, None).embed(store)
    assert len(box.asked) == len(set(box.asked)) == 512
    assert whole.key == opened(box).key
    assert opened(box).embed(store).key == whole.key, "all texts are answered, so they are what is told"
    assert len(box.asked) == 512 > n


@pytest.mark.parametrize("name", [NEAR, "sst2 · logistic"])
def test_the_verdict_is_that_of_all_texts(store, name):
    from fute_core.atlas.neighbours import nearest_of_each

    early, whole = opened(Replay(name)).embed(store), opened(Replay(name), None).embed(store)
    told = nearest_on_fewer(early, store, 3) or nearest_of_each(store, [early], 3)[0]
    final = nearest_of_each(store, [whole], 3)[0]
    assert told["verdict"]["of"] == final["verdict"]["of"]


def asked(box: Replay, store, confidence: float = 0.95, recipe: Recipe = Recipe(), progress=None) -> int:
    """How many texts settle it; no vector is made."""
    n = texts_until_settled(box, recipe, store, opened(box).facts, confidence, progress)
    assert len(box.asked) == len(set(box.asked))
    return n


def test_more_confidence_asks_more_texts(store):
    texts = [asked(Replay(FAR), store, confidence) for confidence in (0.6, 0.95, 0.999)]
    assert texts == sorted(texts)
    assert texts[0] < texts[-1]


@pytest.mark.parametrize("recipe", [Recipe("functional", n_probes=128), Recipe(n_probes=64)])
def test_where_nothing_shipped_can_tell_and_below_the_floor_all_are_asked(store, recipe):
    assert asked(Replay(FAR), store, 0.6, recipe) == recipe.n_probes


def test_pairs_have_too_few_families_for_a_verdict_so_all_are_asked(store):
    name = next(i.embedding.name for i in load_gallery(True).items if i.embedding.kind == "prompt")
    assert asked(Replay(name, pair=True), store, 0.6) == len(load_probes(True).texts)


def test_progress_is_told_of_all_texts_until_the_verdict_is_settled(store):
    told = []
    n = asked(Replay(FAR), store, progress=lambda done, total: told.append((done, total)))
    assert told[0] == (32, 512)
    assert told[-1] == (n, n)


def test_where_nothing_is_kept_no_text_is_asked_twice_either():
    box = Replay(FAR)
    made = opened(box).embed(None)
    assert len(box.asked) == len(set(box.asked)) == made.provenance.n_texts < 512


def test_stopping_keeps_the_answers(store):
    box = Replay(FAR)
    with pytest.raises(Cancelled):
        opened(box).embed(store, should_stop=lambda: len(box.asked) >= 32)
    opened(box).embed(store)
    assert len(box.asked) == len(set(box.asked))


def test_the_option_travels_in_the_request_and_a_plan_leaves_the_key_open(store, monkeypatch):
    monkeypatch.setitem(PREDICTORS._targets, "replay", Replay)
    request = EmbedRequest("model", FAR, options={"opener": "replay", "settle": 0.95})
    assert plan([request], store).items[0].key is None
    assert plan([replace(request, options={"opener": "replay"})], store).items[0].key is not None
    with pytest.raises(BadInput, match=r"0\.5 to 0\.999"):
        EmbedRequest("model", FAR, options={"settle": 95})


def test_the_front_door_asks_no_more_than_settles_it_and_says_where_that_means_nothing(store):
    box = Replay(FAR)
    assert fute.embed(box, settle=0.95, store=store).provenance.n_texts == len(box.asked) < len(load_probes().texts)
    with pytest.raises(BadInput, match="settle is for what is asked"):
        fute.embed("sst2", settle=0.95, store=store)
    with pytest.raises(BadInput, match=r"0\.5"):
        fute.embed(box, settle=95, store=store)
