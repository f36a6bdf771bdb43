"""A template that is written to be continued stays out of the chat template, unless the user asks for it."""

from dataclasses import replace

import numpy as np
import pytest
from tiny_language_models import tiny_language_model

from fute_core.predictors.prompted_lm import PromptedLM
from fute_core.tasks import PromptTemplate

TEXTS = ["The train is late again.", "What a lovely evening."]
REPLY = PromptTemplate("t", "Good or bad? {{ text }}", (("good",), ("bad",)), ("a", "b"))
CONTINUED = replace(REPLY, completion=True)


@pytest.fixture(scope="module")
def model():
    return tiny_language_model("llama", chat=True)


def test_a_completion_is_scored_as_plain_text_by_a_chat_model(model):
    plain = PromptedLM(REPLY, model, chat=False)
    assert np.array_equal(PromptedLM(CONTINUED, model).score(TEXTS), plain.score(TEXTS))
    assert PromptedLM(CONTINUED, model).score_fingerprint() == plain.score_fingerprint()
    assert not np.allclose(PromptedLM(REPLY, model).score(TEXTS), plain.score(TEXTS), atol=1e-3)


def test_the_user_can_put_a_completion_into_the_chat_template_all_the_same(model):
    asked = PromptedLM(CONTINUED, model, chat=True)
    assert np.array_equal(asked.score(TEXTS), PromptedLM(REPLY, model).score(TEXTS))


def test_whether_a_template_is_continued_is_part_of_what_it_is():
    assert CONTINUED.fingerprint() != REPLY.fingerprint()
