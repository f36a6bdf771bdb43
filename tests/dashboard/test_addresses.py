"""Addresses that a reader may type, and the menu of every page, run as the whole dashboard."""

import pytest

SHORT = [
    ("choose", "question", "first", "Train on first"),
    ("map", "proj", "axis", "A chosen axis"),
    ("datasets", "do", "upload", "Upload"),
    ("models", "do", "ask", "Ask"),
]


@pytest.mark.parametrize(("page", "key", "short", "label"), SHORT)
def test_an_option_may_be_named_by_its_short_name_and_the_address_then_says_it_in_full(app, page, key, short, label):
    app.query_params[key] = short
    app.query_params["sel"] = "dataset:sst2"
    app.switch_page(f"views/{page}.py").run()
    assert not app.exception
    assert app.query_params[key] in (label, [label])
    assert app.session_state[key] == short
    assert app.query_params["sel"] in ("dataset:sst2", ["dataset:sst2"])


def test_the_menu_with_the_choice_of_theme_is_there_and_the_sidebar_says_where(app, monkeypatch):
    asked = {}
    monkeypatch.setattr("streamlit.set_page_config", lambda *_, **options: asked.update(options))
    app.run()
    assert not app.exception
    assert asked["menu_items"]["About"].startswith("**Task Atlas**")
    assert any("Light, dark or as the system" in str(e.proto.body) for e in app.sidebar.get("html"))
