import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from fute_core.scratch import IN_USE, PREFIX, ScratchFolder

STAY = """
import time
from fute_core.scratch import ScratchFolder

folder = ScratchFolder()
print(folder.name, flush=True)
time.sleep(99)
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def left(place, name, lock=True):
    """A folder as a process that was killed long ago left it."""
    folder = place / f"{PREFIX}{name}"
    folder.mkdir()
    (folder / "value").write_text("x")
    if lock:
        (folder / IN_USE).touch()
        os.utime(folder / IN_USE, (1, 1))
    return folder


def test_a_folder_is_gone_when_it_is_not_used_any_more(place):
    with ScratchFolder() as folder:
        assert Path(folder).stat().st_mode & 0o777 == 0o700
    assert list(place.iterdir()) == []


def test_folders_of_dead_processes_go_and_those_of_living_ones_stay(place):
    process = subprocess.Popen(
        [sys.executable, "-c", STAY], stdout=subprocess.PIPE, text=True, env={**os.environ, "TMPDIR": str(place)}
    )
    try:
        lives = Path(process.stdout.readline().strip())
        os.utime(lives / IN_USE, (1, 1))
        dead = left(place, "dead")
        ScratchFolder().cleanup()
        assert not dead.exists()
        assert lives.exists()
    finally:
        process.kill()
        process.wait()
    os.utime(lives / IN_USE, (1, 1))
    ScratchFolder().cleanup()
    assert list(place.iterdir()) == []


def test_what_is_not_surely_a_dead_process_s_own_stays(place, tmp_path_factory, monkeypatch):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / IN_USE).touch()
    os.utime(elsewhere / IN_USE, (1, 1))
    (place / f"{PREFIX}link").symlink_to(elsewhere)
    (place / f"{PREFIX}file").write_text("x")
    left(place, "without a lock", lock=False)
    os.utime(left(place, "young") / IN_USE)
    (left(place, "a pipe", lock=False) / IN_USE).mkdir()
    before = sorted(place.iterdir())
    ScratchFolder().cleanup()
    assert sorted(place.iterdir()) == before
    assert (elsewhere / IN_USE).exists()


def test_folders_of_another_user_stay(place, monkeypatch):
    folder = left(place, "another's")
    monkeypatch.setattr(os, "getuid", lambda: folder.stat().st_uid + 1)
    ScratchFolder().cleanup()
    assert folder.exists()


def test_on_a_disk_without_locks_a_folder_is_made_and_never_taken_for_unused(place, monkeypatch):
    import fcntl

    def refuse(*_given):
        raise OSError("no locks here")

    folder = left(place, "dead")
    monkeypatch.setattr(fcntl, "flock", refuse)
    made = ScratchFolder()
    assert not (Path(made.name) / IN_USE).exists()
    assert folder.exists()
