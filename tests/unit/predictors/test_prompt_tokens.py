"""A prompt as tokens: the chat template around it, long texts cut, answers as they stand after it."""

import numpy as np
import pytest
from film_prompts import TEXTS, naive, template
from tiny_language_models import tiny_language_model

from fute_core.errors import BadInput
from fute_core.predictors.prompted_lm import PromptedLM

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def llama():
    return tiny_language_model("llama")


def test_chat_wraps_the_prompt_and_drops_the_blank_before_the_answer():
    lm = tiny_language_model("llama", chat=True)
    chat, plain = PromptedLM(template(), lm), PromptedLM(template(), lm, chat=False)
    assert chat.tokens.text("fine") == "<s>user\nIs this film good ?\nfine\nAnswer:</s>\n<s>assistant\n"
    assert plain.tokens.text("fine") == "Is this film good ?\nfine\nAnswer:"
    decode = lm.tokenizer.decode
    assert [decode(t) for t in chat.tokens.choices] == ["good", "very good", "bad", "so so", "dull"]
    assert [decode(t) for t in plain.tokens.choices] == [" good", " very good", " bad", " so so", " dull"]
    prompts, _ = chat.tokens.read(["fine"])
    assert prompts[0].count(lm.tokenizer.bos_token_id) == 2  # the template's own two, and none added
    np.testing.assert_allclose(chat.score(TEXTS), naive(chat, TEXTS), atol=1e-4)
    assert chat.score_fingerprint() != plain.score_fingerprint()


def test_a_system_message_goes_into_the_question_where_a_chat_template_knows_no_system_role():
    lm = tiny_language_model("llama", chat=True)
    predictor = PromptedLM(template(system="You judge films."), lm)
    assert predictor.tokens.text("fine").startswith("<s>user\nYou judge films.\n\nIs this film good ?")


def test_chat_without_a_chat_template_is_refused(llama):
    with pytest.raises(BadInput, match="no chat template"):
        PromptedLM(template(), llama, chat=True).score(["x"])


def test_closing_blanks_of_a_template_stand_before_the_answer(llama):
    lead = PromptedLM(template("{{ text }}\nAnswer:\n"), llama).tokens
    assert llama.tokenizer.decode(lead.choices[0]) == "\ngood"
    assert lead.text("x") == "x\nAnswer:"


def test_long_texts_are_cut_and_counted_and_the_instruction_stays(llama):
    predictor = PromptedLM(template(), llama, max_length=40)
    long = " ".join(TEXTS * 5)
    prompts, cut = predictor.tokens.read([long, "short"])
    room = 40 - max(map(len, predictor.tokens.choices))
    assert cut == 1
    assert room - 12 <= len(prompts[0]) <= room
    decoded = llama.tokenizer.decode(prompts[0], skip_special_tokens=True).strip()
    assert decoded.startswith("Is this film good ?\na fine film")
    assert decoded.endswith("\nAnswer:")
    predictor.score([long])
    assert predictor.count_truncated([long, "short", long]) == 2
    assert predictor.count_truncated([]) == 0


def test_the_longer_side_of_a_pair_is_cut(llama):
    pairs = template("{{ text }} | {{ text_pair }} | same ?", pair=True)
    (ids,), cut = PromptedLM(pairs, llama, max_length=40).tokens.read([(" ".join(TEXTS * 5), "a dog")])
    assert cut == 1
    assert llama.tokenizer.decode(ids).endswith("| a dog | same ?")


def test_a_model_that_reads_less_than_asked_sets_the_limit(llama):
    assert PromptedLM(template(), llama, max_length=100_000).tokens.max_length == 160
    predictor = PromptedLM(template(), llama, max_length=100_000)
    texts = [" ".join(TEXTS * 20), "short"]
    assert np.isfinite(predictor.score(texts)).all()
    assert predictor.count_truncated(texts) == 1


def test_an_instruction_that_is_too_long_is_refused(llama):
    with pytest.raises(BadInput, match=r"'t' alone has more than .* tokens; shorten it"):
        PromptedLM(template(), llama, max_length=12).score(["x"])
