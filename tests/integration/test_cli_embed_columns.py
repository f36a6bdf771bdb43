"""`fute embed dataset` on files: which columns it reads, which rows it leaves out, and that it says so."""

from command_line import fute
from film_files import FILMS, write


def test_columns_are_named_where_they_are_unusual(tmp_path):
    path = write(tmp_path / "odd.jsonl", [{"body": t, "mark": t.split()[1]} for t in FILMS])
    found = fute("embed", "dataset", path, "--method", "text", "--json")
    assert found.json["columns"] == {"text": "body", "text_pair": None, "label": "mark"}
    named = ("--text-column", "body", "--label-column", "mark")
    assert fute("embed", "dataset", path, "--method", "text", *named, "--json").json["n_texts"] == 16


def test_which_columns_were_read_is_said_also_of_what_the_store_has_from_a_file_with_other_names(tmp_path):
    first = [{"title": "Fine", "body": t, "mark": t.split()[1]} for t in FILMS]
    named = ("--text-column", "body", "--label-column", "mark", "--method", "text")
    done = fute("embed", "dataset", write(tmp_path / "one.jsonl", first), *named, "--json").json
    assert done["columns"] == {"text": "body", "text_pair": None, "label": "mark"}
    other = [{"text": row["body"], "label": row["mark"]} for row in first]
    again = fute("embed", "dataset", write(tmp_path / "two.jsonl", other), "--method", "text", "--json").json
    assert (again["cached"], again["key"]) == (True, done["key"])
    assert again["columns"] == {"text": "text", "text_pair": None, "label": "label"}
    shown = fute("embed", "dataset", tmp_path / "one.jsonl", *named).out
    assert "Read from columns: text 'body', label 'mark'" in shown


def test_scores_and_pairs_are_read(tmp_path):
    pairs = [{"sentence1": t, "sentence2": t[::-1], "score": i / 3} for i, t in enumerate(FILMS)]
    row = fute("embed", "dataset", write(tmp_path / "sts.jsonl", pairs), "--method", "fisher", "--json").json
    assert row["n_texts"] == 16
    assert row["columns"] == {"text": "sentence1", "text_pair": "sentence2", "label": "score"}
    assert row["labels"] == []


def test_what_was_read_from_a_file_is_told_in_text_and_json(tmp_path):
    rows = [f"an opening number {i},{label}" for i in range(8) for label in ("yes", "no")]
    path = tmp_path / "asked.csv"
    path.write_text("\n".join(["Kommentar,queue", *rows, "nothing is said,-", ",yes"]) + "\n")
    done = fute("embed", "dataset", path, "--method", "text", "--json")
    assert done.code == 0, done.err
    assert done.json["columns"] == {"text": "Kommentar", "text_pair": None, "label": "queue"}
    assert done.json["labels"] == ["no", "yes"]
    assert done.json["dropped"] == {"no label": 1, "no text": 1}
    again = fute("embed", "dataset", path, "--method", "text")
    assert "Read from columns: text 'Kommentar', label 'queue'; 2 labels: no, yes; 2 rows left out" in again.out
    assert "1 row without a label is left out, the first being row 17 (line 18)" in again.err
