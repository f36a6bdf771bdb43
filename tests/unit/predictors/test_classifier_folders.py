"""Classifiers of many architectures as people save them, each against one plain forward pass of transformers a text."""

import json
import shutil

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from tiny_classifiers import tiny_classifier_folder, tiny_headed_folder

from fute_core.errors import BadInput, Unavailable
from fute_core.predictors.classifier import ClassifierPredictor

NAMES = {0: "no", 1: "maybe", 2: "yes"}
TEXTS = ("a fine film", "bad", "so good it hurts , and on and on and on", "the plot is thin", "a bad film")
FAMILIES = (
    "albert", "bart", "bert", "deberta-v2", "distilbert", "electra", "gemma3_text", "gpt2", "llama", "mistral",
    "mixtral", "modernbert", "mpnet", "nystromformer", "opt", "qwen2", "qwen3", "roberta", "t5",
)  # fmt: skip
LAST_TOKEN = ("gemma3_text", "gpt2", "llama", "mistral", "mixtral", "opt", "qwen2", "qwen3")
"""Decoders, which classify by what they have read at the last token that is no padding."""

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Gives the folder of a family, made once."""
    root, known = tmp_path_factory.mktemp("folders"), {}

    def folder(family):
        if family not in known:
            known[family] = tiny_classifier_folder(family, root / family, id2label=NAMES)
        return known[family]

    return folder


def plain(folder):
    """What transformers says, one text at a time, so that there is nothing to pad."""
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    with torch.inference_mode():
        logits = [model(**tokenizer(text, return_tensors="pt")).logits[0] for text in TEXTS]
    return torch.stack(logits).softmax(1).numpy()


def changed(source, folder, file="config.json", without=(), **changes):
    shutil.copytree(source, folder)
    kept = json.loads((folder / file).read_text("utf-8")) | changes
    (folder / file).write_text(json.dumps({k: v for k, v in kept.items() if k not in without}), "utf-8")
    return folder


def rewritten(source, folder, change):
    shutil.copytree(source, folder, dirs_exist_ok=True)
    weights = load_file(folder / "model.safetensors")
    change(weights)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    return folder


def asked(folder):
    return ClassifierPredictor(str(folder)).predict_proba(TEXTS)


# the same answers as one text at a time -----------------------------------------------------------------------------


@pytest.mark.parametrize("family", FAMILIES)
def test_answers_are_those_of_a_plain_forward_pass(made, family):
    got = asked(made(family))
    np.testing.assert_allclose(got, plain(made(family)), atol=1e-5)
    assert np.ptp(got, axis=0).max() > 0.01


@pytest.mark.parametrize("family", FAMILIES)
def test_a_tokenizer_that_pads_on_the_left_changes_nothing(made, family, tmp_path):
    folder = changed(made(family), tmp_path / "m", "tokenizer_config.json", padding_side="left")
    np.testing.assert_allclose(asked(folder), asked(made(family)), atol=1e-6)


@pytest.mark.parametrize("family", [f for f in FAMILIES if f != "modernbert"])
def test_a_config_that_names_no_padding_is_read(made, family, tmp_path):
    folder = changed(made(family), tmp_path / "m", without=("pad_token_id",))
    np.testing.assert_allclose(asked(folder), plain(folder), atol=1e-5)


@pytest.mark.parametrize("family", LAST_TOKEN)
def test_neither_config_nor_tokenizer_needs_padding(made, family, tmp_path):
    folder = changed(made(family), tmp_path / "m", without=("pad_token_id",))
    shutil.copytree(folder, tmp_path / "n")
    folder = changed(tmp_path / "n", tmp_path / "o", "tokenizer_config.json", without=("pad_token",))
    np.testing.assert_allclose(asked(folder), plain(folder), atol=1e-5)


def test_experts_stored_together_are_read_as_those_stored_one_by_one(made, tmp_path):
    from transformers import AutoModelForSequenceClassification

    together = AutoModelForSequenceClassification.from_pretrained(made("mixtral")).state_dict()
    assert any(name.endswith("experts.gate_up_proj") for name in together)
    folder = shutil.copytree(made("mixtral"), tmp_path / "m")
    save_file({k: v.contiguous() for k, v in together.items()}, folder / "model.safetensors", {"format": "pt"})
    assert "experts.0" not in " ".join(load_file(folder / "model.safetensors"))
    np.testing.assert_allclose(asked(folder), plain(made("mixtral")), atol=1e-5)


# names of labels ----------------------------------------------------------------------------------------------------

NAMED = {
    "from 1": ({"1": "no", "2": "maybe", "3": "yes"}, None, ("no", "maybe", "yes")),
    "with a gap": ({"0": "no", "2": "maybe", "7": "yes"}, None, ("no", "maybe", "yes")),
    "in any order": ({"2": "yes", "0": "no", "1": "maybe"}, None, ("no", "maybe", "yes")),
    "ten and more": ({"9": "no", "10": "maybe", "11": "yes"}, None, ("no", "maybe", "yes")),
    "fewer names than outputs": ({"0": "no", "1": "maybe"}, 3, ("no", "maybe", "LABEL_2")),
    "a name lacking in between": ({"0": "no", "2": "yes"}, 3, ("no", "LABEL_1", "yes")),
    "only the number": (None, 3, ("LABEL_0", "LABEL_1", "LABEL_2")),
}


@pytest.mark.parametrize("how", NAMED)
def test_names_stand_by_the_outputs_they_belong_to(made, how, tmp_path):
    names, count, labels = NAMED[how]
    said = {} if count is None else {"num_labels": count}
    without = ("label2id", *(("id2label",) if names is None else ()))
    folder = changed(made("bert"), tmp_path / "m", without=without, **({"id2label": names} if names else {}), **said)
    assert ClassifierPredictor(str(folder)).labels == labels
    np.testing.assert_allclose(asked(folder), plain(made("bert")), atol=1e-6)


def test_names_are_found_where_only_the_way_back_is_written(made, tmp_path):
    folder = changed(made("bert"), tmp_path / "m", without=("id2label",), label2id={"no": 0, "maybe": 1, "yes": 2})
    assert ClassifierPredictor(str(folder)).labels == ("no", "maybe", "yes")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"num_labels": 2}, r"names 3 labels \(no, maybe, yes\), but num_labels is 2; correct"),
        ({"id2label": {"1": "no", "2": "yes"}, "num_labels": 3}, None),
        ({"id2label": {"3": "no", "4": "yes"}, "num_labels": 3}, r"names 2 labels \(no, yes\), but num_labels is 3"),
        ({"id2label": {"no": "no", "yes": "yes"}}, r"no mapping of numbers to names; write it like \{.0.: .neg"),
        ({"id2label": ["no", "maybe", "yes"]}, r"no mapping of numbers to names; write it like \{.0.: .neg"),
        ({"num_labels": "three"}, r"num_labels of config\.json is 'three'"),
        ({"id2label": {"0": "no", "1": "yes"}}, r"classifier\.bias has the shape \(3,\), where .* asks for \(2,\)"),
        ({"problem_type": "regression"}, "gives 3 scores a text"),
    ],
)
def test_labels_that_cannot_be_told_are_one_sentence(made, changes, sentence, tmp_path):
    folder = changed(made("bert"), tmp_path / "m", without=("label2id",), **changes)
    if sentence is None:
        assert ClassifierPredictor(str(folder)).labels == ("LABEL_0", "no", "yes")
        return
    with pytest.raises(BadInput, match=sentence) as refused:
        asked(folder)
    assert "\n" not in str(refused.value)


# heads of other kinds -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("family", ["llama", "qwen2", "qwen3", "bert"])
def test_a_classifier_of_tokens_is_refused(family, tmp_path):
    from transformers import AutoModelForTokenClassification

    folder = tiny_headed_folder(AutoModelForTokenClassification, family, tmp_path / "m", num_labels=3)
    with pytest.raises(BadInput, match="ForTokenClassification, which gives no label to a whole text"):
        asked(folder)


@pytest.mark.parametrize("family", ["llama", "qwen2", "gpt2"])
def test_a_bias_of_the_last_layer_counts(made, family, tmp_path):
    bias = torch.tensor([1.0, -0.5, 0.25])
    folder = rewritten(made(family), tmp_path / "m", lambda weights: weights.update({"score.bias": bias}))
    logits = np.log(plain(made(family))) + bias.numpy()
    np.testing.assert_allclose(asked(folder), np.exp(logits) / np.exp(logits).sum(1, keepdims=True), atol=1e-5)


LAYOUTS = {
    "bias of another size": ({"score.bias": torch.ones(5)}, "weights score.bias, which a LlamaForSequenceClassif"),
    "a scale beside a matrix": ({"score.weight_scale": torch.ones(1)}, "weights score.weight_scale, which"),
    "a norm with a bias": ({"model.norm.bias": torch.ones(16)}, "weights model.norm.bias, which"),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_weights_that_the_architecture_would_leave_out_are_refused(made, layout, tmp_path):
    more, sentence = LAYOUTS[layout]
    folder = rewritten(made("llama"), tmp_path / "m", lambda weights: weights.update(more))
    with pytest.raises(BadInput, match=sentence):
        asked(folder)


def test_a_head_of_another_task_beside_the_right_one_does_no_harm(made, tmp_path):
    more = {"lm_head.weight": torch.ones(7, 16), "model.layers.0.self_attn.rotary_emb.inv_freq": torch.ones(4)}
    folder = rewritten(made("llama"), tmp_path / "m", lambda weights: weights.update(more))
    np.testing.assert_allclose(asked(folder), plain(made("llama")), atol=1e-5)


def test_quantised_weights_that_need_another_library_are_one_sentence(made, tmp_path):
    folder = changed(made("llama"), tmp_path / "m", quantization_config={"quant_method": "gptq", "bits": 4})
    with pytest.raises(Unavailable, match=r"needs a library that is not installed \(.*optimum") as refused:
        asked(folder)
    assert "\n" not in str(refused.value)
