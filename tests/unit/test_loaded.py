"""What is loaded, and so waited for, before it is needed: seconds are for `benchmarks/startup.py`."""

import json
import subprocess
import sys

HEAVY = {"torch", "transformers", "sklearn", "scipy", "umap", "pandas", "plotly", "streamlit", "matplotlib"}

HIT = """
import json, sys
from fute_core.datasets.catalog import load_dataset
from fute_core.embedding.pipelines import embed_dataset
from fute_core.embedding.recipe import Recipe
from fute_core.store.store import open_store

embed_dataset(load_dataset("sst2", limit=12), Recipe(method="text"), open_store())
print(json.dumps(sorted(sys.modules)))
"""


def loaded(script: str) -> set[str]:
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=200, check=True)
    return set(json.loads(done.stdout))


def test_a_bare_import_loads_nothing_that_is_not_needed():
    found = loaded("import json, sys; import fute_core; print(json.dumps(sorted(sys.modules)))")
    assert not HEAVY & found
    assert "numpy" not in found


def test_the_names_of_the_front_door_load_no_model_library():
    script = """
import json, sys
from fute_core import embed_dataset, embed_model, open_store, TaskSpace, load_dataset
print(json.dumps(sorted(sys.modules)))
"""
    assert not {"torch", "transformers", "umap", "plotly", "streamlit", "matplotlib"} & loaded(script)


def test_what_is_known_already_comes_from_the_store_without_a_model_library():
    assert "torch" in loaded(HIT)
    assert not {"torch", "transformers"} & loaded(HIT)


def test_the_command_line_starts_without_what_its_commands_need():
    assert not HEAVY & loaded("import json, sys; import fute_core.cli; print(json.dumps(sorted(sys.modules)))")
