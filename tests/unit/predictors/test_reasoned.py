"""Prompts in two turns: what the model says first, that the label turn sees it, and what is kept of both."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from tiny_language_models import tiny_language_model

from fute_core.datasets.probes import ProbeSet
from fute_core.embedding.answering import collect_answers, stored_answers_of
from fute_core.embedding.beside import collect_together
from fute_core.errors import BadInput, Cancelled
from fute_core.predictors.answers import read_answers
from fute_core.predictors.endpoint import EndpointPredictor
from fute_core.predictors.generation import all_likeliest
from fute_core.predictors.prompted_lm import PromptedLM
from fute_core.predictors.several import score_several
from fute_core.predictors.written import WrittenByServer
from fute_core.predictors.written_here import WrittenHere
from fute_core.store.store import Store
from fute_core.tasks import PromptTemplate, Reasoning
from fute_core.testing import check_predictor

TEMPLATE = PromptTemplate(
    "t", "Good? {{ text }}", (("good", "fine"), ("bad",)), ("good", "bad"), reasoning=Reasoning("So it is", 6)
)
TEXTS = ("one", "a rather long one", "two", "three of them", "four")
PROBES = ProbeSet("own", tuple("abcde"), TEXTS, False, ("x",) * len(TEXTS))


@pytest.fixture
def asked(lm):
    return PromptedLM(TEMPLATE, lm)


def test_the_contract_of_a_predictor_is_kept(lm, one_thread):
    check_predictor(lambda: PromptedLM(TEMPLATE, lm))


@pytest.mark.parametrize("chat", [True, False])
def test_answers_are_scored_after_the_models_own_words(lm, one_thread, chat):
    asked = PromptedLM(TEMPLATE, lm, chat=chat)
    scores, thoughts = asked.aloud(TEXTS)
    said = all_likeliest(lm, asked.tokens.read(TEXTS)[0], 6)
    assert thoughts == [words.strip() if chat else words.strip().partition("\n\n")[0].rstrip() for words in said]
    assert all(thoughts)
    heads = [f"<s>user\nGood? {text}</s>\n<s>assistant\n" if chat else f"Good? {text} " for text in TEXTS]
    for head, thought, row in zip(heads, thoughts, scores, strict=True):
        before = lm.tokenizer(f"{head}{thought}\n\nSo it is", add_special_tokens=not chat)["input_ids"]
        naive = [log_probability(lm, before, answer) for answer in (" good", " fine", " bad")]
        np.testing.assert_allclose(row, naive, atol=1e-4)


def log_probability(lm, before, answer):
    """What the model gives to an answer after what it has read, by one pass over all of it."""
    after = lm.tokenizer(answer, add_special_tokens=False)["input_ids"]
    with torch.inference_mode():
        log_p = lm.model(torch.tensor([before + after])).logits[0].float().log_softmax(1)
    return float(sum(log_p[len(before) - 1 + n, token] for n, token in enumerate(after)))


def test_other_words_give_other_scores(asked, one_thread):
    prompts, _, _ = asked.tokens.written(TEXTS[:1])
    one, other = asked.tokens.label_turns(prompts * 2, ["It shines.", "It rots."])
    assert "It shines.\n\nSo it is" in asked.lm.tokenizer.decode(one)
    first, second = asked._causal.scores([one, other])
    assert np.abs(first - second).max() > 1e-3


def test_where_the_model_says_nothing_the_label_turn_follows_the_prompt(asked):
    prompts, _, _ = asked.tokens.written(["x"])
    (turn,) = asked.tokens.label_turns(prompts, [""])
    assert asked.lm.tokenizer.decode(turn).endswith("assistant\nSo it is")


def test_words_that_are_too_long_lose_their_end_and_long_texts_too(lm, one_thread):
    asked = PromptedLM(TEMPLATE, lm, max_length=60)
    long = ["word " * 200]
    assert asked.count_truncated(long) == 1
    prompts, encoded, _ = asked.tokens.written(long)
    (turn,) = asked.tokens.label_turns(prompts, ["never ending " * 50])
    longest = max(map(len, asked.tokens.choices))
    assert len(encoded[0]) < len(turn) <= 60 - longest
    assert asked.lm.tokenizer.decode(turn).endswith("So it is")
    assert np.isfinite(asked.score(long)).all()


def test_no_room_for_a_text_is_told(lm):
    greedy = replace(TEMPLATE, reasoning=Reasoning(max_tokens=512))
    with pytest.raises(BadInput, match=r"write 512 tokens, which leaves no room .* lower reasoning.max_tokens"):
        PromptedLM(greedy, lm).score(["x"])


def test_what_was_said_is_kept_beside_the_scores_and_nothing_is_asked_again(lm, tmp_path, one_thread, monkeypatch):
    store = Store(tmp_path)
    monkeypatch.setattr("fute_core.embedding.answering.CHUNK_THINKING", 2)
    with pytest.raises(Cancelled):
        collect_answers(PromptedLM(TEMPLATE, lm), PROBES, store, should_stop=iter([False, True]).__next__)
    begun = read_answers(PromptedLM(TEMPLATE, lm), store, TEXTS)
    assert begun.index.tolist() == [0, 1]
    resumed, told = PromptedLM(TEMPLATE, lm), []
    raw = collect_answers(resumed, PROBES, store, progress=lambda done, n: told.append(done))
    assert told == [4, 5], "the first two are not asked again"
    scores, thoughts = PromptedLM(TEMPLATE, lm).aloud(TEXTS)
    np.testing.assert_allclose(raw, scores, atol=1e-5)
    found = read_answers(resumed, store, TEXTS)
    assert list(found.thoughts) == thoughts
    assert store.verify() == []
    assert found.first(3).thoughts == found.thoughts[:3]
    monkeypatch.setattr(PromptedLM, "aloud", None)  # whoever asks now fails
    np.testing.assert_array_equal(collect_answers(PromptedLM(TEMPLATE, lm), PROBES, store), raw)
    other = Store(tmp_path / "elsewhere")  # as for a worker on another machine
    other.put_answers(*stored_answers_of(resumed, PROBES, store))
    assert list(read_answers(resumed, other, TEXTS).thoughts) == thoughts


def test_a_prompt_that_answers_at_once_has_no_thoughts(lm, tmp_path, one_thread):
    plain, store = PromptedLM(replace(TEMPLATE, reasoning=None), lm), Store(tmp_path)
    assert plain.aloud(TEXTS)[1] is None
    collect_answers(plain, PROBES, store)
    assert read_answers(plain, store, TEXTS).thoughts is None


def test_it_is_asked_by_itself_where_others_share_their_beginnings(lm, tmp_path, one_thread):
    store, plain = Store(tmp_path), PromptedLM(replace(TEMPLATE, reasoning=None), lm)
    asked = PromptedLM(TEMPLATE, lm)
    collect_together([asked, plain], PROBES, store)
    assert not len(read_answers(asked, store, TEXTS).index)
    together = score_several([asked, plain], TEXTS)
    np.testing.assert_allclose(together[0], asked.score(TEXTS), atol=1e-5)
    np.testing.assert_allclose(together[1], plain.score(TEXTS), atol=1e-5)


def test_its_cost_counts_both_turns_and_the_words(asked):
    plain = PromptedLM(replace(TEMPLATE, reasoning=None), asked.lm)
    cost, once = asked.cost(TEXTS), plain.cost(TEXTS)
    assert cost["written"] == 6 * len(TEXTS)
    assert cost["tokens"] > 2 * sum(map(len, plain.tokens.read(TEXTS)[0])) > once["tokens"]
    assert asked.told(asked.score(TEXTS[:1])) == {"reading": "log-probabilities", "reasoning": 6}


def test_who_cannot_do_it_says_what_to_do_instead(lm):
    for make in (
        lambda: EndpointPredictor(TEMPLATE, "http://localhost:1/v1", "m"),
        lambda: WrittenByServer(TEMPLATE, "http://localhost:1/v1", "m"),
        lambda: WrittenHere(TEMPLATE, lm),
        lambda: PromptedLM(TEMPLATE, tiny_language_model("t5")).score(["x"]),
    ):
        with pytest.raises(BadInput, match=r"'t' lets the model reason before it answers; .*(use|leave out)"):
            make()
