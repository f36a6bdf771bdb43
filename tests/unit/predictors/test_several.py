"""Prompts of one model that are asked together, and what is read once for them."""

import numpy as np
import pytest
from film_prompts import TEXTS, template
from hypothesis import given
from hypothesis import strategies as st
from tiny_language_models import tiny_language_model

from fute_core.models.packed import PackedLlama
from fute_core.predictors import several, starts
from fute_core.predictors.prompted_lm import PromptedLM
from fute_core.predictors.several import score_several
from fute_core.predictors.starts import common_starts
from fute_core.tasks import PromptTemplate

pytestmark = pytest.mark.usefixtures("one_thread")
SHORT = (("good",), ("bad", "not good"))
LABELS = ("good", "bad")


def first(i: int) -> PromptTemplate:
    return PromptTemplate(f"first{i}", f"{{{{ text }}}} the film was {'very ' * i}a film:", SHORT, LABELS)


PROMPTS = [template(), first(0), first(1), PromptTemplate("one", "good {{ text }}", (("good",), ("bad",)), LABELS)]


def reading(monkeypatch) -> list[int]:
    """Tokens of every pass of the model."""
    read, plain = [], PackedLlama.read
    monkeypatch.setattr(
        PackedLlama, "read", lambda self, given, **k: read.append(int(given.lengths.sum())) or plain(self, given, **k)
    )
    return read


@pytest.mark.parametrize("family", ["llama", "gpt2"])
@pytest.mark.parametrize("least", [1, 4])
def test_each_prompt_scores_as_it_does_alone(family, least, monkeypatch):
    monkeypatch.setattr(starts, "LEAST_TOKENS", least)
    monkeypatch.setattr(starts, "LEAST_SAVED", least)
    lm = tiny_language_model(family)
    together = score_several([PromptedLM(t, lm) for t in PROMPTS], TEXTS)
    for one, found in zip(PROMPTS, together, strict=True):
        np.testing.assert_allclose(found, PromptedLM(one, lm).score(TEXTS), atol=1e-5)
    assert [found.shape for found in score_several([PromptedLM(first(0), lm)], [])] == [(0, 3)]


def test_parts_of_the_texts_score_like_all(monkeypatch):
    lm = tiny_language_model("llama")
    prompted = [PromptedLM(first(i), lm) for i in range(3)]
    whole = score_several(prompted, TEXTS)
    monkeypatch.setattr(several, "CACHED_PER_BATCH", 12)
    monkeypatch.setattr(several, "TOKENS_PER_PACK", 6)
    parted = score_several(prompted, TEXTS)
    for one, other in zip(whole, parted, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_a_text_that_comes_first_is_read_once_for_all_prompts(monkeypatch):
    lm = tiny_language_model("llama")
    texts = [f"{text} and so on and on and on, number {i}" for i, text in enumerate(TEXTS)]
    prompted = [PromptedLM(first(i), lm) for i in range(6)]
    read = reading(monkeypatch)
    for one in prompted:
        one.score(texts)
    alone = sum(read)
    read.clear()
    score_several(prompted, texts)
    assert sum(read) < 0.5 * alone


@given(
    st.lists(st.lists(st.integers(0, 2), min_size=1, max_size=12), min_size=1, max_size=14),
    st.sampled_from([1, 2, 4]),
    st.sampled_from([1, 4]),
)
def test_starts_lead_to_every_prompt_and_leave_a_token_of_it(prompts, tokens, saved):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(starts, "LEAST_TOKENS", tokens)
        patch.setattr(starts, "LEAST_SAVED", saved)
        found, parents, covered = common_starts(prompts)
    for prompt, parent, n in zip(prompts, parents, covered, strict=True):
        led: list[int] = []
        while parent >= 0:
            led = found[parent].ids + led
            assert found[parent].parent < parent, "a start comes after what it follows"
            parent = found[parent].parent
        assert led == prompt[:n]
        assert n < len(prompt)
    assert all(len(start.ids) >= tokens for start in found)


def test_what_all_prompts_begin_with_is_one_start():
    prompts = [[1, 2, 3, 4, 5, i, 7] for i in range(40)]
    found, parents, covered = common_starts(prompts)
    assert [start.ids for start in found] == [[1, 2, 3, 4, 5]]
    assert set(parents) == {0}
    assert set(covered) == {5}
