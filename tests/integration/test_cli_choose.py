"""`fute select` and `fute cover` on the shipped gallery: rankings with groups, a scale and a reason, and refusals."""

import pytest
from command_line import fute
from openai_server import MODEL, Behaviour, serve

from fute_core.datasets.catalog import shipped_datasets
from fute_core.store.store import open_store

DATASETS = sum(not card["pair"] for card in shipped_datasets().values())
BLACK_BOXES = ("sst2 · logistic", "mr · trees", "ag_news · encoder")
MINE = """
family: sentiment
choices: {negative: [bad], positive: [good]}
prompts:
  - name: is-it-good
    template: "{{ text }} Is it good or bad?"
  - name: well
    template: "{{ text }} Well?"
"""


@pytest.fixture(scope="module")
def language_model(tmp_path_factory):
    """A folder with a language model that knows nothing."""
    from tiny_language_models import saved

    return saved(tmp_path_factory.mktemp("tiny-gpt2"))


# select -------------------------------------------------------------------------------------------------------------


def test_what_does_the_job_of_the_target_wins_with_its_share_and_interval():
    done = fute("select", "--target", "sst2", *BLACK_BOXES, "--json")
    assert done.code == 0, done.err
    found = done.json
    assert (found["target"], found["family"], found["n_texts"]) == ("sst2", "sentiment", 512)
    assert found["ranking"][0]["family"] == "sentiment"
    best, second, worst = found["ranking"]
    assert (found["winner"] is None) == (best["group"] == second["group"])
    assert worst["name"] == "ag_news · encoder"
    assert worst["group"] > second["group"], "what does another job is never as good as what does this one"
    assert max(best["share"], second["share"]) < 0.001
    assert worst["share"] > 0.5
    for row in found["ranking"]:
        assert row["low"] <= row["similarity"] <= row["high"]
    shown = fute("select", "--target", "sst2", *BLACK_BOXES).out
    assert "reached by" in shown
    assert found["reason"] in shown


def test_none_wins_where_none_does_the_job():
    found = fute("select", "--target", "cola", *BLACK_BOXES, "--json").json
    assert found["winner"] is None
    assert "hardly more like 'cola'" in found["reason"]
    assert found["level"] > 0


def test_prompts_are_asked_at_an_endpoint_as_embedding_asks_them(tmp_path):
    (tmp_path / "mine.yaml").write_text(MINE, "utf-8")
    behaviour = Behaviour()
    asked = ("select", "--target", "sst2", tmp_path / "mine.yaml", "--probes", 16, "--rows", 8, "--model", MODEL)
    with serve(behaviour) as url:
        done = fute(*asked, "--base-url", url, "--api", "next-token", "--at-once", 2, "--json")
    assert done.code == 0, done.err
    assert [row["name"] for row in done.json["ranking"]] == ["is-it-good", "well"]
    assert done.json["rows"]["n_texts"] == 8
    assert len(behaviour.requests) >= 2 * (16 + 8)
    refused = fute(*asked, "--at-once", 2)
    assert (refused.code, refused.out) == (2, "")
    assert "--at-once is for an endpoint; give --base-url with it." in refused.err


def test_none_wins_on_few_texts():
    found = fute("select", "--target", "sst2", *BLACK_BOXES, "--probes", 64, "--json").json
    assert (found["winner"], found["n_texts"]) == (None, 64)
    assert "too few" in found["reason"]


def test_prompts_of_a_file_are_asked_once_and_take_no_name_in_the_store(tmp_path, language_model, monkeypatch):
    from fute_core.predictors.prompted_lm import PromptedLM

    asked = []
    score = PromptedLM.score
    monkeypatch.setattr(PromptedLM, "score", lambda self, texts: asked.extend(texts) or score(self, texts))
    path = tmp_path / "mine.yaml"
    path.write_text(MINE, "utf-8")
    asking = (
        "select",
        "--target",
        "sst2",
        path,
        "sst2 · logistic",
        "--model",
        language_model,
        "--probes",
        32,
        "--json",
    )
    found = fute(*asking).json
    assert {r["name"] for r in found["ranking"]} == {"is-it-good", "well", "sst2 · logistic"}
    assert {r["kind"] for r in found["ranking"]} == {"prompt", "model"}
    assert len(asked) == 64
    assert fute(*asking).json == found
    assert len(asked) == 64, "what was answered before is not asked again"
    assert not open_store().headers()


def test_rows_of_the_target_are_asked_as_well(tmp_path, language_model):
    path = tmp_path / "mine.yaml"
    path.write_text(MINE, "utf-8")
    asking = ("select", "--target", "sst2", path, "sst2 · logistic", "--model", language_model, "--probes", 32)
    found = fute(*asking, "--rows", 20, "--json").json["rows"]
    assert (found["n_texts"], found["labelled"], found["winner"]) == (20, True, None)
    assert {r["name"] for r in found["ranking"]} == {"is-it-good", "well"}
    shown = fute(*asking, "--rows", 20).out
    assert "On 20 of its own rows" in shown
    assert "Too few texts to tell: 20 were asked" in shown
    assert not open_store().headers()


def test_a_file_is_a_target_without_taking_a_name(tmp_path):
    from fute_core.datasets.catalog import load_dataset

    rows = load_dataset("mr", split="test", limit=80)
    path = tmp_path / "films.jsonl"
    import json

    lines = [
        json.dumps({"text": t, "label": rows.labels[y.argmax()]}) for t, y in zip(rows.texts, rows.targets, strict=True)
    ]
    path.write_text("\n".join(lines), "utf-8")
    found = fute("select", "--target", path, *BLACK_BOXES, "--json").json
    assert found["target"] == "films"
    assert found["ranking"][0]["family"] == "sentiment"
    assert not open_store().headers()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--target", "sst3", "sentiment"), "did you mean 'sst2'?"),
        (("--target", "sst2", "sentimend"), "did you mean 'sentiment'"),
        (("--target", "sst2"), "PROMPTS"),
        (("sentiment",), "--target"),
        (("--target", "sst2", "sst2 · logistic", "--probes", "100000"), "the space has 512"),
        (("--target", "sst2", "inference"), "reads pairs of texts, and the target has single texts"),
    ],
)
def test_what_cannot_be_chosen_among_is_a_sentence_and_exit_code_2(arguments, says):
    done = fute("select", *arguments)
    assert done.code == 2
    assert says in done.err


# cover --------------------------------------------------------------------------------------------------------------


def test_of_a_dataset_of_few_texts_all_commands_say_that_its_neighbours_are_chance(tmp_path):
    path = tmp_path / "tiny.csv"
    path.write_text("text,label\na fine film,good\na dull film,bad\nbright and kind,good\nthin and long,bad\n", "utf-8")
    row, warned = fute("embed", "dataset", path, "--json").json, "4 texts are few for a dataset"
    assert row["notes"][0].startswith(f"tiny: {warned}")
    assert warned in fute("neighbours", "tiny", "--json").json["notes"][-1]
    assert warned not in str(fute("neighbours", "sst2", "--json").json["notes"])
    found = fute("cover", "-k", 3, "--json").json
    assert (found["n"], found["too_small"]) == (DATASETS, ["tiny"])
    assert "tiny" not in str({**found, "too_small": []})
    assert "Left out, with fewer than 32 texts: tiny" in fute("cover", "-k", 3).err


def test_a_few_datasets_stand_for_the_rest_and_the_redundant_are_named():
    found = fute("cover", "-k", 5, "--kind", "dataset", "--json").json
    assert (found["k"], found["n"], len(found["chosen"])) == (5, DATASETS, 5)
    families = [c["family"] for c in found["chosen"]]
    assert len(set(families)) == 5
    told = [s["name"] for c in found["chosen"] for s in c["stands_for"]]
    assert len({*told, *found["unlike"], *(c["name"] for c in found["chosen"])}) == DATASETS
    assert "cola" in found["unlike"]
    of_sentiment = next(c for c in found["chosen"] if c["family"] == "sentiment")
    assert {"mr", "sst2", "uci_amazon", "uci_imdb"} - {of_sentiment["name"]} <= {
        s["name"] for s in of_sentiment["stands_for"]
    }
    repeats = {r["name"]: r for r in found["redundant"]}
    assert {"mr", "sst2", "uci_amazon"} <= set(repeats)
    assert not {"banking77_20", "clinc150_domain", "clickbait"} & set(repeats), "other intents are no repetition"
    assert all(r["similarity"] >= found["threshold"] and r["share"] < 0.006 for r in repeats.values())
    assert not set(repeats) & {c["name"] for c in found["chosen"]}


def test_cover_of_some_families_and_the_curve_by_number():
    found = fute("cover", "-k", 2, "--family", "sentiment", "--family", "spam", "--json").json
    assert {one["family"] for one in found["chosen"]} == {"sentiment", "spam"}
    rows = fute("cover", "--curve", "--family", "spam", "--json").json
    assert [row["k"] for row in rows] == [1, 2]
    assert "similarity by lot" in fute("cover", "--curve").out
    refused = fute("cover", "--family", "no such family")
    assert refused.code == 2
    assert "see `fute list families`" in refused.err


def test_cover_as_a_table_for_pairs_and_models():
    done = fute("cover", "-k", 2, "--pairs")
    assert "2 of 13 datasets stand for the rest" in done.out
    assert "None of the datasets is called redundant: too few pairs are known to do the same job" in done.err
    assert "Redundant: as alike as the closest quarter of pairs known to do the same job" in fute("cover", "-k", 3).out
    assert len(fute("cover", "-k", 3, "--kind", "model", "--json").json["chosen"]) == 3


def test_more_than_there_are_cannot_be_chosen():
    done = fute("cover", "-k", 99)
    assert done.code == 2
    assert f"from 1 to {DATASETS}" in done.err


def test_two_datasets_are_tried_on_each_others_rows(tmp_path):
    done = fute("swap", "trec", "sst2", "--rows", 60, "--json")
    assert done.code == 0
    assert [(s["rows_of"], s["head_of"], s["rows"]) for s in done.json] == [("trec", "sst2", 60), ("sst2", "trec", 60)]
    assert all(s["own"]["low"] <= s["own"]["value"] <= s["own"]["high"] for s in done.json)
    shown = fute("swap", "trec", "sst2", "--rows", 60)
    assert [s["why"] for s in done.json] == shown.out.splitlines()[-2:]
    refused = fute("swap", "trec", "mrpc")
    assert (refused.code, refused.err.count("\n")) == (2, 1)
    assert "'mrpc' pairs" in refused.err
