"""What an exported page says of tables that are too long for it."""

import pytest

from fute_core.report import page


@pytest.mark.parametrize(
    ("largest", "says"), [(10**9, "5 more rows are in the CSV."), (10, "5 more rows are left out, as too many")]
)
def test_a_page_promises_only_the_rows_that_it_holds(monkeypatch, largest, says):
    monkeypatch.setattr(page, "LARGEST_CSV", largest)
    rows = [{"n": i} for i in range(page.MOST_ROWS + 5)]
    html = page.report("t", [page.Section("Many", rows)])
    assert says in html
    assert (">CSV</button>" in html) == (largest > 10)
