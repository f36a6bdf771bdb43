"""What several selected items have in common, beside the map."""

import json

from map_page import panel

from dashboard.components import group as panel_of_group
from dashboard.reads import data, together
from fute_core.analysis.together import together as described
from fute_core.atlas.atlas import open_atlas

PICKED = ["dataset:sst2", "dataset:mr", "dataset:uci_imdb", "dataset:trec"]


def selected(app, *ids: str):
    app.query_params["sel"] = list(ids)
    app.run()
    assert not app.exception
    return app


def test_three_selected_items_are_told_as_a_group_with_the_one_in_their_middle(app):
    page = panel(selected(app, *PICKED))
    assert "These 4 together" in [h.value for h in app.subheader]
    assert "4 datasets" in page
    assert "question type" in page
    atlas = open_atlas(store=False)
    middle = described(atlas.space, atlas.items, [atlas.positions[i] for i in PICKED]).middle
    (row,) = json.loads(next(e for e in app.get("bidi_component") if e.key == "group-middle").proto.json)["rows"]
    assert row["name"] == atlas.items[middle].embedding.name


def test_two_selected_items_are_no_group(app):
    selected(app, *PICKED[:2])
    assert not any("together" in h.value for h in app.subheader)


def test_the_texts_that_set_a_group_apart_are_answered_alike_in_it(app, monkeypatch):
    atlas = open_atlas(store=False)
    monkeypatch.setattr(data, "stamp", lambda: "now")
    picked = [atlas.items[atlas.positions[i]] for i in PICKED[:3]]
    found = together.apart(atlas, picked[0], picked, panel_of_group.TEXTS)
    assert 1 <= len(found.texts) <= panel_of_group.TEXTS
    assert found.near not in {i.embedding.name for i in picked}
    assert all(one.endswith("%") and two.endswith("%") for _, one, two in found.texts)
