"""Models that mark the answer to a question: the best span against none, whatever the batch, of pairs alone."""

import json

import numpy as np
import pytest
import torch
from command_line import fute
from hypothesis import given
from hypothesis import strategies as st
from tiny_classifiers import tiny_classifier_folder, tiny_headed_folder
from tiny_models import tiny_model_folder
from transformers import AutoModelForQuestionAnswering

from fute_core.datasets.answer_pairs import HOLDS, LACKS
from fute_core.embedding.opening import predictor_of
from fute_core.embedding.requests import EmbedRequest
from fute_core.errors import BadInput
from fute_core.predictors.classifier import ClassifierPredictor
from fute_core.predictors.spans import TEMPERATURE, SpanPredictor, best_spans

FAMILIES = ("albert", "bert", "deberta-v2", "distilbert", "electra", "gpt2", "mpnet", "roberta", "t5")
TEXTS = ("a fine film", "bad", "so good it hurts , and on and on", "the plot is thin")
PAIRS = (*zip(TEXTS, TEXTS[::-1], strict=True), ("so", "a fine film is a good film"), ("so", "the plot is a bad plot"))

pytestmark = pytest.mark.usefixtures("one_thread")


def span_folder(family, folder, **config):
    return tiny_headed_folder(AutoModelForQuestionAnswering, family, folder, **config)


def by_hand(folder, question, passage):
    """Each span of the passage one by one, of a pair alone."""
    from transformers import AutoTokenizer

    model = AutoModelForQuestionAnswering.from_pretrained(folder).eval()
    read = AutoTokenizer.from_pretrained(folder)(question, passage, return_tensors="pt")
    with torch.inference_mode():
        said = model(**read)
    start, end = said.start_logits[0].tolist(), said.end_logits[0].tolist()
    inside = [i for i, side in enumerate(read.sequence_ids(0)) if side == 1]
    best = max(start[i] + end[j] for i in inside for j in inside if i <= j)
    none = start[0] + end[0]
    return 1 / (1 + np.exp((none - best) / TEMPERATURE))


@pytest.mark.parametrize("family", FAMILIES)
def test_answers_are_the_best_span_against_none_one_pair_at_a_time(family, tmp_path):
    folder = span_folder(family, tmp_path)
    asked = SpanPredictor(str(folder))
    got = asked.predict_proba(PAIRS)
    assert asked.labels == (LACKS, HOLDS)
    np.testing.assert_allclose(got[:, 1], [by_hand(folder, *pair) for pair in PAIRS], atol=1e-5)
    np.testing.assert_allclose(got.sum(1), 1, atol=1e-6)
    assert np.ptp(got[:, 1]) > 0.01
    np.testing.assert_array_equal(
        np.concatenate([asked.predict_proba([pair]) for pair in PAIRS]).round(5), got.round(5)
    )


@given(st.integers(1, 9), st.integers(1, 12), st.data())
def test_the_best_span_is_the_best_of_all(n, longest, data):
    numbers = st.lists(st.floats(-99, 99, width=32), min_size=n, max_size=n)
    start, end = (np.array([data.draw(numbers)], np.float32) for _ in range(2))
    inside = np.array([data.draw(st.lists(st.booleans(), min_size=n, max_size=n).filter(any))])
    places = np.flatnonzero(inside[0])
    best = max(start[0, i] + end[0, j] for i in places for j in places if i <= j < i + longest)
    assert best_spans(start, end, inside, longest)[0] == pytest.approx(best, abs=1e-4)


def test_a_text_without_a_token_has_no_answer():
    nothing = np.zeros((1, 3), np.float32)
    assert best_spans(nothing, nothing, nothing > 0)[0] < -1e30


def test_single_texts_are_refused_before_the_weights_are_read(tmp_path):
    asked = SpanPredictor(str(span_folder("bert", tmp_path)))
    with pytest.raises(BadInput, match=r"placed among text pairs alone; choose those \(--pairs\)\."):
        asked.predict_proba(["a text"])
    assert "_loaded" not in vars(asked)


def test_pairs_that_are_longer_than_it_reads_are_cut_and_counted(tmp_path):
    asked = SpanPredictor(str(span_folder("bert", tmp_path)))
    pairs = [("bad " * 99, "good " * 99), ("bad", "good")]
    assert asked.count_truncated(pairs) == 1
    assert np.isfinite(asked.predict_proba(pairs)).all()


def test_it_is_opened_by_what_it_was_saved_as(tmp_path):
    folders = {
        SpanPredictor: span_folder("bert", tmp_path / "a"),
        ClassifierPredictor: tiny_classifier_folder("bert", tmp_path / "b"),
    }
    for kind, folder in folders.items():
        predictor, facts = predictor_of(EmbedRequest("model", str(folder), options={"pair": True}))
        assert (type(predictor), facts["pair"]) == (kind, True)
    one, other = (SpanPredictor(str(folders[SpanPredictor]), max_length=n).fingerprint() for n in (30, 40))
    assert one != other


def test_what_never_learnt_to_mark_answers_is_refused(tmp_path):
    with pytest.raises(BadInput, match=r"has no trained weights for qa_outputs\.bias, so its answers would be random"):
        SpanPredictor(str(tiny_model_folder("bert", tmp_path))).predict_proba(PAIRS)


def test_a_type_that_marks_no_answers_is_refused_from_its_config(tmp_path):
    folder = span_folder("bert", tmp_path)
    config = json.loads((folder / "config.json").read_text("utf-8")) | {"model_type": "vit"}
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    with pytest.raises(BadInput, match="is a vit model, which marks no answers in a text; use one that does"):
        SpanPredictor(str(folder))


def test_the_command_places_it_among_pairs_and_refuses_single_texts(tmp_path):
    folder = span_folder("bert", tmp_path / "reader")
    done = fute("embed", "model", folder, "--pairs", "--probes", 32, "--json").json
    assert (done["name"], done["kind"], done["cached"]) == ("reader", "model", False)
    refused = fute("embed", "model", folder, "--probes", 32)
    assert refused.code == 2
    assert refused.err.count("\n") == 1
    assert "placed among text pairs alone" in refused.err
