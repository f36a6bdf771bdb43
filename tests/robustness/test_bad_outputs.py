"""Every fault in a file of outputs, and in what a function answers, is one sentence that names the place."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fute_core.datasets.probes import load_probes
from fute_core.errors import BadInput
from fute_core.predictors.callable import CallablePredictor
from fute_core.predictors.outputs import OutputsPredictor, read_is_pair

PROBES = load_probes(False, 4)
PAIRS = load_probes(True, 4)
GOOD = [[i, "0.5", "0.5"] for i in PROBES.ids]


def csv(tmp_path, rows, header=("id", "no", "yes")):
    path = tmp_path / "out.csv"
    path.write_text("\n".join(",".join(map(str, row)) for row in [header, *rows]) + "\n", "utf-8")
    return path


def jsonl(tmp_path, rows):
    path = tmp_path / "out.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)) + "\n", "utf-8")
    return path


def changed(row: int, column: int, value) -> list[list]:
    rows = [list(r) for r in GOOD]
    rows[row][column] = value
    return rows


def refusal(path, probes=PROBES) -> str:
    with pytest.raises(BadInput) as caught:
        OutputsPredictor.read(path, probes)
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert len(sentence) < 250
    return sentence


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (changed(2, 1, "nan"), "out.csv, row 3 (line 4), column 'no': nan is no finite number"),
        (changed(2, 2, "inf"), "out.csv, row 3 (line 4), column 'yes': inf is no finite number"),
        (changed(1, 2, "-0.5"), "out.csv, row 2 (line 3), column 'yes': -0.5 is negative"),
        (changed(1, 2, "0.9"), "out.csv, row 2 (line 3): the probabilities sum to 1.4 instead of 1"),
        (changed(1, 1, "0"), "out.csv, row 2 (line 3): the probabilities sum to 0.5 instead of 1"),
        ([[i, 40, 60] for i in PROBES.ids], "sum to 100 instead of 1 (percentages must be divided by 100)"),
        (changed(3, 1, ""), "out.csv, row 4 (line 5), column 'no' is empty"),
        (changed(3, 1, "high"), "out.csv, row 4 (line 5), column 'no' holds 'high' instead of a number"),
        (changed(2, 0, PROBES.ids[0]), f"row 3 (line 4), column 'id': {PROBES.ids[0]} stands in row 1 already"),
        (changed(2, 0, "x17"), "out.csv, row 3 (line 4), column 'id': 'x17' is no probe text"),
        (changed(0, 0, "x17"), "out.csv, row 1 (line 2), column 'id': 'x17' is no probe text"),
        (changed(2, 0, PAIRS.ids[0]), f"column 'id': {PAIRS.ids[0]!r} belongs to pairs"),
        (changed(2, 0, ""), "out.csv, row 3 (line 4), column 'id' is empty"),
    ],
)  # fmt: skip
def test_a_fault_in_a_csv_names_file_row_and_column(tmp_path, rows, expected):
    assert expected in refusal(csv(tmp_path, rows))


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (("name", "no", "yes"), "out.csv has no column 'id'"),
        (("id", "no", "score"), "out.csv has a column 'score' beside 'no'"),
        (("id", "yes", "yes"), "out.csv has two columns called 'yes'"),
    ],
)
def test_a_header_that_cannot_be_used_is_refused(tmp_path, header, expected):
    assert expected in refusal(csv(tmp_path, GOOD, header))


def test_one_label_and_no_label_are_refused(tmp_path):
    one = csv(tmp_path, [[i, 1] for i in PROBES.ids], ("id", "yes"))
    assert "out.csv has one label only ('yes')" in refusal(one)
    assert "no column beside the ids" in refusal(csv(tmp_path, [[i] for i in PROBES.ids], ("id",)))


def rows_of(*probs) -> list[dict]:
    return [{"id": i, "probs": p} for i, p in zip(PROBES.ids, probs, strict=False)]


FAIR = {"no": 0.5, "yes": 0.5}


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (rows_of(FAIR, {"no": 0.5, "maybe": 0.5}), "(line 2), column 'probs' has the labels no, maybe where row 1"),
        (rows_of(FAIR, {"no": 1.0}), "has the labels no where row 1 has no, yes"),
        (rows_of(FAIR, [0.5, 0.5]), "row 2 (line 2), column 'probs' is no object"),
        (rows_of(FAIR, {}), "row 2 (line 2), column 'probs' is no object"),
        (rows_of(FAIR, {"no": None, "yes": 1}), "row 2 (line 2), column 'no' is empty"),
        (rows_of(FAIR, {"no": True, "yes": 0}), "column 'no' holds 'True' instead of a number"),
        (rows_of(FAIR, {"no": float("nan"), "yes": 1}), "row 2 (line 2), column 'no': nan is no finite number"),
        (rows_of(FAIR, {"no": "0.5", "yes": "1e400"}), "row 2 (line 2), column 'yes': inf is no finite number"),
        ([{"id": 7, "probs": FAIR}], "row 1 (line 1), column 'id' is empty or no text"),
        ([*rows_of(FAIR), {"id": PROBES.ids[1], "no": 1.0}], "row 2 (line 2), column 'probs' is no object"),
        ([{"id": PROBES.ids[0], **FAIR}, {"id": PROBES.ids[1], "no": 1.0}], "row 2 (line 2) has no 'yes'"),
    ],
)  # fmt: skip
def test_a_fault_in_json_lines_names_file_row_and_column(tmp_path, rows, expected):
    assert expected in refusal(jsonl(tmp_path, rows))


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"no": [0.5, None], "yes": [0.5, 1.0]}, "out.parquet, row 2, column 'no' is empty"),
        ({"no": [0.5, 0.5], "yes": [0.5, 0.9]}, "out.parquet, row 2: the probabilities sum to 1.4 instead of 1"),
        ({"probs": [[0.5, 0.5], [0.5, 0.5]]}, "out.parquet, row 1, column 'probs' is no object"),
        ({"probs": [{"no": 0.5, "yes": 0.5}, {"no": 1.0}]}, "out.parquet, row 2, column 'yes' is empty"),
        ({"grade": [0.5, 0.5]}, "one label only ('grade')"),
        ({"label": ["yes", "yes"]}, "column 'label' shows one label only ('yes'); choose with --labels"),
    ],
)
def test_a_fault_in_parquet_names_file_row_and_column(tmp_path, columns, expected):
    pq.write_table(pa.table({"id": PROBES.ids[:2], **columns}), tmp_path / "out.parquet")
    assert expected in refusal(tmp_path / "out.parquet")


def test_parquet_with_two_columns_of_one_name_is_refused(tmp_path):
    half = pa.array([0.5] * len(PROBES.ids))
    table = pa.Table.from_arrays([pa.array(PROBES.ids), half, half], ["id", "yes", "yes"])
    pq.write_table(table, tmp_path / "out.parquet")
    assert "out.parquet has two columns called 'yes'" in refusal(tmp_path / "out.parquet")


def test_a_file_of_both_kinds_is_refused_before_any_probe_set_is_chosen(tmp_path):
    path = csv(tmp_path, [*GOOD[:2], [PAIRS.ids[0], 0.5, 0.5]])
    with pytest.raises(BadInput, match=r"names a pair .* and row 1 a single text"):
        read_is_pair(path)
    with pytest.raises(BadInput, match="no column 'id'"):
        read_is_pair(csv(tmp_path, GOOD, ("key", "no", "yes")))


def test_an_empty_file_and_a_foreign_one_are_refused(tmp_path):
    empty = tmp_path / "empty.csv"
    empty.touch()
    assert "empty.csv is empty" in refusal(empty)
    picture = tmp_path / "map.png"
    picture.write_bytes(b"\x89PNG")
    assert "not read" in refusal(picture)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (lambda n: np.full((n, 2), np.nan), "Function f, text 1: nan is no finite number"),
        (lambda n: [[1.5, -0.5]] * n, "Function f, text 1: -0.5 is negative"),
        (lambda n: [[0.5, 0.5]] * (n - 1) + [[0.9, 0.9]], "Function f, text 3: the probabilities sum to 1.8"),
        (lambda n: np.ones((n, 3)) / 3, r"gave numbers of shape (3, 3) for 3 texts; give 3 rows of 2"),
        (lambda n: np.ones((n - 1, 2)) / 2, r"gave numbers of shape (2, 2) for 3 texts"),
        (lambda n: ["yes"] * n, "gave no rows of numbers"),
        (lambda n: [[0.5, 0.5], [1.0]] * n, "gave no rows of numbers"),
        (lambda n: [{"no": 1.0}] * n, "text 1: the row has no; the labels are no, yes"),
        (lambda n: [{"no": 0.5, "yes": 0.5}] * (n - 1) + [None], "text 3: the row has NoneType"),
        (lambda n: None, "Function f gave numbers of shape () for 3 texts"),
    ],
)  # fmt: skip
def test_a_fault_in_what_a_function_answers_names_function_and_text(answer, expected):
    def f(texts):
        return answer(len(texts))

    with pytest.raises(BadInput) as caught:
        CallablePredictor(f, ["no", "yes"], version="1").predict_proba(["a", "b", "c"])
    assert expected in str(caught.value).replace(f.__qualname__, "f")
