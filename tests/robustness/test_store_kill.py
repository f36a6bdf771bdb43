"""Killed writers, several writers and a full disk: no torn value, and no lost finished one."""

import os
import random
import shutil
import subprocess
import sys

import numpy as np
import pytest
from killed_writer import KEYS, begin, killed, missing, told

from fute_core.store.store import Store

KILLS = 15

FULL_DISK = """
import sys
from pathlib import Path
import numpy as np
from fute_core.errors import Unavailable
from fute_core.store.store import Store

where = Path(sys.argv[1])
store, finished, told = Store(where / "cache"), [], ""
for i in range(200):
    try:
        store.put(f"big{i}", {"v": np.full(10_000, i, np.int64)}, {})
        finished.append(f"big{i}")
        store.put_answers(f"fp{i}", [f"text {j}" for j in range(64)], np.full((64, 4), i))
        finished.append(f"fp{i}")
    except Unavailable as error:
        told = str(error)
        break
assert "is full" in told and "kept" in told, told
assert len(finished) > 4, finished

def sound(store):
    for key in finished:
        if key.startswith("big"):
            assert (store.get(key)[0]["v"] == int(key[3:])).all()
        else:
            assert not store.get_answers(key, [f"text {j}" for j in range(64)])[1].any()

sound(store)
(where / "ballast").unlink()
store.put("after", {"v": np.ones(10_000)}, {})
store.put_answers("after", ["a"], np.ones((1, 2)))
sound(Store(where / "cache"))
assert store.verify() == []
print("ok")
"""


def test_a_writer_killed_at_any_moment_tears_and_loses_nothing(tmp_path):
    seed, finished = random.Random(0), []
    for kill in range(KILLS):
        finished += killed(tmp_path, kill * 50, 50, seed)
        assert missing(Store(tmp_path), finished) == (0, 0)
    assert 0 < len(finished) < KILLS * 50, "the kills came while writing"


def test_several_writers_of_the_same_keys_leave_one_whole_value_each(tmp_path):
    children = [begin(tmp_path, n * 1000, 60) for n in range(3)]
    outputs = [told(into) for _, into in children]
    assert outputs == [list(range(n * 1000, n * 1000 + 60)) for n in range(3)]
    store = Store(tmp_path)
    assert store.verify() == []
    for i in (i for output in outputs for i in output):
        assert not store.get_answers("fp", [f"text {i} 0"])[1].any()
    for key in range(KEYS):
        arrays, meta = store.get(f"key{key}")
        assert (arrays["v"] == meta["i"]).all()


def test_a_disk_that_really_fills_up_loses_nothing_and_works_again_with_room(tmp_path):
    """On a file system of 6 MB of its own, in a mount namespace that ends with the child."""
    script = 'mount -t tmpfs -o size=6m none "$1" && head -c 2000000 /dev/zero > "$1/ballast" && exec "$2" -c "$3" "$1"'
    if os.name != "posix" or os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("needs root and unshare")
    if subprocess.run(["unshare", "-m", "mount", "-t", "tmpfs", "none", tmp_path], capture_output=True).returncode:
        pytest.skip("file systems cannot be mounted here")
    command = ["unshare", "-m", "sh", "-c", script, "sh", tmp_path, sys.executable, FULL_DISK]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.stdout == "ok\n", done.stderr


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs POSIX users")
def test_a_store_of_another_user_is_one_sentence(tmp_path):
    if os.geteuid() != 0:
        pytest.skip("needs root to become another user")
    Store(tmp_path / "cache").put("k", {"v": np.ones(3)}, {})
    for folder in (*tmp_path.parents[:2], tmp_path):
        folder.chmod(0o755)
    child = os.fork()
    if child == 0:
        from fute_core.errors import Unavailable

        code = 3
        try:
            os.setuid(65534)
            Store(tmp_path / "cache").put("k2", {}, {})
        except Unavailable as error:
            code = 0 if "permissions" in str(error) else 4
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert Store(tmp_path / "cache").get("k") is not None
