"""`fute embed outputs` and `fute embed model`: answers from a file, and encoders with a sentence for each label."""

import json

import pytest
from command_line import SPACE, fute

from fute_core.atlas.gallery import load_gallery


def answers(path, probabilities):
    """An outputs file with the probability of "yes" for the first probe texts."""
    rows = [f"s{i:04d},{1 - p},{p}" for i, p in enumerate(probabilities, 1)]
    path.write_text("\n".join(["id,no,yes", *rows]) + "\n")
    return path


@pytest.mark.parametrize("method", ["functional", "text", "fused"])
def test_constant_answers_are_told_to_say_nothing_also_from_the_store(tmp_path, method):
    path = answers(tmp_path / "same.csv", [0.25] * 32)
    for cached in (False, True):
        done = fute("embed", "outputs", path, "--probes", 32, "--method", method, "--json")
        assert done.json["cached"] is cached
        assert done.json["notes"][0].startswith("same: it answers every probe text alike, so its vector says nothing")
    assert "says nothing" in fute("embed", "outputs", path, "--probes", 32, "--method", method).err
    varied = answers(tmp_path / "varied.csv", [0.25, 0.75] * 16)
    row = fute("embed", "outputs", varied, "--probes", 32, "--method", method, "--json").json
    assert "constant" not in row["details"]


def test_probe_texts_without_an_answer_are_counted(tmp_path):
    done = fute("embed", "outputs", answers(tmp_path / "most.csv", [0.2, 0.8] * 15), "--probes", 32, *SPACE, "--json")
    assert done.json["details"]["unanswered"] == 2
    assert done.json["notes"][0] == "most: 2 of 32 probe texts have no answer and are left out."


def test_few_answers_are_compared_with_what_ships_on_the_same_texts(tmp_path):
    box = next(i for i in load_gallery(False).items if i.embedding.name == "trec · logistic")
    labels = box.facts["labels"]
    rows = [{"id": f"s{i:04d}", "probs": dict(zip(labels, map(float, p / p.sum()), strict=True))}
            for i, p in enumerate(box.answers[:64], 1)]  # fmt: skip
    path = tmp_path / "copy.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    row = fute("embed", "outputs", path, "--probes", 64, "--json").json
    assert row["neighbours"][0]["name"] == "trec · logistic"
    assert row["neighbours"][0]["similarity"] == pytest.approx(1.0, abs=0.01)
    assert "by the answers to its 64 probe texts" in row["notes"][-1]
    found = fute("neighbours", "copy", "--kind", "dataset", "-k", 1, "--json").json
    assert [n["name"] for n in found["neighbours"]] == ["trec"]


def test_an_encoder_with_a_file_of_sentences_is_embedded_and_can_be_a_job(tmp_path):
    (tmp_path / "mood.yaml").write_text("labels: [good, bad]\ntemplate: The mood is {label}.\ntemperature: 0.1\n")
    asked = ("embed", "model", "minilm", "--labels", tmp_path / "mood.yaml", "--probes", 32, *SPACE, "--json")
    row = fute(*asked).json
    assert (row["name"], row["kind"], row["cached"]) == ("mood @ minilm", "model", False)
    again = fute(*asked, "--as", "zero-shot", "--backend", "sequential").json
    assert (again["key"], again["cached"]) == (row["key"], True)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            ["--as", "zero-shot"],
            "minilm needs a sentence for each label; give labels, on the command line --labels FILE",
        ),
        (["--as", "classifier", "--labels", "mood.yaml"], "minilm as a classifier has labels of its own"),
        (["--labels", "absent.yaml"], "absent.yaml cannot be read"),
    ],
)
def test_sentences_out_of_place_are_told(options, sentence, tmp_path, monkeypatch):
    (tmp_path / "mood.yaml").write_text("labels: [good, bad]\n")
    monkeypatch.chdir(tmp_path)
    done = fute("embed", "model", "minilm", *options)
    assert sentence in done.err
    assert done.code == 2
