"""The short form of `benchmarks/load.py`: visitors over the websocket see no error, and one would be noticed."""

import importlib.util
import json
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "load.py"


def test_visitors_are_served_and_what_they_are_not_served_is_told(monkeypatch, capsys):
    spec = importlib.util.spec_from_file_location("load", SCRIPT)
    load = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "load", load)  # its dataclasses look there
    spec.loader.exec_module(load)
    monkeypatch.setattr(load, "PAGES", ("", "similarity", "datasets", "nowhere"))
    options = {"--sessions": "2", "--minutes": "0.02", "--pause": "0.2", "--jobs": "0", "--settle": "0"}
    monkeypatch.setattr(sys, "argv", ["load.py", "--json", *(word for option in options.items() for word in option)])
    load.main()
    found = json.loads(capsys.readouterr().out)
    assert found["errors"]
    assert set(found["errors"]) == {"nowhere is not found"}
    assert found["steps"] == found["seconds"]["all"]["n"] > 0
    assert found["most_mb"] >= found["before_mb"] > 50
