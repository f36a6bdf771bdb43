"""`fute.embed`: what it takes, what it calls things, and what it says of the rest."""

from pathlib import Path

import pytest
from four_films import FRAME, LABELS, TEXTS, fitted, loud
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

import fute_core as fute
from fute_core.embedding.things import SaidBeside, recognised
from fute_core.errors import BadInput

QUICK = fute.Recipe("functional", n_probes=32)
PROMPT = fute.Prompt("{{ text }} Good?", ["yes", "no"], name="good")


@pytest.mark.parametrize(
    ("item", "how", "told"),
    [
        (TEXTS, {}, r"A list of texts has no labels by itself; wrap both: fute.embed\(fute.Dataset\(texts, labels\)\)"),
        (FRAME, {}, r"it has the columns 'sentence', 'label'; .*fute.Dataset\(data\['sentence'\], data\['label'\]\)"),
        ([fute.Dataset(TEXTS, LABELS)], {}, r"write \[fute.embed\(x\) for x in ...\]"),
        (fute.Dataset(TEXTS, LABELS), {"method": "fuzed"}, "There is no method 'fuzed'; choose one of fused"),
        (fute.Dataset(TEXTS, LABELS), {"labels": ["a", "b"]}, "labels=.* says nothing about a dataset"),
        (fute.Dataset(TEXTS, LABELS), {"limit": 2}, "limit is 2, and .* needs 4 rows"),
        (fute.Dataset(TEXTS, LABELS), {"limit": 4.5}, "limit is 4.5; give a whole number of rows, or None for all"),
        (fute.Dataset(TEXTS, LABELS), {"store": "here"}, "store is 'here'; give fute.open_store"),
        (PROMPT, {}, "Prompt 'good' needs the name of a language model; add model='smollm2'"),
        (PROMPT, {"pair": True}, "pair=True says nothing about a prompt; it takes model="),
        ("sentiment", {}, "Prompt 'sentiment' needs a language model; add model="),
        (loud, {}, r"Function loud needs labels=.*\[\] for scores"),
        (loud, {"labels": "ab"}, "labels is the single string 'ab'"),
        (lambda texts: texts, {"labels": ["a", "b"]}, "version"),
        (make_pipeline(CountVectorizer(), LogisticRegression()), {}, "Pipeline is not fitted"),
        (LogisticRegression, {}, "LogisticRegression is a class; give an object made from it"),
        (fitted(), {"labels": ["a"]}, "2 classes, and 1 labels are given"),
        ("sts2", {}, "did you mean 'sst2'"),
        ("some/thing", {}, "may be a dataset or a classifier of the Hub; add kind="),
        ("a film that I liked", {}, "is neither a shipped name nor a path"),
        ("sst2", {"kind": "datset"}, "kind is 'datset'; did you mean 'dataset'"),
        ("sst2", {"kind": "dataset", "model": "smollm2"}, "model='smollm2' is for prompts, and 'sst2' is a dataset"),
        ("mine.csv", {}, "No dataset 'mine.csv' is shipped and no such file exists"),
        (5, {}, "A int cannot be embedded; give a fute.Dataset"),
        ("minilm", {"labels": ["sport"]}, "labels has 'sport'; give two labels or more"),
        ("minilm", {"labels": "nowhere.yaml"}, "nowhere.yaml cannot be read"),
        ("sst2", {"labels": ["a", "b"], "kind": "dataset"}, "labels=.* is for encoders, and 'sst2' is a dataset"),
        ("no-such-folder/at/all", {"labels": ["a", "b"]}, "No model folder"),
    ],
)  # fmt: skip
def test_what_cannot_be_embedded_is_told_how(item, how, told):
    with pytest.raises(BadInput, match=told):
        fute.embed(item, **how)


def test_pipelines_and_functions_land_as_models_and_say_nothing_meanwhile(capfd):
    for item, labels in ((fitted(), None), (loud, ["calm", "loud"])):
        made = fute.embed(item, labels=labels, method=QUICK, family="mine", store=False)
        assert (made.kind, made.family) == ("model", "mine")
        assert made.provenance.details["labels"] == (labels or ["negative", "positive"])
    assert capfd.readouterr() == ("", "")
    fute.embed(fute.Dataset(TEXTS, LABELS), method="text", store=False, progress=True)


def test_a_name_is_the_same_as_the_command_line_reads_it(tmp_path):
    for ref, kind in (("sst2", "dataset"), ("sentiment-12-faces", "prompt"), (str(tmp_path), "model")):
        model = "smollm2" if kind == "prompt" else None
        assert recognised(ref, SaidBeside(model=model)) == fute.EmbedRequest(kind, ref, model=model)
    (tmp_path / "mine.csv").write_text("text,label\n")
    assert recognised(Path(tmp_path / "mine.csv"), SaidBeside()).kind == "dataset"


def test_nothing_is_kept_where_nothing_should_be():
    made = fute.embed(fute.Dataset(TEXTS, LABELS), method="text", store=False)
    assert fute.open_store().headers() == []
    assert [h.key for h in (fute.embed(fute.Dataset(TEXTS, LABELS), method="text"), *fute.open_store().headers())] == [
        made.key, made.key,
    ]  # fmt: skip


def test_an_encoder_with_sentences_lands_as_a_model(tmp_path):
    sentences = {"sport": "This text is about sport.", "food": ["This text is about food.", "A recipe."]}
    (tmp_path / "topics.yaml").write_text(
        "labels:\n  sport: This text is about sport.\n  food: [This text is about food., A recipe.]\n"
    )
    given = fute.embed("minilm", labels=sentences, method=QUICK)
    read = fute.embed("minilm", labels=tmp_path / "topics.yaml", method=QUICK)
    named = fute.embed("minilm", labels=["sport", "food"], method=QUICK, name="topics")
    assert given.key == read.key != named.key
    assert (given.kind, read.name, named.name) == ("model", "topics @ minilm", "topics")
    assert given.name.startswith("zero-shot-")
    assert given.provenance.details["labels"] == ["sport", "food"]
