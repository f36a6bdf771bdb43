"""The fast path of prompted language models gives what the loop anyone would write gives, whatever the architecture."""

import numpy as np
import pytest
import torch
from film_prompts import TEXTS, naive, template
from tiny_language_models import CAUSAL, SEQ2SEQ, SLIDING_WINDOW, tiny_language_model

from fute_core.models import precision
from fute_core.models.language import read_language_model
from fute_core.predictors import ScoringPredictor
from fute_core.predictors.prompted_lm import PromptedLM
from fute_core.predictors.scoring import label_probabilities, softmax
from fute_core.testing import check_predictor

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def llama():
    return tiny_language_model("llama")


@pytest.mark.parametrize("family", [*CAUSAL, *SEQ2SEQ])
def test_scores_equal_the_naive_loop(family):
    predictor = PromptedLM(template(), tiny_language_model(family))
    assert any(len(choice) > 1 for choice in predictor.tokens.choices)
    if family in CAUSAL:
        assert len(predictor.tokens.shared) > 3
    np.testing.assert_allclose(predictor.score(TEXTS), naive(predictor, TEXTS), atol=1e-4)


@pytest.mark.parametrize("family", ["llama", "gemma3_text", "bloom"])
@pytest.mark.parametrize(
    "source",
    [
        "{{ text }}",
        "{{ text }}\nIs it good ?",
        "Film: {{ text }} ;",
        "{% if text %}{{ text }}{% else %}nothing{% endif %} ?",
    ],
    ids=["text alone", "text first", "text in the middle", "a condition"],
)
def test_scores_equal_the_naive_loop_wherever_the_text_stands(family, source):
    predictor = PromptedLM(template(source), tiny_language_model(family))
    texts = [text for text in TEXTS if text]
    np.testing.assert_allclose(predictor.score(texts), naive(predictor, texts), atol=1e-4)


@pytest.mark.parametrize("family", ["mistral", "gemma3_text"])
def test_prompts_longer_than_a_sliding_window_are_scored_as_the_model_reads_them(family):
    predictor = PromptedLM(template(), tiny_language_model(family))
    long = [text + " and so on" * n for n, text in enumerate(TEXTS, 1)]
    prompts, _ = predictor.tokens.read(long)
    assert max(map(len, prompts)) > 2 * SLIDING_WINDOW
    np.testing.assert_allclose(predictor.score(long), naive(predictor, long), atol=1e-4)


@pytest.mark.parametrize("family", ["llama", "gpt2", "gemma3_text", "t5", "bart"])
def test_in_bf16_matrices_alone_are_and_probabilities_stay_within_a_hundredth(family, tmp_path, monkeypatch):
    made = tiny_language_model(family)
    made.model.save_pretrained(tmp_path)
    made.tokenizer.save_pretrained(tmp_path)
    answers = {}
    for bf16 in (False, True):
        monkeypatch.setattr(precision, "has_bf16", lambda bf16=bf16: bf16)
        lm = read_language_model(str(tmp_path), precision.precision())
        kinds = {p.dtype for p in lm.model.parameters()}
        assert kinds == ({torch.float32, torch.bfloat16} if bf16 else {torch.float32})
        assert lm.model.get_output_embeddings().weight.dtype == torch.float32
        predictor = PromptedLM(template(), lm)
        by_name = PromptedLM(template(), str(tmp_path))
        assert predictor.fingerprint() == by_name.fingerprint()
        answers[bf16] = predictor.predict_proba(TEXTS), predictor.fingerprint()
    np.testing.assert_allclose(answers[False][0], PromptedLM(template(), made).predict_proba(TEXTS), atol=1e-5)
    difference = np.abs(answers[True][0] - answers[False][0])
    assert 0 < difference.mean() < 1e-2
    assert difference.max() < 5e-2
    assert answers[True][1] != answers[False][1]


@pytest.mark.parametrize("family", ["llama", "t5"])
@pytest.mark.parametrize("source", ["Is this film good ?\n{{ text }}\nAnswer:", "{{ text }}"])
def test_prompted_models_conform(family, source):
    lm = tiny_language_model(family)
    check_predictor(lambda: PromptedLM(template(source), lm, max_length=60), TEXTS)
    pairs = template("{{ text }} | {{ text_pair }} | same ?", pair=True)
    check_predictor(lambda: PromptedLM(pairs, lm, max_length=60), list(zip(TEXTS, TEXTS[::-1], strict=True)))


def test_scores_do_not_depend_on_the_company(llama):
    together = PromptedLM(template(), llama).score(TEXTS)
    predictor = PromptedLM(template(), llama)
    alone = np.concatenate([predictor.score([text]) for text in TEXTS])
    shuffled = PromptedLM(template(), llama).score(TEXTS[::-1])[::-1]
    np.testing.assert_allclose(together, alone, atol=1e-5)
    np.testing.assert_allclose(together, shuffled, atol=1e-5)


def test_pairs_reach_the_prompt(llama):
    source = "First: {{ premise }}\nSecond: {{ hypothesis }}\nSame ?"
    pairs = template(source, fields={"premise": "text", "hypothesis": "text_pair"}, pair=True)
    predictor = PromptedLM(pairs, llama)
    texts = [("a man sleeps", "a man is awake"), ("a dog", "an animal"), ("", "x")]
    assert predictor.tokens.text(texts[0]) == "First: a man sleeps\nSecond: a man is awake\nSame ?"
    np.testing.assert_allclose(predictor.score(texts), naive(predictor, texts), atol=1e-4)
    assert predictor.score([texts[0]])[0, 0] != predictor.score([texts[0][::-1]])[0, 0]


def test_probabilities_are_the_softmax_of_each_labels_best_verbalizer(llama):
    predictor = PromptedLM(template(), llama)
    scores = predictor.score(TEXTS)
    best = np.stack([scores[:, :2].max(1), scores[:, 2], scores[:, 3:].max(1)], 1)
    np.testing.assert_allclose(predictor.predict_proba(TEXTS), softmax(best), atol=1e-6)
    np.testing.assert_allclose(predictor.proba(scores).sum(1), 1, atol=1e-6)


def test_length_normalisation_divides_by_the_number_of_tokens(llama):
    predictor = PromptedLM(template(), llama, length_normalise=True)
    scores = predictor.score(TEXTS)
    lengths = np.array([len(t) for t in predictor.tokens.choices])
    expected = label_probabilities(scores / lengths, np.array([0, 0, 1, 2, 2]))
    np.testing.assert_allclose(predictor.proba(scores), expected, atol=1e-6)
    plain = PromptedLM(template(), llama)
    assert predictor.score_fingerprint() == plain.score_fingerprint()
    assert predictor.fingerprint() != plain.fingerprint()


def test_stored_scores_need_no_tokenizer():
    predictor = PromptedLM(template(), "smollm2")
    assert predictor.proba(np.zeros((2, 5), np.float32)).shape == (2, 3)
    assert "tokens" not in vars(predictor)
    assert "lm" not in vars(predictor)


def test_the_fingerprint_holds_what_changes_the_answers(llama):
    known = PromptedLM(template(), llama).fingerprint()
    same = template(labels=("g", "b", "m"), family="film")
    assert PromptedLM(same, llama).fingerprint() == known
    others = [
        PromptedLM(template("Good ? {{ text }}"), llama), PromptedLM(template(delimiter=""), llama),
        PromptedLM(template(choices=(("good",), ("bad",), ("dull",))), llama),
        PromptedLM(template(choices=(("good",), ("very good", "bad"), ("so so", "dull"))), llama),
        PromptedLM(template(system="Be brief."), llama), PromptedLM(template(), llama, max_length=50),
        PromptedLM(template(), tiny_language_model("llama", seed=1)),
    ]  # fmt: skip
    assert len({known, *(other.fingerprint() for other in others)}) == len(others) + 1


def test_cost_counts_what_is_read(llama):
    predictor = PromptedLM(template(), llama, max_length=60)
    prompts, _ = predictor.tokens.read(TEXTS)
    choices = sum(map(len, predictor.tokens.choices))
    assert predictor.cost(TEXTS) == {"calls": 6, "tokens": sum(map(len, prompts)) + 6 * choices}


def test_no_texts_give_no_rows(llama):
    predictor = PromptedLM(template(), llama)
    assert isinstance(predictor, ScoringPredictor)
    assert predictor.score([]).shape == (0, 5)
    assert predictor.predict_proba([]).shape == (0, 3)
