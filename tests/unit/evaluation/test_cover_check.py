"""Rankings of models on few datasets, and datasets of scores: what can be learnt is, and what cannot is told."""

from types import SimpleNamespace

import pytest

from fute_core.errors import BadInput
from fute_core.evaluation import cover_check
from fute_core.evaluation.parts.choice import Choice, chosen_parts
from fute_core.evaluation.parts.learners import LEARNERS

WORDS = tuple(x for x in LEARNERS if x.representation == "words" and x.rows)


@pytest.fixture(autouse=True)
def no_encoder(monkeypatch):
    monkeypatch.setattr(cover_check, "load_surrogate", lambda store: SimpleNamespace(digest="none"))


def test_datasets_of_scores_are_left_out_and_said_to_be(store):
    names = ("sst2", "sms_spam", "trec", "vader_editorials", "query_wellformedness")
    found = cover_check.cover_result(store, names, WORDS, (2,))
    assert set(found.values["k_2"]["chosen"]) < {"sst2", "sms_spam", "trec"}
    assert "on 3 datasets" in found.remarks[0]
    assert found.remarks[-1].endswith("scores in place of labels: vader_editorials, query_wellformedness.")


def test_where_all_have_labels_nothing_is_left_out(store):
    found = cover_check.cover_result(store, ("sst2", "sms_spam", "trec"), WORDS[:2], (2,))
    assert not any("Left out" in remark for remark in found.remarks)


def test_too_few_datasets_with_labels_are_refused(store):
    with pytest.raises(BadInput, match="2 datasets with labels, too few to choose 2"):
        cover_check.cover_result(store, ("sst2", "trec", "vader_editorials"), WORDS, (2,))


def test_evaluations_on_chosen_datasets_tell_which_have_scores():
    told = []
    parts = chosen_parts(Choice(names=("sst2", "vader_editorials")), told.append)
    assert [name for _, name in parts] == ["sst2"]
    assert told == ["Left out, since they have scores in place of labels: vader_editorials."]
