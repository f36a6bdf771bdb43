"""Answers read as text: counts of labels, from a server and from a model at hand, and what is said of them."""

import numpy as np
import pytest
from openai_server import MODEL

from fute_core.errors import BadInput
from fute_core.predictors.answers import answers_from
from fute_core.predictors.written import WrittenByServer
from fute_core.predictors.written_here import WrittenHere
from fute_core.tasks import PromptTemplate
from fute_core.testing import check_predictor

TEMPLATE = PromptTemplate("t", "Good? {{ text }}", (("good", "fine"), ("bad",)), ("good", "bad"), system="Be brief.")
TEXTS = ("one", "two", "three")


def said(*answers):
    """A server that gives these answers in turn."""
    left = list(answers)

    def before(path, body):
        text = left.pop(0) if len(left) > 1 else left[0]
        return 200, {"choices": [{"message": {"content": text}, "text": text}]}, {}

    return before


def test_an_answer_is_one_label_and_asks_for_no_log_probabilities(plain):
    behaviour, url = plain
    behaviour.before = said("Fine.", "<think>bad?</think> bad", "who knows")
    asked = WrittenByServer(TEMPLATE, url, MODEL, at_once=1)
    raw = asked.score(TEXTS)
    np.testing.assert_array_equal(raw, [[1, 0, 0], [0, 1, 0], [0, 0, 1]])
    path, body = behaviour.requests[0]
    assert path == "/v1/chat/completions"
    assert (body["temperature"], body["max_tokens"], "logprobs" in body) == (0, 16, False)
    assert [m["role"] for m in body["messages"]] == ["system", "user"]
    answers = answers_from(asked, raw)
    assert answers.index.tolist() == [0, 1]
    np.testing.assert_array_equal(answers.proba, [[1, 0], [0, 1]])
    assert asked.told(raw) == {"reading": "text", "samples": 1, "no_label": 0.3333}


def test_samples_are_drawn_and_counted(plain):
    behaviour, url = plain
    behaviour.before = said("good", "bad", "good", "hm")
    asked = WrittenByServer(TEMPLATE, url, MODEL, samples=4, at_once=1)
    raw = asked.score(["one"])
    np.testing.assert_array_equal(raw, [[2, 1, 1]])
    assert {body["temperature"] for _, body in behaviour.requests} == {1}
    np.testing.assert_allclose(asked.proba(raw), [[2 / 3, 1 / 3]], rtol=1e-6)
    np.testing.assert_allclose(asked.outside_mass(raw), [0.25])


def test_a_plain_prompt_is_continued(plain):
    behaviour, url = plain
    behaviour.before = said("bad")
    WrittenByServer(TEMPLATE, url, MODEL, plain=True).score(["one"])
    path, body = behaviour.requests[0]
    assert (path, body["prompt"], body["stop"]) == ("/v1/completions", "Be brief.\n\nGood? one", ["\n"])


def test_answers_that_name_no_label_are_told_before_a_vector_is_made(plain):
    behaviour, url = plain
    behaviour.before = said("I am an assistant")
    asked = WrittenByServer(TEMPLATE, url, MODEL)
    raw = asked.score(TEXTS)
    with pytest.raises(
        BadInput, match="name a label, such as 'I am an assistant'; have the prompt ask for one of good,"
    ):
        asked.told(raw)


def test_thoughts_without_an_answer_name_no_label(plain):
    behaviour, url = plain
    behaviour.before = said(None)
    np.testing.assert_array_equal(WrittenByServer(TEMPLATE, url, MODEL).score(["one"]), [[0, 0, 1]])
    behaviour.before = said(7)
    with pytest.raises(BadInput, match="an answer that is no text"):
        WrittenByServer(TEMPLATE, url, MODEL).score(["one"])


def test_what_changes_the_counts_changes_the_fingerprint():
    def known(**more):
        return WrittenByServer(TEMPLATE, "http://a/v1", "m", **more).fingerprint()

    assert len({known(), known(samples=2), known(max_tokens=9), known(plain=True)}) == 4
    assert known(at_once=9, timeout=3.0) == known()


def test_numbers_out_of_range_are_refused():
    for more, told in (
        ({"samples": 0}, "--samples 0"),
        ({"samples": 65}, "--samples 65"),
        ({"max_tokens": 0}, "no room"),
    ):
        with pytest.raises(BadInput, match=told):
            WrittenByServer(TEMPLATE, "http://a/v1", "m", **more)


def test_cost_counts_samples():
    cost = WrittenByServer(TEMPLATE, "http://a/v1", "m", samples=3, max_tokens=10).cost(TEXTS)
    assert (cost["calls"], cost["written"]) == (9, 90)


@pytest.mark.parametrize("samples", [1, 3])
@pytest.mark.usefixtures("one_thread")
def test_a_model_at_hand_writes_the_same_whatever_comes_together(lm, samples):
    words = sorted({lm.tokenizer.decode([i]).strip() for i in range(20, 60)} - {""})
    template = PromptTemplate("t", "{{ text }}", (tuple(words[::2]), tuple(words[1::2])), ("a", "b"))
    make = lambda: WrittenHere(template, lm, samples=samples, max_tokens=4)  # noqa: E731
    check_predictor(make, TEXTS)
    raw = make().score(TEXTS)
    assert raw.shape == (3, 3)
    assert (raw.sum(1) == samples).all()


@pytest.mark.usefixtures("one_thread")
def test_a_model_at_hand_writes_its_likeliest_words(lm):
    import torch

    asked = WrittenHere(TEMPLATE, lm, max_tokens=1)
    prompts, _ = asked.scored.tokens.read(TEXTS)
    with torch.inference_mode():
        likely = [lm.model(input_ids=torch.tensor([ids])).logits[0, -1].argmax() for ids in prompts]
    written = asked._write(lm, TEXTS, prompts)
    assert written == [[lm.tokenizer.decode([token], skip_special_tokens=True)] for token in likely]
    assert asked.words(TEXTS) == [answer for answers in written for answer in answers]
