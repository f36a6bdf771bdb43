"""What servers do that no document tells: each is read, or told in a sentence."""

import math

import numpy as np
import pytest
from asked_server import TEXTS, always, chat, predictor
from openai_server import MODEL

from fute_core.errors import BadInput
from fute_core.predictors.answers import answers_from

# shapes that are read ------------------------------------------------------------------------------------------------


def test_completions_may_have_the_shape_of_chat(plain):
    behaviour, url = plain
    behaviour.before = always(chat((" good", math.log(0.7)), (" bad", math.log(0.2))))
    np.testing.assert_allclose(predictor(url, "next-token").predict_proba(["x"]), [[7 / 9, 2 / 9]], rtol=1e-5)


def test_log_probabilities_without_the_likeliest_tokens_are_the_answers_own(plain):
    behaviour, url = plain
    content = [{"token": "good", "logprob": math.log(0.8)}]
    behaviour.before = always({"choices": [{"message": {"content": "good"}, "logprobs": {"content": content}}]})
    np.testing.assert_allclose(predictor(url).predict_proba(["x"]), [[0.8, 0.2]], rtol=1e-5)
    legacy = {"tokens": [" bad"], "token_logprobs": [math.log(0.6)], "top_logprobs": None}
    behaviour.before = always({"choices": [{"text": " bad", "logprobs": legacy}]})
    np.testing.assert_allclose(predictor(url, "next-token").predict_proba(["x"]), [[0.4, 0.6]], rtol=1e-5)


def test_a_refusal_in_the_words_of_fastapi_leads_to_fewer_tokens(plain):
    behaviour, url = plain

    def few(path, body):
        if body["top_logprobs"] > 5:
            fault = {"loc": ["body", "top_logprobs"], "msg": "Input should be less than or equal to 5"}
            return 422, {"detail": [fault]}, {}
        return None

    behaviour.before = few
    assert np.isfinite(predictor(url).predict_proba(["x", "y"])).all()
    assert [b["top_logprobs"] for _, b in behaviour.requests] == [20, 5, 5]


def test_a_server_that_gives_a_thousand_tokens_is_asked_for_them(plain):
    behaviour, url = plain
    many = [("fine", math.log(0.5)), *[(f"w{i}", math.log(1e-4)) for i in range(900)], ("good", math.log(3e-5)),
            ("bad", math.log(1e-5))]  # fmt: skip
    behaviour.before = lambda path, body: (200, chat(*many[: body["top_logprobs"]]), {})
    np.testing.assert_allclose(predictor(url).predict_proba(["x", "y"])[1], [0.75, 0.25], rtol=1e-4)
    assert [b["top_logprobs"] for _, b in behaviour.requests] == [20, 1000, 1000]


def test_max_tokens_and_temperature_are_said_otherwise_where_they_are_refused(plain):
    behaviour, url = plain

    def newer(path, body):
        for name, words in (
            ("max_tokens", "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."),
            ("temperature", "Unsupported value: 'temperature' does not support 0 with this model."),
        ):
            if name in body:
                return 400, {"error": {"message": words}}, {}
        return None

    behaviour.before = newer
    assert np.isfinite(predictor(url).predict_proba(["x", "y"])).all()
    last = behaviour.requests[-1][1]
    assert last["max_completion_tokens"] == 1
    assert not {"max_tokens", "temperature"} & last.keys()
    assert sum("max_tokens" in body for _, body in behaviour.requests) == 1, "found out once"


def test_missing_tops_and_impossible_tokens_are_known_replies(plain):
    behaviour, url = plain
    behaviour.before = always(chat(("good", -0.1), ("bad", -9999.0), ("x", None)))
    probability = predictor(url).predict_proba(["x"])[0]
    assert probability[0] > probability[1] > 0


# what is told before a vector is stored ------------------------------------------------------------------------------


@pytest.mark.parametrize("first", ["<think>", "\ufffd", "Good"])
def test_first_tokens_that_are_no_choice_are_named_and_not_paid_for_to_the_end(plain, first):
    behaviour, url = plain
    behaviour.before = always(chat((first, -0.01), ("Well", -5.0)))
    with pytest.raises(
        BadInput, match=f"100 % of the .* begin with '{first}'; write the choices .* switch its thinking"
    ):
        predictor(url, at_once=1).predict_proba([f"text {i}" for i in range(100)])
    assert len(behaviour.requests) == 9


def test_most_answers_have_to_be_read_for_a_vector(plain):
    behaviour, url = plain
    behaviour.before = lambda path, body: (
        200, chat(("good" if body["messages"][0]["content"].endswith("0") else "<think>", -0.01), ("Well", -5.0)), {},
    )  # fmt: skip
    asked = predictor(url)
    raw = asked.score(TEXTS)
    assert list(answers_from(asked, raw).index) == [0, 10]
    with pytest.raises(BadInput, match="83 % of the answers of 'tiny', which begin with '<think>', 'good'"):
        asked.told(raw)


def test_most_labels_have_to_be_read_for_a_vector(plain):
    behaviour, url = plain
    asked = predictor(url)
    behaviour.before = always(chat(("good", -0.5), ("bad", -1.5)))
    assert asked.told(asked.score(TEXTS)) == {"reading": "first tokens", "unseen_choices": 0.0}
    behaviour.before = always(chat(("good", -0.5), ("Well", -1.5)))
    with pytest.raises(BadInput, match=r"so few of the likeliest tokens that 50 % of the answer choices are not among"):
        asked.told(asked.score(TEXTS))


# what is not plausible -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "told"),
    [("-0.1", "which is no number"), (float("nan"), "has to be finite"), (3.5, "no more than 0"), (True, "no number"),
     (float("inf"), "has to be finite"), (float("-inf"), "has to be finite"), ([], "no number"),
     (-(10**400), "has to be finite")],
)  # fmt: skip
def test_what_can_be_no_log_probability_is_refused(plain, value, told):
    behaviour, url = plain
    behaviour.before = always(chat(("good", value), ("bad", -1.0)))
    with pytest.raises(BadInput, match=told):
        predictor(url).score(["x"])


def test_likeliest_tokens_that_are_no_list_are_not_read(plain):
    behaviour, url = plain
    reply = chat(("good", math.log(0.8)))
    reply["choices"][0]["logprobs"]["content"][0]["top_logprobs"] = 7
    behaviour.before = always(reply)
    np.testing.assert_allclose(predictor(url).predict_proba(["x"]), [[0.8, 0.2]], rtol=1e-5)


def test_more_than_all_of_the_probability_is_refused(plain):
    behaviour, url = plain
    behaviour.before = always(chat(("good", -0.1), ("bad", -0.2)))
    with pytest.raises(BadInput, match="more than all of the probability"):
        predictor(url).score(["x"])


def test_other_choices_and_other_models_are_refused(plain):
    behaviour, url = plain
    good = chat(("good", -0.3), ("bad", -2.0))
    for body, told in (
        ({**good, "choices": good["choices"] * 2}, "other choices than the one"),
        ({**good, "choices": [{**good["choices"][0], "index": 1}]}, "other choices than the one"),
        ({**good, "model": "large"}, "answers as 'large' where 'tiny' was asked"),
        ({**good, "model": "tiny-mini"}, "answers as 'tiny-mini'"),
    ):
        behaviour.before = always(body)
        with pytest.raises(BadInput, match=told):
            predictor(url).score(["x"])
    for named in ("tiny-2026-01-31", "owner/Tiny", "/models/tiny.gguf", "tiny:latest"):
        behaviour.before = always({**good, "model": named})
        asked = predictor(url)
        assert asked.told(asked.score(["x"]))["answered_as"] == named


def test_an_error_with_the_status_of_success_is_told(plain):
    behaviour, url = plain
    behaviour.before = always({"error": {"message": "upstream is busy", "code": 502}})
    with pytest.raises(BadInput, match="answers with an error: upstream is busy"):
        predictor(url).score(["x"])


def test_a_made_up_key_changes_no_answer(plain, monkeypatch):
    _, url = plain
    monkeypatch.setenv("MY_KEY", "good")
    np.testing.assert_array_equal(predictor(url, api_key_env="MY_KEY").score(["x"]), predictor(url).score(["x"]))


def test_a_model_that_changes_on_the_way_is_told(plain):
    behaviour, url = plain
    behaviour.before = lambda path, body: (
        200, chat(("good", -0.1), model=MODEL if len(behaviour.requests) < 4 else "tiny-2026-01-31"), {},
    )  # fmt: skip
    with pytest.raises(BadInput, match="answered as 'tiny' and now as 'tiny-2026-01-31'"):
        predictor(url, at_once=1).score(TEXTS)


@pytest.mark.parametrize("shape", ["legacy", "chat"])
def test_a_server_that_ignores_echo_is_noticed(plain, shape):
    behaviour, url = plain
    own = {"tokens": [" I"], "token_logprobs": [-0.1], "text_offset": [0], "top_logprobs": [{" I": -0.1}]}
    logprobs = own if shape == "legacy" else {"content": [{"token": " I", "logprob": -0.1, "top_logprobs": []}]}
    behaviour.before = always({"choices": [{"text": " I", "logprobs": logprobs}]})
    with pytest.raises(
        BadInput, match=r"(ignores echo|not those of the text).*; where it scores no given text, use --api"
    ):
        predictor(url, "completions").score(["x"])


def test_numbers_that_stand_a_token_too_far_are_noticed(plain):
    """The reply of llama-cpp-python 0.3.36 to a model without a start token, shortened."""
    behaviour, url = plain

    def late(path, body):
        whole = body["prompt"]
        tokens = [" ".join(whole.split()[:-1]), f" {whole.split()[-1]}"]
        tops = [None, {".": -0.38, tokens[1]: -8.58}]
        logprobs = {"tokens": tokens, "token_logprobs": [None, -8.58], "text_offset": [0, 9], "top_logprobs": tops}
        return 200, {"choices": [{"text": f"{whole}.", "logprobs": logprobs}]}, {}

    behaviour.before = late
    with pytest.raises(BadInput, match=r"as if it came one place later.*use --api next-token"):
        predictor(url, "completions").score(["x"])


def test_fewer_tokens_than_the_text_has_are_refused_and_one_more_is_left_out(plain):
    behaviour, url = plain
    behaviour.before = lambda path, body: (200, echo(body["prompt"], ["Good?", " x"], [None, -2.0]), {})
    with pytest.raises(BadInput, match="tokens that are not those of the text"):
        predictor(url, "completions").score(["x"])

    def one_more(path, body):  # and a start token, which offsets count and the text does not show
        answer = body["prompt"].rpartition(" ")[2]
        return 200, echo(body["prompt"], ["<s>", "Good?", " x", f" {answer}", "!"], [None, -9.0, -9.0, -0.3, -7.0]), {}

    behaviour.before = one_more
    np.testing.assert_allclose(predictor(url, "completions").score(["x"]), [[-0.3, -0.3]], rtol=1e-6)


def echo(text, tokens, values):
    offsets = np.cumsum([0, *map(len, tokens[:-1])]).tolist()
    logprobs = {"tokens": tokens, "token_logprobs": values, "text_offset": offsets}
    return {"choices": [{"text": text, "logprobs": logprobs}]}


@pytest.mark.parametrize("most", [0, 4])
def test_a_server_that_gives_no_likeliest_tokens_names_the_option_that_reads_text(plain, most):
    behaviour, url = plain
    behaviour.most = most
    with pytest.raises(BadInput, match=f"at most {most}; read its answers as text with --text"):
        predictor(url).score(TEXTS)
