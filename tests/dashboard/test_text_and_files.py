"""User text in markdown slots, and the files that leave."""

import io

import pandas as pd
import pytest

from dashboard.components.leave import csv_bytes, parquet_bytes
from dashboard.reads.data import closer_than, percent
from dashboard.session.text import md, plural


def test_markdown_in_user_text_is_shown_as_typed():
    escaped = md("![x](http://h/a.png) **b** $c$ :red[d] <b> `e` # f | ~g~ ^h^ me@x.org a->b")
    assert escaped.startswith("\\!\\[x\\]\\(http\\:\\/\\/h\\/a\\.png\\)")
    for sign in "![]()*$:<>`#|~^@-":
        assert all(escaped[i - 1] == "\\" for i, c in enumerate(escaped) if c == sign)


def test_lines_and_indents_in_user_text_make_no_blocks():
    assert md("    code\n\n# head") == "code \\# head"


@pytest.mark.parametrize(("number", "text"), [(0, "0 items"), (1, "1 item"), (1234, "1,234 items")])
def test_plural(number, text):
    assert plural(number, "item") == text


def test_csv_keeps_names_and_starts_no_formula():
    rows = [{"name": "=1+1", "accuracy": 0.5, "family": "é"}, {"name": "a,b", "accuracy": None, "family": ""}]
    read = pd.read_csv(io.BytesIO(csv_bytes(rows)))
    assert read["name"].tolist() == ["'=1+1", "a,b"]
    assert read["family"][0] == "é"


def test_parquet_keeps_names_as_they_are():
    read = pd.read_parquet(io.BytesIO(parquet_bytes([{"name": "=1+1", "accuracy": 0.5}])))
    assert read.to_dict("records") == [{"name": "=1+1", "accuracy": 0.5}]


def test_a_share_is_never_rounded_up_to_a_hundred():
    assert percent(0.008) == "99.2 %"
    assert percent(0.00001) == "99.9 %"
    assert percent(float("nan")) == "–"
    assert closer_than(0.0005) == "closer than 99.9 % of different-job pairs"
    assert closer_than(1.0) == "no closer than any different-job pair"
