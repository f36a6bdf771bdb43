"""Everything that asks a model, on a device that refuses tensors of the processor: the same numbers as there."""

from dataclasses import replace

import numpy as np
import pytest
from command_line import fute
from film_prompts import TEXTS, template
from tiny_classifiers import tiny_classifier_folder
from tiny_language_models import CAUSAL, SEQ2SEQ, SLIDING, saved
from tiny_models import FAMILIES, tiny_model_folder

from fute_core.embedding.embed import embed
from fute_core.embedding.fulfil import embed_request, request_key
from fute_core.embedding.recipe import Recipe
from fute_core.embedding.requests import EmbedRequest
from fute_core.errors import BadInput, Unavailable
from fute_core.evaluation.parts.encoder import _features
from fute_core.jobs import create_job, run_job
from fute_core.methods import METHODS, Observations
from fute_core.models import device, memory, precision
from fute_core.models.device import VARIABLE, computing_on
from fute_core.models.language import load_language_model
from fute_core.models.precision import multiplying_in
from fute_core.models.surrogate import load_surrogate
from fute_core.predictors.classifier import ClassifierPredictor
from fute_core.predictors.prompted_lm import PromptedLM
from fute_core.store.store import open_store
from fute_core.tasks import TaskDataset

PAIRS = tuple(zip(TEXTS, TEXTS[::-1], strict=True))


@pytest.fixture(autouse=True)
def card(monkeypatch):
    """The pretend device as one that torch has, and float32 on the processor, whatever this one is fast in."""
    import card
    import torch

    # Moved weights stay the same objects, as on every real device: T5 has several modules around one table.
    monkeypatch.setattr(torch.__future__, "_swap_module_params_on_conversion", True)
    monkeypatch.setattr(device, "KINDS", (card.NAME,))
    monkeypatch.setattr(device, "count_devices", lambda kind: int(kind == card.NAME))
    described = {"name": "card:0", "title": "a pretence", "memory": None, "precisions": ["float32"]}
    monkeypatch.setattr(device, "_described", lambda kind, number: described)
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
    with pytest.raises(RuntimeError, match="generator of the processor"):
        there.uniform_(generator=torch.Generator())


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


@pytest.mark.parametrize("family", ["llama", "gpt2", "t5"])
def test_scores_in_bfloat16(family, tmp_path):
    folder = str(saved(tmp_path, family))
    with multiplying_in("bfloat16"):
        rounded = same_on_both(lambda: [PromptedLM(template(), folder).score(TEXTS)])
        assert load_language_model(folder).arithmetic == "bfloat16"
    with computing_on("card"):
        exact = PromptedLM(template(), folder).score(TEXTS)
    assert 0 < np.abs(rounded[0] / exact - 1).max() < 0.1


@pytest.mark.parametrize("room", [40, 400])
@pytest.mark.parametrize("family", ["llama", "gpt2", "t5"])
def test_what_is_free_decides_how_much_is_read_at_once_and_not_what_is_read(family, room, tmp_path, monkeypatch):
    folder = str(saved(tmp_path / "lm", family))
    encoder = str(tiny_model_folder("bert", tmp_path / "encoder"))

    def free(name):
        return None if name == "cpu" else int(1e9)

    monkeypatch.setattr(memory, "free_memory", free)
    monkeypatch.setattr(memory, "_bytes_a_token", lambda model, backward: memory.SHARE * 1e9 / room)
    same_on_both(lambda: [PromptedLM(template(), folder).score(TEXTS), load_surrogate(encoder).features(TEXTS)])
    with computing_on("card"):
        assert memory.tokens_at_once(load_surrogate(encoder).model, 1024) == room


@pytest.mark.parametrize("method", ["fused", "functional", "text"])
def test_methods_that_read_features(method, tmp_path):
    folder = str(tiny_model_folder("bert", tmp_path))
    same_on_both(lambda: [fitted(method, folder, False)])


def fitted(method, folder, regression, **options):
    if regression:
        targets = np.linspace(0, 1, len(TEXTS), dtype=np.float32)[:, None]
    else:
        targets = np.eye(2, dtype=np.float32)[[1, 0, 0, 0, 1, 0]]
    seen = Observations(TEXTS, targets, regression, TEXTS[:4])
    return METHODS[method](**options).fit(load_surrogate(folder), seen).values


def test_states_of_a_language_model(tmp_path):
    folder = str(saved(tmp_path, "llama"))
    same_on_both(lambda: [_features(TEXTS, folder)])


# how it is said -----------------------------------------------------------------------------------------------------


@pytest.fixture
def places(monkeypatch):
    """Where encoders are put, one after another."""
    seen = []

    def putting(model, place, *said):
        seen.append(place)
        return memory.put_model(model, place, *said)

    monkeypatch.setattr("fute_core.models.surrogate.put_model", putting)
    return seen


@pytest.fixture
def encoder(tmp_path):
    return str(tiny_model_folder("bert", tmp_path / "encoder", seed=7))


def test_a_request_says_where_and_its_key_does_not(encoder, places, store):
    request = EmbedRequest("dataset", "sst2", method="text", surrogate=encoder, limit=20, options={"device": "card"})
    elsewhere = replace(request, options={"device": "cpu"})
    made = embed_request(request)
    assert places == ["card:0"]
    np.testing.assert_allclose(made.vector, embed_request(elsewhere).vector, atol=1e-5)
    assert places == ["card:0", "cpu"]
    assert made.key == request_key(request) == request_key(elsewhere)
    with pytest.raises(BadInput, match="'gpu' is no device"):
        replace(request, options={"device": "gpu"})


def test_a_prompts_key_holds_the_arithmetic_and_may_be_asked_for_where_the_device_is_not(tmp_path, monkeypatch):
    folder = str(saved(tmp_path / "lm", "gpt2"))
    on = {
        said: EmbedRequest("prompt", "sentiment-12-faces", model=folder, options={"device": said})
        for said in ("cpu", "card", "card:7")
    }
    keys = {said: request_key(request) for said, request in on.items()}
    assert len(set(keys.values())) == 1, "all compute in float32"
    monkeypatch.setattr(precision, "has_bf16", lambda: True)
    assert request_key(on["cpu"]) != keys["cpu"]
    assert request_key(on["card:7"]) == keys["card:7"]
    on["bf16"] = replace(on["card"], options={"device": "card", "precision": "bfloat16"})
    assert request_key(on["bf16"]) not in keys.values()
    with pytest.raises(BadInput, match="'half' is no precision; choose auto, float32 or bfloat16"):
        replace(on["card"], options={"precision": "half"})
    with pytest.raises(Unavailable, match="no card:7 here"):
        embed_request(replace(on["card:7"], method="functional", probes=16))


def test_a_job_takes_it_along(encoder, places):
    request = EmbedRequest("dataset", "sst2", method="text", surrogate=encoder, limit=20, options={"device": "card"})
    job = run_job(create_job([request], open_store()), backend="sequential")
    assert [item.state for item in job.items] == ["done"]
    assert places == ["card:0"]


def test_the_front_door_takes_it(encoder, places):
    recipe = Recipe("text", surrogate=encoder)
    films = TaskDataset("films", TEXTS, np.eye(2, dtype=np.float32)[[1, 0, 0, 0, 1, 0]], ("bad", "good"))
    embed("sst2", method=recipe, limit=20, device="card", store=False)
    embed(films, method=recipe, device="cpu", store=False)
    assert places == ["card:0", "cpu"]
    with pytest.raises(BadInput, match="'gpu' is no device"):
        embed(films, method=recipe, device="gpu", store=False)


@pytest.mark.parametrize(
    ("said", "variable", "place", "told"),
    [
        (None, None, "card:0", True),
        ("auto", "cpu", "card:0", True),
        ("card", None, "card:0", False),
        (None, "card", "card:0", False),
        ("cpu", "card", "cpu", False),
    ],
)
def test_the_command_takes_it_and_tells_of_what_auto_found(said, variable, place, told, encoder, places, monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    if variable:
        monkeypatch.setenv(VARIABLE, variable)
    options = ["--method", "text", "--surrogate", encoder, "--limit", "20", *(["--device", said] if said else [])]
    done = fute("embed", "dataset", "sst2", "mr", *options, "--json")
    assert done.code == 0
    assert places == [place]
    line = "Models compute on card:0 (a pretence); --device cpu keeps them on the processor.\n"
    assert done.err.count("Models compute on") == told
    assert (line in done.err) == told
    again = fute("embed", "dataset", "sst2", *options, "--json")
    assert "Models compute" not in again.err, "nothing is computed"


def test_a_device_that_is_not_there_is_one_sentence_before_anything_is_done(encoder, places):
    for command in (
        ("embed", "dataset", "sst2", "--surrogate", encoder),
        ("select", "--target", "sst2", "sentiment"),
        ("eval", "coverage", "--quick"),
        ("gallery", "verify"),
    ):
        done = fute(*command, "--device", "card:3")
        assert (done.code, done.err) == (2, "Error: There is no card:3 here; the last card device is card:0.\n")
    assert places == []
