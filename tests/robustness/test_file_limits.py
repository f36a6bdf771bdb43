"""Files over a limit are refused before they are held in memory."""

import json
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

MOST_MB = 300
REFUSE = """
import sys
import pyarrow.compute, pyarrow.parquet
from fute_core.datasets.catalog import load_dataset
from fute_core.errors import BadInput

def peak():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))

idle = peak()
try:
    load_dataset(sys.argv[1])
except BadInput as error:
    print((peak() - idle) // 1024, error)
"""


def references(path):
    pq.write_table(
        pa.table({"text": ["x" * 5_000 + str(i % 3) for i in range(50_000)], "label": ["a", "b"] * 25_000}), path
    )


def one_long_text(path):
    pq.write_table(pa.table({"text": ["x" * 20_000_000, "y z"], "label": ["a", "b"]}), path)


def many_rows(path):
    path.write_text("text,label\n" + "".join(f"text {i},{'ab'[i % 2]}\n" for i in range(200_001)))


def many_labels(path):
    path.write_text("text,label\n" + "".join(f"text {i},l{i % 60_000}\n" for i in range(120_000)))


def many_objects(path):
    path.write_text(json.dumps([{"text": f"t {i}", "label": "ab"[i % 2]} for i in range(200_001)]))


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read from /proc")
@pytest.mark.parametrize(
    ("name", "make", "says"),
    [
        ("d.parquet", references, "holds 250 MB once unpacked"),
        ("t.parquet", one_long_text, "column 'text' has a text of 20.0 MB"),
        ("r.csv", many_rows, "more than 200,000 rows"),
        ("l.csv", many_labels, "60,000 different labels"),
        ("a.json", many_objects, "more than 200,000 rows"),
    ],
)
def test_what_is_refused_takes_little_memory(tmp_path, name, make, says):
    make(tmp_path / name)
    done = subprocess.run([sys.executable, "-c", REFUSE, tmp_path / name], capture_output=True, text=True, check=True)
    peak, sentence = done.stdout.split(" ", 1)
    assert says in sentence
    assert int(peak) < MOST_MB
