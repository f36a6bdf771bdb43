"""Two maps side by side, run as the whole dashboard."""

import io
import json
import shutil
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from map_page import panel

from dashboard.reads import two_views
from fute_core.atlas.atlas import open_atlas
from fute_core.errors import BadInput
from fute_core.home import GALLERY, galleries_folder

PAGE = "views/two_maps.py"
SLOW = 60
ANSWERS, GRADIENTS = "Datasets, by answers (functional)", "Datasets, by gradients (fisher)"


def given(app, key: str) -> dict:
    return json.loads(next(e for e in app.get("bidi_component") if e.key == key).proto.json)


def opened(app, **params):
    for name, value in params.items():
        app.query_params[name] = value
    app.run(timeout=SLOW)
    app.switch_page(PAGE).run(timeout=SLOW)
    assert not app.exception, [e.value for e in app.exception]
    return app


@pytest.fixture
def fitted(app, monkeypatch):
    """Maps are waited for."""
    monkeypatch.setattr(two_views, "PATIENCE", SLOW)
    return app


def test_the_first_run_lays_two_language_models_side_by_side(app):
    opened(app)
    left, right = (given(app, f"beside-{side}") for side in ("left", "right"))
    assert left["room"] == right["room"], "both show the same part of the shared map"
    assert left["points"] != right["points"]
    assert left["selected"] == right["selected"] == []
    assert "Neighbours can be compared" in panel(app)
    moved = given(app, "beside-moved")["rows"]
    kept = [int(row["figure"]) for row in moved]
    assert kept == sorted(kept)
    assert kept[0] == 0


def test_what_is_chosen_on_one_map_is_marked_on_the_other_with_its_nearest_there(app):
    opened(app, sel="prompt:sentiment-10-customer")
    left, right = (given(app, f"beside-{side}") for side in ("left", "right"))
    assert left["selected"] == ["prompt:sentiment-10-customer"]
    assert right["selected"] == ["prompt:sentiment-10-customer @ gemma3-270m"]
    lists = [given(app, f"beside-near-{side}")["rows"] for side in ("left", "right")]
    for side, rows in zip((left, right), lists, strict=True):
        assert [n["id"] for n in side["near"]] == [row["id"] for row in rows]
        assert [n["same"] for n in side["near"]] == [not row["dim"] for row in rows]
        assert all((int(row["figure"]) <= 10) != row["dim"] for row in rows)
    assert sum(not row["dim"] for row in lists[0]) == sum(not row["dim"] for row in lists[1])
    # The other way round: from the right to the left.
    opened(app, sel="prompt:sentiment-10-customer @ gemma3-270m")
    assert given(app, "beside-left")["selected"] == ["prompt:sentiment-10-customer"]


def test_the_neighbours_are_those_of_the_space(app):
    opened(app, sel="dataset:sst2")
    rows = given(app, "beside-near-left")["rows"]
    atlas = open_atlas(store=False)
    others = [i for i in atlas.items if not i.embedding.name.endswith("@ gemma3-270m") and i.embedding.name != "sst2"]
    of = [atlas.positions[f"{i.embedding.kind}:{i.embedding.name}"] for i in others]
    cosines = atlas.space.cosines([atlas.positions["dataset:sst2"]], of)[0]
    shown = [cosines[[f"{i.embedding.kind}:{i.embedding.name}" for i in others].index(row["id"])] for row in rows]
    assert all(a >= b - 1e-5 for a, b in pairwise(shown))
    assert shown[-1] >= sorted(cosines, reverse=True)[9] - 1e-5


def test_a_link_opens_two_methods_with_datasets_only(fitted):
    opened(fitted, left=ANSWERS, right=GRADIENTS, sel="dataset:sst2")
    assert fitted.selectbox(key="left").value == ANSWERS
    assert fitted.selectbox(key="right").value == GRADIENTS
    assert "cannot be compared" in panel(fitted)
    rows = given(fitted, "beside-near-right")["rows"]
    assert {row["id"].partition(":")[0] for row in rows} == {"dataset"}
    assert given(fitted, "beside-left")["room"] is None


def test_only_views_of_the_same_way_are_offered_beside_one_another(fitted):
    opened(fitted)
    assert fitted.selectbox(key="right").options == ["Prompts on gemma3-270m"]
    fitted.selectbox(key="left").set_value(GRADIENTS).run(timeout=SLOW)
    assert not fitted.exception
    assert all(option.startswith("Datasets, by") for option in fitted.selectbox(key="right").options)
    assert GRADIENTS not in fitted.selectbox(key="right").options


def test_what_another_encoder_read_stands_beside_the_atlas(fitted):
    opened(fitted)
    assert not any("read by" in option for option in fitted.selectbox(key="left").options)
    folder = galleries_folder() / "another"
    shutil.copytree(GALLERY, folder)
    fitted.run(timeout=SLOW)
    fitted.selectbox(key="left").set_value("All that ships, read by another").run(timeout=SLOW)
    assert not fitted.exception
    assert fitted.selectbox(key="right").options == ["All that ships, read by bge-small"]
    assert {row["figure"] for row in given(fitted, "beside-moved")["rows"]} == {"10"}, "the same space keeps all"
    shutil.rmtree(folder)
    with pytest.raises(BadInput, match="What another read is not here any more; run: fute gallery read --surrogate"):
        two_views._space_of(open_atlas(store=False), False, "another")


def test_while_maps_are_fitted_the_lists_are_there_already(app, monkeypatch):
    monkeypatch.setattr(two_views, "places", lambda of, side: None)
    opened(app, left=ANSWERS, right=GRADIENTS)
    assert "The maps are being fitted" in panel(app)
    assert given(app, "beside-moved")["rows"]


def test_filters_hold_on_both_sides_and_an_empty_view_says_why(app):
    opened(app, skill="0.3")
    assert not any(row["weak"] for row in given(app, "beside-moved")["rows"])
    assert given(app, "beside-left")["shown"] == given(app, "beside-right")["shown"] != ""
    opened(app, q="nowhere", skill="0")
    assert "Nothing fits the filter" in given(app, "beside-left")["note"]
    assert "on average" not in panel(app)


def test_text_pairs_have_views_of_their_own(fitted):
    opened(fitted, pairs="1", left=ANSWERS)
    assert "6 nearest" in panel(fitted), "of thirteen datasets"


def test_without_two_views_the_page_says_what_it_needs(app, monkeypatch):
    monkeypatch.setattr(two_views, "views", lambda *_: {})
    opened(app)
    assert "three prompts that were asked of two language models" in panel(app)


def test_the_table_that_leaves_names_both_sides(app):
    opened(app)
    rows = two_views.table(two_views.sides(False, "model", "smollm2", "gemma3-270m"))
    assert len(rows) == len({(row["name"], row["kind"]) for row in rows})
    assert rows[0]["kept"] == 0
    assert {"skill, smollm2", "skill, gemma3-270m"} <= set(rows[0])


def vectors_file(ids: list[str]) -> bytes:
    buffer = io.BytesIO()
    rng = np.random.default_rng(0)
    pd.DataFrame({"name": ids, "vector": list(rng.normal(size=(len(ids), 8)))}).to_parquet(buffer, index=False)
    return buffer.getvalue()


def test_vectors_of_ones_own_lie_beside_the_space(fitted):
    ids = [i for i in open_atlas(store=False).positions if i.startswith("dataset:")]
    opened(fitted)
    fitted.file_uploader(key="own-vectors").set_value(("<b>mine.parquet", vectors_file(ids), "")).run(timeout=SLOW)
    assert not fitted.exception
    assert not fitted.error
    assert fitted.selectbox(key="left").value == two_views.SPACE
    assert fitted.selectbox(key="right").value == "Your vectors: <b>mine"
    left, right = (given(fitted, f"beside-{side}") for side in ("left", "right"))
    assert left["points"] != right["points"]
    assert f"on average over {len(ids)} items" in panel(fitted)
    assert "<b>mine" not in panel(fitted)
    # The other way round.
    fitted.selectbox(key="left").set_value("Your vectors: <b>mine").run(timeout=SLOW)
    assert not fitted.exception
    assert fitted.selectbox(key="right").value == two_views.SPACE


def test_a_file_that_has_no_vectors_is_told_in_a_sentence(app):
    opened(app)
    buffer = io.BytesIO()
    pd.DataFrame({"name": ["sst2", "mr"]}).to_parquet(buffer, index=False)
    app.file_uploader(key="own-vectors").set_value(("mine.parquet", buffer.getvalue(), "")).run(timeout=SLOW)
    assert not app.exception
    assert "The file has no column with a list" in app.error[0].value.replace("\\", "")
