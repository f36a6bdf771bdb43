"""A home that may not be written, and a disk without room: what is stored can be read, and the rest is one sentence."""

import json
import os
import shutil
import subprocess
import sys

import pytest
from added import add
from command_line import fute_process
from job_requests import create, request

from fute_core.home import fute_home
from fute_core.store.store import open_store

RUN = """
import json, sys
from click.testing import CliRunner
from fute_core.cli import main

for arguments in json.loads(sys.argv[1]):
    done = CliRunner().invoke(main, arguments)
    if done.exit_code:
        print(arguments, done.exit_code, done.output, done.exception)
"""
LIMITED = """
import json, resource, sys
from click.testing import CliRunner
from fute_core.cli import main

resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
for arguments in json.loads(sys.argv[1]):
    done = CliRunner().invoke(main, arguments)
    print(json.dumps([done.exit_code, done.stdout, done.stderr, repr(done.exception)]))
"""


@pytest.fixture
def filled():
    """A home with an embedding and a job in it."""
    add(fute_home(), "mine", "sst2", "dataset", "sentiment")
    create(open_store(), request("a"))
    return fute_home()


def reading(folder):
    """Every command that reads."""
    return [
        ["list", "embeddings"], ["list", "datasets"], ["list", "models"], ["list", "prompts"],
        ["neighbours", "mine"], ["similarity", "mine", "sst2"], ["cover", "-k", "2"],
        ["map", "--out", str(folder / "map.csv"), "--projection", "pca"],
        ["export", "--out", str(folder / "space.parquet")], ["cache", "info"], ["cache", "verify"],
        ["cache", "export", str(folder / "all.zip")], ["jobs", "list"], ["doctor"],
        ["probes", "export", str(folder / "probes.csv")], ["ask", "a fine film", "sst2 · trees"],
    ]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("empty", [False, True])
def test_every_command_that_reads_works_on_a_home_that_may_not_be_written(filled, tmp_path, empty):
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("needs root and unshare")
    home = tmp_path / "empty" if empty else filled
    home.mkdir(exist_ok=True)
    says_so = ["doctor"]  # with exit code 2, which is its business
    commands = [c for c in reading(tmp_path) if c != says_so and not (empty and "mine" in c)]
    rows = ["neighbours", "poem_sentiment", "--interval", "rows"]  # which are kept by nobody there
    commands += [rows] if empty else []
    script = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && FUTE_HOME="$1" exec "$2" -c "$3" "$4"'
    if subprocess.run(["unshare", "-m", "mount", "--bind", home, home], capture_output=True).returncode:
        pytest.skip("file systems cannot be mounted here")
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", script, "sh", home, sys.executable, RUN, json.dumps(commands)],
        capture_output=True, text=True, timeout=280,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_without_room_what_is_stored_is_read_and_the_rest_is_one_sentence(filled, tmp_path):
    (tmp_path / "new.csv").write_text("text,label\n" + "".join(f"some text {i},{'ab'[i % 2]}\n" for i in range(8)))
    new = ["embed", "dataset", str(tmp_path / "new.csv"), "--method", "text"]
    commands = [["list", "embeddings"], ["cache", "verify"], ["jobs", "list"], new,
                ["map", "--out", str(tmp_path / "map.csv"), "--projection", "pca"], ["list", "embeddings"]]  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, json.dumps(commands)], capture_output=True, text=True, timeout=280
    )
    ended = [json.loads(line) for line in done.stdout.splitlines()]
    assert [code for code, *_ in ended] == [0, 0, 0, 2, 2, 0], ended
    assert "mine" in ended[0][1]
    for _, _, said, _ in ended[3:5]:
        assert said.count("\n") == 1, said
        assert "unexpected" not in said
    assert "everything stored before is kept" in ended[3][2]
    assert ended[0][1] == ended[-1][1]
    assert open_store().verify() == []
    assert not list(tmp_path.glob("*map.csv*"))


def test_a_reader_waits_for_no_writer(filled):
    import sqlite3

    other = sqlite3.connect(filled / "cache" / "names" / "cache.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        done = fute_process("list", "embeddings", "--json", timeout=100)
    finally:
        other.execute("ROLLBACK")
    assert done.returncode == 0, done.stderr
    assert [row["name"] for row in json.loads(done.stdout)] == ["mine"]
