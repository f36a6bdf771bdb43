"""Everything that asks a model, on a device that refuses tensors of the processor: the same numbers as there."""

import numpy as np
import pytest
from tiny_classifiers import tiny_classifier_folder
from tiny_language_models import CAUSAL, SEQ2SEQ, saved
from tiny_models import FAMILIES, tiny_model_folder

from fute_core.evaluation.parts.encoder import _features
from fute_core.methods import METHODS, Observations
from fute_core.models import device, precision
from fute_core.models.device import computing_on
from fute_core.models.language import load_language_model
from fute_core.models.surrogate import load_surrogate
from fute_core.predictors.classifier import ClassifierPredictor
from fute_core.predictors.prompted_lm import PromptedLM
from fute_core.tasks import PromptTemplate

TEXTS = ("a fine film", "bad", "dull and long, and then some more of it", "good fun for all of us", "so so")
PAIRS = tuple(zip(TEXTS, TEXTS[::-1], strict=True))
TEMPLATE = PromptTemplate(
    "t", "Is this film good or bad? {{ text }} It is", (("good", "a fine one"), ("bad",)), ("good", "bad")
)


@pytest.fixture(autouse=True)
def card(monkeypatch):
    """The pretend device as one that torch has, and float32 on the processor, whatever this one is fast in."""
    import card
    import torch

    # Moved weights stay the same objects, as on every real device: T5 has several modules around one table.
    monkeypatch.setattr(torch.__future__, "_swap_module_params_on_conversion", True)
    monkeypatch.setattr(device, "KINDS", (card.NAME,))
    monkeypatch.setattr(device, "count_devices", lambda kind: int(kind == card.NAME))
    monkeypatch.setattr(precision, "has_bf16", lambda: False)
    return card


def same_on_both(compute, atol=1e-5):
    """`compute` gives arrays; what it gave on the card."""
    with computing_on("cpu"):
        here = compute()
    with computing_on("card"):
        there = compute()
    for a, b in zip(here, there, strict=True):
        assert isinstance(b, np.ndarray)
        np.testing.assert_allclose(b, a, rtol=1e-6, atol=atol)
    return there


def test_the_card_refuses_what_an_accelerator_refuses(card):
    import torch

    there = torch.ones(2, 3).to("card")
    for mixed in (lambda: there + torch.ones(2, 3), lambda: there @ torch.ones(3, 2), lambda: there[torch.ones(2) > 0]):
        with pytest.raises(RuntimeError, match=r"processor|same device"):
            mixed()
    with pytest.raises(TypeError, match="float64"):
        there.double()
    with pytest.raises((TypeError, RuntimeError)):
        there.numpy()


@pytest.mark.parametrize("family", [*FAMILIES, "albert", "electra"])
def test_features(family, tmp_path):
    folder = str(tiny_model_folder(family, tmp_path))
    same_on_both(lambda: [load_surrogate(folder).features(TEXTS), load_surrogate(folder).features(PAIRS)])
    with computing_on("card"):
        assert load_surrogate(folder).device.type == "card"


@pytest.mark.parametrize("family", [*CAUSAL, *SEQ2SEQ])
@pytest.mark.parametrize("chat", [False, True])
def test_scores_of_a_prompt(family, chat, tmp_path):
    folder = str(saved(tmp_path, family, chat=chat and family in CAUSAL))

    def ask():
        predictor = PromptedLM(TEMPLATE, folder)
        surprise = [predictor.surprise(TEXTS)] if family in CAUSAL else []
        return [predictor.score(TEXTS), predictor.predict_proba(TEXTS[:1]), *surprise]

    same_on_both(ask)
    with computing_on("card"):
        assert load_language_model(folder).device.type == "card"


@pytest.mark.parametrize("family", ["bert", "roberta", "mpnet"])
def test_answers_of_a_classifier(family, tmp_path):
    folder = str(tiny_classifier_folder(family, tmp_path))
    same_on_both(lambda: [ClassifierPredictor(folder).predict_proba(texts) for texts in (TEXTS, PAIRS)])
    with computing_on("card"):
        model, _ = ClassifierPredictor(folder)._loaded
        assert next(model.parameters()).device.type == "card"


@pytest.mark.parametrize("family", [*FAMILIES, "albert"])
@pytest.mark.parametrize("variant", ["empirical", "true", "squared-mean"])
@pytest.mark.parametrize("regression", [False, True])
def test_fisher(family, variant, regression, tmp_path):
    folder = str(tiny_model_folder(family, tmp_path))
    same_on_both(lambda: [fitted("fisher", folder, regression, variant=variant)])


@pytest.mark.parametrize("method", ["prefix", "lora"])
@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("regression", [False, True])
def test_trained(method, family, regression, tmp_path):
    folder = str(tiny_model_folder(family, tmp_path))
    same_on_both(lambda: [fitted(method, folder, regression, epochs=2, batch_size=2)], atol=1e-4)


@pytest.mark.parametrize("method", ["fused", "functional", "text"])
def test_methods_that_read_features(method, tmp_path):
    folder = str(tiny_model_folder("bert", tmp_path))
    same_on_both(lambda: [fitted(method, folder, False)])


def fitted(method, folder, regression, **options):
    if regression:
        targets = np.linspace(0, 1, len(TEXTS), dtype=np.float32)[:, None]
    else:
        targets = np.eye(2, dtype=np.float32)[[1, 0, 0, 1, 0]]
    seen = Observations(TEXTS, targets, regression, TEXTS[:4])
    return METHODS[method](**options).fit(load_surrogate(folder), seen).values


def test_states_of_a_language_model(tmp_path):
    folder = str(saved(tmp_path, "llama"))
    same_on_both(lambda: [_features(TEXTS, folder)])
