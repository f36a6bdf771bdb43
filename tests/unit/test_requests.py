"""Requests as data: what they are called, and how they stay true in another folder."""

from dataclasses import replace

import pytest

from fute_core import jobs
from fute_core.requests import EmbedRequest
from fute_core.store import open_store


@pytest.mark.parametrize(
    ("model", "called"),
    [
        ("smollm2", "smollm2"), ("org/Model-3.1-8B", "org/Model-3.1-8B"), ("org/Model-3.2-1B", "org/Model-3.2-1B"),
        ("model-3.1", "model-3.1"), ("./model-3.1/", "model-3.1"),
    ],
)  # fmt: skip
def test_models_that_differ_behind_a_dot_have_names_of_their_own(model, called, tmp_path, monkeypatch):
    (tmp_path / "model-3.1").mkdir()
    monkeypatch.chdir(tmp_path)
    assert EmbedRequest("prompt", "p.yaml", model=model, template="t").label == f"t @ {called}"


def test_a_planned_file_is_found_from_another_folder(tmp_path, monkeypatch):
    (tmp_path / "films.csv").write_text("text,label\n")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "encoder").mkdir()
    films = EmbedRequest("dataset", "films.csv", surrogate="./encoder")
    others = [EmbedRequest("dataset", "sst2"), EmbedRequest("model", "org/name")]
    planned = jobs.plan([films, *others], open_store(), lambda _: None)
    found = replace(films, ref=str(tmp_path / "films.csv"), surrogate=str(tmp_path / "encoder"))
    assert [item.request for item in planned.items] == [found, *others]
