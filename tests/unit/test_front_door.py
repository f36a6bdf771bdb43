"""The names that `import fute_core as fute` offers: their examples run, and natural attempts work or are told how."""

import doctest
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from command_line import fute as command
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

import fute_core as fute
from fute_core.embedding.embed import first_rows
from fute_core.embedding.things import Said, recognised
from fute_core.errors import BadInput, Incomparable

TEXTS = ["a fine film", "good fun", "dull and long", "a bad film"]
LABELS = ["positive", "positive", "negative", "negative"]
QUICK = fute.Recipe("functional", n_probes=32)
ESCAPED = "&lt;script&gt;alert(1)&lt;/script&gt;"


def examples() -> list[doctest.DocTest]:
    finder = doctest.DocTestFinder(exclude_empty=True)
    things = [(name, getattr(fute, name)) for name in fute.__all__ if name != "__version__"]
    return [test for name, thing in things for test in finder.find(thing, name, globs={}) if test.examples]


@pytest.mark.parametrize("example", examples(), ids=lambda test: test.name)
def test_an_example_gives_what_it_says(example):
    told: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    assert runner.run(example, out=told.append).failed == 0, "".join(told)


def test_every_name_has_an_example():
    shown = {test.name.partition(".")[0] for test in examples()}
    assert set(fute.__all__) - shown == {"__version__"}


def test_names_are_listed_resolved_and_guessed():
    assert dir(fute) == fute.__all__ == sorted(fute.__all__)
    assert {name for names in fute._ROOMS.values() for name in names} | {"__version__"} == set(fute.__all__)
    with pytest.raises(AttributeError, match="fute_core has no 'Datasets'; did you mean 'Dataset'"):
        fute.Datasets  # noqa: B018


def test_listing_the_names_loads_none_of_them():
    script = "import json, sys, fute_core as fute; dir(fute); print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=100, check=True)
    assert not {"torch", "pandas", "sklearn", "numpy", "rich"} & set(json.loads(done.stdout))


# datasets in memory -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "labels",
    [
        ["b", "b", "a", "a"], (1, 1, 0, 0), np.array([True, True, False, False]), pd.Series([1.0, 1.0, 0.0, 0.0]),
        pd.Categorical(["b", "b", "a", "a"]), [[0, 1], [0, 1], [1, 0], [1, 0]], np.eye(2)[[1, 1, 0, 0]],
        [{"x": 0, "y": 1}, {"y": 1}, {"x": 1}, {"x": 1, "y": 0}], iter([7, 7, 3, 3]),
    ],
    ids=lambda labels: type(labels).__name__,
)  # fmt: skip
@pytest.mark.parametrize(
    "texts", [TEXTS, tuple(TEXTS), np.array(TEXTS), pd.Series(TEXTS)], ids=lambda t: type(t).__name__
)
def test_any_container_gives_the_same_dataset(texts, labels):
    if hasattr(labels, "__next__"):
        labels = iter([7, 7, 3, 3])
    made = fute.Dataset(texts, labels)
    assert made.fingerprint() == fute.Dataset(TEXTS, LABELS).fingerprint()
    assert made.targets.dtype == np.float32


def test_pairs_are_two_lists_or_tuples():
    other = ["one", "two", "three", "four"]
    wanted = fute.Dataset(list(zip(TEXTS, other, strict=True)), LABELS)
    assert wanted.pair
    for given in (
        fute.Dataset((TEXTS, other), LABELS), fute.Dataset(TEXTS, LABELS, text_pairs=pd.Series(other)),
        fute.Dataset(np.array([TEXTS, other]).T, LABELS),
    ):  # fmt: skip
        assert given.fingerprint() == wanted.fingerprint()


def test_scores_and_soft_targets_are_kept():
    assert fute.Dataset(TEXTS, [0.5, 1, 2, 3.5]).regression
    assert not fute.Dataset(TEXTS, [0.5, 0.5, 2, 2], regression=False).regression
    soft = fute.Dataset(TEXTS, [[0.2, 0.8], [0, 1], [1, 0], [0.7, 0.3]], label_names=["no", "yes"])
    np.testing.assert_allclose(soft.targets[:, 1], [0.8, 1, 0, 0.3])
    assert soft.labels == ("no", "yes")


class TorchDataset:
    __module__ = "torch.utils.data.dataset"


FRAME = pd.DataFrame({"sentence": TEXTS, "label": LABELS})


@pytest.mark.parametrize(
    ("texts", "labels", "how", "told"),
    [
        (TEXTS, [1, 0], {}, "texts has 4 items and labels has 2; give one label for each text"),
        (TEXTS, [1] * 4, {}, "one label only"),
        (TEXTS, ["a", "a", None, "b"], {}, r"labels\[2\] has no label; fill it"),
        (TEXTS, [1, 0, float("nan"), 1], {}, r"labels\[2\] has no label"),
        (TEXTS, pd.Series([1, 0, pd.NA, 1], dtype="Int64"), {}, r"labels\[2\] has no label"),
        (["a", "b", None, "d"], [1, 1, 0, 0], {}, r"texts\[2\] holds nothing instead of a text"),
        (["a", "b", 3, "d"], [1, 1, 0, 0], {}, r"texts\[2\] holds a number instead of a text"),
        (["a", "b", " ", "d"], [1, 1, 0, 0], {}, r"texts\[2\] has no text"),
        (TEXTS, ["a", "a", 1, 1], {}, r"labels mixes texts \(labels\[0\] is 'a'\) and numbers \(labels\[2\] is 1\)"),
        (TEXTS, [True, True, 0, 0], {}, "labels mixes truth values"),
        (["a", ("b", "c"), "d", "e"], [1, 1, 0, 0], {}, r"texts mixes single texts \(texts\[0\]\) and pairs"),
        ([("a", "b", "c")] * 4, [1, 1, 0, 0], {}, r"texts\[0\] has 3 texts"),
        ("a text", [1], {}, "texts is the single string 'a text'; give a list"),
        (TEXTS, "1100", {}, "labels is the single string"),
        (TEXTS, None, {}, "labels is None; give a list"),
        (set(TEXTS), LABELS, {}, "texts is a set, which has no order"),
        (5, LABELS, {}, "texts is of type int"),
        (TorchDataset(), LABELS, {}, "texts is a torch TorchDataset; give two lists"),
        (FRAME, LABELS, {}, r"the columns 'sentence', 'label'; .*fute.Dataset\(data\['sentence'\], data\['label'\]\)"),
        ({"premise": 1, "hypothesis": 2, "label": 3}, LABELS, {}, r"data\['label'\], text_pairs=data\['hypothesis'\]"),
        (TEXTS, [[1, 1], [0, 1], [1, 0], [0, 1]], {}, r"labels\[0\] is \[1.0, 1.0\], no distribution"),
        (TEXTS, [[1, 0], [0, 1], [1], [0, 1]], {}, r"labels\[2\] is no row of 2 probabilities"),
        (TEXTS, [[1, 0], [0, 1], ["x", 0], [0, 1]], {}, "labels has rows that are not all numbers"),
        (TEXTS, ["pos", "pos", "neg", "neg"], {"label_names": ["poss", "negs"]}, "did you mean 'poss'"),
        (TEXTS, [1, 1, 2, 2], {"label_names": ["no", "yes"]}, r"labels\[2\] is 2.0, which label_names does not have"),
        (TEXTS, [1, 1, 2, 2], {"label_names": ["no", "yes"], "regression": True}, "leave one of them out"),
        (TEXTS, LABELS, {"text_pairs": ["x"]}, "texts has 4 items and text_pairs has 1"),
        ([], [], {}, "texts is empty"),
    ],
)  # fmt: skip
def test_what_is_no_dataset_is_told_in_a_sentence(texts, labels, how, told):
    with pytest.raises(BadInput, match=told):
        fute.Dataset(texts, labels, **how)


def rows(kind: str, n: int = 40) -> list:
    return [{"text": f"row {i}", "class": f"c{i % 3}", "number": i % 12, "score": i / 7 + 0.5}[kind] for i in range(n)]


@pytest.mark.parametrize("kind", ["class", "number", "score"])
@pytest.mark.parametrize("limit", [None, 25])
def test_the_same_rows_are_the_same_dataset_as_in_a_file(kind, limit, tmp_path):
    pd.DataFrame({"text": rows("text"), "label": rows(kind)}).to_csv(tmp_path / "mine.csv", index=False)
    of_file = fute.load_dataset(tmp_path / "mine.csv", limit=limit)
    held = first_rows(fute.Dataset(rows("text"), rows(kind)), limit)
    assert held.labels == of_file.labels
    assert held.fingerprint() == of_file.fingerprint()


def test_the_vector_is_that_of_the_command_line(tmp_path):
    file = tmp_path / "mine.csv"
    pd.DataFrame({"text": rows("text", 400), "label": rows("class", 400)}).to_csv(file, index=False)
    made = command("embed", "dataset", file, "--method", "text", "--json")
    assert made.code == 0, made.err
    held = fute.embed(fute.Dataset(rows("text", 400), rows("class", 400), name="mine"), method="text", store=False)
    assert held.key == made.json["key"]
    assert held.provenance.n_texts == 300
    np.testing.assert_array_equal(held.vector, fute.open_store().get_embedding(held.key).vector)


# prompts ----------------------------------------------------------------------------------------------------------


def test_a_prompt_knows_its_text_by_the_only_name_there_is():
    made = fute.Prompt("Review: {{ review }} Good?", {"positive": ["yes", "sure"], "negative": "no"})
    assert (dict(made.fields), made.labels) == ({"review": "text"}, ("positive", "negative"))
    assert made.choices == (("yes", "sure"), ("no",))
    assert fute.Prompt("{{ premise }} So {{ hypothesis }}?", ["yes", "no"]).pair


@pytest.mark.parametrize(
    ("template", "choices", "told"),
    [
        ("Review: {text}", ["yes", "no"], r"template has {text} in single braces; write {{ text }}"),
        ("Is it good?", ["yes", "no"], "template has no place for the text"),
        ("{{ a }} or {{ b }}", ["yes", "no"], "fields={'a': 'text', 'b': 'text_pair'}"),
        ("{{ text }}", "yes", "choices is the single string 'yes'"),
        ("{{ text }}", ["yes"], "fewer than two answer choices"),
        ("{{ text }}", ["yes", "yes"], "stands twice"),
        ("{{ text }}", [1, 2], "choices has something that is no text"),
        (5, ["yes", "no"], "template is of type int"),
    ],
)
def test_what_is_no_prompt_is_told_in_a_sentence(template, choices, told):
    with pytest.raises(BadInput, match=told):
        fute.Prompt(template, choices)


# embedding anything -----------------------------------------------------------------------------------------------


def loud(texts):
    share = np.array([sum(c.isupper() for c in t) / len(t) for t in texts])
    return np.stack([1 - share, share], 1)


def fitted():
    return make_pipeline(CountVectorizer(), LogisticRegression()).fit(TEXTS, LABELS)


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
        (fute.Dataset(TEXTS, LABELS), {"store": "here"}, "store is 'here'; give fute.open_store"),
        (PROMPT, {}, "Prompt 'good' needs the name of a language model; add model='smollm2'"),
        (PROMPT, {"pair": True}, "pair=True says nothing about a prompt; it takes model="),
        ("sentiment", {}, "Prompt 'sentiment' needs a language model; add model="),
        (loud, {}, "Function loud needs labels="),
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
        assert recognised(ref, Said(model=model)) == fute.EmbedRequest(kind, ref, model=model)
    (tmp_path / "mine.csv").write_text("text,label\n")
    assert recognised(Path(tmp_path / "mine.csv"), Said()).kind == "dataset"


def test_nothing_is_kept_where_nothing_should_be():
    made = fute.embed(fute.Dataset(TEXTS, LABELS), method="text", store=False)
    assert fute.open_store().headers() == []
    assert [h.key for h in (fute.embed(fute.Dataset(TEXTS, LABELS), method="text"), *fute.open_store().headers())] == [
        made.key, made.key,
    ]  # fmt: skip


# nearest ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def atlas():
    return fute.open_atlas(store=False)


def test_something_new_is_compared_as_an_item_of_the_atlas_is(atlas):
    mine = fute.embed(loud, labels=["calm", "loud"], name="mine")
    outside = atlas.nearest(mine, k=5)
    assert list(outside.columns) == ["name", "kind", "family", "similarity", "closer_than", "low", "high"]
    inside = fute.open_atlas()
    assert "yours: 1" in repr(inside)
    pd.testing.assert_frame_equal(inside.nearest("mine", k=5), outside_of(inside, mine))
    assert outside[["low", "high"]].isna().all().all(), "an atlas that sees no store of ours knows no answers of it"


def outside_of(atlas, embedding):
    from dataclasses import replace

    return atlas.nearest(replace(embedding, name="another name"), k=6).query("name != 'mine'").reset_index(drop=True)


def test_intervals_hold_the_similarity_also_for_what_is_not_kept(atlas):
    mine = fute.embed(loud, labels=["calm", "loud"], store=False)
    found = atlas.nearest(mine, k=4, kind="model")
    assert (found["kind"] == "model").all()
    assert (found["low"] < found["similarity"]).all()
    assert (found["similarity"] < found["high"]).all()


def test_how_close_is_one_minus_the_share_of_different_jobs(atlas):
    row = atlas.nearest("mr", k=1, kind="dataset", family="sentiment").iloc[0]
    i, j = atlas.space.index("mr"), atlas.space.index(row["name"], "dataset")
    cosine = float(atlas.space.vectors[i] @ atlas.space.vectors[j])
    assert row["similarity"] == pytest.approx(cosine, abs=1e-4)
    assert row["closer_than"] == pytest.approx(1 - atlas.scale.share("dataset", "dataset", cosine), abs=1e-4)
    assert (row["low"], row["high"]) == pytest.approx(atlas.intervals(i, j), abs=1e-4)


def test_what_has_no_place_in_the_atlas_is_told(atlas):
    mine = fute.Dataset(TEXTS, LABELS)
    pairs = fute.embed(fute.Dataset(list(zip(TEXTS, TEXTS, strict=True)), LABELS), method="text", store=False)
    for item, how, told in (
        ("sts2", {}, "did you mean 'sst2'"), (mine, {}, "embed it first"), (pairs, {}, r"open_atlas\(pair=True\)"),
        ("sst2", {"kind": "models"}, "kind is 'models', .* did you mean 'model'"),
        ("sst2", {"family": "sentimnt"}, "did you mean 'sentiment'"), ("sst2", {"k": 0}, "k is 0"),
    ):  # fmt: skip
        with pytest.raises(BadInput, match=told):
            atlas.nearest(item, **how)
    with pytest.raises(Incomparable, match="method"):
        atlas.nearest(fute.embed(mine, method="text", store=False))


# how things show themselves ---------------------------------------------------------------------------------------


def test_things_show_the_same_facts_in_text_and_in_a_notebook(atlas):
    named = fute.Dataset(TEXTS, LABELS, name="films", family="mood")
    made = fute.embed(named, method="text", store=False)
    assert repr(named) == "<Dataset 'films'; texts: 4; labels: negative 2, positive 2; family: mood>"
    assert repr(made) == (
        "<Embedding of dataset 'films'; method: text; surrogate: minilm; read: 4 texts; numbers: 384; family: mood>"
    )
    for thing in (named, made, atlas):
        html = thing._repr_html_()
        for fact in repr(thing).strip("<>").split("; ")[1:]:
            heading, _, words = fact.partition(": ")
            assert f">{heading}</span> {words}<" in html
        assert "color:inherit" in html, "no colour of its own, which one ground would not show"


def test_what_users_write_is_escaped_in_a_notebook():
    evil = "<script>alert(1)</script>"
    made = fute.Dataset(TEXTS, [evil, evil, "b", "b"], name=evil, family=evil)
    html = made._repr_html_() + fute.embed(made, method="text", store=False)._repr_html_()
    assert evil not in html
    assert html.count(ESCAPED) == 5
