"""The map page's logic, run as the whole dashboard."""

import base64
import json
import time
from urllib.parse import parse_qs

import numpy as np
import pytest
from added import HOSTILE, add
from map_page import legend, near_rows, panel, sent

from dashboard.reads import maps, moments
from fute_core.analysis.skill import is_weak
from fute_core.atlas.atlas import open_atlas
from fute_core.atlas.newcomers import is_tuned
from fute_core.home import fute_home
from fute_core.store.store import Store


def test_the_first_run_shows_all_and_selects_nothing(app):
    app.run()
    assert not app.exception
    data = sent(app)
    assert data["shown"] == ""
    assert data["selected"] == []
    assert {label["text"] for label in data["labels"]} >= {"sentiment", "toxicity", "topic", "spam"}


def test_without_gallery_and_embeddings_the_page_says_how_to_make_some(app, monkeypatch):
    monkeypatch.setattr("fute_core.atlas.atlas.load_gallery", lambda pair: None)
    moments.newest.clear()
    app.run()
    assert not app.exception
    assert "fute embed dataset all" in panel(app)


def test_a_newcomer_is_offered_three_questions_that_open_prepared_views(app):
    links = {e.proto.label: e.proto.query_string for e in app.run().get("page_link") if "?**" in e.proto.label}
    assert len(links) == 3
    fits = next(query for label, query in links.items() if "prompt fits" in label)
    for name, values in parse_qs(fits).items():
        app.query_params[name] = values
    app.switch_page("views/similarity.py").run()
    assert not app.exception
    drawn = json.loads(next(e for e in app.get("bidi_component") if e.key == "matrix").proto.json)
    assert all(i.startswith("prompt:") for i in drawn["rows"]["ids"])
    assert drawn["sortedBy"] in drawn["columns"]["ids"]
    first = open_atlas(store=False)
    families = [first.items[first.positions[i]].embedding.family for i in (drawn["rows"]["ids"][0], drawn["sortedBy"])]
    assert families[0] == families[1]


def test_what_is_embedded_while_the_page_is_drawn_is_there_from_the_next_run_on(app, monkeypatch):
    before = sent(app.run())["points"]
    with monkeypatch.context() as meanwhile:
        real = maps.get_map
        meanwhile.setattr(maps, "get_map", lambda *a: (real(*a), add(fute_home(), "late", "sst2"))[0])
        app.run()
    assert not app.exception
    assert sent(app)["points"] == before
    assert sent(app.run())["points"] != before


def test_what_another_encoder_read_is_not_there_and_told(app):
    add(fute_home(), "old <b>one</b>", "sst2", reader="minilm")
    app.run()
    assert not app.exception
    (said,) = [h.proto.body for h in app.get("html") if "read with minilm" in h.proto.body]
    assert "1 item of yours" in said
    assert "<b>" not in said
    assert all("old" not in point for point in map(str, sent(app)["points"]))


def test_with_something_selected_no_question_is_in_the_way(app):
    app.query_params["sel"] = "dataset:sst2"
    assert not [e for e in app.run().get("page_link") if "?**" in e.proto.label]


def test_a_filter_greys_and_never_moves_the_map(app):
    before = sent(app.run())
    app.get("pills")[0].set_value(["dataset"]).run()
    after = sent(app)
    assert not app.exception
    assert after["shown"]
    assert (after["points"], after["frame"]) == (before["points"], before["frame"])
    assert app.query_params["kind"] in ("dataset", ["dataset"])


def test_an_address_opens_the_view_again(app):
    for name, value in {"sel": ["model:sst2 · logistic", "dataset:mr"], "family": ["sentiment"], "hide": ["1"]}.items():
        app.query_params[name] = value
    data = sent(app.run())
    assert data["selected"] == ["model:sst2 · logistic", "dataset:mr"]
    assert data["hide"] is True
    assert data["shown"]


def test_fine_tuned_models_are_left_out_by_a_switch_and_all_others_stay(app):
    before = sent(app.run())
    app.toggle(key="view-untuned").set_value(True).run()
    after = sent(app)
    assert not app.exception
    assert app.query_params["untuned"] in ("1", ["1"])
    items = open_atlas(store=False).items
    shown = np.unpackbits(np.frombuffer(base64.b64decode(after["shown"]), np.uint8))[: len(items)]
    assert (shown == [not is_tuned(i) for i in items]).all()
    assert after["points"] == before["points"]


def test_a_view_emptied_by_filters_names_them(app):
    app.query_params["q"] = "<b>nowhere"
    app.run()
    assert not app.exception
    assert sent(app)["note"] == "Nothing fits the filter search “<b>nowhere”."


def test_what_is_close_to_guessing_is_filtered_by_a_slider_and_faded_in_lists(app):
    app.run()
    assert "faded: skill below" in json.dumps(legend(app)["signs"])
    app.slider(key="view-skill").set_value(0.3).run()
    assert not app.exception
    assert app.query_params["skill"] in ("0.3", ["0.3"])
    shown = np.unpackbits(np.frombuffer(base64.b64decode(sent(app)["shown"]), np.uint8))
    atlas = open_atlas(store=False)
    weak = [is_weak(i.facts) for i in atlas.items]
    assert any(weak)
    assert (shown[: len(weak)] == ~np.array(weak)).all()
    for of in ("dataset", "prompt"):
        known = {f"{i.embedding.kind}:{i.embedding.name}": is_weak(i.facts) for i in atlas.items}
        rows = near_rows(app, next(i for i in known if i.startswith(of)))
        assert [row["weak"] for row in rows] == [known[row["id"]] for row in rows]


def test_the_other_space_is_one_click_away_and_keeps_the_selection(app):
    app.query_params["sel"] = "dataset:sst2"
    before = sent(app.run())
    next(c for c in app.get("segmented_control") if c.key == "view-pair").set_value(True).run()
    assert not app.exception
    after = sent(app)
    assert after["points"] != before["points"]
    assert after["selected"] == ["dataset:sst2"]
    assert "not in this space" in json.dumps([e.proto.json for e in app.get("bidi_component")])


def test_abusive_texts_are_blurred_until_asked_for_once_for_all_pages(app):
    app.query_params["sel"] = "dataset:tweet_hate"
    app.run()
    assert panel(app).count('class="quote blurred"') > 6, "both its rows and the texts that make it alike"
    (toggle,) = [t for t in app.toggle if t.label == "Show abusive texts"]
    toggle.set_value(True).run()
    assert not app.exception
    assert 'class="quote blurred"' not in panel(app)
    app.query_params["sel"] = ["dataset:tweet_hate", "dataset:davidson"]
    app.switch_page("views/compare.py").run()
    assert not app.exception
    assert app.toggle(key="show-abusive").value


def test_a_hostile_name_is_text_wherever_it_stands(app):
    app.query_params["sel"] = add(fute_home(), HOSTILE, "mr", "prompt")
    app.run()
    assert not app.exception
    assert "<img" not in panel(app)
    assert "&lt;img" in panel(app)
    for kind in ("markdown", "caption", "button", "error"):
        assert not any("![x](" in str(getattr(e, "value", "")) for e in app.get(kind))


@pytest.mark.parametrize("dims", [2, 3])
def test_another_projection_has_coordinates_of_its_own(app, dims):
    usual = sent(app.run())
    app.radio(key="proj").set_value("pca")
    app.toggle(key="deep").set_value(dims == 3).run()
    until = time.monotonic() + 100  # it is made in the background
    while "pca" not in sent(app.run())["frame"] and time.monotonic() < until:
        time.sleep(0.2)
    data = sent(app)
    assert not app.exception
    assert data["dims"] == dims
    assert data["frame"] != usual["frame"]


def test_lines_to_the_nearest_are_an_option(app):
    assert sent(app.run())["edges"] == ""
    next(t for t in app.toggle if t.label.startswith("Lines")).set_value(True).run()
    assert sent(app)["edges"]


def test_the_nearest_of_what_is_selected_are_joined_to_it_in_the_order_of_the_list(app):
    assert sent(app.run())["near"] == []
    rows = near_rows(app, "dataset:tweet_emotion")
    data = sent(app)
    assert data["current"] == "dataset:tweet_emotion"
    assert [n["id"] for n in data["near"]] == [row["id"] for row in rows]
    assert [row["number"] for row in rows] == list(range(1, len(rows) + 1))
    line = next(n for n, row in enumerate(rows) if row["line"])
    assert [n["same"] for n in data["near"]] == [n < line for n in range(len(rows))]


def test_the_legend_has_all_families_and_says_which_are_filtered_by(app):
    assert legend(app.run())["chosen"] == []
    app.query_params["family"] = ["topic"]
    app.query_params["kind"] = ["prompt"]
    app.run()
    found = legend(app)
    assert found["chosen"] == ["topic", "prompt"]
    named = {f["name"] for group in found["groups"] for f in group["families"]}
    assert named == {i.embedding.family for i in open_atlas(store=False).items}, "what is hidden can be chosen as well"


@pytest.mark.parametrize(
    ("by", "first", "says"),
    [
        ("verdict", "does a job that is known here", "Colour is the verdict on each"),
        ("skill", "0.8 or more", "Colour is skill"),
        ("model", "smollm2", "Colour is the model"),
        ("yours", "ships with Task Atlas", "Colour is whose it is"),
    ],
)
def test_colour_may_mean_something_else_than_the_family(app, by, first, says):
    usual = legend(app.run())
    assert usual["shades"] == []
    app.radio(key="by").set_value(by).run()
    until = time.monotonic() + 100  # verdicts are found in the background
    while not legend(app)["shades"] and time.monotonic() < until:
        time.sleep(0.2)
        app.run()
    assert not app.exception
    found = legend(app)
    assert found["groups"] == []
    assert found["kinds"] == usual["kinds"]
    assert first in [shade["name"] for shade in found["shades"][:2]]
    assert any(says in str(h.proto.body) for h in app.get("html"))


def test_what_a_user_adds_appears_and_moves_nothing(app):
    before = sent(app.run())
    add(fute_home(), "my reviews", "mr", "dataset", "sentiment")
    app.query_params["sel"] = "dataset:my reviews"
    app.run()
    assert not app.exception
    assert sent(app)["frame"] == before["frame"]
    assert "yours" in panel(app)
    assert "yours" in json.dumps(legend(app)["signs"])
    known, larger = open_atlas(store=False), open_atlas(False, Store())
    assert len(larger.items) == len(known.items) + 1
    assert (larger.coordinates[:-1] == known.coordinates).all()
