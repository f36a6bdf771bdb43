"""Boards on disk, the page that shows them, and the report made of them."""

import json
from dataclasses import replace

import pytest

from dashboard.components.board import board_report, shown_in
from dashboard.reads import findings
from dashboard.session.boards import OWNER as OWN_KEY
from fute_core.atlas.atlas import open_atlas
from fute_core.errors import BadInput
from fute_core.report.page import Section, methods_paragraph, report

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


def test_the_numbers_of_figures_and_tables_are_in_the_report_as_csv():
    figure = '{"data": [{"x": [1], "y": [2], "ids": ["dataset:</script>"]}], "layout": {}}'
    page = report("t", [Section("f", figure), Section("g", figure, data=[{"given": 5}]), Section("h", [{"a": "=1"}])])
    texts = [json.loads(page.split(f'id="csv-{n}">')[1].split("</script>")[0]) for n in range(3)]
    assert texts == ["id,x,y\r\ndataset:</script>,1,2\r\n", "given\r\n5\r\n", "a\r\n'=1\r\n"]


def test_an_address_of_a_report_is_a_link_only_where_it_leads_to_a_server():
    page = report("t", [Section("f", [], address="javascript:alert(1)"), Section("g", [], address="https://a/b?c=1&d")])
    assert 'href="javascript' not in page
    assert 'href="https://a/b?c=1&amp;d"' in page


def pinned(**details) -> findings.Board:
    return findings.added(findings.Board("b"), **{"title": "t", "content": [], "note": "", "address": "/", **details})


def test_a_report_is_about_the_items_that_were_shown_and_not_about_others_of_like_names(app):
    app.run()
    board = pinned(title="the trec of mr", content=[{"name": "sst2", "kind": "dataset"}])
    page = board_report(board, "")
    assert "Socher et al. 2013" in page
    assert "1 dataset was placed" in page
    assert "Li and Roth" not in page
    assert "Pang and Lee" not in page


def test_the_dataset_behind_a_classifier_is_cited(app):
    app.run()
    page = board_report(pinned(about=["model:trec · logistic"]), "")
    assert "Li and Roth 2002" in page
    assert "1 dataset, 1 classifier" in page


def test_a_figure_names_its_items_by_the_ids_of_its_points():
    figure = '{"data": [{"x": [1], "y": [2], "ids": ["dataset:a"], "name": "dataset:b"}], "layout": {}}'
    (pin,) = pinned(content=figure).pins
    assert shown_in(pin) == {"dataset:a"}
    assert pin.rows() == [{"id": "dataset:a", "series": "dataset:b", "x": 1, "y": 2}]


def opened(app, **address):
    for name, value in address.items():
        app.query_params[name] = value
    app.switch_page("views/findings.py").run()
    assert not app.exception
    return app


def test_the_address_of_the_page_carries_the_key_to_the_boards(app):
    opened(app)
    key = app.session_state["findings.owner"]
    assert app.query_params["boards"] in (key, [key])


def test_a_link_with_a_damaged_key_opens_boards_of_ones_own(app):
    opened(app, boards="../../etc")
    assert OWN_KEY.fullmatch(app.session_state["findings.owner"])


def test_a_pin_goes_to_the_board_that_was_looked_at_last(app):
    findings.create(OWNER, "Paper")
    app.session_state["findings.owner"] = OWNER
    opened(app, boards=OWNER, board="Paper")
    app.switch_page("views/map.py").run()
    app.button(key="pin-map").click().run()
    assert not app.exception
    assert [len(findings.read(OWNER, name).pins) for name in ("Findings", "Paper")] == [0, 1]


def test_a_link_opens_the_boards_and_the_board_it_names(app):
    findings.change(OWNER, "Findings", lambda b: b)
    findings.create(OWNER, "Paper")
    findings.change(OWNER, "Paper", lambda b: findings.added(b, "mine", [{"a": 1}], "", "/"))
    opened(app, boards=OWNER, board="Paper")
    assert [t.value for t in app.text_input if t.key and t.key.startswith("title-")] == ["mine"]


def test_a_new_board_is_the_one_shown_and_the_first_stays(app):
    app.session_state["findings.owner"] = OWNER
    opened(app, boards=OWNER)
    next(t for t in app.text_input if t.label == "Name").set_value("Paper")
    next(b for b in app.button if b.label == "Create").click().run()
    assert not app.exception
    assert app.session_state["findings.board"] == "Paper"
    assert findings.boards(OWNER) == ["Findings", "Paper"]


def test_deleting_a_board_asks_first_and_says_how_much_goes(app):
    put("one")
    opened(app, boards=OWNER)
    next(b for b in app.button if b.label == "Delete board").click().run()
    assert findings.read(OWNER, "Findings").pins
    assert "1 pin" in " ".join(m.value for m in app.markdown)


def test_a_pin_is_moved_renamed_deleted_and_brought_back_on_the_page(app):
    for title in "ab":
        board = put(title)
    opened(app, boards=OWNER)
    last = board.pins[1].key
    app.button(key=f"up-{last}").click().run()
    app.text_input(key=f"title-{last}").set_value("B").run()
    assert [p.title for p in findings.read(OWNER, "Findings").pins] == ["B", "a"]
    app.button(key=f"drop-{last}").click().run()
    assert [p.title for p in findings.read(OWNER, "Findings").pins] == ["a"]
    next(b for b in app.button if b.label == "Undo").click().run()
    assert [p.title for p in findings.read(OWNER, "Findings").pins] == ["B", "a"]


def test_one_method_is_named_once_whatever_order_its_options_were_kept_in():
    one, other = open_atlas(store=False).items[:2]
    made = other.embedding.provenance
    turned = replace(made, params=dict(reversed(made.params.items())))
    other = replace(other, embedding=replace(other.embedding, provenance=turned))
    assert methods_paragraph([one, other]).count("fused (") == 1


def test_a_talk_is_found_by_its_key_alone_and_tells_nothing_of_its_owner(app):
    app.run()
    findings.change(OWNER, "Findings", lambda b: findings.added(b, "mine", [{"a": 1}], "", "/"))
    key = findings.talk_key(OWNER, "Findings")
    assert OWN_KEY.fullmatch(key)
    assert OWNER not in key
    assert findings.by_talk(key).pins[0].title == "mine"
    for wrong in ("", "x", OWNER, "../../etc", findings.talk_key(OWNER, "other")):
        assert findings.by_talk(wrong) is None


def test_a_link_to_a_talk_shows_slides_and_nothing_that_could_change_them(app):
    findings.change(OWNER, "Findings", lambda b: findings.added(b, "mine <b>", [{"a": 1}], "", "/"))
    opened(app, talk=findings.talk_key(OWNER, "Findings"))
    (frame,) = app.get("iframe")
    assert 'data-open="slides"' in frame.proto.srcdoc
    assert "mine &lt;b&gt;" in frame.proto.srcdoc
    assert OWNER not in frame.proto.srcdoc
    assert not [t for t in app.text_input if str(t.key).startswith("title-")]
    assert "boards" not in app.query_params


def test_a_link_to_a_talk_that_is_gone_says_so(app):
    opened(app, talk="0" * 32)
    assert "No talk here" in " ".join(str(e.proto.body) for e in app.get("html"))


def test_a_board_offers_its_slides_by_a_link_to_look_at(app):
    findings.change(OWNER, "Findings", lambda b: findings.added(b, "mine", [{"a": 1}], "", "/"))
    opened(app, boards=OWNER)
    (link,) = [b for b in app.get("link_button") if b.proto.label == "Show as slides"]
    assert link.proto.url.endswith(f"/findings?talk={findings.talk_key(OWNER, 'Findings')}")
