"""What stands beside the code: licences, citation, changelog, the guide's examples, and the settings of tools."""

import ast
import hashlib
import importlib.util
import re
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from tiny_models import tiny_surrogate

from fute_core.datasets.catalog import shipped_datasets
from fute_core.datasets.probes import all_probes
from fute_core.methods import METHODS
from fute_core.models.packaged import list_models
from fute_core.predictors import PREDICTORS
from fute_core.registry import Registry
from fute_core.testing import check_method, check_predictor

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
APACHE = "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"
PYTHONS = ["3.11", "3.12", "3.13"]


def text_of(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def read_yaml(name: str):
    return yaml.safe_load(text_of(name))


# licences ------------------------------------------------------------------------------------------------------------


def licence_rows(heading: str) -> dict[str, dict[str, str]]:
    """The table under a heading of data/LICENCES.md: rows by name, cells by the names of the columns."""
    section = text_of("data/LICENCES.md").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line[:1] == "|"]
    columns, _, *rows = lines
    return {row[0]: dict(zip(columns, row, strict=True)) for row in rows}


def test_the_licence_is_the_standard_text_and_what_the_package_says():
    assert hashlib.sha256((ROOT / "LICENSE").read_bytes()).hexdigest() == APACHE
    assert PROJECT["license"] == read_yaml("CITATION.cff")["license"] == "Apache-2.0"
    assert all((ROOT / name).is_file() for name in PROJECT["license-files"])


def test_every_shipped_dataset_is_listed_as_its_card_says():
    listed = licence_rows("Datasets")
    cards = shipped_datasets()
    assert list(listed) == list(cards)
    for name, card in cards.items():
        shown = {key: listed[name][key] for key in ("title", "licence", "source", "cite")}
        assert shown == {key: card[key] for key in shown}, name


def test_every_packaged_model_is_listed_with_its_licence():
    listed = licence_rows("Packaged models")
    models = list_models()
    assert {name: row["licence"] for name, row in listed.items()} == {m["name"]: m["licence"] for m in models}
    assert all(listed[m["name"]]["package"] == m["package"].split()[0] for m in models)


def test_every_source_of_probe_texts_is_listed():
    listed = licence_rows("Datasets") | licence_rows("Probe texts")
    assert {source for pair in (False, True) for source in all_probes(pair).sources} <= set(listed)


def test_only_a_licence_that_allows_commercial_use_is_said_to():
    for heading in ("Datasets", "Probe texts", "Packaged models"):
        for name, row in licence_rows(heading).items():
            forbids = re.search(r"\bNC\b|research|non-commercial", row["licence"])
            assert row["commercial use"].startswith("yes") != bool(forbids), name


# citation and changelog ----------------------------------------------------------------------------------------------


def test_the_citation_is_whole_and_of_this_version():
    cited = read_yaml("CITATION.cff")
    assert {"cff-version", "message", "title", "authors", "type"} <= set(cited)
    assert cited["cff-version"] == "1.2.0"
    assert cited["version"] == PROJECT["version"]
    assert [author["name"] for author in cited["authors"]] == [author["name"] for author in PROJECT["authors"]]


def test_the_citation_names_the_paper_of_the_method():
    (paper,) = read_yaml("CITATION.cff")["references"]
    assert {"type", "title", "authors", "year", "doi"} <= set(paper)
    assert [author["family-names"] for author in paper["authors"]] == ["Wang", "Xu", "Gui", "He"]
    assert paper["title"].startswith("Towards Unified Task Embeddings Across Multiple Models: Bridging the Gap")
    assert paper["year"] == 2024


def test_the_changelog_tells_of_this_version_and_keeps_its_form():
    heads = re.findall(r"^## \[(.+?)\](?: - (\d{4}-\d\d-\d\d))?$", text_of("CHANGELOG.md"), re.M)
    assert heads[0] == ("Unreleased", "")
    assert PROJECT["version"] == heads[1][0]
    assert [day for _, day in heads[1:]] == sorted((day for _, day in heads[1:]), reverse=True)
    assert all(day for _, day in heads[1:])


# CONTRIBUTING.md -----------------------------------------------------------------------------------------------------


def contributing(heading: str) -> str:
    return text_of("CONTRIBUTING.md").split(f"\n## {heading}\n")[1].split("\n## ")[0]


def example(heading: str) -> tuple[str, str, str]:
    """A section's example: the file that it is to be, its code, and the one line that makes it known."""
    section = contributing(heading)
    (code,) = re.findall(r"```python\n(.*?)```", section, re.S)
    file = re.search(r"one file, `(.+?)`", section)[1]
    return file, code, re.search(r"one line in .+? of `.+?`:\s+`(.+?)`", section, re.S)[1]


def imported(file: str, code: str, folder: Path, monkeypatch) -> None:
    """Makes the example importable under the name that its file would have."""
    path = folder / Path(file).name
    path.write_text(code, "utf-8")
    name = file.removesuffix(".py").replace("/", ".")
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, name, module)
    spec.loader.exec_module(module)


@pytest.mark.parametrize("heading", ["Set up", "Test", "Add a method", "Add a predictor", "Add a page"])
def test_a_section_of_the_guide_stays_under_twenty_lines(heading):
    lines = [line for line in contributing(heading).splitlines() if line.strip() and not line.startswith("```")]
    assert 0 < len(lines) < 20


def test_the_method_of_the_guide_is_known_by_its_line_and_keeps_the_contract(tmp_path, monkeypatch):
    file, code, line = example("Add a method")
    imported(file, code, tmp_path, monkeypatch)
    ((name, target),) = ast.literal_eval(f"{{{line}}}").items()
    assert name not in set(METHODS)
    method = Registry("fute.methods", {name: target})[name]
    assert method.name == name
    check_method(method, tiny_surrogate("bert", tmp_path / "bert"))


def test_the_predictor_of_the_guide_is_known_by_its_line_and_keeps_the_contract(tmp_path, monkeypatch):
    file, code, line = example("Add a predictor")
    imported(file, code, tmp_path, monkeypatch)
    ((name, target),) = ast.literal_eval(f"{{{line}}}").items()
    assert name not in set(PREDICTORS)
    words = tmp_path / "words.txt"
    words.write_text("good great love", "utf-8")
    opener = Registry("fute.predictors", {name: target})[name]
    check_predictor(lambda: opener(str(words)))
    check_predictor(lambda: opener(str(words)), pair=True)
    assert opener(str(words)).predict_proba(["a great day", "a day"]).tolist() == [[0, 1], [1, 0]]


def test_the_page_of_the_guide_draws_and_its_line_names_it(tmp_path):
    from streamlit.testing.v1 import AppTest

    from dashboard.navigation import ENTRIES, Entry

    file, code, line = example("Add a page")
    entry = eval(line, {"Entry": Entry})
    assert file == f"dashboard/views/{entry.file}.py"
    assert entry.file not in {known.file for known in ENTRIES}
    assert entry.group in {known.group for known in ENTRIES}
    (tmp_path / "page.py").write_text(code, "utf-8")
    page = AppTest.from_file(tmp_path / "page.py", default_timeout=60).run()
    assert not page.exception
    shown = " ".join(block.proto.body for block in page.get("html"))
    assert "Methods" in shown
    assert all(name in shown for name in METHODS)


# tools ---------------------------------------------------------------------------------------------------------------


def test_the_pythons_that_are_named_are_the_same_everywhere():
    named = [c.rpartition(" ")[2] for c in PROJECT["classifiers"] if c.startswith("Programming Language :: Python :: ")]
    jobs = read_yaml(".github/workflows/tests.yml")["jobs"]
    assert named == jobs["pinned"]["strategy"]["matrix"]["python"] == PYTHONS
    assert "(3, 11) <= sys.version_info[:2] <= (3, 13)" in text_of("Makefile")


def test_the_workflow_runs_what_a_developer_runs():
    jobs = read_yaml(".github/workflows/tests.yml")["jobs"]
    runs = {name: [step["run"] for step in job["steps"] if "run" in step] for name, job in jobs.items()}
    assert [run.split()[-1] for run in runs["pinned"]] == ["lint", "test", "test-slow"]
    assert [run.split()[-1] for run in runs["beside"]] == ["coverage", "docs"]
    assert any("--resolution lowest-direct" in run for run in runs["minimum"])


def test_hooks_before_a_commit_need_no_network():
    repos = read_yaml(".pre-commit-config.yaml")["repos"]
    assert [repo["repo"] for repo in repos] == ["local"]
    hooks = [hook for repo in repos for hook in repo["hooks"]]
    assert {hook["language"] for hook in hooks} == {"system"}
    assert {hook["id"] for hook in hooks} == {"ruff-check", "ruff-format", "lint"}


def test_every_tool_for_developers_has_an_exact_pin():
    pins = dict(line.split("==") for line in text_of("requirements-dev.txt").split())
    tools = [re.match(r"[\w-]+", tool)[0] for tool in PROJECT["optional-dependencies"]["dev"]]
    assert set(tools) - {PROJECT["name"]} <= set(pins)  # its own name stands for another group of extras


def test_the_lock_holds_every_pin_but_torch_by_digest():
    names = ("requirements.txt", "requirements-dev.txt", "requirements-models.txt")
    pins = [line for name in names for line in text_of(name).splitlines() if "==" in line and line[0] != "#"]
    locked = re.findall(r"^(\S+==\S+) ((?:\\\n    --hash=sha256:[0-9a-f]{64} ?)+)$", text_of("requirements.lock"), re.M)
    missing = {pin.lower() for pin in pins} - {pin for pin, _ in locked}
    assert {pin.partition("==")[0] for pin in missing} == {"torch"}, "run `make lock`"
    assert len(locked) == text_of("requirements.lock").count("=="), "a package without a digest"


# names and docstrings ------------------------------------------------------------------------------------------------


def test_no_two_public_classes_share_a_name():
    places: dict[str, list[str]] = {}
    for path in sorted((ROOT / "fute_core").rglob("*.py")):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places.setdefault(node.name, []).append(str(path.relative_to(ROOT)))
    assert {name: where for name, where in places.items() if len(where) > 1} == {}
