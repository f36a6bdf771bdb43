"""Files that users bring: what is read as it is, and the sentence for each that cannot be."""

import csv
import json
import os
import string

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fute_core.datasets import files
from fute_core.datasets.tables import read_rows
from fute_core.datasets.writing import write_bytes, write_rows
from fute_core.errors import BadInput


def put(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return path


# what comes back ----------------------------------------------------------------------------------------------------

# "\r" alone and "\0" are what CSV files cannot carry through other programs, so they are refused or split.
cells = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=30)
names = st.text(string.ascii_letters, min_size=1, max_size=8)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    columns=st.lists(names, min_size=2, max_size=4, unique=True),
    data=st.data(),
    ending=st.sampled_from([".csv", ".jsonl"]),
)
def test_any_cells_that_are_written_are_read_back(tmp_path, columns, data, ending):
    row = st.lists(cells, min_size=len(columns), max_size=len(columns))
    rows = data.draw(st.lists(row, min_size=1, max_size=5))
    path = tmp_path / f"t{ending}"
    write_rows(path, columns, rows)
    table = read_rows(path)
    assert table.columns == tuple(columns)
    assert [[r[c] for c in columns] for r in table.rows] == rows


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=300), ending=st.sampled_from([".csv", ".tsv", ".jsonl", ".json", ".parquet"]))
def test_any_bytes_are_rows_or_one_sentence(tmp_path, content, ending):
    path = put(tmp_path, f"f{ending}", content)
    told = ""
    try:
        table = read_rows(path)
    except BadInput as error:
        told = str(error)
    if told:
        assert "\n" not in told
        assert "f" + ending in told
    else:
        assert table.rows
        assert all(set(row) <= set(table.columns) for row in table.rows)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_with_and_without_a_mark_at_its_start(tmp_path, encoding):
    text = "text,label\nCafé «ça va»,ja\n猫が好き,neko\n"
    mark = {"utf-16-le": "\ufeff", "utf-16-be": "\ufeff"}.get(encoding, "")
    table = read_rows(put(tmp_path, "t.csv", (mark + text).encode(encoding)))
    assert [row["text"] for row in table.rows] == ["Café «ça va»", "猫が好き"]
    assert table.columns == ("text", "label")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_system_and_quoted_breaks(tmp_path, end):
    content = f'text,label{end}"one{end}two",a{end}three,b{end}'
    table = read_rows(put(tmp_path, "t.csv", content))
    assert [row["text"].replace("\r\n", "\n").replace("\r", "\n") for row in table.rows] == ["one\ntwo", "three"]
    assert table.where(1, "text").startswith("t.csv, row 2 (line 4), column 'text'")


@pytest.mark.parametrize(("name", "delimiter"), [("t.csv", ";"), ("t.csv", "\t"), ("t.tsv", "\t")])
def test_delimiters_of_spreadsheets(tmp_path, name, delimiter):
    table = read_rows(put(tmp_path, name, f"text{delimiter}label\na, b{delimiter}1\n"))
    assert dict(table.rows[0]) == {"text": "a, b", "label": "1"}


def test_a_research_tsv_with_bare_quotes(tmp_path):
    table = read_rows(put(tmp_path, "t.tsv", 'text\tlabel\nsay "no\t1\n"quoted" and on\t0\n'))
    assert [row["text"] for row in table.rows] == ['say "no', '"quoted" and on']


def test_an_index_column_without_a_name_is_left_out(tmp_path):
    assert read_rows(put(tmp_path, "t.csv", ",text,label\n0,a,b\n")).rows[0] == {"text": "a", "label": "b"}


def test_parquet_with_class_names_of_the_datasets_library(tmp_path):
    table = pa.table({"text": ["a", "b"], "label": [1, 0]})
    features = {"label": {"names": ["no", "yes"], "_type": "ClassLabel"}, "text": {"_type": "Value"}}
    table = table.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})
    pq.write_table(table, tmp_path / "t.parquet")
    assert [row["label"] for row in read_rows(tmp_path / "t.parquet").rows] == ["yes", "no"]


# what is refused ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("e.csv", b"", "e.csv is empty; it needs a header and rows."),
        ("e.jsonl", b"", "e.jsonl is empty"),
        ("h.csv", b"text,label\n", "h.csv has no rows; add some below the header."),
        ("b.jsonl", b"\n\n  \n", "b.jsonl has no rows"),
        ("l.csv", b"text,label\ncaf\xe9\x81,1\n", "l.csv, line 2 is not UTF-8 (byte 0xe9 at byte 15"),
        ("z.csv", b"text,label\na\0b,1\n", "z.csv, line 2 has a zero byte"),
        ("u.csv", b"\xff\xfet\0e\0x", "starts like UTF-16 but is not"),
        ("c.csv", b"text,label\na,b,c\n", "row 1 (line 2) has 3 cells where the header has 2; put quotes"),
        ("c.csv", b"text,label\na\n", "row 1 (line 2) has 1 cells where the header has 2"),
        ("q.csv", b'text,label\n"open,1\n', "is not valid CSV"),
        ("d.csv", b"text,text\na,b\n", "has two columns called 'text'; rename one"),
        ("j.jsonl", b'{"text": "a"\n', "j.jsonl, line 1 is not valid JSON"),
        ("a.jsonl", b'[{"text": "a"}', "a.jsonl, line 1 is not valid JSON"),
        ("a.json", b'[\n{"text": "a"},\n7]', "a.json, line 3 holds a number instead of an object"),
        ("a.json", b'{"data": [{"text": "a"}]}', "whose rows stand under 'data'"),
        ("s.jsonl", b'{"text": "a"}\n"b"\n', "s.jsonl, line 2 holds a text instead of an object"),
        ("n.jsonl", b"12\n", "line 1 holds a number"),
        ("t.jsonl", b"[" * 100_000, "JSON"),
        ("p.parquet", b"PAR1 no", "is not a readable Parquet file"),
        ("x.xlsx", b"PK", "files ending in .xlsx are not read; use .csv"),
        ("x", b"text", "files ending in nothing are not read"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_place_and_mend(tmp_path, name, content, says):
    with pytest.raises(BadInput) as refused:
        read_rows(put(tmp_path, name, content))
    assert says in str(refused.value)


def test_a_line_of_100_megabytes_is_refused_without_being_held(tmp_path):
    import tracemalloc

    path = tmp_path / "long.csv"
    with path.open("wb") as file:
        file.write(b"text,label\n")
        for _ in range(100):
            file.write(b"x" * 1_000_000)
    tracemalloc.start()
    with pytest.raises(BadInput, match=r"long.csv, line 2 is longer than 1 MB; is a line break missing\?"):
        read_rows(path)
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()


def test_files_beyond_the_limits_are_refused_unread(tmp_path, monkeypatch):
    path = tmp_path / "big.csv"
    with path.open("wb") as file:
        file.truncate(files.MAX_FILE_BYTES + 1)
    with pytest.raises(BadInput, match="files over 200 MB are not read; give a sample"):
        read_rows(path)
    monkeypatch.setattr(files, "MAX_ROWS", 3)
    for name, content in (("r.csv", "text\n" + "a\n" * 4), ("r.jsonl", '{"text": 1}\n' * 4)):
        with pytest.raises(BadInput, match="more than 3 rows; give a sample"):
            read_rows(put(tmp_path, name, content))


@pytest.mark.parametrize("kind", ["missing", "folder", "fifo", "closed"])
def test_what_is_no_readable_file(tmp_path, kind):
    path = tmp_path / "t.csv"
    if kind == "folder":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "closed":
        if os.geteuid() == 0:
            pytest.skip("root reads everything")
        put(tmp_path, "t.csv", "text\na").chmod(0)
    says = {"missing": "does not exist", "folder": "is a folder", "fifo": "no regular file", "closed": "cannot be read"}
    with pytest.raises(BadInput, match=says[kind]):
        read_rows(path)


# writing ------------------------------------------------------------------------------------------------------------


def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    path = put(tmp_path, "t.csv", "before")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(BadInput, match="No space left on device"):
        write_rows(path, ["a"], [["b"]])
    monkeypatch.undo()
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(BadInput, match=r"not written; use \.csv or \.jsonl"):
        write_rows(tmp_path / "t.txt", ["a"], [["b"]])
    write_bytes(path, b"after")
    assert path.read_bytes() == b"after"


def test_csv_is_what_other_programs_read(tmp_path):
    write_rows(tmp_path / "t.csv", ["id", "text"], [["1", 'say "no", he\nsaid'], ["2", "=1+1"]])
    with (tmp_path / "t.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == [["id", "text"], ["1", 'say "no", he\nsaid'], ["2", "=1+1"]]
