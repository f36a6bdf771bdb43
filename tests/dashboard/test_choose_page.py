"""The Choose page: datasets that stand for the rest, what to train on first, and how far either is known to help."""

import json

import pytest
from added import add

from dashboard.components import stand_ins
from dashboard.reads import choose, choose_words, data, findings, results
from dashboard.session.filtering import item_id
from fute_core.home import fute_home

FIRST = {"question": "Train on first"}


def opened(app, **address):
    for name, value in address.items():
        app.query_params[name] = value
    app.switch_page("views/choose.py").run()
    assert not app.exception
    assert not app.error
    return app


def listed(app, label: str) -> list[dict]:
    """What was sent to the list of that label."""
    sent = [json.loads(e.proto.json) for e in app.get("bidi_component") if "item_list" in e.proto.component_name]
    return next((one["rows"] for one in sent if one["label"].startswith(label)), [])


def shown(app) -> str:
    return " ".join(str(e.proto.body) for e in app.get("html"))


def test_five_datasets_stand_for_all_and_the_first_is_opened(app):
    opened(app)
    rows = listed(app, "Chosen datasets")
    chosen = [row for row in rows if row["number"]]
    unlike = [row for row in rows if row["dim"]]
    stood_for = sum(int(row["figure"]) for row in chosen)
    datasets = sum(i.embedding.kind == "dataset" for i in data.atlas(False).items)
    assert len(chosen) == 5
    assert len(chosen) + stood_for + len(unlike) == datasets
    assert [row["current"] for row in chosen] == [True, False, False, False, False]
    assert unlike[0]["line"] == stand_ins.UNLIKE
    assert len(listed(app, "What ")) == int(chosen[0]["figure"])
    assert "How many does it take?" in [s.value for s in app.subheader]


def test_the_address_brings_back_number_and_the_group_of_the_selection(app):
    opened(app, count="3", sel="dataset:mr")
    chosen = [row for row in listed(app, "Chosen datasets") if row["number"]]
    assert len(chosen) == 3
    (current,) = [row["name"] for row in chosen if row["current"]]
    (row,) = [row for row in listed(app, f"What {current}") if row["current"]]
    assert row["name"] == "mr"


def test_filters_choose_among_what_they_let_through_whatever_kinds_the_map_shows(app):
    opened(app, family="sentiment", kind="prompt", count="2")
    chosen = [row for row in listed(app, "Chosen datasets") if row["number"]]
    assert {row["name"] for row in chosen} <= {
        i.embedding.name for i in data.atlas(False).items if i.embedding.family == "sentiment"
    }
    assert "repeats" in [c for frame in app.dataframe for c in frame.value.columns]


def test_filters_that_leave_nothing_or_one_say_so(app):
    opened(app, q="no such dataset")
    assert "Nothing fits the filter" in shown(app)
    app.button(key="empty-No datasets").click().run()
    opened(app, q="uci_imdb")
    assert "two datasets or more" in shown(app)


def test_without_a_target_it_asks_for_one_and_an_example_brings_a_ranking(app):
    opened(app, **FIRST)
    assert "For which dataset?" in shown(app)
    app.button(key="empty-For which dataset?").click().run()
    assert not app.exception
    assert listed(app, "Datasets by similarity")


def test_sources_are_ranked_with_a_verdict_and_what_is_known_of_the_first(app):
    opened(app, sel="dataset:sst2", **FIRST)
    rows = listed(app, "Datasets by similarity to sst2")
    assert [row["number"] for row in rows] == list(range(1, 16))
    assert "sst2" not in [row["name"] for row in rows]
    assert rows[0]["figure"].endswith("%")
    text = shown(app)
    assert "It does a job that is known here, sentiment." in text
    assert choose_words.order_headline(results.found()["transfer"]) in text
    assert "Agreement with the true order, 64 rows of the target (Spearman)" in text


def test_a_second_dataset_of_the_selection_is_the_source_that_is_opened(app):
    app.query_params["sel"] = ["dataset:sst2", "dataset:sms_spam"]
    opened(app, **FIRST)
    assert app.selectbox(key="choose-target").value == "dataset:sst2"
    app.selectbox(key="choose-target").select("dataset:mr").run()
    assert listed(app, "Datasets by similarity to mr")


def test_a_dataset_of_ones_own_can_be_the_target(app):
    add(fute_home(), "mine", "sms_spam", "dataset", None)
    opened(app, sel="dataset:mine", **FIRST)
    assert listed(app, "Datasets by similarity to mine")[0]["name"] in ("sms_spam", "youtube_spam")


@pytest.mark.parametrize("pairs", ["0", "1"])
def test_files_name_every_dataset_once(app, pairs):
    opened(app, pairs=pairs)
    atlas = data.atlas(pairs == "1")
    sets = [i for i in atlas.items if i.embedding.kind == "dataset"]
    names = [i.embedding.name for i in sets]
    found = choose.cover(pairs == "1", names, 3)
    table = stand_ins.table(found, {i.embedding.name: i.embedding.family for i in sets})
    assert sorted(row["dataset"] for row in table) == sorted(names)
    rows = choose.source_rows(atlas, sets[0], choose.sources(atlas, sets[0], [item_id(i) for i in sets]))
    assert [row["source"] for row in rows if row["source"] == sets[0].embedding.name] == []
    assert len(rows) == len(sets) - 1


def estimate(value, low, high, chance=0.0):
    return {"value": value, "low": low, "high": high, "chance": chance, "n": 8}


def test_an_order_is_called_better_than_chance_where_the_whole_interval_is():
    good, bad = estimate(0.5, 0.1, 0.8), estimate(0.2, -0.1, 0.5)
    of = lambda one, other: {"rows_64": {"spearman": one}, "rows_256": {"spearman": other}}  # noqa: E731
    assert choose_words.order_headline(of(good, good)) == "This order is better than chance."
    assert "not shown" in choose_words.order_headline(of(bad, bad))
    assert choose_words.order_headline(of(bad, good)).startswith("With 256 rows of the target this order is better")
    assert "not measured" in choose_words.order_headline({})


def test_text_features_are_called_worse_only_where_intervals_part():
    texts = {choose_words.TEXT: {"spearman": estimate(-0.5, -0.8, -0.1)}}
    far = {"rows_64": {"spearman": estimate(0.5, 0.1, 0.8), "baselines": texts}}
    near = {"rows_64": {"spearman": estimate(0.1, -0.3, 0.8), "baselines": texts}}
    assert "is worse" in choose_words.order_words(far)[0]
    assert "intervals overlap" in choose_words.order_words(near)[0]


def test_size_is_named_where_it_alone_is_better_than_chance():
    size = {choose_words.SIZE: {"spearman": estimate(0.4, 0.2, 0.5)}}
    lost = {"rows_64": {"spearman": estimate(0.2, -0.1, 0.5), "baselines": size}}
    won = {"rows_64": {"spearman": estimate(0.3, 0.1, 0.5), "baselines": size}}
    assert any("largest datasets first" in said for said in choose_words.order_words(lost))
    assert not any("largest datasets first" in said for said in choose_words.order_words(won))
    assert any("0.39 (" in said for said in choose_words.order_words(results.found()["transfer"]))


def test_chosen_sets_are_called_better_for_the_numbers_for_which_that_was_shown():
    part = lambda low: {"better_than_random": estimate(0.9, low, 1.0, 0.5)}  # noqa: E731
    said = choose_words.cover_headline({"k_2": part(0.4), "k_5": part(0.6)})
    assert said.startswith("With 5 chosen datasets models are ranked better")
    assert said.endswith("with 2 that is not shown.")
    assert "not shown" in choose_words.cover_headline({"k_2": part(0.4)})
    assert "not measured" in choose_words.cover_headline({})


@pytest.mark.parametrize("question", ["Stand for the rest", "Train on first"])
def test_what_is_shown_can_be_pinned(app, question):
    opened(app, question=question, sel="dataset:sst2")
    keys = [b.key for b in app.button if b.key and b.key.startswith("pin-")]
    for key in keys:
        app.button(key=key).click().run()
        assert not app.exception
        assert not app.error
    pinned = findings.read(app.session_state["findings.owner"], "Findings").pins
    assert len(pinned) == len(keys) > 0
    assert all(pin.content for pin in pinned)
