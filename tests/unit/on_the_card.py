"""Everything that asks a model, on a device that refuses tensors of the processor: the same numbers as there."""

from dataclasses import replace
from functools import cache
from itertools import product

import numpy as np
import pytest
from film_prompts import TEXTS, template
from pretended import same_on_both, with_card  # noqa: F401 - the second is in force for every test here
from tiny_classifiers import tiny_classifier_folder, tiny_headed_folder
from tiny_language_models import CAUSAL, SEQ2SEQ, SLIDING, saved
from tiny_models import FAMILIES, tiny_model_folder

from fute_core.evaluation.parts.encoder import _features
from fute_core.methods import METHODS, Observations
from fute_core.models import memory
from fute_core.models.device import computing_on
from fute_core.models.language import load_language_model
from fute_core.models.precision import multiplying_in
from fute_core.models.surrogate import load_surrogate
from fute_core.predictors.classifier import ClassifierPredictor
from fute_core.predictors.prompted_lm import PromptedLM
from fute_core.predictors.spans import SpanPredictor
from fute_core.tasks import Reasoning

PAIRS = tuple(zip(TEXTS, TEXTS[::-1], strict=True))


@pytest.fixture(scope="module")
def encoder_of(tmp_path_factory):
    """The folder of a family's encoder, the same for all tests: one after another, they find it loaded."""
    return cache(lambda family: str(tiny_model_folder(family, tmp_path_factory.mktemp(family))))


@pytest.fixture(scope="module")
def language_model_of(tmp_path_factory):
    """The folder of a family's language model, the same for all tests."""
    return cache(lambda family, chat=False: str(saved(tmp_path_factory.mktemp(family), family, chat=chat)))


def test_the_card_refuses_what_an_accelerator_refuses():
    import torch

    there = torch.ones(2, 3).to("card")
    for mixed in (lambda: there + torch.ones(2, 3), lambda: there @ torch.ones(3, 2), lambda: there[torch.ones(2) > 0]):
        with pytest.raises(RuntimeError, match=r"processor|same device"):
            mixed()
    with pytest.raises(TypeError, match="float64"):
        there.double()
    with pytest.raises((TypeError, RuntimeError)):
        there.numpy()
    with pytest.raises(RuntimeError, match="generator of the processor"):
        there.uniform_(generator=torch.Generator())


@pytest.mark.parametrize("family", [*FAMILIES, "albert", "electra"])
def test_features(family, encoder_of):
    folder = encoder_of(family)
    same_on_both(lambda: [load_surrogate(folder).features(TEXTS), load_surrogate(folder).features(PAIRS)])
    with computing_on("card"):
        assert load_surrogate(folder).device.type == "card"


@pytest.mark.parametrize(
    ("family", "chat"), [*product(CAUSAL, (False, True)), *((family, False) for family in SEQ2SEQ)]
)
def test_scores_of_a_prompt(family, chat, language_model_of):
    folder = language_model_of(family, chat)

    def ask():
        predictor = PromptedLM(template(), folder)
        scores = predictor.score(TEXTS)
        if family not in CAUSAL:
            return [scores]
        if family not in SLIDING:
            kept = {"_shared_cache", "_shared_packed"} & set(vars(predictor._causal))
            assert kept, "prompts continue from what they share"
        return [scores, predictor.surprise(TEXTS)]

    same_on_both(ask)
    with computing_on("card"):
        assert load_language_model(folder).device.type == "card"


@pytest.mark.parametrize("family", ["llama", "gpt2"])
def test_scores_after_the_models_own_words(family, language_model_of):
    folder = language_model_of(family, True)
    prompt = replace(template(), reasoning=Reasoning("So it is", 4))
    same_on_both(lambda: [PromptedLM(prompt, folder).score(TEXTS)])


@pytest.mark.parametrize("family", ["bert", "roberta", "mpnet"])
def test_answers_of_a_classifier(family, tmp_path):
    folder = str(tiny_classifier_folder(family, tmp_path))
    same_on_both(lambda: [ClassifierPredictor(folder).predict_proba(texts) for texts in (TEXTS, PAIRS)])
    with computing_on("card"):
        model, _ = ClassifierPredictor(folder)._loaded
        assert next(model.parameters()).device.type == "card"


@pytest.mark.parametrize("family", ["bert", "mpnet"])
def test_answers_of_a_model_that_marks_spans(family, tmp_path):
    from transformers import AutoModelForQuestionAnswering

    folder = str(tiny_headed_folder(AutoModelForQuestionAnswering, family, tmp_path))
    same_on_both(lambda: [SpanPredictor(folder).predict_proba(PAIRS)])
    with computing_on("card"):
        model, _ = SpanPredictor(folder)._loaded
        assert next(model.parameters()).device.type == "card"


@pytest.mark.parametrize("variant", ["empirical", "true", "squared-mean"])
@pytest.mark.parametrize("regression", [False, True])
@pytest.mark.parametrize("family", [*FAMILIES, "albert"])
def test_fisher(family, variant, regression, encoder_of):
    folder = encoder_of(family)
    same_on_both(lambda: [fitted("fisher", folder, regression, variant=variant)])


@pytest.mark.parametrize("method", ["prefix", "lora"])
@pytest.mark.parametrize("regression", [False, True])
@pytest.mark.parametrize("family", FAMILIES)
def test_trained(method, family, regression, encoder_of):
    folder = encoder_of(family)
    same_on_both(lambda: [fitted(method, folder, regression, epochs=2, batch_size=3)], atol=1e-4)


@pytest.mark.parametrize("family", ["llama", "gpt2", "t5"])
def test_scores_in_bfloat16(family, language_model_of):
    folder = language_model_of(family)
    with multiplying_in("bfloat16"):
        rounded = same_on_both(lambda: [PromptedLM(template(), folder).score(TEXTS)])
        assert load_language_model(folder).arithmetic == "bfloat16"
    with computing_on("card"):
        exact = PromptedLM(template(), folder).score(TEXTS)
    assert 0 < np.abs(rounded[0] / exact - 1).max() < 0.1


@pytest.mark.parametrize("room", [40, 400])
@pytest.mark.parametrize("family", ["llama", "gpt2", "t5"])
def test_what_is_free_decides_how_much_is_read_at_once_and_not_what_is_read(family, room, tmp_path, monkeypatch):
    folder = str(saved(tmp_path / "lm", family))  # of its own: how much is read at once is remembered of a model
    encoder = str(tiny_model_folder("bert", tmp_path / "encoder"))

    def free(name):
        return None if name == "cpu" else int(1e9)

    monkeypatch.setattr(memory, "free_memory", free)
    monkeypatch.setattr(memory, "_bytes_a_token", lambda model, backward: memory.SHARE * 1e9 / room)
    same_on_both(lambda: [PromptedLM(template(), folder).score(TEXTS), load_surrogate(encoder).features(TEXTS)])
    with computing_on("card"):
        assert memory.tokens_at_once(load_surrogate(encoder).model, 1024) == room


@pytest.mark.parametrize("method", ["fused", "functional", "text"])
def test_methods_that_read_features(method, encoder_of):
    folder = encoder_of("bert")
    same_on_both(lambda: [fitted(method, folder, False)])


def fitted(method, folder, regression, **options):
    if regression:
        targets = np.linspace(0, 1, len(TEXTS), dtype=np.float32)[:, None]
    else:
        targets = np.eye(2, dtype=np.float32)[[1, 0, 0, 0, 1, 0]]
    seen = Observations(TEXTS, targets, regression, TEXTS[:4])
    return METHODS[method](**options).fit(load_surrogate(folder), seen).values


def test_states_of_a_language_model(language_model_of):
    folder = language_model_of("llama")
    same_on_both(lambda: [_features(TEXTS, folder)])
