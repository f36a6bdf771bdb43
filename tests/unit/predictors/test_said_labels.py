"""Outputs that are no probabilities: hard labels, raw answers, columns beside them."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fute_core.datasets.probes import load_probes
from fute_core.errors import BadInput
from fute_core.predictors.outputs import OutputsPredictor
from fute_core.predictors.said_labels import one_hot

PROBES = load_probes(False, 20)
NO_YES = ["no", "yes"] * 10


def write(tmp_path, ending="csv", ids=PROBES.ids, **columns):
    frame = pd.DataFrame({"id": list(ids), **columns})
    path = tmp_path / f"out.{ending}"
    if ending == "parquet":
        frame.to_parquet(path)
    elif ending == "json":
        path.write_text(json.dumps(frame.to_dict("records")), "utf-8")
    else:
        frame.to_csv(path, index=False)
    return path


def said(predictor) -> list[str]:
    proba = predictor.predict_proba(PROBES.texts)
    assert set(np.unique(proba)) <= {0.0, 1.0}
    return [predictor.labels[i] for i in proba.argmax(1)]


@pytest.mark.parametrize("ending", ["csv", "json", "parquet"])
@pytest.mark.parametrize("column", ["label", "prediction", "answer", "urteil"])
def test_a_column_of_words_is_one_hot(tmp_path, ending, column):
    predictor = OutputsPredictor.read(write(tmp_path, ending, **{column: NO_YES}), PROBES)
    assert predictor.labels == ("no", "yes")
    assert said(predictor) == NO_YES
    assert "hard labels" in predictor.notes[-1]


@pytest.mark.parametrize("ending", ["csv", "json", "parquet"])
def test_a_score_beside_a_label_is_its_probability_and_the_rest_is_spread_evenly(tmp_path, ending):
    labels, scores = ["a", "b", "c", "b"] * 5, [0.8, 0.5, 0.9, 0.4] * 5
    predictor = OutputsPredictor.read(write(tmp_path, ending, label=labels, score=scores), PROBES)
    np.testing.assert_allclose(
        predictor.predict_proba(PROBES.texts)[:4],
        [[0.8, 0.1, 0.1], [0.25, 0.5, 0.25], [0.05, 0.05, 0.9], [0.3, 0.4, 0.3]], atol=1e-6,
    )  # fmt: skip
    assert "'score' is read as the probability of the label beside it" in predictor.notes[-1]


@pytest.mark.parametrize("scores", [[0.1] * 20, [4.2] * 20, [0.9] * 19 + [0.2]])
def test_a_score_that_no_likeliest_label_can_have_is_not_read_and_told(tmp_path, scores):
    predictor = OutputsPredictor.read(write(tmp_path, label=NO_YES, score=scores), PROBES)
    assert said(predictor) == NO_YES
    assert "'score' is not read" in predictor.notes[-1]


@pytest.mark.parametrize("form", ["columns", "objects"])
def test_of_the_likeliest_labels_alone_the_rest_is_spread_evenly(tmp_path, form):
    rows = [{"a": 0.7, "b": 0.2}, {"c": 0.6, "d": 0.3}, {"a": 1.0}, {"a": 0.4, "b": 0.3, "c": 0.2, "d": 0.1}] * 5
    path = tmp_path / "out.jsonl"
    lines = [row if form == "columns" else {"probs": row} for row in rows]
    path.write_text("\n".join(json.dumps({"id": i, **row}) for i, row in zip(PROBES.ids, lines, strict=True)), "utf-8")
    predictor = OutputsPredictor.read(path, PROBES)
    assert predictor.labels == ("a", "b", "c", "d")
    np.testing.assert_allclose(
        predictor.predict_proba(PROBES.texts)[:4],
        [[0.7, 0.2, 0.05, 0.05], [0.05, 0.05, 0.6, 0.3], [1, 0, 0, 0], [0.4, 0.3, 0.2, 0.1]], atol=1e-6,
    )  # fmt: skip
    assert "has the likeliest labels of each text alone" in predictor.notes[-1]


def test_a_label_left_out_that_would_be_the_likeliest_is_refused(tmp_path):
    path = write(tmp_path, "csv", a=[0.2] * 20, b=[0.1] * 20, c=[None] * 19 + [0.7])
    with pytest.raises(BadInput, match=r"row 1 \(line 2\), column 'c' is empty; give its probability"):
        OutputsPredictor.read(path, PROBES)


def test_rows_may_come_in_any_order_with_other_columns_beside(tmp_path):
    order = np.random.default_rng(0).permutation(20)
    beside = {
        "text": [PROBES.texts[i] for i in order], "model": ["m-1"] * 20, "latency_ms": list(range(100, 120)),
        "label": [NO_YES[i] for i in order], "confidence": [0.7] * 20,
    }  # fmt: skip
    predictor = OutputsPredictor.read(write(tmp_path, ids=[PROBES.ids[i] for i in order], **beside), PROBES)
    assert said(predictor) == NO_YES


def test_probabilities_are_found_among_other_columns(tmp_path):
    beside = {"model": ["m-1"] * 20, "no": [0.25] * 20, "yes": [0.75] * 20, "latency": [0.1] * 20, "margin": [0.5] * 20}
    predictor = OutputsPredictor.read(write(tmp_path, **beside), PROBES)
    assert predictor.labels == ("no", "yes")
    assert "'model', 'latency', 'margin'" in predictor.notes[-1]


def test_numbered_labels_are_labels_and_no_score(tmp_path):
    predictor = OutputsPredictor.read(write(tmp_path, prediction=[0, 1] * 10), PROBES)
    assert predictor.labels == ("0", "1")


@pytest.mark.parametrize("row", [(0.33, 0.33, 0.33), (0.17,) * 6, (0.34, 0.33, 0.32)])
def test_two_decimals_may_lose_half_a_hundredth_a_label(tmp_path, row):
    columns = {f"label {i}": [p] * 20 for i, p in enumerate(row)}
    proba = OutputsPredictor.read(write(tmp_path, **columns), PROBES).predict_proba(PROBES.texts)
    np.testing.assert_allclose(proba.sum(1), 1, atol=1e-6)
    np.testing.assert_allclose(proba[0], np.array(row) / sum(row), atol=1e-6)


def test_raw_answers_are_mapped_to_the_labels_that_they_show(tmp_path):
    raw = ["Yes.", "no", "The answer is no", "yes", "**No**", "Yes", "I would say yes!", "no", "no", "yes"] * 2
    predictor = OutputsPredictor.read(write(tmp_path, output=raw), PROBES)
    assert [label.lower() for label in predictor.labels] == ["no", "yes"]
    assert [label.lower() for label in said(predictor)][:10] == [
        "yes", "no", "no", "yes", "no", "yes", "yes", "no", "no", "yes",
    ]  # fmt: skip


def test_an_answer_that_names_none_or_both_is_as_if_not_answered(tmp_path):
    raw = ["positive", "negative"] * 8 + ["positive or negative, who knows", "I cannot tell", "", "positive"]
    predictor = OutputsPredictor.read(write(tmp_path, answer=raw), PROBES)
    assert predictor.n_missing == 3
    assert predictor.dropped == {"no answer": 1, "no label in the answer": 2}
    assert np.isnan(predictor.predict_proba(PROBES.texts)[16:19]).all()


def test_labels_that_the_user_names_are_looked_for_in_long_answers(tmp_path):
    raw = [f"Reading number {i}, I feel it is {'good' if i % 2 else 'bad'} on the whole." for i in range(20)]
    path = write(tmp_path, answer=raw)
    with pytest.raises(BadInput, match="choose with --labels"):
        OutputsPredictor.read(path, PROBES)
    predictor = OutputsPredictor.read(path, PROBES, labels=["good", "bad"])
    assert predictor.labels == ("good", "bad")
    assert said(predictor) == ["bad", "good"] * 10


def test_two_columns_of_words_are_asked_about(tmp_path):
    path = write(tmp_path, erste=NO_YES, zweite=NO_YES[::-1])
    with pytest.raises(BadInput, match=r"'erste' \(no, yes; 2 values\) and 'zweite' .* choose with --answer-column"):
        OutputsPredictor.read(path, PROBES)
    assert said(OutputsPredictor.read(path, PROBES, answer_column="zweite")) == NO_YES[::-1]
    with pytest.raises(BadInput, match="has no column 'dritte'; it has 'id', 'erste', 'zweite'"):
        OutputsPredictor.read(path, PROBES, answer_column="dritte")


def test_hard_labels_are_the_same_model_as_their_zeros_and_ones(tmp_path):
    hard = OutputsPredictor.read(write(tmp_path, label=NO_YES), PROBES).fingerprint()
    proba = one_hot(NO_YES, ["no", "yes"])
    assert OutputsPredictor.read(write(tmp_path, no=proba[:, 0], yes=proba[:, 1]), PROBES).fingerprint() == hard


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=12), min_size=20, max_size=20)
)
def test_any_words_are_labels_or_one_sentence(tmp_path, words):
    path = write(tmp_path, "json", answer=words)
    try:
        predictor = OutputsPredictor.read(path, PROBES, min_share=0)
    except BadInput:
        return
    proba = predictor.predict_proba(PROBES.texts)
    assert ((proba.sum(1) == 1) | np.isnan(proba).any(1)).all()
