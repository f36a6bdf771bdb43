"""Prompts that let the model reason first, by the commands: embedded, chosen among, asked and refused."""

import pytest
from command_line import fute

from fute_core.predictors.prompted_lm import PromptedLM

MINE = """
family: sentiment
choices: {negative: [bad], positive: [good]}
prompts:
  - {name: at-once, template: "{{ text }} Good or bad?"}
  - {name: thinks, template: "{{ text }} Good or bad?", reasoning: {then: So it is, max_tokens: 4}}
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    from tiny_language_models import saved

    return saved(tmp_path_factory.mktemp("tiny-llama"), "llama", chat=True)


@pytest.fixture
def prompts(tmp_path):
    (path := tmp_path / "mine.yaml").write_text(MINE, "utf-8")
    return path


def embed(file, model, *more):
    return fute("embed", "prompt", file, "--model", model, "--probes", 32, *more, "--json")


def test_what_was_thought_is_told_beside_the_answers_and_asked_once(prompts, model, monkeypatch):
    done = embed(prompts, model)
    assert done.code == 0, done.err
    plain, thinks = done.json
    assert "thoughts" not in plain
    assert thinks["key"] != plain["key"]
    assert thinks["details"]["reasoning"] == 4
    assert len(thinks["thoughts"]) == 3
    for row in thinks["thoughts"]:
        assert isinstance(row["text"], str)
        assert row["thought"]
        assert sum(row["probabilities"].values()) == pytest.approx(1, abs=1e-3)
    monkeypatch.setattr(PromptedLM, "aloud", None)  # whoever asks now fails
    again = embed(prompts, model).json[1]
    assert again["cached"]
    assert again["thoughts"] == thinks["thoughts"]


def test_it_is_settled_and_chosen_among_as_others_are(prompts, model):
    settled = embed(prompts, model, "--template", "thinks", "--settle", "0.95")
    assert settled.code == 0, settled.err
    chosen = fute("select", prompts, "--target", "sst2", "--model", model, "--probes", 32, "--rows", 8, "--json")
    assert chosen.code == 0, chosen.err
    assert {row["name"].partition(" @")[0] for row in chosen.json["ranking"]} == {"at-once", "thinks"}
    assert len(chosen.json["rows"]["ranking"]) == 2


def test_a_text_is_asked_and_what_was_thought_of_it_is_told(prompts, model):
    done = fute("embed", "prompt", prompts, "--model", model, "--backend", "loky", "--json")
    assert done.code == 0, done.err
    name = done.json[1]["name"]
    found = fute("ask", "A fine film.", name, "--json")
    assert found.code == 0, found.err
    (row,) = found.json["answers"]
    assert row["thought"]
    assert f"{name} reasoned: {row['thought'].split()[0]}" in fute("ask", "A fine film.", name).out
    assert fute("ask", "A fine film.", done.json[0]["name"], "--json").json["answers"][0]["thought"] is None


def test_who_cannot_do_it_says_so_in_a_sentence_and_the_rest_goes_on(prompts, model):
    for more in (("--text",), ("--base-url", "http://localhost:1/v1", "--api", "completions")):
        done = fute("embed", "prompt", prompts, "--template", "thinks", "--model", model, *more)
        assert done.code == 2
        assert "'thinks' lets the model reason before it answers; " in done.err
        assert "Traceback" not in done.err
    refused = fute("prompts", "with-examples", prompts, "--dataset", "sst2", "--template", "thinks")
    assert refused.code == 2
    assert "take its reasoning turn away" in refused.err
    told = fute("prompts", "check", prompts).err
    assert "thinks: the model reasons first, in at most 4 tokens, and goes on from 'So it is'." in told
