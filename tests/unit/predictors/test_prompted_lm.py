"""The fast path of prompted language models gives what the loop anyone would write gives, whatever the architecture."""

import numpy as np
import pytest
import torch
from tiny_language_models import CAUSAL, SEQ2SEQ, SLIDING_WINDOW, tiny_language_model

from fute_core.errors import BadInput
from fute_core.models import language
from fute_core.models.language import read_language_model
from fute_core.predictors import ScoringPredictor, prompted_lm
from fute_core.predictors.prompted_lm import PromptedLM
from fute_core.predictors.scoring import contextual_calibration, label_probabilities, outside_mass, softmax
from fute_core.tasks import PromptTemplate
from fute_core.testing import check_predictor

TEXTS = (
    "a fine film", "bad", "",
    "a long and dull tale of nothing at all that goes on and on , with no end in sight , until it stops",
    "so good it hurts", "the plot is thin , the cast is not",
)  # fmt: skip
CHOICES = (("good", "very good"), ("bad",), ("so so", "dull"))
LABELS = ("good", "bad", "middling")


def template(source: str = "Is this film good ?\n{{ text }}\nAnswer:", **given) -> PromptTemplate:
    return PromptTemplate("t", source, **{"choices": CHOICES, "labels": LABELS} | given)


def naive(predictor: PromptedLM, texts) -> np.ndarray:
    """One text and one choice at a time: prompt and choice in one sequence, no cache, no padding."""
    lm, tokens = predictor.lm, predictor.tokens
    prompts, _ = tokens.read(texts)
    scores = np.zeros((len(texts), len(tokens.choices)))
    for row, prompt in enumerate(prompts):
        for column, choice in enumerate(tokens.choices):
            if lm.kind == "seq2seq":
                start = [lm.model.config.decoder_start_token_id, lm.model.generation_config.forced_bos_token_id]
                start = [t for t in start if t is not None]
                decoder = torch.tensor([[*start, *choice]])
                logits = lm.model(input_ids=torch.tensor([prompt]), decoder_input_ids=decoder, use_cache=False).logits
                before = len(start)
            else:
                logits = lm.model(input_ids=torch.tensor([prompt + choice]), use_cache=False).logits
                before = len(prompt)
            log_p = torch.log_softmax(logits[0].float(), 1)
            scores[row, column] = sum(log_p[before - 1 + i, token].item() for i, token in enumerate(choice))
    return scores


@pytest.fixture(autouse=True)
def _one_thread():
    """Models this small are slower on two threads, and far slower where other work shares the cores."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


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
        monkeypatch.setattr(language, "has_bf16", lambda bf16=bf16: bf16)
        lm = read_language_model(str(tmp_path), language.precision())
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


def test_many_small_batches_score_like_one(llama, monkeypatch):
    whole = PromptedLM(template(), llama).score(TEXTS)
    monkeypatch.setattr(prompted_lm, "TOKENS_PER_BATCH", 12)
    batches = list(prompted_lm._batches([[0] * n for n in (3, 9, 2, 30, 4)], 0))
    assert [b.tolist() for b in batches] == [[2, 0, 4], [1], [3]]
    np.testing.assert_allclose(PromptedLM(template(), llama).score(TEXTS), whole, atol=1e-5)


def test_long_prompts_do_not_join_a_batch_of_short_ones_that_is_big_enough():
    assert [len(b) for b in prompted_lm._batches([[0] * 10] * 40 + [[0] * 50] * 5, 0)] == [40, 5]
    assert [len(b) for b in prompted_lm._batches([[0] * 10] * 3 + [[0] * 50] * 5, 0)] == [8]


def test_a_long_shared_prefix_bounds_the_batch(monkeypatch):
    monkeypatch.setattr(prompted_lm, "CACHED_PER_BATCH", 100)
    assert [len(b) for b in prompted_lm._batches([[0]] * 5, 48)] == [2, 2, 1]


def test_the_instruction_is_computed_once(llama, monkeypatch):
    predictor = PromptedLM(template(), llama)
    read = []
    run = PromptedLM._run
    monkeypatch.setattr(
        PromptedLM, "_run", lambda self, ids, *a, **k: read.append(ids.numel()) or run(self, ids, *a, **k)
    )
    predictor.score(["good"])
    first = sum(read)
    read.clear()
    predictor.score(["good"])
    assert first - sum(read) == len(predictor.tokens.shared)


def test_pairs_reach_the_prompt(llama):
    source = "First: {{ premise }}\nSecond: {{ hypothesis }}\nSame ?"
    pairs = template(source, fields={"premise": "text", "hypothesis": "text_pair"}, pair=True)
    predictor = PromptedLM(pairs, llama)
    texts = [("a man sleeps", "a man is awake"), ("a dog", "an animal"), ("", "x")]
    assert predictor.tokens.text(texts[0]) == "First: a man sleeps\nSecond: a man is awake\nSame ?"
    np.testing.assert_allclose(predictor.score(texts), naive(predictor, texts), atol=1e-4)
    assert predictor.score([texts[0]])[0, 0] != predictor.score([texts[0][::-1]])[0, 0]


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
    monkeypatch.setattr(prompted_lm, "LIKELIHOODS_PER_BATCH", 40)
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


def test_contextual_calibration_evens_out_label_priors():
    rng = np.random.default_rng(0)
    proba = softmax(rng.normal(size=(50, 3)) + np.array([3, 0, 0]))
    calibrated = contextual_calibration(proba)
    log_p = np.log(calibrated)
    centred = log_p - log_p.mean(1, keepdims=True)
    np.testing.assert_allclose(centred.mean(0), 0, atol=1e-5)
    np.testing.assert_allclose(contextual_calibration(calibrated), calibrated, atol=1e-5)


def test_outside_mass_is_what_no_choice_received():
    scores = np.log(np.array([[0.5, 0.25], [0.001, 0.001]], np.float32))
    np.testing.assert_allclose(outside_mass(scores), [0.25, 0.998], atol=1e-6)
