"""Folders of models of every kind: what lies there now is what is loaded, what it is called, and what is no model."""

import json

import numpy as np
import pytest
from tiny_classifiers import tiny_classifier_folder
from tiny_language_models import saved
from tiny_models import tiny_model_folder

from fute_core.atlas.gallery import load_gallery
from fute_core.errors import BadInput
from fute_core.models import files, gguf, surrogate
from fute_core.models.identity import weights_digest
from fute_core.models.language import load_language_model, model_identity
from fute_core.models.packaged_encoders import CROSS_ENCODERS
from fute_core.models.surrogate import load_surrogate, surrogate_identity
from fute_core.models.tokenizer import load_tokenizer, longest_input
from fute_core.predictors.classifier import ClassifierPredictor
from fute_core.predictors.prompted_lm import PromptedLM
from fute_core.tasks import PromptTemplate

pytestmark = pytest.mark.usefixtures("bare_home")

TEXTS = ("a fine film", "bad")
TEMPLATE = PromptTemplate("t", "{{ text }} ?", (("good",), ("bad",)), ("good", "bad"))
LOADERS = {"surrogate": surrogate._opened, "language model": load_language_model, "tokenizer": load_tokenizer}


def written(role, folder, seed=0):
    """A folder with a model of a role; what the seed changes are the weights alone."""
    if role == "classifier":
        return tiny_classifier_folder("bert", folder, seed=seed)
    return tiny_model_folder("bert", folder, seed=seed) if role == "surrogate" else saved(folder, seed=seed)


def answers(role, folder):
    """(identity, what the model says) as one would ask for them first thing."""
    if role == "surrogate":
        return surrogate_identity(str(folder))[1], load_surrogate(str(folder)).features(TEXTS)
    ask = ClassifierPredictor(str(folder)) if role == "classifier" else PromptedLM(TEMPLATE, str(folder))
    return ask.fingerprint(), ask.predict_proba(TEXTS)


# loaded once, and again where the files are others ------------------------------------------------------------------


@pytest.mark.parametrize("role", ["surrogate", "classifier", "language model"])
def test_weights_saved_again_in_the_same_folder_are_another_model(role, tmp_path):
    before = answers(role, written(role, tmp_path / "m"))
    after = answers(role, written(role, tmp_path / "m", seed=1))
    assert before[0] != after[0]
    assert np.abs(before[1] - after[1]).max() > 1e-3
    elsewhere = answers(role, written(role, tmp_path / "other", seed=1))
    np.testing.assert_array_equal(after[1], elsewhere[1])


def test_a_tokenizer_saved_again_in_the_same_folder_is_another(tmp_path):
    folder = saved(tmp_path / "m")
    assert load_tokenizer(str(folder)).chat_template is None
    saved(folder, chat=True)
    assert load_tokenizer(str(folder)).chat_template


@pytest.mark.parametrize("role", LOADERS)
def test_the_same_weights_are_loaded_once(role, tmp_path):
    folder = str(written(role, tmp_path / "m"))
    load = LOADERS[role]
    assert load(folder) is load(folder)
    assert load.__wrapped__(folder) is not load(folder)


@pytest.mark.parametrize("kind", ["classifier", "language model"])
def test_a_predictor_that_has_loaded_its_model_keeps_it_with_its_fingerprint(kind, tmp_path):
    folder = written(kind, tmp_path / "m")
    ask = ClassifierPredictor(str(folder)) if kind == "classifier" else PromptedLM(TEMPLATE, str(folder))
    known, said = ask.fingerprint(), ask.predict_proba(TEXTS)
    for seed in (1, 2, 3):
        answers(kind, written(kind, folder, seed=seed))
    assert ask.fingerprint() == known
    np.testing.assert_array_equal(ask.predict_proba(TEXTS), said)


def test_a_hub_id_is_looked_up_once(tmp_path, monkeypatch):
    folder, asked = written("surrogate", tmp_path / "m"), []
    monkeypatch.setattr("huggingface_hub.snapshot_download", lambda ref, **_: asked.append(ref) or str(folder))
    assert load_surrogate("someone/looked-up-once") is load_surrogate("someone/looked-up-once")
    assert asked == ["someone/looked-up-once"]


# identity -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", ["sentencepiece.bpe.model", "spm.model", "added_tokens.json"])
def test_every_file_of_a_tokenizer_counts(file, tmp_path):
    folder = written("surrogate", tmp_path / "m")
    digests = [weights_digest(folder)]
    for content in ("one", "two"):
        (folder / file).write_text(content)
        digests.append(weights_digest(folder))
    assert len(set(digests)) == 3


@pytest.mark.parametrize("file", ["generation_config.json", "special_tokens_map.json", "README.md", "optimizer.pt"])
def test_what_changes_no_answer_does_not_count(file, tmp_path):
    folder = written("surrogate", tmp_path / "m")
    before = weights_digest(folder)
    (folder / file).write_text("{}")
    assert weights_digest(folder) == before


def test_the_packaged_encoder_is_the_one_of_the_shipped_vectors():
    assert {item.embedding.provenance.surrogate_digest for item in load_gallery(False).items} == {
        surrogate_identity()[1]
    }


# packaged models ----------------------------------------------------------------------------------------------------


def test_every_packaged_name_is_read_in_one_place():
    assert {*surrogate.ALIASES, *gguf.ALIASES, *CROSS_ENCODERS} == set(files.PACKAGED)
    assert {name for name, kind in files.PACKAGED.items() if kind == "surrogate"} == set(surrogate.ALIASES)


@pytest.mark.parametrize("near", ["smollm", "smolm2", "gemma-270m"])
def test_a_packaged_name_misspelt_is_guessed(near, monkeypatch):
    monkeypatch.setattr("huggingface_hub.snapshot_download", lambda *_, **__: pytest.fail("asked the Hub"))
    guess = "gemma3-270m" if near.startswith("gemma") else "smollm2"
    for use in (model_identity, load_language_model, load_tokenizer, longest_input):
        with pytest.raises(BadInput, match=f"did you mean '{guess}'"):
            use(near)


# damage -------------------------------------------------------------------------------------------------------------


def _config(**changes):
    def change(folder):
        config = json.loads((folder / "config.json").read_text()) | changes
        (folder / "config.json").write_text(json.dumps(config))

    return change


def _half(file):
    def change(folder):
        content = (folder / file).read_bytes()
        (folder / file).write_bytes(content[: len(content) // 2])

    return change


def _lost_shard(folder):
    (folder / "model.safetensors").rename(folder / "model-00001-of-00002.safetensors")
    of = {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}
    (folder / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": of}))


DAMAGE = {
    "weights cut off": (_half("model.safetensors"), "cannot be loaded (SafetensorError"),
    "weights empty": (lambda f: (f / "model.safetensors").write_bytes(b""), "cannot be loaded (SafetensorError"),
    "a shard lost": (_lost_shard, "lacks model-00002-of-00002.safetensors, which model.safetensors.index.json names"),
    "tokenizer cut off": (_half("tokenizer.json"), "cannot be loaded (JSONDecodeError"),
    "tokenizer of nothing": (lambda f: (f / "tokenizer.json").write_text("{}"), "cannot be loaded (KeyError"),
    "config of the tokenizer": (lambda f: (f / "tokenizer_config.json").write_text("{"), "cannot be loaded ("),
    "config no JSON": (lambda f: (f / "config.json").write_text("{"), "cannot be loaded (OSError"),
    "config null": (lambda f: (f / "config.json").write_text("null"), "cannot be loaded (TypeError"),
    "config of another type": (_config(n_embd="x"), "cannot be loaded (StrictDataclass"),
    "config of other weights": (
        _config(vocab_size=7),
        "wte.weight has the shape (600, 16), where config.json asks for (7, 16)",
    ),
    "config out of bounds": (_config(n_head=3), "cannot be loaded (ValueError"),
    "unheard of": (_config(model_type="homemade"), "is of a model type that transformers does not know"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_language_model_is_one_sentence(damage, tmp_path):
    change, says = DAMAGE[damage]
    change(folder := saved(tmp_path / "damaged"))
    with pytest.raises(BadInput) as refused:
        PromptedLM(TEMPLATE, str(folder)).predict_proba(TEXTS)
    assert says in str(refused.value)
    assert "damaged" in str(refused.value)
    assert "\n" not in str(refused.value)
    with pytest.raises(BadInput):
        load_language_model(str(folder))


@pytest.mark.parametrize("broken", ["{% for m in %}", "{{ messages[0].nope.x }}", "{{ messages + 1 }}"])
@pytest.mark.parametrize("system", ["", "Be brief."])
def test_a_chat_template_that_fails_is_one_sentence_that_says_how_to_go_on(broken, system, tmp_path):
    folder = saved(tmp_path / "m", chat=True)
    (folder / "chat_template.jinja").write_text(broken)
    template = PromptTemplate("t", "{{ text }} ?", (("good",), ("bad",)), ("good", "bad"), system=system)
    with pytest.raises(BadInput, match=r"chat template of this model fails \(.*\); use --no-chat, or mend it"):
        PromptedLM(template, str(folder)).predict_proba(TEXTS)
    assert PromptedLM(template, str(folder), chat=False).predict_proba(TEXTS).shape == (2, 2)
