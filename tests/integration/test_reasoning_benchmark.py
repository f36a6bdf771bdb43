"""What `benchmarks/reasoning.py` prints: both ways of asking, beside each other."""

import importlib
import json
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"


def test_both_ways_are_measured_on_the_same_rows_and_thoughts_stand_beside_them(tmp_path, monkeypatch, capsys):
    from tiny_language_models import saved

    monkeypatch.syspath_prepend(str(FOLDER))
    script = importlib.import_module("reasoning")
    model = str(saved(tmp_path / "tiny", "llama", chat=True, positions=1024))
    monkeypatch.setattr(sys, "argv", ["reasoning.py", "--quick", "--json", "--model", model])
    script.main()
    found = json.loads(capsys.readouterr().out)
    assert set(found) == {"ratio", "slower", "tokens", "ways", "rows"}
    once, thinks = found["ways"]["at once"], found["ways"]["thinks first"]
    assert (once["prompts"], thinks["prompts"], found["tokens"]) == (2, 2, 8)
    assert found["slower"] == pytest.approx(thinks["seconds"] / once["seconds"])
    assert [row["way"] for row in found["rows"]] == ["at once", "thinks first"] * 2
    assert {(row["dataset"], row["rows"]) for row in found["rows"][::2]} == {
        (row["dataset"], row["rows"]) for row in found["rows"][1::2]
    }
    assert all(len(row["thoughts"]) == (3 if row["way"] == "thinks first" else 0) for row in found["rows"])
