import os

import pytest

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory, monkeypatch):
    """Every test writes to a folder of its own, never to the developer's."""
    monkeypatch.setenv("FUTE_HOME", str(tmp_path_factory.mktemp("home")))
