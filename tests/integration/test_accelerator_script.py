"""The script for whoever has an accelerator runs, here on the processor and on a model of no size."""

import json
import runpy
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "accelerator.py"


@pytest.mark.slow
def test_values_are_compared_and_everything_is_timed(capsys, monkeypatch):
    monkeypatch.syspath_prepend(SCRIPT.parent)  # as for a script that is started
    main = runpy.run_path(str(SCRIPT))["main"]
    small = ["-n", "6", "--rows", "12", "--many", "3", "--tuned", "8", "--product", "64"]
    main(["--device", "cpu", "--sizes", "tiny", *small, "--json"])
    found = json.loads(capsys.readouterr().out)
    assert found["differences"]["float32"] == found["differences"]["features"] == 0, "it is the same device"
    assert 0 < found["differences"]["bfloat16"] < 0.01
    assert set(found["models"]) == {"tiny"}
    assert found["models"]["tiny"]["weights_gb"] > 0
    assert {"first", "last"} <= set(found["models"]["tiny"])
    assert all(found["methods"][name] > 0 for name in ("functional_s", "fisher_sums_s", "both_ways_s"))
