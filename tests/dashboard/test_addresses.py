"""Addresses that a reader may type, and the menu of every page, run as the whole dashboard."""

import re
from pathlib import Path

import pytest

import dashboard
from dashboard import navigation
from dashboard.session.view import NAMES

AXIS = {"proj": "A chosen axis"}
UNKNOWN = {
    "map": [("proj", {}), ("nn", {}), ("mind", {}), ("seed", {}), ("deep", {}), ("edges", {}), ("by", {}),
            ("from", AXIS), ("to", AXIS), *((name, {}) for name in NAMES if name != "q")],
    "two_maps": [("left", {}), ("right", {})],
    "similarity": [("rows", {}), ("columns", {}), ("order", {}), ("colour", {}), ("cell", {}), ("sort", {})],
    "grid": [("for", {}), ("cells", {})],
    "choose": [("question", {}), ("count", {}), ("target", {})],
    "prompt_lab": [("run", {})],
    "runs": [("run", {})],
    "datasets": [("do", {}), ("find", {})],
    "models": [("do", {})],
    "findings": [("board", {}), ("boards", {}), ("talk", {})],
    "compare": [("sel", {}), ("family", {})],
    "about": [("nosuch", {})],
    "jobs": [("nosuch", {})],
}  # fmt: skip
"""Parameters by page, each with what else the address needs for it to be read."""
OUT_OF_RANGE = [("map", "nn", "999"), ("map", "nn", "15.5"), ("map", "mind", "-1"), ("map", "seed", "1e12"),
                ("choose", "count", "999"), ("choose", "count", "2.7"), ("choose", "count", "nan"),
                ("map", "skill", "7"), ("map", "sel", "dataset:nosuch"), ("map", "sel", "*80")]  # fmt: skip
SHORT = [
    ("choose", "question", "first", "Train on first"),
    ("map", "proj", "axis", "A chosen axis"),
    ("map", "by", "skill", "Skill"),
    ("datasets", "do", "upload", "Upload"),
    ("models", "do", "ask", "Ask"),
    ("similarity", "order", "name", "Name"),
    ("grid", "cells", "agreement", "Agreement"),
]


def opened(app, page: str, **params):
    """The page by its link; pages other than the first are known once that was run."""
    if page != "map":
        app.run().switch_page(f"views/{page}.py")
    for name, value in params.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception, [e.value for e in app.exception]
    return app


def told(app) -> str:
    """All that the page says outside of its widgets."""
    return " ".join([*(str(h.proto.body) for h in app.get("html")), *(w.value for w in (*app.warning, *app.error))])


@pytest.mark.parametrize(
    ("page", "key", "others"), [(page, key, others) for page, asks in UNKNOWN.items() for key, others in asks]
)
def test_what_an_address_names_and_nobody_knows_is_told_of_on_the_page(app, page, key, others):
    opened(app, page, **{key: "nosuch", **others})
    words = {"talk": "No talk here", "boards": "no key to boards"}.get(key, key if key == "target" else "nosuch")
    assert words in told(app), told(app)[:3000]


@pytest.mark.parametrize(("page", "key", "value"), OUT_OF_RANGE)
def test_a_number_that_a_page_does_not_take_and_a_selection_that_is_not_here_are_told_of(app, page, key, value):
    opened(app, page, **{key: value})
    assert value.removeprefix("*").removeprefix("dataset:") in told(app)


def test_an_axis_from_something_to_itself_is_told_of(app):
    opened(app, "map", **AXIS, **{"from": "toxicity", "to": "toxicity"})
    assert "asks for the right end “toxicity”, which is the left end" in told(app), told(app)[:2000]
    assert app.selectbox(key="to").value != "family:toxicity"


def test_an_address_that_can_be_read_is_not_talked_about(app):
    opened(app, "map", proj="UMAP of my own", nn="20", deep="false", kind="dataset", family="sentiment", skill="0.3",
           sel="dataset:sst2")  # fmt: skip
    assert "The address" not in told(app)


@pytest.mark.parametrize("page", ["models", "datasets"])
def test_a_choice_that_is_still_open_is_no_fault_of_an_address(app, page):
    opened(app, page, do="None")  # as Streamlit writes it
    assert "The address" not in told(app)


def test_what_was_told_stays_until_something_else_is_chosen(app):
    opened(app, "choose", count="999")
    assert "count" not in app.query_params
    app.run()
    assert "999" in told(app), "a page runs again by itself, and Streamlit has taken the number out of the address"
    app.query_params["count"] = "3"  # as the browser does once a number is chosen
    app.run()
    assert "999" not in told(app)


def test_an_option_that_a_choice_on_the_page_took_away_is_no_fault_of_a_link(app):
    right = "Datasets, by gradients (fisher)"
    opened(app, "two_maps", left="Datasets, by both parts (fused)", right=right)
    prompts = next(name for name in app.selectbox(key="left").options if name.startswith("Prompts"))
    app.query_params["left"], app.query_params["right"] = prompts, right
    app.selectbox(key="left").set_value(prompts).run()
    assert not app.exception
    assert "The address" not in told(app)


def test_every_parameter_that_a_page_reads_is_known_by_its_name_and_tried_above():
    views = Path(dashboard.__file__).parent / "views"
    for entry in navigation.ENTRIES:
        source = (views / f"{entry.file}.py").read_text("utf-8")
        bound = re.findall(r'key="(\w+)",\s*bind="query-params"', source)
        bound += re.findall(r'query_params(?:\.get(?:_all)?\(|\[)"(\w+)"', source)
        assert set(bound) <= set(entry.asks), entry.file
        tried = {key for key, _ in UNKNOWN[entry.file]}
        assert set(entry.asks) - {"prompt"} <= tried, entry.file  # of a run: in test_runs_page


@pytest.mark.parametrize(("page", "key", "short", "label"), SHORT)
def test_an_option_may_be_named_by_its_short_name_and_the_address_then_says_it_in_full(app, page, key, short, label):
    app.query_params[key] = short
    app.query_params["sel"] = "dataset:sst2"
    app.switch_page(f"views/{page}.py").run()
    assert not app.exception
    assert app.query_params[key] in (label, [label])
    assert app.session_state[key] == short
    assert app.query_params["sel"] in ("dataset:sst2", ["dataset:sst2"])


def test_several_short_names_at_once(app):
    opened(app, "map", proj="axis", **{"from": "family:toxicity", "to": "dataset:sst2"})
    assert (app.selectbox(key="from").value, app.selectbox(key="to").value) == ("family:toxicity", "dataset:sst2")
    assert "The address" not in told(app)


def test_the_menu_with_the_choice_of_theme_is_there_and_the_sidebar_says_where(app, monkeypatch):
    asked = {}
    monkeypatch.setattr("streamlit.set_page_config", lambda *_, **options: asked.update(options))
    app.run()
    assert not app.exception
    assert asked["menu_items"]["About"].startswith("**Task Atlas**")
    assert any("Light, dark or as the system" in str(e.proto.body) for e in app.sidebar.get("html"))
