"""Details beside the map: neighbours, verdicts, and what is said of few texts and of repeats."""

import json
import re

import numpy as np
import pytest
from added import add
from map_page import near_rows, panel

from dashboard.components.details import between
from dashboard.reads import data, datasets
from dashboard.session.text import html_text
from fute_core.atlas.atlas import open_atlas
from fute_core.atlas.gallery import load_gallery
from fute_core.home import fute_home
from fute_core.space.told import CHANCE, CUT_OFF, GREY, headline
from fute_core.store.keys import answers_key, rows_key
from fute_core.store.store import open_store


def test_details_say_how_sure_an_accuracy_is(app):
    atlas = open_atlas(store=False)
    app.query_params["sel"] = next(i for i in atlas.positions if i.startswith("model:"))
    app.run()
    assert re.search(r"95.% interval \d+ to \d+.%, \d+ rows", panel(app))


def test_details_show_the_neighbours_of_the_original_space_on_the_calibrated_scale(app):
    app.query_params["sel"] = "dataset:sst2"
    app.run()
    rows = json.loads(next(e for e in app.get("bidi_component") if e.key == "map-near").proto.json)["rows"]
    near = open_atlas(store=False).space.neighbours("sst2", 8, of_kind="dataset")
    line = next((n for n, row in enumerate(rows) if row["line"]), len(rows))
    similarity = {n.name: n.similarity for n in near}
    assert {r["name"] for r in rows} == set(similarity)
    for part in (rows[:line], rows[line:]):  # what may be said to do the same job comes first, by levels of its kind
        shown = [similarity[r["name"]] for r in part]
        assert shown == sorted(shown, reverse=True)
    assert all(r["figure"].endswith("%") for r in rows)
    known = open_atlas(store=False)
    at = known.positions
    low, high = known.intervals(at["dataset:sst2"], at[rows[0]["id"]])
    assert rows[0]["note"] == f"similarity {near[0].similarity:.2f}, 95\u00a0% from {low:.2f} to {high:.2f}"
    assert "Stanford" in panel(app) or "SST" in panel(app)


@pytest.mark.parametrize("of", ["dataset:tweet_emotion", "dataset:sms_spam", "model:trec · logistic", "prompt"])
def test_details_say_the_verdict_and_part_what_may_do_the_same_job_from_the_rest(app, of):
    atlas = open_atlas(store=False)
    of = next(i for i in atlas.positions if i.startswith(of))
    rows = near_rows(app, of)
    told = atlas.verdict(of)
    assert f"<b>{headline(told.job, told.of)}.</b>" in panel(app)
    own = atlas.items[atlas.positions[of]].embedding
    above = [r for n, r in enumerate(rows) if not any(r["line"] for r in rows[: n + 1])]
    (line,) = [r["line"] for r in rows if r["line"]]
    assert line == CUT_OFF
    for row in rows:
        other = atlas.items[atlas.positions[row["id"]]].embedding
        cosine = float(atlas.space.similarity([of], [row["id"]])[0, 0])
        assert (row in above) == (cosine >= atlas.meaning.same_level(own, other))
    if told.job == "same":
        assert above


def test_neighbours_by_chance_are_grey_and_said_to_be(app):
    assert not any(r["dim"] for r in near_rows(app, "dataset:sst2"))
    assert GREY not in panel(app)
    next(c for c in app.get("segmented_control") if c.key == "view-pair").set_value(True).run()
    near_rows(app, "dataset:boolq")
    next(c for c in app.get("segmented_control") if c.key == "map-near-kind").set_value("dataset").run()
    rows = near_rows(app, "dataset:boolq")
    atlas = open_atlas(True, store=False)
    cosines = atlas.space.similarity(["dataset:boolq"], [r["id"] for r in rows])[0]
    by_chance = [atlas.scale.share("dataset", "dataset", float(c)) >= CHANCE for c in cosines]
    assert [r["dim"] for r in rows] == by_chance
    assert any(by_chance)
    assert GREY in panel(app)


@pytest.mark.parametrize("selection", [["dataset:sst2"], ["dataset:sst2", "model:mr · trees"]])
def test_what_is_selected_can_be_compared_if_it_is_one_item_with_its_nearest(app, selection):
    app.query_params["sel"] = selection
    app.run()
    links = [e.proto.query_string for e in app.get("page_link") if e.proto.label == "Compare"]
    assert max(link.count("sel=") for link in links) == 2


@pytest.mark.parametrize(("n_texts", "few"), [(9, True), (90, False)])
def test_a_dataset_of_few_texts_is_said_to_prove_nothing_and_repeats_nothing(app, n_texts, few):
    name = f"my {n_texts}"
    app.query_params["sel"] = [add(fute_home(), name, "sst2", "dataset", n_texts=n_texts)]
    said = panel(app.run())
    assert not app.exception
    assert ("9 texts are few for a dataset" in said) is few
    repeats = data.redundant(False, "dataset")
    assert (name in {*repeats, *repeats.values()}) is not few


def test_a_vector_that_says_nothing_has_no_neighbours_and_mere_labels_are_told(app):
    app.query_params["sel"] = [add(fute_home(), "blind", "sst2", "dataset", constant=True)]
    said = panel(app.run())
    assert not app.exception
    assert "Its labels do not follow from what the surrogate reads in its texts" in said
    assert ">Nearest<" not in said
    assert not [e for e in app.get("bidi_component") if e.key == "map-near"]
    app.query_params["sel"] = [add(fute_home(), "hard", "sst2", "model", one_hot=True)]
    assert "It answers with labels alone" in panel(app.run())


def test_neighbours_are_called_nearest_however_far_they_are(app):
    app.query_params["sel"] = ["dataset:cola"]
    said = panel(app.run())
    assert not app.exception
    assert ">Nearest<" in said
    assert "same job" not in said


def test_what_repeats_another_is_said_to_be_as_close_as_known_kin(app):
    repeats = data.redundant(False, "dataset")
    name, other = next(iter(repeats.items()))
    assert next(k for k in datasets.known(False) if k.name == name).repeats == other
    app.query_params["sel"] = [f"dataset:{name}"]
    assert f"Redundant beside {other}: as close as the closest quarter of pairs known" in panel(app.run())


def test_intervals_over_rows_are_offered_where_the_rows_were_kept_and_the_panel_says_which_is_shown(app):
    def told() -> tuple[str, str]:
        rows = json.loads(next(e for e in app.get("bidi_component") if e.key == "map-near").proto.json)["rows"]
        return next(r["note"] for r in rows if r["id"] == "dataset:mr"), panel(app)

    own, key = add(fute_home(), "my films", "sst2", "dataset"), "dataset-my films"
    sst2 = next(i for i in load_gallery(False).items if i.embedding.name == "sst2")
    open_store().put(answers_key(key), {"answers": sst2.answers}, {})
    app.query_params["sel"] = [own]
    assert "intervals are over the probe texts." in panel(app.run())
    assert not [c for c in app.get("segmented_control") if c.key == "near-interval"]
    texts, _ = told()
    noise = np.random.default_rng(0).normal(size=(20, *sst2.embedding.factor.shape))
    open_store().put(rows_key(key), {"factors": (sst2.embedding.factor + 0.005 * noise).astype(np.float32)}, {})
    atlas = data.atlas(False)
    places = atlas.positions[own], atlas.positions["dataset:mr"]
    similarity = float(atlas.space.cosines(places[:1], places[1:])[0, 0])
    for over, words in [("rows", "the dataset's own rows"), ("both", "the probe texts and the dataset's own rows")]:
        app.run()
        next(c for c in app.get("segmented_control") if c.key == "near-interval").set_value(over).run()
        assert not app.exception
        note, said = told()
        assert html_text(f"intervals are over {words}.") in said
        assert note == between(similarity, *atlas.intervals(*places, over)) != texts
    app.query_params["sel"] = ["model:mr · trees"]
    app.run()
    assert "intervals are over the probe texts." in panel(app), "a classifier has no rows"
