"""The map with an axis of one's own, run as the whole dashboard."""

import json

import numpy as np
from added import HOSTILE, add
from map_page import panel, sent

from dashboard.reads import maps
from fute_core.atlas.atlas import open_atlas
from fute_core.home import fute_home


def along(start: str, end: str) -> dict[str, tuple[float, float]]:
    """Places on the axis by item."""
    made = maps.get_map(False, maps.Wanted("axis", start=start, end=end))
    return dict(zip(open_atlas(store=False).positions, made.coordinates.tolist(), strict=True))


def test_the_axis_names_both_ends_and_says_how_it_is_read(app):
    app.query_params["proj"] = "A chosen axis"
    app.run()
    assert not app.exception
    assert sent(app)["axes"] == {
        "left": "more like sentiment", "right": "more like toxicity", "up": "similarity to the nearer end",
    }  # fmt: skip
    assert "how much more alike to toxicity than to sentiment" in panel(app)
    before = sent(app)
    app.selectbox(key="to").set_value("dataset:ag_news").run()
    assert not app.exception
    assert sent(app)["axes"]["right"] == "more like ag_news"
    assert "neighbours" not in panel(app).split("Across:")[1].split("</p>")[0], "nothing was projected"
    assert sent(app)["frame"] != before["frame"], "another axis has a zoom of its own"


def test_a_link_opens_the_axis_again(app):
    for name, value in {"proj": "A chosen axis", "from": "topic", "to": "mr  (dataset, sentiment)"}.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    axes = sent(app)["axes"]
    assert (axes["left"], axes["right"]) == ("more like topic", "more like mr")


def test_an_end_that_is_no_longer_there_gives_way_and_never_is_the_other_end(app):
    for name, value in {"proj": "A chosen axis", "from": "toxicity", "to": "toxicity"}.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    assert sent(app)["axes"]["left"] == "more like toxicity"
    assert sent(app)["axes"]["right"] != "more like toxicity"
    app.query_params["pairs"] = "1"
    app.run()
    assert not app.exception
    assert sent(app)["axes"]["left"] != "more like toxicity", "text pairs have other families"


def test_an_end_that_nobody_knows_is_told(app):
    for name, value in {"proj": "A chosen axis", "from": "<b>nosuch</b>", "to": "topic"}.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    (told,) = [h.proto.body for h in app.get("html") if "left end" in h.proto.body]
    assert "&lt;b&gt;nosuch" in told
    assert "topic" not in told


def test_an_item_that_is_an_end_lies_there(app):
    places = along("dataset:sst2", "family:topic")
    assert places["dataset:sst2"][1] == 1
    assert places["dataset:sst2"][0] == min(x for x, _ in places.values())


def test_the_axis_leaves_as_a_figure_with_its_names_on_it(app):
    atlas = open_atlas(store=False)
    made = maps.get_map(False, maps.Wanted("axis", start="family:topic", end="family:spam"))
    figure = json.loads(maps.figure_json(atlas, made, np.ones(len(atlas.items), bool)))
    assert figure["layout"]["xaxis"]["title"]["text"] == "more like spam than like topic"
    notes = {note["text"].replace("<br>", " "): note for note in figure["layout"]["annotations"]}
    assert any(text.startswith("Across: how much more alike to spam than to topic.") for text in notes)
    assert notes["<b>topic</b>"]["x"] < -0.1 < 0.1 < notes["<b>spam</b>"]["x"]


def test_the_ends_are_named_where_they_lie_on_the_page_as_well(app):
    for name, value in {"proj": "axis", "from": "family:topic", "to": "family:spam"}.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    left, right = sent(app)["labels"][:2]
    assert {left["text"], right["text"]} == {"topic", "spam"}
    at = {label["text"]: label["x"] for label in (left, right)}
    assert at["topic"] < -0.1 < 0.1 < at["spam"]


def test_a_name_is_shown_as_it_was_written(app):
    add(fute_home(), HOSTILE, "sst2", "dataset", HOSTILE)
    app.query_params["proj"] = "A chosen axis"
    app.run()
    app.selectbox(key="to").set_value(f"dataset:{HOSTILE}").run()
    app.selectbox(key="from").set_value(f"family:{HOSTILE}").run()
    assert not app.exception
    assert any("Both ends of the axis are the same" in str(error.value) for error in app.error)
    app.selectbox(key="from").set_value("family:topic").run()
    assert not app.exception
    assert sent(app)["axes"]["right"] == f"more like {HOSTILE}"
    assert HOSTILE not in panel(app)
