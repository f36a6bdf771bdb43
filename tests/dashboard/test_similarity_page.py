"""The Similarity page on the shipped space: axes, order, what travels, and the evidence behind a cell."""

import base64
import json

import numpy as np
import pytest
from added import HOSTILE, add

from dashboard.components import heatmap
from dashboard.components.dendrogram import branches, cluster
from dashboard.components.matrix import NOT_KNOWN, packed
from dashboard.reads import findings
from fute_core.home import fute_home
from fute_core.report.numbers import figure_rows


def opened(app, **address):
    for name, value in address.items():
        app.query_params[name] = value
    app.switch_page("views/similarity.py").run()
    assert not app.exception
    return app


def sent(app) -> dict:
    return json.loads(next(e for e in app.get("bidi_component") if e.key == "matrix").proto.json)


def shown(app) -> str:
    return " ".join(str(e.proto.body) for e in app.get("html"))


def cells(data: dict) -> np.ndarray:
    rows, columns = data["rows"]["ids"], (data["columns"] or data["rows"])["ids"]
    raw = np.frombuffer(base64.b64decode(data["similarity"]), np.int8)
    return raw.reshape(len(rows), len(columns)) / 100


def test_datasets_stand_against_datasets_in_the_order_of_what_is_alike(app, atlas):
    data = sent(opened(app))
    where = {f"{i.embedding.kind}:{i.embedding.name}": n for n, i in enumerate(atlas.items)}
    places = [where[i] for i in data["rows"]["ids"]]
    assert data["columns"] is None
    assert cells(data) == pytest.approx(atlas.space.cosines(places, places), abs=0.0051)
    assert data["tree"]
    assert {"dataset:sst2", "dataset:mr"} <= set(data["rows"]["ids"])


def test_each_axis_has_a_kind_of_its_own_and_the_filters_are_those_of_all_pages(app):
    data = sent(opened(app, rows="Prompts", columns="Classifiers", order="Name", family=["topic"], kind=["dataset"]))
    for axis, kind in (("rows", "prompt:"), ("columns", "model:")):
        assert data[axis]["families"] == ["topic"]
        assert all(i.startswith(kind) for i in data[axis]["ids"]), "which kinds is asked by the axes alone"
        assert data[axis]["ids"] == sorted(data[axis]["ids"], key=str.casefold)
    assert data["tree"] == ""


def test_cells_are_coloured_by_how_few_strangers_are_as_alike(app, atlas):
    data = sent(opened(app, columns="Prompts"))
    assert data["by"] == heatmap.CLOSER
    rows, columns = data["rows"]["ids"], data["columns"]["ids"]
    codes = np.frombuffer(base64.b64decode(data["shares"]), np.uint8).reshape(len(rows), len(columns))
    at = atlas.positions
    for r, c in ((0, 0), (3, 7), (5, 2)):
        one, other = (atlas.items[at[i]].embedding for i in (rows[r], columns[c]))
        share = atlas.meaning.share(one, other, float(atlas.space.similarity([rows[r]], [columns[c]])[0, 0]))
        told = 10 ** (-data["decades"] * int(codes[r, c]) / 200)
        assert share <= told * 1.0001, "no cell claims more than is known"
        assert told < max(share, 10.0 ** -data["decades"]) * 1.04


def test_the_bare_number_is_one_click_away_and_its_colours_end_where_the_numbers_do(app):
    bare = sent(opened(app, colour="Similarity", columns="Prompts"))
    assert bare["by"] == heatmap.SIMILARITY
    assert np.abs(cells(bare)).max() <= bare["reach"] <= 1


def test_an_item_against_itself_has_no_share(app):
    data = sent(opened(app))
    codes = np.frombuffer(base64.b64decode(data["shares"]), np.uint8).reshape(len(data["rows"]["ids"]), -1)
    assert (np.diag(codes) == NOT_KNOWN).all()
    assert (codes[0, 1:] != NOT_KNOWN).all()


def test_rows_are_sorted_by_a_column_and_the_link_says_so(app, atlas):
    column = next(i for i in atlas.positions if i.startswith("prompt:"))
    data = sent(opened(app, columns="Prompts", sort=column))
    line = cells(data)[:, data["columns"]["ids"].index(column)]
    assert (np.diff(line) <= 0.011).all()
    assert (data["sortedBy"], data["tree"]) == (column, "")
    app.button(key="unsort").click().run()
    assert not app.exception
    assert sent(app)["sortedBy"] == ""
    assert "sort" not in app.query_params


def test_what_is_selected_is_marked(app):
    assert sent(opened(app, sel="dataset:mr"))["selected"] == ["dataset:mr"]


def test_colours_of_bare_numbers_end_where_the_numbers_do():
    assert heatmap.reach(np.array([[1.0, -0.34], [0.2, 1.0]])) == 0.4
    assert heatmap.reach(np.ones((1, 1))) == 0.2


def test_a_cell_of_the_address_is_open_with_its_interval_and_its_texts(app):
    opened(app, cell=["dataset:sst2", "dataset:mr"])
    page = shown(app)
    assert sent(app)["picked"] == ["dataset:sst2", "dataset:mr"]
    assert "over probe texts" in page
    assert "Texts that make them alike" in page
    app.button(key="to-compare").click().run()
    assert not app.exception
    assert app.session_state["atlas.view"].selected == ("dataset:sst2", "dataset:mr")


def test_texts_of_an_abusive_family_wait_to_be_asked_for(app):
    opened(app, cell=["dataset:tweet_hate", "dataset:davidson"])
    assert 'class="quote blurred"' in shown(app)


def test_filters_that_empty_the_page_are_named(app):
    opened(app, q="nowhere")
    assert "Nothing fits the filter search" in shown(app)


def test_an_empty_selection_says_so(app):
    opened(app, rows="Selection")
    assert "Nothing to compare" in shown(app)


def test_what_a_user_added_is_a_row_and_its_name_is_only_text(app):
    add(fute_home(), HOSTILE, "sst2", "dataset", "sentiment")
    assert f"dataset:{HOSTILE}" in sent(opened(app))["rows"]["ids"]


def many(atlas, n: int) -> list:
    return [atlas.items[i % len(atlas.items)] for i in range(n)]


def test_a_thousand_rows_and_columns_travel_in_a_byte_a_cell(atlas):
    values = np.random.default_rng(0).uniform(-1, 1, (1000, 1000)).astype(np.float32)
    order, tree = cluster((values + values.T) / 2)
    assert sorted(order) == list(range(1000))
    size = len(json.dumps(packed(many(atlas, 1000), many(atlas, 1000), values, tree, abs(values), "closer")))
    assert size < 1_600_000


def test_what_is_close_shines_on_a_dark_page_and_is_deep_on_a_light_one(app):
    data = sent(opened(app))
    light, dark = ([sum(int(c[k : k + 2], 16) for k in (1, 3, 5)) for _, c in data[name]] for name in ("scale", "dark"))
    assert light == sorted(light, reverse=True)
    assert dark == sorted(dark)


def test_what_is_alike_or_unlike_shines_on_a_dark_page_and_what_is_neither_does_not(app):
    scale = dict(sent(opened(app, colour="Similarity"))["dark"])
    light = {at: sum(int(colour[k : k + 2], 16) for k in (1, 3, 5)) for at, colour in scale.items()}
    assert light[0.0] > light[0.25] > light[0.5] < light[0.75] < light[1.0]


def test_order_and_tree_of_likeness_put_the_alike_together():
    one, other = np.ones((3, 3)), np.ones((2, 2))
    cosines = np.block([[one, np.zeros((3, 2))], [np.zeros((2, 3)), other]])[np.ix_([0, 3, 1, 4, 2], [0, 3, 1, 4, 2])]
    order, tree = cluster(cosines)
    assert {tuple(sorted(order[:3])), tuple(sorted(order[:2]))} & {(0, 2, 4), (1, 3)}
    along, up = branches(tree)
    assert len(along) == len(up) == 5 * 4
    assert max(v for v in up if v is not None) == pytest.approx(1)
    assert cluster(np.eye(2))[1] is None


def test_a_pinned_figure_gives_its_numbers_back_under_names(atlas):
    items = [i for i in atlas.items if i.embedding.name in ("sst2", "mr", "trec")]
    values = np.eye(3, dtype=np.float32)
    shares = np.array([[np.nan, 0.01, 0.5]] * 3)
    assert heatmap.table(items, items, values, shares)[0]["dataset:trec"] in (None, 0.99, 0.5)
    rows = figure_rows(heatmap.figure(items, items, values).to_json())
    assert [row["name"] for row in rows] == [i.embedding.name for i in items]
    assert rows[0] == {"name": "sst2", "sst2": 1.0, "mr": 0.0, "trec": 0.0}


def test_colours_go_through_grey_at_nought():
    assert heatmap.colours(np.array([-1, 0, 1])).tolist() == [[140, 81, 10], [245, 245, 245], [1, 102, 94]]


def test_a_pin_is_called_by_how_many_items_it_shows(app):
    opened(app)
    app.button(key="pin-similarity").click().run()
    assert not app.exception
    (pin,) = findings.read(app.session_state["findings.owner"], "Findings").pins
    assert pin.title == f"Similarity of {len(sent(app)['rows']['ids'])} items"
