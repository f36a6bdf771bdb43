"""Prompts at an OpenAI-compatible server, over real HTTP on loopback: what is asked, and what scores are made of it."""

import numpy as np
import pytest
import torch
from openai_server import MODEL, echoed_words

from fute_core.errors import BadInput
from fute_core.predictors import ScoringPredictor
from fute_core.predictors.endpoint import EndpointPredictor
from fute_core.predictors.prompted_lm import PromptedLM
from fute_core.tasks import PromptTemplate
from fute_core.testing import check_predictor

pytestmark = pytest.mark.usefixtures("one_thread")


TEXTS = ("a fine film", "bad", "so good it hurts , and on and on")
TEMPLATE = PromptTemplate(
    "t", "Is this film good ?\n{{ text }}\nAnswer:", (("good", "very good"), ("bad",)), ("good", "bad")
)


def test_completions_score_whole_choices_as_the_model_at_hand_does(server, lm):
    behaviour, url = server
    predictor = EndpointPredictor(TEMPLATE, url, MODEL, mode="completions")
    assert isinstance(predictor, ScoringPredictor)
    local = PromptedLM(TEMPLATE, lm, chat=False)
    np.testing.assert_allclose(predictor.score(TEXTS), local.score(TEXTS), atol=1e-4)
    np.testing.assert_allclose(predictor.predict_proba(TEXTS), local.predict_proba(TEXTS), atol=1e-4)
    assert len(behaviour.requests) == 2 * len(TEXTS) * 3


@pytest.mark.parametrize("mode", ["chat", "completions"])
def test_endpoints_conform(server, mode):
    behaviour, url = server
    behaviour.most = 1000
    read = behaviour.lm.tokenizer

    def too_long(path, body):  # for the tiny model
        text = body.get("prompt") or body["messages"][0]["content"]
        if len(read(text)["input_ids"]) <= 150:
            return None
        if mode == "completions":
            return 200, {"choices": [{"text": text, "logprobs": echoed_words(text)}]}, {}
        body["messages"] = [{"role": "user", "content": text[:100]}]

    behaviour.before = too_long
    check_predictor(lambda: EndpointPredictor(TEMPLATE, url, MODEL, mode=mode), TEXTS)


def test_length_normalisation_uses_the_servers_own_tokens(server, lm):
    _, url = server
    predictor = EndpointPredictor(TEMPLATE, url, MODEL, mode="completions", length_normalise=True)
    local = PromptedLM(TEMPLATE, lm, chat=False, length_normalise=True)
    np.testing.assert_allclose(predictor.predict_proba(TEXTS), local.predict_proba(TEXTS), atol=1e-4)
    assert (
        predictor.score_fingerprint() != EndpointPredictor(TEMPLATE, url, MODEL, mode="completions").score_fingerprint()
    )


def chat_template(lm) -> PromptTemplate:
    """Choices that are the model's likeliest first tokens after each text, so that all are found."""
    tokens = PromptedLM(TEMPLATE, lm).tokens
    (ids,), _ = tokens.read(["a fine film"])
    with torch.inference_mode():
        likely = lm.model(input_ids=torch.tensor([ids])).logits[0, -1].topk(20).indices.tolist()
    words = [w for t in likely if (w := lm.tokenizer.decode([t])).isalpha() and w.islower()]
    first, second = next((a, b) for i, a in enumerate(words) for b in words[:i] if not a.startswith(b) and b[0] != a[0])
    return PromptTemplate("t", TEMPLATE.source, ((first,), (second,)), ("one", "two"))


def test_chat_reads_the_first_tokens_log_probabilities(server, lm):
    behaviour, url = server
    template = chat_template(lm)
    (scores,) = EndpointPredictor(template, url, MODEL).score(["a fine film"])
    (path, body), (_, more) = behaviour.requests
    assert path == "/v1/chat/completions"
    assert body["messages"] == [{"role": "user", "content": "Is this film good ?\na fine film\nAnswer:"}]
    assert (body["max_tokens"], body["temperature"], body["top_logprobs"]) == (1, 0, 20)
    assert more["top_logprobs"] == 1000  # once, and not granted here
    (local,) = PromptedLM(template, lm).score(["a fine film"])
    np.testing.assert_allclose(scores[:2], local, atol=1e-4)


def test_a_system_message_is_sent_as_one(server, lm):
    behaviour, url = server
    template = PromptTemplate("t", "{{ text }}", (("good",), ("bad",)), ("good", "bad"), system="Judge.")

    def no_system_role(path, body):
        body["messages"] = body["messages"][1:] if body["messages"][0]["role"] == "system" else None

    behaviour.before = no_system_role
    EndpointPredictor(template, url, MODEL).score(["x"])
    assert behaviour.requests[0][1]["messages"] == [{"role": "user", "content": "x"}]


def test_a_server_without_echo_is_told_and_another_way_of_scoring_never_mixes_in(server, lm):
    behaviour, url = server
    behaviour.echo = False
    template = chat_template(lm)
    with pytest.raises(BadInput, match="where it scores no given text, use --api next-token"):
        EndpointPredictor(template, url, MODEL, mode="completions").score(TEXTS)
    assert len(behaviour.requests) == 1
    assert EndpointPredictor(template, url, MODEL, mode="next-token").score(TEXTS).shape == (3, 4)
    assert [bool(b.get("echo")) for _, b in behaviour.requests] == [True, *[False] * 4]


def test_a_text_that_is_refused_later_does_not_change_the_way_of_scoring(server):
    behaviour, url = server
    too_long = {"error": {"message": "maximum context length exceeded"}}
    behaviour.before = lambda path, body: (400, too_long, {}) if "hurts" in body["prompt"] else None
    predictor = EndpointPredictor(TEMPLATE, url, MODEL, mode="completions")
    with pytest.raises(BadInput, match="refuses the request: maximum context length exceeded"):
        predictor.score(TEXTS)
    assert all(body["echo"] for _, body in behaviour.requests)


def test_a_server_with_a_lower_limit_is_asked_for_fewer_tokens(server):
    behaviour, url = server
    behaviour.most = 5
    EndpointPredictor(TEMPLATE, url, MODEL).score(TEXTS)
    assert [b["top_logprobs"] for _, b in behaviour.requests] == [20, 5, 5, 5]


def test_the_fingerprint_tells_server_model_mode_and_template_apart():
    def known(url="http://a/v1", model="m", template=TEMPLATE, **more):
        return EndpointPredictor(template, url, model, **more).fingerprint()

    assert known() == known("http://a/v1/")
    other = PromptTemplate("t", "Good? {{ text }}", TEMPLATE.choices, TEMPLATE.labels)
    different = [known("http://b/v1"), known(model="n"), known(template=other)]
    different += [known(mode=mode) for mode in ("completions", "next-token")]
    assert len({known(), *different}) == 6


def test_only_whole_answers_have_a_length():
    for mode in ("chat", "next-token"):
        with pytest.raises(BadInput, match=f"With --api {mode} .* use completions"):
            EndpointPredictor(TEMPLATE, "http://a/v1", "m", mode=mode, length_normalise=True)
    with pytest.raises(BadInput, match="choose one of chat, completions, next-token"):
        EndpointPredictor(TEMPLATE, "http://a/v1", "m", mode="responses")


def test_cost_counts_requests():
    chat, whole = (EndpointPredictor(TEMPLATE, "http://a/v1", "m", mode=m) for m in ("chat", "completions"))
    assert chat.cost(TEXTS)["calls"] == 3
    assert whole.cost(TEXTS)["calls"] == 9
    assert whole.cost(TEXTS)["tokens"] == 3 * chat.cost(TEXTS)["tokens"] > 9
