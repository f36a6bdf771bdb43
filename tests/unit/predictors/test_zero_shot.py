"""Encoders with a sentence for each label: scores, probabilities, identity, and what is refused."""

import numpy as np
import pytest
from tiny_classifiers import tiny_classifier_folder
from tiny_models import tiny_model_folder

from fute_core.errors import BadInput
from fute_core.models.pooling import Pooling, write_pooling
from fute_core.models.surrogate import load_surrogate
from fute_core.predictors import PREDICTORS, ScoringPredictor
from fute_core.predictors.classifier import ClassifierPredictor
from fute_core.predictors.label_sentences import label_sentences, read_label_sentences
from fute_core.predictors.zero_shot import ZeroShotPredictor
from fute_core.testing import check_predictor

FILM = {"negative": ["a bad film", "dull and long"], "positive": "a fine film"}
TEXTS = ["a film of some charm", "far too long", "good fun for all"]


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    return str(tiny_model_folder("bert", tmp_path_factory.mktemp("zero") / "bert"))


def inference(folder, names=("neutral", "entailment", "contradiction"), seed=0):
    return str(tiny_classifier_folder("bert", folder, seed=seed, id2label=dict(enumerate(names)),
                                      label2id={name: i for i, name in enumerate(names)}))  # fmt: skip


@pytest.mark.parametrize("pair", [False, True])
def test_an_encoder_and_a_cross_encoder_keep_the_contract(encoder, pair, tmp_path):
    check_predictor(lambda: ZeroShotPredictor(encoder, FILM), pair=pair)
    cross = str(tiny_classifier_folder("bert", tmp_path / "m", num_labels=1))
    check_predictor(lambda: ZeroShotPredictor(cross, FILM), pair=pair)
    assert isinstance(PREDICTORS["zero-shot"](encoder, FILM), ScoringPredictor)


def test_the_packaged_encoder_tells_what_a_text_is_about():
    box = ZeroShotPredictor("minilm", ["sports", "cooking", "science and technology"])
    texts = ["The striker scored twice before half time.", "Boil the pasta until it is soft.",
             "The probe measured the magnetic field of the planet."]  # fmt: skip
    assert box.predict_proba(texts).argmax(1).tolist() == [0, 1, 2]
    assert box.labels == ("sports", "cooking", "science and technology")


def test_scores_are_cosines_and_a_label_has_the_best_of_its_sentences(encoder):
    box, read = ZeroShotPredictor(encoder, FILM, temperature=0.5), load_surrogate(encoder).features
    a, b = read(TEXTS), read(["a bad film", "dull and long", "a fine film"])
    cosines = (a @ b.T) / np.outer(np.linalg.norm(a, axis=1), np.linalg.norm(b, axis=1))
    assert np.allclose(box.score(TEXTS), cosines, atol=1e-5)
    best = np.stack([cosines[:, :2].max(1), cosines[:, 2]], 1) / 0.5
    wanted = np.exp(best) / np.exp(best).sum(1, keepdims=True)
    assert np.allclose(box.predict_proba(TEXTS), wanted, atol=1e-5)


def test_a_cross_encoder_reads_text_and_sentence_together(tmp_path):
    folder = str(tiny_classifier_folder("bert", tmp_path / "m", num_labels=1))
    scores = ZeroShotPredictor(folder, FILM).score(TEXTS)
    alone = ClassifierPredictor(folder).predict_proba([(TEXTS[1], "a fine film")])
    assert np.allclose(scores[1, 2], alone[0, 0], atol=1e-5)
    assert scores.shape == (3, 3)


def test_a_model_for_inference_says_what_follows(tmp_path):
    folder = inference(tmp_path / "m")
    said = ClassifierPredictor(folder).predict_proba([(text, "a fine film") for text in TEXTS])[:, 1]
    box = ZeroShotPredictor(folder, FILM)
    assert np.allclose(np.exp(box.score(TEXTS)[:, 2]), said, atol=1e-5)
    assert box.temperature == 1.0


def test_other_labels_than_entailment_are_refused(tmp_path):
    box = ZeroShotPredictor(inference(tmp_path / "m", ("bad", "good", "not_entailment")), FILM)
    with pytest.raises(BadInput, match="has the labels bad, good, not_entailment, none of which is entailment"):
        box.predict_proba(TEXTS)


def test_the_temperature_changes_how_sure_and_not_which_nor_what_is_stored(encoder):
    cool, warm = (ZeroShotPredictor(encoder, FILM, temperature=t) for t in (0.05, 0.5))
    assert np.array_equal(cool.predict_proba(TEXTS).argmax(1), warm.predict_proba(TEXTS).argmax(1))
    assert (cool.predict_proba(TEXTS).max(1) > warm.predict_proba(TEXTS).max(1)).all()
    assert cool.score_fingerprint() == warm.score_fingerprint()
    assert cool.fingerprint() != warm.fingerprint()


def test_it_is_known_by_encoder_reading_and_sentences(encoder, tmp_path):
    other = tiny_model_folder("bert", tmp_path / "other", seed=1)
    first = ZeroShotPredictor(str(other), FILM).fingerprint()
    write_pooling(other, Pooling("first"))
    boxes = [
        ZeroShotPredictor(encoder, FILM),
        ZeroShotPredictor(str(other), FILM),
        ZeroShotPredictor(encoder, {**FILM, "positive": "a good film"}),
        ZeroShotPredictor(encoder, {"negative": "a bad film", "positive": ["dull and long", "a fine film"]}),
    ]
    known = {first, *(box.fingerprint() for box in boxes)}  # fmt: skip
    assert len(known) == 5
    renamed = ZeroShotPredictor(encoder, {"bad": FILM["negative"], "good": FILM["positive"]})
    assert renamed.fingerprint() == boxes[0].fingerprint()


def test_long_texts_are_counted(encoder, tmp_path):
    texts = ["short", "long " * 300]
    cross = str(tiny_classifier_folder("bert", tmp_path / "m", num_labels=1))
    assert [ZeroShotPredictor(ref, FILM).count_truncated(texts) for ref in (encoder, cross)] == [1, 1]
    assert ZeroShotPredictor(encoder, FILM).count_truncated([]) == 0


# sentences ------------------------------------------------------------------------------------------------------------


def test_names_become_sentences():
    said = label_sentences(["sci_tech", "world"])
    assert said.sentences == (("This text is about sci tech.",), ("This text is about world.",))
    assert label_sentences(["a", "b"], "It is {label}!").sentences == (("It is a!",), ("It is b!",))


@pytest.mark.parametrize(
    ("labels", "options", "sentence"),
    [
        ({"a": "x"}, {}, "give two labels or more"),
        (["a", "a"], {}, "has 'a', 'a'; give two labels or more, each once"),
        ([], {}, "has nothing; give two labels"),
        ("sport", {}, "not 'sport'"),
        ({"a": "x", "b": []}, {}, "label 'b' needs a sentence"),
        ({"a": "x", "b": " "}, {}, "label 'b' needs a sentence"),
        ({"a": "x", "b": 3}, {}, "label 'b' needs a sentence"),
        ({"a": "x", "b": ["y", "x"]}, {}, "'x' stands twice"),
        (["a", "b"], {"template": "no place"}, "has no {label}"),
        ({"a": "x", "b": "y"}, {"template": "{label}"}, "sentences of their own"),
        (["a", "b"], {"temperature": 0}, "temperature is 0; give a number above 0"),
        (["a", "b"], {"temperature": float("nan")}, "temperature is nan"),
    ],
)
def test_sentences_that_cannot_be_used_are_told(labels, options, sentence):
    with pytest.raises(BadInput, match=sentence):
        label_sentences(labels, **options)


def test_a_file_of_sentences(tmp_path):
    path = tmp_path / "mood.yaml"
    path.write_text("labels:\n  no: [It is bad., It is dull.]\n  yes: It is good.\ntemperature: 0.1\n")
    said = read_label_sentences(path)
    assert said.as_mapping == {"no": ["It is bad.", "It is dull."], "yes": ["It is good."]}
    assert said.temperature == 0.1
    path.write_text("labels: [good, bad]\ntemplate: The mood is {label}.\n")
    assert read_label_sentences(path).sentences[0] == ("The mood is good.",)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("- a\n- b\n", "mood.yaml has no labels"),
        ("labels: [a, b]\nmodel: x\n", "says 'model', which means nothing here"),
        ("labels: [a, b]\ntemperature: warm\n", "the temperature 'warm' is no number"),
        ("labels: {a: x}\n", "mood.yaml has 'a'; give two labels"),
        ("labels: {a: x, a: y}\n", "the key 'a' stands twice"),
    ],
)
def test_a_file_that_cannot_be_used_is_told(content, sentence, tmp_path):
    (tmp_path / "mood.yaml").write_text(content)
    with pytest.raises(BadInput, match=sentence):
        read_label_sentences(tmp_path / "mood.yaml")


def test_an_encoder_without_sentences_asks_for_them():
    with pytest.raises(BadInput, match="minilm needs a sentence for each label; give labels"):
        PREDICTORS["zero-shot"]("minilm")
