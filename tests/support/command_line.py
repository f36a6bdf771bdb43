"""The `fute` command as tests run it, and the small atlas that they share."""

import json
import os
import subprocess
import sys
from types import SimpleNamespace

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
