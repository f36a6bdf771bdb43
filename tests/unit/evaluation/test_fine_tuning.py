"""Fine-tuned language models are black boxes that learn, the same each time, and are trained once."""

import numpy as np
import pytest
from tiny_language_models import saved
from tiny_models import tiny_model_folder

from fute_core.embedding.recipe import Recipe
from fute_core.errors import BadInput
from fute_core.evaluation.parts import fine_tuned_items
from fute_core.evaluation.parts.fine_tuning import FineTuned, FineTuning, _opened
from fute_core.evaluation.parts.rows import Parts, dataset_parts, first_rows
from fute_core.models.packaged import PACKAGED_MODELS
from fute_core.models.surrogate import load_surrogate
from fute_core.tasks import TaskDataset
from fute_core.testing import check_predictor

ROWS = first_rows(dataset_parts("sst2").train, 16)


@pytest.fixture
def encoder(tmp_path) -> FineTuning:
    return FineTuning(str(tiny_model_folder("bert", tmp_path / "bert")), 1e-2, epochs=8, batch_size=8)


@pytest.fixture
def decoder(tmp_path) -> FineTuning:
    return FineTuning(str(saved(tmp_path / "llama", "llama")), 1e-2, epochs=8, batch_size=8, rank=4)


def loss(model: FineTuned) -> float:
    return float(-np.log((model.predict_proba(ROWS.texts) * ROWS.targets).sum(1)).mean())


@pytest.mark.parametrize("kind", ["encoder", "decoder"])
def test_it_keeps_the_contract_and_learns_more_than_its_first_head_knew(kind, request):
    tuning = request.getfixturevalue(kind)
    untrained = FineTuned(ROWS, FineTuning(tuning.model, 1e-9, 1, rank=tuning.rank))
    learnt = FineTuned(ROWS, tuning)
    assert loss(learnt) < 0.7 * loss(untrained)
    check_predictor(lambda: FineTuned(ROWS, tuning))


def test_words_that_its_rows_lack_stay_and_the_model_it_began_from_is_untouched(encoder):
    base = load_surrogate(encoder.model)
    before = base.model.get_input_embeddings().weight.clone()
    tuned = FineTuned(ROWS, encoder)._trained[0].model.get_input_embeddings().weight
    used = np.unique(np.concatenate([np.array(ids) for ids in base.encoded(ROWS.texts)["input_ids"]]))
    moved = (tuned != before).any(1).numpy()
    assert moved[used].all()
    assert not np.delete(moved, [*used, base.tokenizer.pad_token_id]).any()
    assert (base.model.get_input_embeddings().weight == before).all()
    assert not tuned.requires_grad


def test_it_is_known_by_its_model_its_rows_and_how_it_was_tuned_without_being_trained(encoder, tmp_path):
    other = FineTuning(str(tiny_model_folder("bert", tmp_path / "other", seed=1)), 3e-3, epochs=8, batch_size=8)
    slower = FineTuning(encoder.model, 1e-3, epochs=8, batch_size=8)
    fewer = first_rows(ROWS, 8)
    models = [FineTuned(ROWS, encoder), FineTuned(ROWS, other), FineTuned(ROWS, slower), FineTuned(fewer, encoder)]
    assert len({model.fingerprint() for model in models}) == 4
    assert FineTuned(ROWS, encoder).fingerprint() == models[0].fingerprint()
    assert not any("_trained" in vars(model) for model in models)


@pytest.mark.parametrize(
    ("targets", "labels", "why"), [([[1], [2]], (), "scores"), ([[1, 0], [1, 0]], ("x", "y"), "one label")]
)
def test_rows_that_teach_nothing_are_refused(targets, labels, why):
    rows = TaskDataset("odd", ("a", "b"), np.array(targets, np.float32), labels)
    with pytest.raises(BadInput, match=why):
        FineTuned(rows, FineTuning("minilm", 1e-4, 1))


def test_an_item_that_is_in_the_store_is_not_trained_again(encoder, store, monkeypatch):
    monkeypatch.setattr(fine_tuned_items, "FINE_TUNINGS", {"tiny": encoder})
    monkeypatch.setitem(fine_tuned_items.PACKAGED_MODELS, encoder.model, PACKAGED_MODELS["minilm"])
    monkeypatch.setattr(fine_tuned_items, "dataset_parts", lambda name, folder: Parts(ROWS, ROWS, ROWS))
    recipe = Recipe("functional", n_probes=16)
    item = fine_tuned_items.fine_tuned_item("sst2", "tiny", store, recipe)
    assert item.facts["accuracy"] > 0.7
    assert item.facts["skill"] == pytest.approx(2 * item.facts["accuracy"] - 1)
    assert item.answers.shape == (16, 2)
    assert item.embedding.family == "sentiment"
    _opened.cache_clear()
    monkeypatch.setattr("fute_core.evaluation.parts.fine_tuning._opened", None)  # nothing may be loaded
    again = fine_tuned_items.fine_tuned_item("sst2", "tiny", store, recipe)
    assert again.facts == item.facts
    np.testing.assert_array_equal(again.answers, item.answers)
