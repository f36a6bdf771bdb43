"""What `benchmarks/dashboard.py` prints: its keys are read by others."""

import importlib.util
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "dashboard.py"
NAMES = ["map_first_s", "map_3d_s", "details_s", "cell_s", "page_s", "rss_mb", "session_mb", "idle_share"]


def loaded():
    spec = importlib.util.spec_from_file_location("dashboard_benchmark", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_object_has_each_figure_of_both_builds_and_the_headline():
    now, before = dict.fromkeys(NAMES, 2.0), dict.fromkeys(NAMES, 3.0)
    found = loaded().headline({**now, "page Map": 1.0}, before | {"map_3d_s": 40.0, "rss_mb": 9000.0})
    assert set(found) == {"ratio", *NAMES, *(f"{name}_before" for name in NAMES)}
    assert (found["cell_s"], found["cell_s_before"], found["ratio"]) == (2.0, 3.0, 1.5)


def test_a_bar_that_is_missed_is_said_so():
    lines = list(loaded().table({"details_s": 0.31, "cell_s": 0.5, "page Grid": 0.2}, {"details_s": 0.9, "cell_s": 1}))
    assert lines[1].endswith("0.3  missed")
    assert not lines[2].endswith("missed")
    assert lines[3].split() == ["page", "Grid", "0.200"]
