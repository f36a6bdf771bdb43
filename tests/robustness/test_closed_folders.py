"""Folders of the home that are closed to their own user: told, never taken for empty ones, and removed when asked."""

import os
import shutil
import subprocess
import sys

import pytest
from bad_inputs import OWNER
from job_requests import create, request

from dashboard.reads import findings
from fute_core.home import fute_home
from fute_core.store.store import open_store

DELETE = """
import os, sys
from fute_core import jobs
from fute_core.home import fute_home

jobs.delete(sys.argv[1])
print(jobs.all_jobs(), os.listdir(fute_home() / "jobs"))
"""
PIN = """
import sys
from dashboard.reads import findings
from fute_core.errors import Unavailable

for step in (findings.read, lambda *board: findings.change(*board, lambda now: now)):
    try:
        print(step(sys.argv[1], "ours"))
    except Unavailable as error:
        print(str(error).split(";")[0].split("(")[1])
"""


def by_mode(code, *arguments):
    """A process that may do no more than the modes of files let it, which root passes over otherwise."""
    root = os.geteuid() == 0
    if root and shutil.which("setpriv") is None:
        pytest.skip("needs setpriv")
    held = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"] if root else []
    return subprocess.run([*held, sys.executable, "-c", code, *arguments], capture_output=True, text=True)


def test_a_job_whose_folder_is_closed_is_deleted():
    job = create(open_store(), request("a"))
    job.folder.chmod(0)
    done = by_mode(DELETE, job.id)
    assert done.stdout == "([], {}) []\n", done.stderr


def test_boards_in_a_closed_folder_are_not_taken_for_empty_ones():
    findings.change(OWNER, "ours", lambda board: findings.added(board, "kept", [{"a": 1}], "", "/map"))
    folder = fute_home() / "boards" / OWNER
    folder.chmod(0)
    done = by_mode(PIN, OWNER)
    assert done.stdout.splitlines() == ["Permission denied)"] * 2, done.stderr
    folder.chmod(0o700)
    assert [pin.title for pin in findings.read(OWNER, "ours").pins] == ["kept"]
