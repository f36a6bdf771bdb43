"""The map page's logic, run as the whole dashboard."""

import json

import pytest
from small_space import HOSTILE, fill

from fute_core.home import fute_home


@pytest.fixture
def filled(app):
    fill(fute_home())
    return app


def sent(app) -> dict:
    """What the map component was given."""
    return json.loads(next(e for e in app.get("bidi_component") if e.key == "map").proto.json)


def panel(app) -> str:
    return " ".join(str(e.proto.body) for e in app.get("html"))


def test_the_first_run_shows_all_and_selects_nothing(filled):
    filled.run()
    assert not filled.exception
    data = sent(filled)
    assert data["shown"] == ""
    assert data["selected"] == []
    assert {label["text"] for label in data["labels"]} == {"sentiment", "toxicity", "topic"}


def test_without_embeddings_the_page_says_how_to_make_some(app):
    app.run()
    assert not app.exception
    assert "fute embed dataset all" in panel(app)


def test_a_filter_greys_and_never_moves_the_map(filled):
    before = sent(filled.run())
    filled.get("pills")[0].set_value(["dataset"]).run()
    after = sent(filled)
    assert not filled.exception
    assert after["shown"]
    assert (after["points"], after["frame"]) == (before["points"], before["frame"])
    assert filled.query_params["kind"] in ("dataset", ["dataset"])


def test_an_address_opens_the_view_again(filled):
    for name, value in {"sel": ["model:sst2 bayes", "dataset:mr"], "family": ["sentiment"], "hide": ["1"]}.items():
        filled.query_params[name] = value
    data = sent(filled.run())
    assert data["selected"] == ["model:sst2 bayes", "dataset:mr"]
    assert data["hide"] is True
    assert data["shown"]


def test_a_view_emptied_by_filters_names_them(filled):
    filled.query_params["q"] = "<b>nowhere"
    filled.run()
    assert not filled.exception
    assert "Nothing fits the filter search “&lt;b&gt;nowhere”." in panel(filled)


def test_the_other_space_is_one_click_away_and_keeps_the_selection(filled):
    filled.query_params["sel"] = "dataset:sst2"
    before = sent(filled.run())
    next(c for c in filled.get("segmented_control") if c.key == "view-pair").set_value(True).run()
    assert not filled.exception
    after = sent(filled)
    assert after["points"] != before["points"]
    assert after["selected"] == ["dataset:sst2"]
    assert "not in this space" in json.dumps([e.proto.json for e in filled.get("bidi_component")])


def test_details_show_the_neighbours_of_the_original_space_on_the_calibrated_scale(filled):
    filled.query_params["sel"] = "dataset:sst2"
    filled.run()
    rows = json.loads(next(e for e in filled.get("bidi_component") if e.key == "map-near").proto.json)["rows"]
    assert {r["name"] for r in rows[:4]} <= {
        "sst2 bayes",
        "mr",
        "mr bayes",
        "sst2 asked @ smollm2",
        "mr asked @ smollm2",
    }
    assert all(r["figure"] == "all" or r["figure"].endswith("%") for r in rows)
    assert "Stanford" in panel(filled) or "SST" in panel(filled)


def test_abusive_texts_are_blurred_until_asked_for(filled):
    filled.query_params["sel"] = "dataset:tweet_hate"
    filled.run()
    assert 'class="blurred"' in panel(filled)
    next(t for t in filled.toggle if t.label == "Show abusive texts").set_value(True).run()
    assert not filled.exception
    assert 'class="blurred"' not in panel(filled)


def test_a_hostile_name_is_text_wherever_it_stands(filled):
    filled.query_params["sel"] = f"prompt:{HOSTILE}"
    filled.run()
    assert not filled.exception
    assert "<img" not in panel(filled)
    assert "&lt;img" in panel(filled)
    for kind in ("markdown", "caption", "button", "error"):
        assert not any("![x](" in str(getattr(e, "value", "")) for e in filled.get(kind))


@pytest.mark.parametrize("dims", [2, 3])
def test_another_projection_has_coordinates_of_its_own(filled, dims):
    usual = sent(filled.run())
    filled.radio(key="proj").set_value("pca")
    filled.toggle(key="deep").set_value(dims == 3).run()
    for _ in range(20):  # it is made in the background
        if "pca" in sent(filled.run())["frame"]:
            break
    data = sent(filled)
    assert not filled.exception
    assert data["dims"] == dims
    assert data["frame"] != usual["frame"]


def test_lines_to_the_nearest_are_an_option(filled):
    assert sent(filled.run())["edges"] == ""
    next(t for t in filled.toggle if t.label.startswith("Lines")).set_value(True).run()
    assert sent(filled)["edges"]
