"""Batches of prompts, the shared start of them, and the likelihood of their own tokens."""

import threading

import numpy as np
import pytest
import torch
from film_prompts import TEXTS, template
from tiny_language_models import CAUSAL, tiny_language_model

from fute_core.errors import BadInput
from fute_core.models.packed import PackedLlama
from fute_core.predictors import batches, causal
from fute_core.predictors.causal import CausalScorer
from fute_core.predictors.prompted_lm import PromptedLM

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def llama():
    return tiny_language_model("llama")


@pytest.mark.parametrize("family", ["llama", "mistral"])
def test_many_small_batches_score_like_one(family, monkeypatch):
    lm = tiny_language_model(family)
    whole = PromptedLM(template(), lm).score(TEXTS)
    monkeypatch.setattr(causal, "TOKENS_PER_BATCH", 12)
    monkeypatch.setattr(batches, "TOKENS_PER_PACK", 12)
    monkeypatch.setattr("fute_core.models.packed.ROWS_PER_OUTPUT", 2)
    found = list(batches.batches([[0] * n for n in (3, 9, 2, 30, 4)], 0, 12))
    assert [b.tolist() for b in found] == [[2, 0, 4], [1], [3]]
    np.testing.assert_allclose(PromptedLM(template(), lm).score(TEXTS), whole, atol=1e-5)


def test_packs_read_in_several_threads_score_the_same_and_leave_torch_its_threads(llama, monkeypatch):
    whole = PromptedLM(template(), llama).score(TEXTS)
    monkeypatch.setattr(batches, "TOKENS_PER_PACK", 12)
    threads = []
    read = PackedLlama.read
    monkeypatch.setattr(
        PackedLlama,
        "read",
        lambda self, *a, **k: threads.append((threading.get_ident(), torch.get_num_threads())) or read(self, *a, **k),
    )
    torch.set_num_threads(2)
    np.testing.assert_allclose(PromptedLM(template(), llama).score(TEXTS), whole, atol=1e-5)
    assert torch.get_num_threads() == 2
    elsewhere = {count for ident, count in threads if ident != threading.get_ident()}
    assert elsewhere == {1}


def packs(lengths, before=0, **given):
    lengths = np.array(lengths)
    return [pack.tolist() for pack in batches.packs(lengths, np.full(len(lengths), before), **given)]


def test_a_pack_is_sorted_by_length_and_there_is_one_for_every_worker(monkeypatch):
    monkeypatch.setattr(batches, "TOKENS_PER_PACK", 12)
    assert packs([3, 9, 2, 30, 3]) == [[2, 0, 4], [1], [3]]
    assert packs([1] * 4, workers=2) == [[0, 1], [2, 3]]
    assert len(packs([4] * 5, workers=3)) == 3
    monkeypatch.setattr(batches, "CACHED_PER_BATCH", 100)
    assert list(map(len, packs([1] * 5, 48))) == [2, 1, 2]


def test_long_prompts_do_not_join_a_batch_of_short_ones_that_is_big_enough():
    assert [len(b) for b in batches.batches([[0] * 10] * 40 + [[0] * 50] * 5, 0)] == [40, 5]
    assert [len(b) for b in batches.batches([[0] * 10] * 3 + [[0] * 50] * 5, 0)] == [8]


def test_a_long_shared_prefix_bounds_the_batch(monkeypatch):
    monkeypatch.setattr(batches, "CACHED_PER_BATCH", 100)
    assert [len(b) for b in batches.batches([[0]] * 5, 48, 25)] == [2, 2, 1]


@pytest.mark.parametrize("family", ["llama", "gpt2"])
def test_the_instruction_is_computed_once(family, monkeypatch):
    predictor = PromptedLM(template(), tiny_language_model(family))
    read = []
    run, read_packed = CausalScorer._run, PackedLlama.read
    monkeypatch.setattr(
        CausalScorer, "_run", lambda self, ids, *a, **k: read.append(ids.numel()) or run(self, ids, *a, **k)
    )
    monkeypatch.setattr(
        PackedLlama,
        "read",
        lambda self, given, **k: read.append(int(given.lengths.sum())) or read_packed(self, given, **k),
    )
    predictor.score(["good"])
    first = sum(read)
    read.clear()
    predictor.score(["good"])
    assert first - sum(read) == len(predictor.tokens.shared)


def naive_surprise(predictor: PromptedLM, text: str, said: slice) -> float:
    """One text at a time, token after token: mean negative log-likelihood of those of the prompt's tokens."""
    (prompt,), _ = predictor.tokens.read([text])
    log_p = torch.log_softmax(predictor.lm.model(input_ids=torch.tensor([prompt]), use_cache=False).logits[0], 1)
    counted = [i for i in range(len(prompt))[said] if i > 0]
    return float(np.mean([-log_p[i - 1, prompt[i]].item() for i in counted]))


@pytest.mark.parametrize("family", CAUSAL)
def test_surprise_is_the_mean_loss_of_a_prompt_read_alone(family, monkeypatch):
    predictor = PromptedLM(template(), tiny_language_model(family))
    expected = [naive_surprise(predictor, text, slice(None)) for text in TEXTS]
    assert np.ptp(expected) > 0.05
    np.testing.assert_allclose(predictor.surprise(TEXTS), expected, atol=1e-4)
    monkeypatch.setattr(causal, "LIKELIHOODS_PER_BATCH", 40)
    np.testing.assert_allclose(predictor.surprise(TEXTS), expected, atol=1e-4)


@pytest.mark.parametrize("system", ["", "You judge films."])
def test_surprise_leaves_out_what_a_chat_template_puts_around_every_message(system):
    lm = tiny_language_model("llama", chat=True)
    predictor = PromptedLM(template(system=system), lm)
    before, after = predictor.tokens.frame
    (prompt,), _ = predictor.tokens.read(["fine"])
    assert lm.tokenizer.decode(prompt[:before]).split() == ["<s>", "user"]
    assert lm.tokenizer.decode(prompt[-after:]).split() == ["</s>", "<s>", "assistant"]
    expected = [naive_surprise(predictor, text, slice(before, -after)) for text in TEXTS]
    np.testing.assert_allclose(predictor.surprise(TEXTS), expected, atol=1e-4)
    assert PromptedLM(template(), lm, chat=False).tokens.frame == (0, 0)


def test_surprise_of_nothing_is_unknown_and_an_encoder_has_none(llama):
    assert np.isnan(PromptedLM(template("{{ text }}"), llama).surprise([""])).all()
    with pytest.raises(BadInput, match="no perplexity"):
        PromptedLM(template(), tiny_language_model("t5")).surprise(["good"])
