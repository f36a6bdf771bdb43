"""How an accelerator is chosen, and that weights come there by themselves, on a device that is pretended."""

from dataclasses import replace

import numpy as np
import pytest
from command_line import fute
from film_prompts import TEXTS, template
from pretended import with_card  # noqa: F401 - in force for every test here
from tiny_classifiers import tiny_classifier_folder
from tiny_language_models import saved
from tiny_models import tiny_model_folder

from fute_core.embedding.embed import embed
from fute_core.embedding.fulfil import embed_request, request_key
from fute_core.embedding.recipe import Recipe
from fute_core.embedding.requests import EmbedRequest
from fute_core.errors import BadInput, Unavailable
from fute_core.jobs import create_job, run_job
from fute_core.models import precision, room, straight
from fute_core.models.device import VARIABLE, computing_on
from fute_core.models.language import load_language_model
from fute_core.models.precision import multiplying_in
from fute_core.models.surrogate import load_surrogate
from fute_core.predictors.classifier import ClassifierPredictor
from fute_core.predictors.prompted_lm import PromptedLM
from fute_core.store.store import open_store
from fute_core.tasks import TaskDataset


def test_weights_come_straight_to_the_card(tmp_path, monkeypatch):
    import transformers

    def moved(*_):
        raise AssertionError("moved as a whole")

    monkeypatch.setattr(transformers.PreTrainedModel, "to", moved)
    folders = (
        saved(tmp_path / "lm", "llama"),
        tiny_model_folder("bert", tmp_path),
        tiny_classifier_folder("bert", tmp_path),
    )
    with computing_on("card"):
        models = load_language_model(str(folders[0])).model, load_surrogate(str(folders[1])).model
        for model in (*models, ClassifierPredictor(str(folders[2]))._loaded[0]):
            assert {str(part.device) for part in (*model.parameters(), *model.buffers())} == {"card:0"}


@pytest.mark.parametrize("arithmetic", ["float32", "bfloat16"])
def test_a_model_on_the_card_and_elsewhere(arithmetic, tmp_path, monkeypatch):
    folder = str(saved(tmp_path, "mistral"))
    parts = {"model.embed_tokens": "card:0", "model.layers.0": "card:0", "model.layers.1": "cpu", "model.norm": "cpu",
             "model.rotary_emb": "card:0", "lm_head": "card:0"}  # fmt: skip
    asked = []

    def told(*given):
        asked.append(given[1:3])
        return {"device_map": parts} if given[2] else straight.where_to(*given)

    monkeypatch.setattr("fute_core.models.weights.where_to", told)

    def ask():
        predictor = PromptedLM(template(), folder)
        return [predictor.score(TEXTS), predictor.surprise(TEXTS)]

    with multiplying_in(arithmetic):
        with computing_on("cpu"):
            here = ask()
        with computing_on("spread"):
            there = ask()
            lm = load_language_model(folder)
    assert asked == [("cpu", False), ("card:0", True)]
    assert lm.device.type == "card"
    assert {p.device.type for p in lm.model.parameters()} == {"card", "meta"}
    for a, b in zip(here, there, strict=True):
        np.testing.assert_allclose(b, a, rtol=1e-6, atol=1e-5)


# how it is said -----------------------------------------------------------------------------------------------------


@pytest.fixture
def places(monkeypatch):
    """Where encoders are put, one after another."""
    seen = []

    def putting(model, place, *said):
        seen.append(place)
        return room.put_model(model, place, *said)

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
