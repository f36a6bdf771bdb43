"""What an exported page says of tables that are too long for it."""

import pytest

from fute_core.report import page
from fute_core.space.told import CUT_OFF, GREY, STANDING, STANDINGS


@pytest.mark.parametrize(
    ("largest", "says"), [(10**9, "5 more rows are in the CSV."), (10, "5 more rows are left out, as too many")]
)
def test_a_page_promises_only_the_rows_that_it_holds(monkeypatch, largest, says):
    monkeypatch.setattr(page, "LARGEST_CSV", largest)
    rows = [{"n": i} for i in range(page.MOST_ROWS + 5)]
    html = page.report("t", [page.Section("Many", rows)])
    assert says in html
    assert (">CSV</button>" in html) == (largest > 10)


def neighbours(*standings) -> list[dict]:
    return [{"name": f"n{i}", STANDING: STANDINGS[told]} for i, told in enumerate(standings)]


def test_a_line_parts_the_neighbours_that_may_do_the_same_job_from_the_others():
    html = page.report("t", [page.Section("Near", neighbours("same", "near", "chance", "near"), note="It is kin.")])
    above, below = html.split('<tr class="cut-off">')
    assert "It is kin." in above.split("<table>")[0]
    assert ["<td>n0</td>" in above, "<td>n1</td>" in above] == [True, False]
    assert below.index(CUT_OFF) < below.index("<td>n1</td>")
    assert html.count('class="chance"') == 1
    assert '<tr class="chance"><td>n2</td>' in html
    assert GREY in html
    assert STANDING not in above.split("<table>")[1], "the line says it"
    assert STANDINGS["near"] in html, "the CSV, which has no line, says it"


def test_a_table_that_is_no_list_of_neighbours_has_no_line():
    html = page.report("t", [page.Section("Any", [{"name": "n0"}, {"name": "n1"}])])
    assert "may do the same job" in page.report("t", [page.Section("Near", neighbours("same", "same"))])
    assert 'class="cut-off"' not in html
    assert GREY not in html
