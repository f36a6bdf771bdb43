"""Boards on disk, and the report made of them."""

import pytest

from dashboard import findings
from fute_core.errors import BadInput
from fute_core.report import Section, report

OWNER = "0" * 32


def put(title: str) -> findings.Board:
    return findings.change(OWNER, "Findings", lambda b: findings.added(b, title, [{"a": 1}], "", "/map?x=1"))


def test_pins_are_kept_in_order_and_can_be_moved_deleted_and_brought_back():
    for title in "abc":
        board = put(title)
    first = board.pins[0].key
    assert [p.title for p in findings.moved(board, first, 1).pins] == ["b", "a", "c"]
    assert findings.moved(board, first, -1).pins == board.pins
    gone = findings.change(OWNER, "Findings", lambda b: findings.dropped(b, first))
    assert [p.title for p in gone.pins] == ["b", "c"]
    findings.change(OWNER, "Findings", findings.restored)
    assert findings.read(OWNER, "Findings").pins == board.pins


def test_boards_of_another_owner_are_not_seen():
    put("mine")
    assert findings.read("1" * 32, "Findings").pins == ()


def test_an_owner_or_a_name_cannot_lead_out_of_the_folder():
    with pytest.raises(BadInput, match="damaged"):
        findings.read("../../etc", "Findings")
    findings.create(OWNER, "../../out")
    assert "../../out" in findings.boards(OWNER)
    findings.delete(OWNER, "../../out")
    assert "../../out" not in findings.boards(OWNER)


def test_a_name_that_is_taken_is_refused():
    findings.create(OWNER, "Paper")
    with pytest.raises(BadInput, match="already"):
        findings.create(OWNER, "paper")


def test_a_report_escapes_what_users_wrote():
    page = report("<b>t", [Section("<script>x", [{"<i>": "<img src=x>"}], "<u>note", "/map?<s>")])
    for text in ("<b>t", "<script>x", "<i>", "<img", "<u>note", "<s>"):
        assert text not in page


def test_a_figure_cannot_end_its_script():
    page = report("t", [Section("f", '{"data": [{"name": "</script><script>alert(1)"}], "layout": {}}')])
    assert "</script><script>alert(1)" not in page
    assert "http-equiv" not in page


def test_a_broken_figure_and_an_empty_report_say_so():
    with pytest.raises(BadInput, match="pin it again"):
        report("t", [Section("f", "not json")])
    with pytest.raises(BadInput, match="nothing to report"):
        report("t", [])
