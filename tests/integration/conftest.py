"""One small atlas for all command line tests: real datasets on the real surrogate, few rows, few probe texts."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from fute_core.cli import main

SPACE = ("--method", "functional")
"""A method that nothing shipped is embedded by: the space is what the tests put there."""
SMALL = (*SPACE, "--probes", "64", "--limit", "200")
EMBEDDED = ("sst2", "mr", "trec", "tweet_emotion")


def fute(*arguments, stdin: str | None = None):
    """Run `fute` in this process: exit code, standard output and error, and `json`, the document printed."""
    result = CliRunner().invoke(main, [str(a) for a in arguments], input=stdin)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    document = None
    if "--json" in arguments and result.stdout.strip():
        document = json.loads(result.stdout)
    return SimpleNamespace(code=result.exit_code, out=result.stdout, err=result.stderr, json=document)


def fute_process(*arguments, env: dict[str, str] | None = None, timeout: float = 120, **how):
    """Run the installed command in a process of its own."""
    command = [sys.executable, "-m", "fute_core.cli", *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=timeout, env={**os.environ, **(env or {})}, **how
    )


@pytest.fixture(scope="session")
def _embedded(tmp_path_factory) -> Path:
    home = tmp_path_factory.mktemp("atlas")
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
    shutil.copytree(_embedded, home)
    monkeypatch.setenv("FUTE_HOME", str(home))
    return home
