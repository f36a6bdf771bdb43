"""Whole texts with an answer inside are scored as a plain loop scores them, and asked only where that can be done."""

import numpy as np
import pytest
import torch
from openai_server import MODEL
from tiny_language_models import tiny_language_model

from fute_core.errors import BadInput
from fute_core.predictors.answers import answers_from
from fute_core.predictors.endpoint import EndpointPredictor
from fute_core.predictors.prompted_lm import PromptedLM
from fute_core.predictors.several import score_several
from fute_core.predictors.written import WrittenByServer
from fute_core.predictors.written_here import WrittenHere
from fute_core.tasks import PromptTemplate
from fute_core.testing import check_predictor

pytestmark = pytest.mark.usefixtures("one_thread")

TEMPLATE = PromptTemplate(
    "cloze", "{{ text }} , right? {{ answer_choice }} , {{ text_pair }}", (("Yes", "Sure"), ("No",)), ("yes", "no"),
    pair=True,
)  # fmt: skip
PAIRS = (("a fine film", "it is good"), ("bad", ""), ("so good it hurts , and on and on", "no film at all"))


def whole(lm, text, answer):
    """Log-probability of a whole text, token by token."""
    ids = lm.tokenizer(f"{text[0]} , right? {answer} , {text[1]}")["input_ids"]
    ids = ids if ids[0] == lm.tokenizer.bos_token_id else [lm.tokenizer.bos_token_id, *ids]
    with torch.inference_mode():
        log_p = torch.log_softmax(lm.model(input_ids=torch.tensor([ids])).logits[0].float(), 1)
    return sum(log_p[i - 1, ids[i]].item() for i in range(1, len(ids)))


@pytest.mark.parametrize("family", ["llama", "gpt2", "gemma3_text", "bloom"])
def test_a_text_is_as_likely_with_a_choice_as_the_model_finds_it(family):
    lm = tiny_language_model(family)
    predictor = PromptedLM(TEMPLATE, lm)
    scores = predictor.score(PAIRS)
    wanted = np.array([[whole(lm, pair, word) for word in ("Yes", "Sure", "No")] for pair in PAIRS])
    # What all choices begin with is left out, which moves a row as a whole.
    np.testing.assert_allclose(scores - scores[:, :1], wanted - wanted[:, :1], atol=1e-4)
    np.testing.assert_allclose(predictor.predict_proba(PAIRS).sum(1), 1, atol=1e-6)


def test_it_keeps_the_contract_of_predictors(lm):
    check_predictor(lambda: PromptedLM(TEMPLATE, lm), PAIRS)


def test_no_share_outside_of_the_choices_is_told(lm):
    predictor = PromptedLM(TEMPLATE, lm)
    assert answers_from(predictor, predictor.score(PAIRS)).outside is None


def test_what_it_costs_is_what_is_read(lm):
    predictor = PromptedLM(TEMPLATE, lm)
    read = sum(
        len(lm.tokenizer(f"{a} , right? {w} , {b}")["input_ids"]) for a, b in PAIRS for w in ("Yes", "Sure", "No")
    )
    assert predictor.cost(PAIRS) == {"calls": 3, "tokens": read}


def test_a_text_that_is_too_long_is_cut_and_counted(lm):
    predictor = PromptedLM(TEMPLATE, lm, max_length=30)
    long = ("a fine film " * 40, "it is good")
    assert predictor.count_truncated([PAIRS[1], long]) == 1
    assert np.isfinite(predictor.score([long])).all()


def test_words_that_are_too_long_alone_are_refused(lm):
    with pytest.raises(BadInput, match="alone has more than 4 tokens; shorten it"):
        PromptedLM(TEMPLATE, lm, max_length=4).score(PAIRS)


def test_beside_other_prompts_it_is_scored_as_alone(lm):
    other = PromptTemplate("plain", "{{ text }} {{ text_pair }} ?", (("good",), ("bad",)), ("good", "bad"), pair=True)
    asked = [PromptedLM(TEMPLATE, lm), PromptedLM(other, lm, chat=False)]
    for found, one in zip(score_several(asked, PAIRS), asked, strict=True):
        np.testing.assert_allclose(found, one.score(PAIRS), atol=1e-5)


def test_a_server_that_scores_given_text_gives_what_the_model_at_hand_gives(server, lm):
    _, url = server
    asked = EndpointPredictor(TEMPLATE, url, MODEL, mode="completions")
    np.testing.assert_allclose(asked.predict_proba(PAIRS), PromptedLM(TEMPLATE, lm).predict_proba(PAIRS), atol=1e-4)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda lm: EndpointPredictor(TEMPLATE, "http://127.0.0.1:1/v1", MODEL), "use a server that scores given text"),
        (
            lambda lm: EndpointPredictor(TEMPLATE, "http://127.0.0.1:1/v1", MODEL, mode="next-token"),
            "--api completions",
        ),
        (lambda lm: WrittenByServer(TEMPLATE, "http://127.0.0.1:1/v1", MODEL), "leave out --text"),
        (lambda lm: WrittenHere(TEMPLATE, lm), "leave out --text"),
        (lambda lm: PromptedLM(TEMPLATE, lm, chat=True), "leave out --chat"),
        (lambda lm: PromptedLM(TEMPLATE, lm, length_normalise=True), "leave out --length-normalise"),
        (lambda lm: PromptedLM(TEMPLATE, tiny_language_model("t5")).score(PAIRS), "use a causal model"),
    ],
)
def test_what_reads_only_an_answer_after_a_prompt_is_refused(lm, make, said):
    with pytest.raises(BadInput, match=said) as told:
        make(lm)
    assert "compares whole texts, each with another answer inside" in str(told.value)


def test_a_server_that_scores_no_given_text_is_told_without_a_way_that_leads_nowhere(plain):
    behaviour, url = plain
    behaviour.echo = False
    with pytest.raises(BadInput, match="whole texts can be compared only where a server scores given text") as told:
        EndpointPredictor(TEMPLATE, url, MODEL, mode="completions").score(PAIRS)
    assert "next-token" not in str(told.value)
