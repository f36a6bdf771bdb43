"""One small atlas for all command line tests: real datasets on the real surrogate, few rows, few probe texts."""

import json
import os
import shutil
from pathlib import Path

import pytest
from command_line import EMBEDDED, SMALL, fute
from models_at_hand import lend


@pytest.fixture(scope="session")
def _embedded(tmp_path_factory, lender) -> Path:
    home = lend(tmp_path_factory.mktemp("atlas"), lender)
    before = os.environ.get("FUTE_HOME")
    os.environ["FUTE_HOME"] = str(home)
    try:
        done = fute("embed", "dataset", *EMBEDDED, *SMALL, "--json")
        assert done.code == 0, done.err
    finally:
        if before is None:
            del os.environ["FUTE_HOME"]
        else:
            os.environ["FUTE_HOME"] = before
    (home / "embedded.json").write_text(json.dumps(done.json))
    return home


@pytest.fixture
def atlas(_embedded, monkeypatch) -> Path:
    """FUTE_HOME with EMBEDDED in it, shared by all tests: for those that only read."""
    monkeypatch.setenv("FUTE_HOME", str(_embedded))
    return _embedded


@pytest.fixture
def own_atlas(_embedded, tmp_path, monkeypatch) -> Path:
    """A copy of it for one test, which may change it."""
    home = tmp_path / "atlas"
    shutil.copytree(_embedded, home, symlinks=True)
    monkeypatch.setenv("FUTE_HOME", str(home))
    return home
