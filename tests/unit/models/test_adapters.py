"""Adapters of peft, joined with their base: the answers of peft itself, and a sentence where the base is not here."""

import json
import shutil

import numpy as np
import pytest
import torch
from tiny_classifiers import tiny_classifier_folder
from tiny_language_models import saved
from tiny_models import tiny_model_folder

from fute_core.errors import BadInput, Unavailable
from fute_core.models.identity import weights_digest
from fute_core.models.language import read_language_model
from fute_core.models.pooling import Pooling, read_pooling, write_pooling
from fute_core.models.surrogate import load_surrogate
from fute_core.models.tokenizer import load_tokenizer, longest_input
from fute_core.predictors.classifier import ClassifierPredictor
from fute_core.predictors.sentence_scores import PairScores, open_scorer

TEXTS = ("a fine film", "bad", "so good it hurts , and on and on")
TARGETS = {"bert": ["query", "value"], "gpt2": ["c_attn"], "llama": ["q_proj", "v_proj"], "distilbert": ["q_lin"]}


def adapted(base, folder, family, loader, task, **given):
    """Save an adapter with weights that count; gives the model as peft has it."""
    from peft import LoraConfig, get_peft_model

    with torch.random.fork_rng():
        torch.manual_seed(3)
        model = loader.from_pretrained(base, **given)
        made = get_peft_model(model, LoraConfig(task_type=task, r=2, lora_alpha=8, target_modules=TARGETS[family]))
        for _, weight in made.named_parameters():
            if weight.requires_grad:
                torch.nn.init.normal_(weight, std=0.4)
    made.eval().save_pretrained(folder)
    return made


@pytest.fixture
def classifier(tmp_path):
    """Gives (folder of the adapter, model of peft) of a family."""
    from transformers import AutoModelForSequenceClassification

    def make(family, outputs=3):
        base = tiny_classifier_folder(family, tmp_path / "base", id2label={0: "no", 1: "maybe", 2: "yes"})
        made = adapted(
            base, tmp_path / "adapter", family, AutoModelForSequenceClassification, "SEQ_CLS",
            num_labels=outputs, ignore_mismatched_sizes=True,
        )  # fmt: skip
        return tmp_path / "adapter", made

    return make


@pytest.mark.parametrize("family", ["bert", "distilbert", "gpt2", "llama"])
@pytest.mark.parametrize(("outputs", "labels"), [(3, ("no", "maybe", "yes")), (2, ("LABEL_0", "LABEL_1"))])
def test_a_classifier_answers_as_peft_does(classifier, family, outputs, labels):
    from transformers import AutoTokenizer

    folder, made = classifier(family, outputs)
    tokenizer = AutoTokenizer.from_pretrained(folder.parent / "base")
    with torch.inference_mode():
        said = [made(**tokenizer(text, return_tensors="pt")).logits[0].softmax(0).numpy() for text in TEXTS]
    predictor = ClassifierPredictor(str(folder))
    assert predictor.labels == labels
    np.testing.assert_allclose(predictor.predict_proba(TEXTS), said, atol=1e-5)
    alone = ClassifierPredictor(str(folder.parent / "base")).predict_proba(TEXTS)
    assert alone.shape[1] != outputs or np.abs(alone - said).max() > 0.01


def test_a_language_model_is_joined_into_one_of_its_own_kind(tmp_path):
    from transformers import AutoModelForCausalLM

    base = saved(tmp_path / "base", "llama")
    made = adapted(base, tmp_path / "adapter", "llama", AutoModelForCausalLM, "CAUSAL_LM")
    read = read_language_model(str(tmp_path / "adapter"), "float32")
    ids = torch.tensor([load_tokenizer(str(tmp_path / "adapter"))("a fine film")["input_ids"]])
    with torch.inference_mode():
        torch.testing.assert_close(read.model(ids).logits, made(ids).logits, atol=1e-4, rtol=1e-4)
    assert read.packed is not None
    assert longest_input(str(tmp_path / "adapter")) == 160


def test_an_encoder_is_joined(tmp_path):
    from transformers import AutoModel

    base = tiny_model_folder("bert", tmp_path / "base")
    adapted(base, tmp_path / "adapter", "bert", AutoModel, "FEATURE_EXTRACTION")
    got, plain = (load_surrogate(str(tmp_path / name)).features(TEXTS) for name in ("adapter", "base"))
    assert np.abs(got - plain).max() > 0.01


def test_an_encoder_is_read_as_its_base_unless_it_says_how(tmp_path):
    from transformers import AutoModel

    base, adapter = tiny_model_folder("bert", tmp_path / "base"), tmp_path / "adapter"
    adapted(base, adapter, "bert", AutoModel, "FEATURE_EXTRACTION")
    write_pooling(base, Pooling("first", "query: "))
    assert read_pooling(adapter) == Pooling("first", "query: ")
    write_pooling(adapter, Pooling("mean"))
    assert read_pooling(adapter) == Pooling("mean")


def test_a_classifier_scores_pairs_as_its_base_would(classifier):
    assert isinstance(open_scorer(str(classifier("bert")[0])), PairScores)


def test_its_identity_follows_adapter_and_base_and_not_where_they_lie(classifier, tmp_path):
    folder, _ = classifier("bert")
    known = weights_digest(folder)
    assert known != weights_digest(tmp_path / "base")
    shutil.copytree(tmp_path, tmp_path.parent / "moved")
    assert weights_digest(tmp_path.parent / "moved" / "adapter") == known
    described = json.loads((folder / "adapter_config.json").read_text())
    (folder / "adapter_config.json").write_text(json.dumps(described | {"lora_alpha": 1}))
    assert weights_digest(folder) != known
    (folder / "adapter_config.json").write_text(json.dumps(described))
    tiny_classifier_folder("bert", tmp_path / "base", seed=5)
    assert weights_digest(folder) != known


def test_an_adapter_without_its_base_names_the_base(classifier, tmp_path):
    folder, _ = classifier("bert")
    shutil.rmtree(tmp_path / "base")
    for use in (ClassifierPredictor, load_surrogate, lambda ref: read_language_model(ref, "float32")):
        with pytest.raises(
            Unavailable, match=rf"is an adapter of '{tmp_path / 'base'}', which is not here; put"
        ) as told:
            use(str(folder))
        assert "\n" not in str(told.value)


def _described(**changes):
    def change(folder):
        file = folder / "adapter_config.json"
        file.write_text(json.dumps(json.loads(file.read_text()) | changes))

    return change


DAMAGE = {
    "no base named": (_described(base_model_name_or_path=None), "names no model under base_model_name_or_path"),
    "no JSON": (lambda f: (f / "adapter_config.json").write_text("{"), r"adapter_config\.json cannot be read; save"),
    "no weights": (lambda f: (f / "adapter_model.safetensors").unlink(), r"without adapter_model\.safetensors"),
    "weights cut": (lambda f: (f / "adapter_model.safetensors").write_bytes(b"x"), r"cannot be loaded \("),
    "unheard of": (_described(peft_type="HOMEMADE"), r"cannot be loaded \("),
    "its own base": (lambda f: _described(base_model_name_or_path=str(f))(f), "an adapter itself; merge that"),
}


@pytest.mark.parametrize("how", DAMAGE)
def test_a_damaged_adapter_is_one_sentence(classifier, how):
    folder, _ = classifier("bert")
    change, sentence = DAMAGE[how]
    change(folder)
    with pytest.raises(BadInput, match=sentence) as told:
        ClassifierPredictor(str(folder)).predict_proba(TEXTS)
    assert "\n" not in str(told.value)


def test_an_adapter_that_lacks_a_layer_of_the_head_is_refused(tmp_path):
    from transformers import AutoModelForSequenceClassification

    base = tiny_model_folder("bert", tmp_path / "base")
    adapted(base, tmp_path / "adapter", "bert", AutoModelForSequenceClassification, "SEQ_CLS")
    from safetensors.torch import load_file, save_file

    file = tmp_path / "adapter" / "adapter_model.safetensors"
    save_file({k: v for k, v in load_file(file).items() if "classifier" not in k}, file, {"format": "pt"})
    with pytest.raises(BadInput, match=r"cannot be loaded \(KeyError: .*classifier"):
        ClassifierPredictor(str(tmp_path / "adapter")).predict_proba(TEXTS)
