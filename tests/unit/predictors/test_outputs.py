"""Files of answers made elsewhere: read in any order and form, matched by id, counted, and known by content."""

import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fute_core.datasets.probes import export_probes, load_probes
from fute_core.datasets.tables import read_rows
from fute_core.embedding.answering import collect_answers
from fute_core.errors import BadInput
from fute_core.predictors import Predictor
from fute_core.predictors.outputs import OutputsPredictor, read_is_pair

PROBES = load_probes(False, 20)
LABELS = ("no", "yes")


def proba(n: int = 20, k: int = 2, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).dirichlet(np.ones(k), n)


def write_csv(path, ids, rows, labels=LABELS):
    lines = [",".join(["id", *labels]), *(",".join([i, *map(str, row)]) for i, row in zip(ids, rows, strict=True))]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def write_probs(path, ids, rows, labels=LABELS):
    made = [
        {"id": i, "probs": dict(zip(labels, map(float, row), strict=True))} for i, row in zip(ids, rows, strict=True)
    ]
    path.write_text("\n".join(map(json.dumps, made)) + "\n", "utf-8")
    return path


def write_frame(path, ids, rows, labels=LABELS):
    """As pandas writes the columns of a data frame."""
    pd.DataFrame({"id": ids, **dict(zip(labels, np.transpose(rows), strict=True))}).to_parquet(path)
    return path


def write_picked(path, ids, rows, labels=LABELS):
    """The same of rows that were picked from a larger frame, whose numbers pandas keeps in a column of its own."""
    frame = pd.DataFrame(
        {"id": ["", *ids], **{label: [0.0, *column] for label, column in zip(labels, rows.T, strict=True)}}
    )
    frame.iloc[1:].sample(frac=1, random_state=0).to_parquet(path)
    assert "__index_level_0__" in pq.read_schema(path).names
    return path


def write_column(path, ids, rows, kind, labels=LABELS):
    made = [list(zip(labels, map(float, row), strict=True)) for row in rows]
    made = made if pa.types.is_map(kind) else [dict(row) for row in made]
    pq.write_table(pa.table({"id": ids, "probs": pa.array(made, kind)}), path)
    return path


def write_structs(path, ids, rows):
    return write_column(path, ids, rows, pa.struct([(label, pa.float64()) for label in LABELS]))


def write_maps(path, ids, rows):
    return write_column(path, ids, rows, pa.map_(pa.string(), pa.float64()))


PARQUET = (write_frame, write_picked, write_structs, write_maps)


@pytest.mark.parametrize(
    ("write", "ending"), [(write_csv, "csv"), (write_probs, "jsonl"), *((write, "parquet") for write in PARQUET)]
)
def test_rows_are_matched_to_probe_texts_by_id_in_any_order(tmp_path, write, ending):
    p = proba()
    order = np.random.default_rng(1).permutation(20)
    path = write(tmp_path / f"out.{ending}", [PROBES.ids[i] for i in order], p[order])
    predictor = OutputsPredictor.read(path, PROBES)
    assert isinstance(predictor, Predictor)
    assert predictor.labels == LABELS
    np.testing.assert_allclose(predictor.predict_proba(PROBES.texts), p, atol=1e-6)
    np.testing.assert_allclose(predictor.predict_proba(PROBES.texts[5:8]), p[5:8], atol=1e-6)


@pytest.mark.parametrize("write", PARQUET)
def test_parquet_and_csv_of_the_same_answers_are_the_same_model(tmp_path, write):
    p = proba()
    a = OutputsPredictor.read(write_csv(tmp_path / "a.csv", PROBES.ids, p), PROBES)
    b = OutputsPredictor.read(write(tmp_path / "b.parquet", list(PROBES.ids), p), PROBES)
    assert a.fingerprint() == b.fingerprint()


def test_csv_and_json_lines_of_the_same_answers_are_the_same_model(tmp_path):
    p = proba()
    order = np.random.default_rng(1).permutation(20)
    a = OutputsPredictor.read(write_csv(tmp_path / "a.csv", PROBES.ids, p), PROBES)
    b = OutputsPredictor.read(write_probs(tmp_path / "b.jsonl", [PROBES.ids[i] for i in order], p[order]), PROBES)
    assert a.fingerprint() == b.fingerprint()


def test_the_fingerprint_changes_with_the_answers_and_with_what_is_missing(tmp_path):
    p = proba()
    known = OutputsPredictor.read(write_csv(tmp_path / "a.csv", PROBES.ids, p), PROBES).fingerprint()
    q = p.copy()
    q[3] = q[3][::-1]
    assert OutputsPredictor.read(write_csv(tmp_path / "b.csv", PROBES.ids, q), PROBES).fingerprint() != known
    fewer = write_csv(tmp_path / "c.csv", PROBES.ids[:-1], p[:-1])
    assert OutputsPredictor.read(fewer, PROBES).fingerprint() != known


def test_an_exported_file_with_a_column_a_label_added_reads_as_it_is(tmp_path):
    path = tmp_path / "probes.csv"
    export_probes(path, n=20)
    table = read_rows(path)
    filled = [{**row, "no": 0.25, "yes": 0.75} for row in table.rows]
    out = tmp_path / "filled.jsonl"
    out.write_text("\n".join(map(json.dumps, filled)), "utf-8")
    predictor = OutputsPredictor.read(out, PROBES)
    assert predictor.labels == LABELS
    np.testing.assert_allclose(predictor.predict_proba(PROBES.texts), [[0.25, 0.75]] * 20)


def test_missing_rows_are_counted_and_answered_with_nan(tmp_path):
    p = proba()
    path = write_csv(tmp_path / "a.csv", PROBES.ids[2:], p[2:])
    predictor = OutputsPredictor.read(path, PROBES)
    assert predictor.n_missing == 2
    answers = collect_answers(predictor, PROBES)
    assert np.flatnonzero(np.isnan(answers).any(1)).tolist() == [0, 1]
    np.testing.assert_allclose(answers[2:], p[2:], atol=1e-6)


def test_answers_to_more_probe_texts_than_are_used_are_left_out_and_counted(tmp_path):
    more = load_probes(False, 30)
    path = write_csv(tmp_path / "a.csv", more.ids, proba(30))
    predictor = OutputsPredictor.read(path, PROBES)
    assert (predictor.n_missing, predictor.n_beyond) == (0, 10)
    assert (
        predictor.fingerprint()
        == OutputsPredictor.read(write_csv(tmp_path / "b.csv", PROBES.ids, proba(30)[:20]), PROBES).fingerprint()
    )


def test_below_the_stated_share_the_file_is_refused(tmp_path):
    path = write_csv(tmp_path / "a.csv", PROBES.ids[:15], proba(15))
    assert OutputsPredictor.read(path, PROBES, min_share=0.75).n_missing == 5
    with pytest.raises(BadInput, match=r"a\.csv answers 15 of 20 probe texts \(75 %\), and 80 % are needed"):
        OutputsPredictor.read(path, PROBES)


def test_answers_to_other_probe_texts_alone_are_refused_whatever_share_is_enough(tmp_path):
    path = write_csv(tmp_path / "a.csv", load_probes(False, 30).ids[20:], proba(10))
    with pytest.raises(BadInput, match="answers 0 of 20 probe texts"):
        OutputsPredictor.read(path, PROBES, min_share=0)


def test_a_number_beyond_all_floats_is_named(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text("".join(f'{{"id": "{i}", "probs": {{"no": 0, "yes": 1{"0" * 400}}}}}\n' for i in PROBES.ids))
    with pytest.raises(BadInput, match="instead of a number"):
        OutputsPredictor.read(path, PROBES)


def test_rounded_rows_are_scaled_to_sum_to_one(tmp_path):
    path = write_csv(tmp_path / "a.csv", PROBES.ids, [(0.333, 0.666)] * 20)
    np.testing.assert_allclose(OutputsPredictor.read(path, PROBES).predict_proba(PROBES.texts).sum(1), 1, atol=1e-6)


def test_one_score_a_text_is_a_regression(tmp_path):
    path = write_csv(tmp_path / "a.csv", PROBES.ids, [[i * 2.5 - 3] for i in range(20)], labels=("score",))
    predictor = OutputsPredictor.read(path, PROBES)
    assert predictor.labels == ()
    assert predictor.predict_proba(PROBES.texts)[:2].tolist() == [[-3.0], [-0.5]]


@pytest.mark.parametrize("pair", [False, True])
def test_ids_tell_whether_a_file_answers_pairs(tmp_path, pair):
    probes = load_probes(pair, 10)
    path = write_csv(tmp_path / "a.csv", probes.ids, proba(10))
    assert read_is_pair(path) is pair
    np.testing.assert_allclose(OutputsPredictor.read(path, probes).predict_proba(probes.texts), proba(10), atol=1e-6)
