"""How many tokens were read: those of texts and prompts, no padding, in whatever thread and whoever reads."""

import torch
from film_prompts import TEXTS, template
from tiny_classifiers import tiny_classifier_folder
from tiny_language_models import saved
from tiny_models import tiny_model_folder

from fute_core.models.language import read_language_model
from fute_core.models.surrogate import load_surrogate
from fute_core.models.tokens_read import counting_tokens, note_tokens
from fute_core.predictors.classifier import ClassifierPredictor
from fute_core.predictors.packed import side_by_side
from fute_core.predictors.prompted_lm import PromptedLM
from fute_core.predictors.several import score_several
from fute_core.predictors.written_here import WrittenHere


def read_by(work):
    with counting_tokens() as read:
        assert read() == 0
        work()
    return read()


def test_nobody_counts_unless_asked():
    note_tokens(3)
    assert read_by(lambda: note_tokens(4)) == 4
    assert read_by(lambda: None) == 0


def test_what_other_threads_read_for_this_one_counts():
    torch.set_num_threads(before := torch.get_num_threads())
    assert read_by(lambda: side_by_side(note_tokens, [1, 2, 3, 4], 2)) == 10
    assert torch.get_num_threads() == before


def test_an_encoder_reads_its_texts_without_padding(tmp_path):
    encoder = load_surrogate(str(tiny_model_folder("bert", tmp_path)))
    tokens = sum(map(len, encoder.encoded(TEXTS)["input_ids"]))
    assert read_by(lambda: encoder.features(TEXTS)) == tokens


def test_a_classifier_reads_its_texts(tmp_path):
    predictor = ClassifierPredictor(str(tiny_classifier_folder("bert", tmp_path)))
    tokens = sum(map(len, predictor._encode(predictor._loaded[1], TEXTS)["input_ids"]))
    assert read_by(lambda: predictor.predict_proba(TEXTS)) == tokens


def tokens_of(prompted):
    """Of what is shared, of what is left of every prompt, and of choices up to their last token."""
    prompts, _ = prompted.tokens.read(TEXTS)
    shared = len(prompted.tokens.shared)
    continued = sum(len(tokens) - 1 for tokens in prompted.tokens.choices)
    assert continued > 0
    return shared + sum(len(ids) - shared for ids in prompts) + len(prompts) * continued


def test_a_prompt_is_read_once_where_all_texts_share_it(tmp_path):
    for family in ("gpt2", "llama"):
        prompted = PromptedLM(template(), read_language_model(str(saved(tmp_path / family, family)), "float32"))
        assert (prompted.lm.packed is None) == (family == "gpt2")
        assert read_by(lambda asked=prompted: asked.score(TEXTS)) == tokens_of(prompted)


def test_prompts_that_are_asked_together_read_less_than_each_alone(tmp_path):
    lm = read_language_model(str(saved(tmp_path, "llama")), "float32")
    several = [PromptedLM(template(f"{{{{ text }}}}\n{question}"), lm) for question in ("Good ?", "Was it any good ?")]
    alone = sum(read_by(lambda asked=one: asked.score(TEXTS)) for one in several)
    assert 0 < read_by(lambda: score_several(several, TEXTS)) < alone


def test_an_encoder_decoder_reads_prompts_once_and_every_choice(tmp_path):
    prompted = PromptedLM(template(), read_language_model(str(saved(tmp_path, "t5")), "float32"))
    prompts, _ = prompted.tokens.read(TEXTS)
    tokens = sum(map(len, prompts)) + len(prompts) * sum(map(len, prompted.tokens.choices))
    assert read_by(lambda: prompted.score(TEXTS)) == tokens


def test_a_model_that_writes_reads_what_it_writes_but_for_the_end(tmp_path):
    lm = read_language_model(str(saved(tmp_path, "gpt2")), "float32")
    writer = WrittenHere(template(), lm, max_tokens=5)
    prompts, _ = writer.scored.tokens.read(TEXTS)
    given = sum(map(len, prompts))
    assert given <= read_by(lambda: writer.words(TEXTS)) <= given + 4 * len(TEXTS)
