"""Arguments of a wrong kind: one sentence that names the argument, what was given, and what is needed."""

import numpy as np
import pytest
from four_films import FRAME, LABELS, TEXTS
from sklearn.linear_model import LogisticRegression

import fute_core as fute
from fute_core.errors import BadInput

FILMS = fute.Dataset(TEXTS, LABELS, name="films")
PROMPT = fute.Prompt("{{ text }} Good?", ["yes", "no"], name="plain")


def answer(texts):
    return [[0.9, 0.1] if "a" in text else [0.2, 0.8] for text in texts]


def broken(texts):
    return 1 / len("") if texts else []


def embedded(**how):
    return fute.embed(answer, store=False, **{"labels": ["a", "b"], **how})


def prompt(choices=("a", "b"), **how):
    return fute.Prompt("{{ text }}", choices, **how)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: fute.embed(FILMS, name=3), "name is 3 of type int; give a string"),
        (lambda: fute.embed(FILMS, family=3), "family is 3 of type int; give a string"),
        (lambda: fute.embed(FILMS, device=3), "device is 3 of type int; give a string"),
        (lambda: fute.embed(FILMS, precision=3), "precision is 3 of type int; give a string"),
        (lambda: embedded(labels=3), "labels is 3, no list; give one name for each column"),
        (lambda: embedded(pair="yes"), "pair is 'yes' of type str; give True or False"),
        (lambda: embedded(version=3), "version is 3 of type int; give a string"),
        (lambda: embedded(settle="x"), "settle is 'x' of type str; give a number"),
        (lambda: embedded(progress="yes"), "progress is 'yes' of type str; give True or False"),
        (lambda: fute.Dataset(TEXTS, LABELS, regression="yes"), "regression is 'yes' of type str; give True or False"),
        (lambda: fute.Dataset(TEXTS, LABELS, label_names="ab"), "label_names is the single string 'ab'; give a list"),
        (lambda: fute.embed(FILMS, name=FRAME), "name is .* of type DataFrame; give a string"),
        (lambda: prompt(name=3), "name is 3 of type int; give a string"),
        (lambda: prompt(system=3), "system is 3 of type int; give a string"),
        (lambda: prompt(labels=5), "labels is 5; give a list, one name for each answer"),
        (lambda: prompt(labels="xy"), "labels is 'xy'; give a list"),
        (lambda: prompt(fields=["text"]), "fields is .* of type list; give a dict"),
        (lambda: prompt(reasoning="yes"), "reasoning is 'yes' .*; give True, False"),
        (lambda: prompt({"a", "b"}), "choices is a set, which has no order; give a list"),
        (lambda: fute.load_dataset("sst2", limit="x"), "limit is 'x' of type str; give a whole number"),
        (lambda: fute.load_dataset("sst2", limit=True), "limit is True; give a whole number"),
        (lambda: fute.open_store(3), "path is 3 of type int; give a path"),
        (lambda: fute.with_examples("x", FILMS, 2), "template is 'x' of type str; give a fute.Prompt"),
        (lambda: fute.with_examples(PROMPT, "x", 2), "dataset is 'x' of type str; give a fute.Dataset"),
        (lambda: fute.with_examples(PROMPT, FILMS, "2"), "n is '2' of type str; give a whole number"),
        (lambda: fute.TaskSpace(["a"]), "embeddings is 'a' of type str; give embeddings alone, as fute.embed gives"),
        (lambda: fute.TaskSpace(None), "embeddings is one NoneType; give a list of embeddings"),
        (lambda: fute.embed_dataset("sst2"), "dataset is 'sst2' of type str; give a fute.Dataset"),
        (lambda: fute.embed_request("x"), "request is 'x' of type str; give a fute.EmbedRequest"),
        (lambda: fute.export_space(3, "x"), "space is 3 of type int; give a TaskSpace, such as atlas.space"),
        (lambda: fute.Recipe(3).build(), "method is 3 of type int; give a string"),
        (lambda: fute.Recipe(seed="x").build(), "seed is 'x' of type str; give a whole number"),
        (
            lambda: fute.embed(broken, labels=["a", "b"], store=False),
            "Function broken failed with ZeroDivisionError: division by zero; it is given a list of texts",
        ),
    ],
)
def test_one_sentence_names_the_argument_what_was_given_and_what_is_needed(call, told):
    with pytest.raises(BadInput, match=told) as refused:
        call()
    assert "\n" not in str(refused.value)


def test_numbers_and_flags_of_numpy_are_taken():
    assert len(fute.load_dataset("sst2", limit=np.int64(20)).texts) == 20
    assert fute.Dataset(TEXTS, [0, 1, 2, 3], regression=np.True_).regression


def test_a_pipeline_that_reads_numbers_is_told_in_one_line():
    fitted = LogisticRegression().fit([[0, 1], [1, 0]], [0, 1])
    with pytest.raises(BadInput, match="LogisticRegression failed with ValueError") as refused:
        fute.embed(fitted, store=False)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 400


def test_a_file_of_answers_is_told_from_a_dataset(tmp_path):
    path = tmp_path / "answers.csv"
    path.write_text("id,a,b\n" + "\n".join(f"s{i:04d},0.5,0.5" for i in range(20)), "utf-8")
    with pytest.raises(BadInput, match="read by fute embed outputs, or kind='outputs'"):
        fute.embed(path, store=False)
