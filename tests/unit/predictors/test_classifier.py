"""Sequence classifiers from folders: the model's own answers, whatever the batch, and a sentence for what is none."""

import json
import shutil
import subprocess
import sys

import numpy as np
import pytest
import torch
from tiny_classifiers import tiny_classifier_folder
from tiny_models import tiny_model_folder

from fute_core.errors import BadInput
from fute_core.predictors.classifier import ClassifierPredictor

NAMES = {0: "no", 1: "maybe", 2: "yes"}
TEXTS = ("a fine film", "bad", "so good it hurts , and on and on and on", "the plot is thin")
PAIRS = tuple(zip(TEXTS, TEXTS[::-1], strict=True))


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp("classifiers")
    return {f: tiny_classifier_folder(f, root / f, id2label=NAMES) for f in ("bert", "roberta", "mpnet")}


def by_hand(folder, text, text_pair=None):
    """The model's softmax for one text alone, without batches or padding."""
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    inputs = AutoTokenizer.from_pretrained(folder)(text, text_pair, return_tensors="pt")
    with torch.inference_mode():
        return model(**inputs).logits.softmax(-1)[0].numpy()


def changed_config(source, folder, **changes):
    shutil.copytree(source, folder)
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | changes), "utf-8")
    return folder


@pytest.mark.parametrize("family", ["bert", "roberta", "mpnet"])
def test_answers_are_the_models_own_in_the_order_of_the_texts(folders, family):
    predictor = ClassifierPredictor(str(folders[family]))
    got = predictor.predict_proba(TEXTS)
    assert predictor.labels == ("no", "maybe", "yes")
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, [by_hand(folders[family], t) for t in TEXTS], atol=1e-5)
    assert np.ptp(got, axis=0).max() > 0.01  # the texts are told apart, so their order was tested


def test_both_sides_of_a_pair_are_read(folders):
    got = ClassifierPredictor(str(folders["bert"])).predict_proba(PAIRS)
    np.testing.assert_allclose(got, [by_hand(folders["bert"], *p) for p in PAIRS], atol=1e-5)
    assert np.abs(got[0] - got[3]).max() > 1e-3  # the same two texts, the other way round


@pytest.mark.parametrize("family", ["bert", "roberta", "mpnet"])
def test_texts_longer_than_the_model_reads_are_cut_and_counted(folders, family):
    predictor, texts = ClassifierPredictor(str(folders[family])), ["bad", "good " * 200]
    assert [predictor.count_truncated(some) for some in (texts, texts[:1], [])] == [1, 0, 0]
    assert "_loaded" not in vars(predictor)
    got = predictor.predict_proba(texts)
    assert predictor.count_truncated([("bad " * 99, "good " * 99), ("bad", "good")]) == 1
    np.testing.assert_allclose(got.sum(1), 1, atol=1e-6)
    assert ClassifierPredictor(str(folders[family])).predict_proba([("bad " * 99, "good " * 99)]).shape == (1, 3)


def test_a_single_output_is_a_score(tmp_path):
    folder = tiny_classifier_folder("bert", tmp_path / "m", num_labels=1)
    predictor = ClassifierPredictor(str(folder))
    got = predictor.predict_proba(TEXTS)
    assert predictor.labels == ()
    assert got.shape == (4, 1)
    assert np.ptp(got) > 0.01


def test_a_model_of_several_labels_at_once_is_read_as_a_distribution(folders, tmp_path):
    single = ClassifierPredictor(str(folders["bert"])).predict_proba(TEXTS)
    folder = changed_config(folders["bert"], tmp_path / "m", problem_type="multi_label_classification")
    several = ClassifierPredictor(str(folder)).predict_proba(TEXTS)
    np.testing.assert_allclose(several.sum(1), 1, atol=1e-6)
    assert (several.argmax(1) == single.argmax(1)).all()
    assert np.abs(several - single).max() > 0.01  # each label by itself, not one softmax over all


def test_no_texts_give_no_rows(folders):
    assert ClassifierPredictor(str(folders["bert"])).predict_proba([]).shape == (0, 3)


def test_the_fingerprint_follows_the_weights_and_not_the_folders_name(folders, tmp_path):
    known = ClassifierPredictor(str(folders["bert"])).fingerprint()
    shutil.copytree(folders["bert"], tmp_path / "copy")
    assert ClassifierPredictor(str(tmp_path / "copy")).fingerprint() == known
    other = tiny_classifier_folder("bert", tmp_path / "other", id2label=NAMES, seed=1)
    assert ClassifierPredictor(str(other)).fingerprint() != known
    assert ClassifierPredictor(str(folders["bert"]), max_length=16).fingerprint() != known


def test_labels_and_fingerprint_need_no_torch(folders):
    script = (
        "import sys; from fute_core.predictors.classifier import ClassifierPredictor\n"
        f"print(ClassifierPredictor({str(folders['bert'])!r}).fingerprint(), 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=100)
    assert done.stdout.split() == [ClassifierPredictor(str(folders["bert"])).fingerprint(), "False"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"model_type": "clip_vision_model"}, "clip_vision_model model, which classifies no texts"),
        ({"model_type": "homemade"}, "model type that transformers does not know"),
    ],
)
def test_what_classifies_no_texts_is_refused(folders, tmp_path, changes, sentence):
    folder = changed_config(folders["bert"], tmp_path / "m", **changes)
    with pytest.raises(BadInput, match=sentence):
        _ = ClassifierPredictor(str(folder)).labels


def test_weights_in_a_pickle_are_refused_unread(folders, tmp_path):
    shutil.copytree(folders["bert"], tmp_path / "m")
    (tmp_path / "m" / "model.safetensors").rename(tmp_path / "m" / "pytorch_model.bin")
    with pytest.raises(BadInput, match=r"pytorch_model\.bin, a pickle"):
        ClassifierPredictor(str(tmp_path / "m"))


def test_an_encoder_without_a_head_is_refused_rather_than_given_a_random_one(folders, tmp_path):
    folder = tiny_model_folder("bert", tmp_path / "m")
    changed = changed_config(folder, tmp_path / "n", architectures=["BertForSequenceClassification"])
    with pytest.raises(BadInput, match=r"no trained weights for classifier\.bias"):
        ClassifierPredictor(str(changed)).predict_proba(TEXTS)


@pytest.mark.parametrize(
    "damage",
    [
        lambda f: (f / "model.safetensors").write_bytes(b"not weights"),
        lambda f: (f / "config.json").write_text("{", "utf-8"),
        lambda f: (f / "config.json").write_text("[]", "utf-8"),
        lambda f: (f / "tokenizer.json").write_text("{}", "utf-8"),
        lambda f: [p.unlink() for p in f.glob("tokenizer*")],
    ],
    ids=["weights", "config", "config-list", "tokenizer", "no-tokenizer"],
)
def test_a_damaged_folder_is_one_sentence(folders, tmp_path, damage):
    folder = tmp_path / "m"
    shutil.copytree(folders["bert"], folder)
    damage(folder)
    with pytest.raises(BadInput) as caught:
        ClassifierPredictor(str(folder)).predict_proba(TEXTS)
    assert "\n" not in str(caught.value)
