"""`fute embed --interval`: intervals over the rows are made where the rows are, and refused where there can be none."""

from command_line import fute
from film_files import films


def test_intervals_over_rows_are_made_where_the_rows_are_and_found_again(tmp_path):
    path = films(tmp_path)
    over = fute("embed", "dataset", path, "--interval", "both", "--json").json
    assert {near["interval"] for near in over["neighbours"]} == {"both"}
    later = fute("neighbours", "films", "--interval", "rows", "--json").json
    assert {near["interval"] for near in later["neighbours"]} == {"rows"}
    assert fute("embed", "dataset", path, "--json").json["key"] == over["key"], "no vector changes by it"
    assert "95 % intervals: over the dataset's own rows." in fute("neighbours", "films", "--interval", "rows").out


def test_a_method_without_answers_has_no_interval_over_rows(tmp_path):
    told = fute("embed", "dataset", films(tmp_path), "--method", "text", "--interval", "rows")
    assert told.code == 2
    assert "use the method fused or functional" in told.err
