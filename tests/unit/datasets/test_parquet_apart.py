"""What a Parquet file says of its columns is read in a process of its own, whose end is no end of this one."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fute_core.datasets import parquet
from fute_core.datasets.tables import read_rows
from fute_core.errors import BadInput


@pytest.fixture
def file(tmp_path):
    pq.write_table(pa.table({"text": ["a fine film", "a dull one"], "label": ["good", "bad"]}), tmp_path / "d.parquet")
    return tmp_path / "d.parquet"


@pytest.mark.parametrize("end", ["import os; os.abort()", "raise OSError", "import os; os.kill(os.getpid(), 9)"])
def test_a_library_that_ends_its_process_is_one_sentence(file, monkeypatch, end):
    monkeypatch.setattr(parquet, "ASK_SIZES", end)
    with pytest.raises(BadInput, match=r"d\.parquet is not a readable Parquet file .*write it again"):
        read_rows(file)


def test_nothing_in_the_users_folder_is_run(file, monkeypatch):
    for name in ("json", "pyarrow", "sys"):
        (file.parent / f"{name}.py").write_text("raise SystemExit(1)")
    monkeypatch.chdir(file.parent)
    assert [row["label"] for row in read_rows(file).rows] == ["good", "bad"]
