"""Every key that a command prints with --json stands in docs/json.md."""

import json
import re
from dataclasses import fields
from pathlib import Path

import pytest
from command_line import fute
from job_requests import create, request

from fute_core.analysis.own_texts import OwnRanked, OwnTexts
from fute_core.cli.embedded import READ
from fute_core.store.store import open_store

PAGE = (Path(__file__).parents[3] / "docs" / "json.md").read_text("utf-8")
PROMPTS = Path(__file__).parents[3] / "data" / "prompts"
FREE = ("columns", "dropped", "fields", "versions")
"""What is below these is named by files and packages."""


def section(title: str) -> str:
    parts = re.split(r"^## ", PAGE, flags=re.MULTILINE)
    return next(part for part in parts if part.startswith(title))


def keys(document) -> set[str]:
    """Names of objects, at any depth."""
    if isinstance(document, list):
        return set().union(*map(keys, document))
    if not isinstance(document, dict):
        return set()
    return set(document).union(*(keys(value) for name, value in document.items() if name not in FREE))


def lacking(found: set[str], *titles: str) -> set[str]:
    said = "".join(map(section, titles))
    return {name for name in found if f"`{name}`" not in said}


@pytest.mark.parametrize(
    ("command", "titles"),
    [
        (("cover",), ("`fute cover`",)), (("similarity", "sst2", "mr"), ("`fute similarity`",)),
        *((("list", of), ("`fute list`",)) for of in ("datasets", "families", "models", "prompts")),
        (("prompts", "check", PROMPTS / "sentiment.yaml"), ("`fute prompts check`",)),
        (("prompts", "check", PROMPTS), ("`fute prompts check`",)),
        (("doctor",), ("`fute doctor`", "`fute list`", "`fute cache`")), (("cache", "info"), ("`fute cache`",)),
        (("cache", "verify"), ("`fute cache`",)),
    ],
    ids=lambda said: " ".join(map(str, said[:2])),
)  # fmt: skip
def test_what_is_listed_checked_and_covered(command, titles):
    found = fute(*command, "--json").json
    assert keys(found)
    assert lacking(keys(found), *titles) == set()


def test_what_is_embedded():
    fute("embed", "dataset", "sst2", "--method", "text", "--limit", 20)
    found = fute("list", "embeddings", "--json").json
    assert found
    assert lacking(keys(found), "`fute list`") == set()


def test_neighbours():
    assert lacking(keys(fute("neighbours", "sst2", "--json").json), "`fute embed`", "`fute neighbours`") == set()


def test_grid():
    assert lacking(keys(fute("grid", "--dataset", "sst2", "--json").json), "`fute grid`") == set()


def test_embed(tmp_path):
    rows = "text,label\n" + "".join(f"a fine film {i},good\na dull book {i},bad\n" for i in range(30))
    (tmp_path / "rows.csv").write_text(rows, "utf-8")
    found = fute("embed", "dataset", tmp_path / "rows.csv", "--json").json
    assert {*READ, "verdict", "details"} <= set(found)
    assert lacking(keys(found), "`fute embed`", "`fute neighbours`") == set()


def test_select():
    known = fute("list", "embeddings", "--kind", "prompt", "--family", "sentiment", "--json").json
    found = fute("select", *[row["name"] for row in known[:2]], "--target", "sst2", "--json").json
    on_rows = {field.name for kind in (OwnTexts, OwnRanked) for field in fields(kind)}
    assert lacking(keys(found) | on_rows, "`fute select`") == set()


@pytest.mark.parametrize("command", [("list",), ("show",)])
def test_jobs(command):
    job = create(open_store(), request("a"))
    found = fute("jobs", *command, *([job.id] if command == ("show",) else []), "--json").json
    assert found
    assert lacking(keys(json.loads(json.dumps(found))), "`fute jobs`") == set()
