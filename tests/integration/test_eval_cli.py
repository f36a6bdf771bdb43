"""Every `fute eval` with --quick on real data: its keys, your own datasets apart, refusals, and names left alone."""

import json

import pytest
from command_line import fute
from models_at_hand import lend
from tiny_models import tiny_model_folder

from fute_core.atlas.gallery import load_gallery
from fute_core.datasets.catalog import load_dataset
from fute_core.evaluation.parts import rows
from fute_core.store.store import open_store

pytestmark = pytest.mark.slow
FIGURE = {"value", "low", "high", "chance", "n"}
OWN = {"films": ("uci_imdb", "sentiment"), "texting": ("tweet_hate", "toxicity")}
"""Name in the folder: shipped dataset whose rows it has, and its family."""


@pytest.fixture(scope="module")
def home(tmp_path_factory, lender):
    return lend(tmp_path_factory.mktemp("home"), lender)


@pytest.fixture(autouse=True)
def _one_home(home, monkeypatch):
    """What one evaluation computed serves the next."""
    monkeypatch.setenv("FUTE_HOME", str(home))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two datasets of one's own, laid out as `--data` wants them."""
    root = tmp_path_factory.mktemp("own")
    (root / "datasets").mkdir()
    cards = []
    for name, (source, family) in OWN.items():
        taken = load_dataset(source, split="test", limit=90)
        labels = [taken.labels[i] for i in taken.targets.argmax(1)]
        lines = [
            json.dumps({"text": text[:200], "label": label, "split": "test" if i % 3 == 0 else "train"})
            for i, (text, label) in enumerate(zip(taken.texts, labels, strict=True))
        ]
        (root / "datasets" / f"{name}.jsonl").write_text("\n".join(lines), "utf-8")
        cards.append({"name": name, "family": family, "pair": False, "labels": list(taken.labels)})
    (root / "datasets.json").write_text(json.dumps(cards), "utf-8")
    return root


@pytest.fixture
def few_rows(monkeypatch):
    """The first 120 rows of a dataset's split stand for all of them, where the figures are not looked at."""
    monkeypatch.setattr(
        rows, "load_dataset", lambda name, limit=None, **of: load_dataset(name, limit=limit or 120, **of)
    )


@pytest.fixture(scope="module")
def language_model(tmp_path_factory):
    from tiny_language_models import saved

    return saved(tmp_path_factory.mktemp("tiny-gpt2"), positions=1024)


def evaluate(command, out, *more):
    done = fute("eval", command, "--quick", "--out", out, *more, "--json")
    assert done.code == 0, done.err
    return done.json


def written(out):
    return sorted(path.name for path in out.iterdir())


def test_retrieval_reports_your_datasets_apart_and_reads_no_text_twice(tmp_path, folder, few_rows, monkeypatch):
    found = evaluate("retrieval", tmp_path, "--data", folder)
    keys = ("dte_family_mrr", "skilled_own_top1", "skilled_family_first", "weak_family_first", "mte_own_mrr",
            "architecture_share")  # fmt: skip
    assert all(found[key].keys() == FIGURE for key in keys)
    assert found["dte_family_mrr"]["n"] == 4
    assert {row["dataset"] for row in found["rows"]} == {"sst2", "mr", "sms_spam", "youtube_spam"}
    assert {row["dataset"] for row in found["data"]["rows"]} == set(OWN)
    assert all(found["data"][key].keys() == FIGURE for key in keys)
    assert written(tmp_path) == [f"retrieval-{folder.name}-quick.json", f"retrieval-{folder.name}-quick.md"]
    from fute_core.models.encoder import Surrogate

    monkeypatch.setattr(Surrogate, "_features", lambda *arguments: pytest.fail("these texts were read before"))
    alone = evaluate("retrieval", tmp_path)
    assert {key: alone[key] for key in keys} == {key: found[key] for key in keys}, "yours must not move what is shipped"


def test_stability_measures_what_moves_a_vector_and_what_does_not(tmp_path, folder):
    found = evaluate("stability", tmp_path, "--data", folder)
    for key in ("halves_mutual_nearest", "halves_25_family_nearest", "shuffled_below_halves", "rows_first_25",
                "probe_halves_spearman", "spoilt_answers_monotone", "uninformed_stay_away",
                "probes_64_skilled_family_first"):  # fmt: skip
        assert found[key].keys() == FIGURE
    assert found["seed_changes_vectors"] is False
    assert found["halves_mutual_nearest"]["n"] == 4
    assert found["own_data"]["halves_mutual_nearest"]["n"] == 2
    page = (tmp_path / f"stability-{folder.name}-quick.md").read_text("utf-8")
    assert "Made by `fute eval stability" in page or "Made by" in page
    assert "films" in page


def test_prompts_are_ranked_with_yours_apart(tmp_path, folder, language_model, monkeypatch):
    found = evaluate("prompts", tmp_path, "--data", folder, "--model", language_model, "--rows", 10)
    for measure in ("spearman", "kendall", "rho", "ndcg", "regret_points"):
        assert found[measure].keys() == FIGURE
    assert {case["dataset"] for case in found["own_data"]["cases"]} == {"films"}
    assert "films" not in {case["dataset"] for case in found["cases"]}
    assert {"global entropy", "perplexity of the prompt"} <= set(found["baselines"])
    from fute_core.predictors.prompted_lm import PromptedLM

    for work in ("score", "surprise"):
        monkeypatch.setattr(PromptedLM, work, lambda *arguments: pytest.fail("this prompt was read before"))
    assert evaluate("prompts", tmp_path, "--data", folder, "--model", language_model, "--rows", 10) == found


def test_shipped_prompts_are_ranked_on_every_language_model_and_none_is_asked(tmp_path):
    asked = ("eval", "prompts", "--shipped", "--family", "suggestion", "--out", tmp_path, "--json")
    done = fute(*asked).json
    assert done["spearman"].keys() == FIGURE
    assert {pair["model"] for pair in done["pairs"]} == {"smollm2", "gemma3-270m"}
    assert written(tmp_path) == ["prompts-shipped.json", "prompts-shipped.md"]
    refused = fute(*asked, "--rows", 50)
    assert refused.code == 2
    assert "--shipped judges by the accuracies that ship" in refused.err


def test_surrogates_compares_the_spaces_of_two_encoders(tmp_path, few_rows):
    one, other = (str(tiny_model_folder("bert", tmp_path / name, seed=k)) for k, name in enumerate(("one", "other")))
    found = evaluate("surrogates", tmp_path / "out", "--surrogate", one, "--surrogate", other)
    assert found["one"]["mte_own_mrr"].keys() == found["other"]["mantel_all"].keys() == FIGURE
    assert written(tmp_path / "out") == ["surrogates-quick.json", "surrogates-quick.md"]


def test_transfer_ranks_sources_beside_its_baselines_and_resumes(tmp_path, monkeypatch):
    found = evaluate("transfer", tmp_path)
    of = found["rows_32"]
    for measure in ("rho", "ndcg", "regret_at_1", "regret_at_3", "gain_of_best_source"):
        assert of[measure].keys() == FIGURE
    assert set(of["baselines"]) == {
        "LEEP of the embeddings' heads", "text features (TextEmb)", "size (rows times labels)", "random",
    }  # fmt: skip
    matrix = found["matrix_32"]["accuracy"]
    assert len(matrix) == len(matrix[0]) == 3
    from fute_core.evaluation.parts.tuning import Tuner

    monkeypatch.setattr(Tuner, "transfer", lambda *arguments: pytest.fail("this was measured before"))
    assert evaluate("transfer", tmp_path) == found


def test_cover_compares_rankings_with_those_on_random_sets(tmp_path):
    found = evaluate("cover", tmp_path)
    assert found["chosen_spearman"].keys() == found["better_than_random"].keys() == FIGURE
    assert found["better_than_random"]["n"] == 6
    assert len(found["k_2"]["chosen"]) == 2
    assert written(tmp_path) == ["cover-quick.json", "cover-quick.md"]


def test_coverage_tells_how_often_intervals_hold_by_pair_of_kinds(tmp_path):
    found = evaluate("coverage", tmp_path)
    kinds = ("dataset_dataset", "dataset_model", "dataset_prompt", "model_model", "model_prompt", "prompt_prompt")
    for key in (f"interval_held_{pair}" for pair in kinds):
        assert found[key].keys() == FIGURE
        assert 0.8 <= found[key]["value"] <= 1, "five items of each kind are few"
    for key in (f"{over}_held_{kind}" for over in ("rows", "both") for kind in ("dataset", "model", "prompt")):
        assert found[key].keys() == FIGURE
        assert 0.7 <= found[key]["value"] <= 1, "two datasets are few"
    assert found["region_held_64"]["n"] > 100
    assert "95 % intervals, single texts" in (tmp_path / "coverage-quick.md").read_text("utf-8")


def test_settling_counts_texts_and_changed_verdicts_by_rule_and_kind(tmp_path):
    found = evaluate("settle", tmp_path)
    rules = found["held_out"]
    assert rules["all"]["mean"] == 512
    assert rules["all"]["same"] == rules["all"]["kept"] == 1
    assert rules["fixed_128"]["mean"] == rules["fixed_128"]["median"] == 128
    texts = [rules[f"settled_{confidence}"]["mean"] for confidence in (0.9, 0.95, 0.99)]
    assert 64 <= texts[0] <= texts[1] <= texts[2] < 512
    assert rules["settled_0.95"]["same"] >= 0.9
    assert set(found["constants"]["measured"]) == {"none", "kin", "lead"}
    prompts = [item for item in load_gallery(False).items if item.embedding.kind == "prompt"]
    assert found["shipped_constants"]["prompts with kin"]["n"] == len(prompts)
    assert written(tmp_path) == ["settle-quick.json", "settle-quick.md"]


def test_no_evaluation_has_named_anything_in_the_store():
    assert open_store().headers() == [] or not list(open_store().headers())


@pytest.mark.parametrize("command", ["retrieval", "prompts", "stability"])
@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "datasets.json cannot be read"),
        ("{", "is not valid JSON"),
        ('[{"name": "sst2"}]', "'sst2', and so have the shipped ones"),
        ('[{"name": "gone", "family": "spam", "pair": false, "labels": ["a", "b"]}]', "gone.jsonl"),
    ],
)
def test_a_folder_that_cannot_be_used_is_a_sentence_and_exit_code_2(command, content, says, tmp_path):
    if content is not None:
        (tmp_path / "datasets.json").write_text(content, "utf-8")
    done = fute("eval", command, "--quick", "--data", tmp_path, "--out", tmp_path / "out", "--json")
    assert done.code == 2
    assert says in done.err
    assert not (tmp_path / "out").exists()
