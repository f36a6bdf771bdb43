"""`fute probes export`, `fute prompts check` and `fute embed prompt`, with a small language model of one's own."""

import csv
import json

import pytest
from command_line import fute

from fute_core.store.store import open_store

MINE = """
family: sentiment
choices: {negative: [bad, awful], positive: [good]}
prompts:
  - name: is-it-good
    template: "{{ text }} Is it good or bad?"
  - name: no-text
    template: "Is it good or bad?"
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    from tiny_language_models import saved

    return saved(tmp_path_factory.mktemp("tiny-gpt2"))


@pytest.fixture
def prompts(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(MINE, "utf-8")
    return path


def embed(file, model, *more):
    return fute("embed", "prompt", file, "--model", model, "--probes", 32, *more, "--json")


def test_a_file_is_checked_template_by_template(prompts):
    done = fute("prompts", "check", prompts, "--json")
    assert done.code == 0
    rows = {row["name"]: row for row in done.json}
    good, bad = rows["is-it-good"], rows["no-text"]
    assert good["usable"] is True
    assert good["labels"] == ["negative", "positive"]
    assert good["choices"] == [["bad", "awful"], ["good"]]
    assert "Is it good or bad?" in good["example"]
    assert good["problem"] is None
    assert bad["usable"] is False
    assert "{{ text }}" in bad["problem"]
    assert "is-it-good" in fute("prompts", "check", prompts).out


def test_prompts_get_worked_examples_and_are_a_file_of_prompts_again(prompts, tmp_path, model):
    done = fute("prompts", "with-examples", prompts, "--dataset", "sst2", "--examples", 2)
    assert done.code == 0
    again = tmp_path / "again.yaml"
    written = fute("prompts", "with-examples", prompts, "--dataset", "sst2", "--examples", 2, "--out", again)
    assert written.code == 0
    assert again.read_text("utf-8") == done.out
    assert "Is it good or bad? bad" in done.out
    assert done.out.count("Is it good or bad?") == 3
    assert embed(again, model).json["name"].startswith("is-it-good · 2 examples")


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (("--dataset", "mrpc"), "reads single texts, and 'mrpc' has pairs"),
        (("--dataset", "sst2", "--template", "other"), "has no template 'other'"),
        (("--dataset", "trec"), "share no name"),
        (("--dataset", "sst2", "--examples", "100000"), "rows of at most 500 characters"),
    ],
)
def test_examples_that_do_not_fit_are_refused_in_a_sentence(prompts, more, why):
    done = fute("prompts", "with-examples", prompts, *more)
    assert done.code == 2
    assert why in done.err


def test_a_folder_is_counted(prompts, tmp_path):
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "more.yaml").write_text("prompts: [{name: x, template: hello, choices: [a, b]}]", "utf-8")
    done = fute("prompts", "check", tmp_path, "--json")
    assert done.code == 0
    assert (done.json["files"], done.json["templates"], done.json["usable"]) == (2, 3, 1)
    (why,) = done.json["reasons"]
    assert why["count"] == 2
    assert "never uses the text" in why["reason"]
    assert [row["file"] for row in done.json["rows"]] == ["mine.yaml", "mine.yaml", "below/more.yaml"]
    table = fute("prompts", "check", tmp_path)
    assert "1 of 3 templates in 2 files can be used" in table.out
    assert fute("prompts", "check", tmp_path / "below").code == 2
    empty = tmp_path / "empty"
    empty.mkdir()
    nothing = fute("prompts", "check", empty)
    assert nothing.code == 2
    assert "holds no template file" in nothing.err


def test_a_file_without_a_usable_template_has_exit_code_2(tmp_path):
    (tmp_path / "bad.yaml").write_text("prompts: [{name: x, template: hello}]", "utf-8")
    assert fute("prompts", "check", tmp_path / "bad.yaml").code == 2
    missing = fute("prompts", "check", tmp_path / "missing.yaml")
    assert missing.code == 2
    assert "cannot be read" in missing.err


@pytest.mark.parametrize(("pairs", "columns"), [(False, ["id", "text"]), (True, ["id", "text", "text_pair"])])
def test_probes_are_exported_by_the_ending_of_the_file(tmp_path, pairs, columns):
    option = ["--pairs"] if pairs else []
    assert fute("probes", "export", tmp_path / "p.csv", "--probes", 20, *option).code == 0
    assert fute("probes", "export", tmp_path / "p.jsonl", "--probes", 20, *option).code == 0
    as_csv = list(csv.DictReader((tmp_path / "p.csv").open(encoding="utf-8", newline="")))
    as_json = [json.loads(line) for line in (tmp_path / "p.jsonl").read_text("utf-8").splitlines()]
    assert as_csv == as_json
    assert list(as_csv[0]) == columns
    assert len({row["id"] for row in as_csv}) == 20


def test_a_prompt_and_a_model_are_one_point(prompts, model):
    done = embed(prompts, model, "--method", "functional")
    assert done.code == 0, done.err
    assert "1 of 2 templates" in done.err
    row = done.json
    assert (row["kind"], row["n_texts"], row["family"], row["cached"]) == ("prompt", 32, "sentiment", False)
    assert row["name"] == f"is-it-good @ {model.name}"
    assert embed(prompts, model, "--method", "functional").json["cached"] is True


def test_another_method_or_more_probes_never_ask_the_model_again(prompts, model, monkeypatch):
    from fute_core.predictors.prompted_lm import PromptedLM

    asked = []
    score = PromptedLM.score

    def counting(self, texts):
        asked.extend(texts)
        return score(self, texts)

    monkeypatch.setattr(PromptedLM, "score", counting)
    keys = {embed(prompts, model, "--method", method).json["key"] for method in ("functional", "fisher", "text")}
    keys |= {embed(prompts, model, "--raw", "--name", "raw").json["key"]}
    assert len(keys) == 4
    assert len(asked) == 32
    fute("embed", "prompt", prompts, "--model", model, "--probes", 40, "--method", "functional")
    assert len(asked) == 40, "the 32 answers of before are the first of the 40"
    assert open_store().info()["answers"]["count"] == 40


def test_choices_fields_and_a_plain_template_are_given_by_option(tmp_path, model):
    path = tmp_path / "plain.jinja"
    path.write_text("{{ review }}\nGood or bad?", "utf-8")
    refused = embed(path, model)
    assert refused.code == 2
    named = ("--field", "review=text", "--choices", "negative=bad|awful,positive=good", "--method", "functional")
    done = embed(path, model, *named)
    assert done.code == 0, done.err
    assert done.json["labels"] == ["negative", "positive"]


def test_two_prompts_with_the_same_words_are_one_vector_under_two_names(tmp_path, model):
    """MTE of identical outputs is the same vector; a trailing blank is no other prompt."""
    path = tmp_path / "twins.yaml"
    path.write_text(
        "choices: {no: [bad], yes: [good]}\n"
        "prompts:\n"
        '  - {name: one, template: "{{ text }} good or bad?"}\n'
        '  - {name: two, template: "{{ text }} good or bad?"}\n',
        "utf-8",
    )
    done = embed(path, model, "--method", "functional")
    one, two = done.json
    assert one["key"] == two["key"]
    assert (one["cached"], two["cached"]) == (False, True)
    assert (
        fute("similarity", "--method", "functional", one["name"], two["name"], "--calibration", "none", "--json").json[
            "similarity"
        ][0][1]
        == 1.0
    )


def test_a_folder_that_is_no_language_model_is_refused(prompts, tmp_path):
    (tmp_path / "empty").mkdir()
    done = embed(prompts, tmp_path / "empty")
    assert done.code == 2
    assert "config.json" in done.err
