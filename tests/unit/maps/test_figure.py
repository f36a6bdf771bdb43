"""Maps and tables as files: what is in them, that names stay text, and that nothing is fetched."""

import csv
import json
import re

import numpy as np
import pytest
from random_items import item, random_items

from fute_core.errors import BadInput
from fute_core.maps.figure import map_caption, map_figure, write_map
from fute_core.maps.name_places import place_labels
from fute_core.maps.points import map_points, shorten
from fute_core.maps.projection import project
from fute_core.maps.similarities import similarity_csv
from fute_core.space.space import TaskSpace

NASTY = '<script>alert("x")</script> & $x^2$ <b>é'


@pytest.fixture(scope="module")
def space():
    items = [*random_items(5), *random_items(3, 1, "model"), *random_items(2, 2, "prompt")]
    return TaskSpace([*items, item(NASTY, np.arange(1, 11), "prompt")])


@pytest.fixture(scope="module")
def projection(space):
    return project(space, method="pca")


def test_a_figure_has_every_item_once_with_its_kind_and_family(space, projection):
    points = map_points(space, projection)
    data = json.loads(map_figure(points).to_json())["data"]
    ids = [i for trace in data for i in trace.get("ids", [])]
    assert sorted(ids) == sorted(f"{e.kind}:{e.name}" for e in space.embeddings)
    keys = [trace["name"] for trace in data if trace.get("legend") == "legend2"]
    assert keys == ["dataset", "classifier", "prompt"]


def test_names_are_never_read_as_markup(space, projection, tmp_path):
    text = map_figure(map_points(space, projection), caption=NASTY, title=NASTY).to_json()
    shown = json.loads(text)
    customdata = [row for trace in shown["data"] for row in trace.get("customdata") or []]
    assert not any("<script" in str(cell) for row in customdata for cell in row)
    assert "<script" not in shown["layout"]["title"]["text"]
    write_map(space, projection, tmp_path / "map.html", title=NASTY)
    assert '<script>alert("x")' not in (tmp_path / "map.html").read_text("utf-8")


@pytest.mark.parametrize("ending", ["csv", "html", "png", "svg", "pdf"])
def test_a_map_is_written_by_its_ending_and_twice_the_same(space, projection, tmp_path, ending):
    for name in "ab":
        write_map(space, projection, tmp_path / f"{name}.{ending}", title="A map")
    one, two = ((tmp_path / f"{name}.{ending}").read_bytes() for name in "ab")
    assert one.startswith(
        {"png": b"\x89PNG", "pdf": b"%PDF", "svg": b"<?xml", "html": b"<!doctype html", "csv": b"name,"}[ending]
    )
    if ending != "html":  # plotly names its block at random
        assert one == two


def test_an_offline_page_fetches_nothing(space, projection, tmp_path):
    write_map(space, projection, tmp_path / "map.html")
    page = (tmp_path / "map.html").read_text("utf-8")
    assert not re.search(r"<(script|link|img)[^>]*(src|href)\s*=", page)


def test_a_csv_of_a_map_says_how_it_was_made(space, projection, tmp_path):
    write_map(space, projection, tmp_path / "map.csv")
    rows = list(csv.DictReader((tmp_path / "map.csv").open(encoding="utf-8", newline="")))
    assert {row["name"] for row in rows} == {e.name for e in space.embeddings}
    assert {row["method"] for row in rows} == {"pca"}
    assert {row["seed"] for row in rows} == {"42"}
    assert [float(rows[0]["x"]), float(rows[0]["y"])] == pytest.approx(projection.coordinates[0].tolist(), rel=1e-5)


def test_the_caption_names_method_seed_and_what_not_to_read_from_it(space, projection):
    caption = map_caption(projection, len(space))
    assert caption.startswith("PCA, n = 11.")
    assert "distances on it are not similarities" in caption


def test_similarities_as_a_table(space, tmp_path):
    similarity_csv(space, ["dataset0", "model1"], tmp_path / "s.csv")
    rows = list(csv.reader((tmp_path / "s.csv").open(encoding="utf-8", newline="")))
    assert rows[0] == ["name", "dataset0", "model1"]
    assert float(rows[2][1]) == pytest.approx(space.similarity(["model1"], ["dataset0"])[0, 0], abs=1e-5)
    with pytest.raises(BadInput, match="no embedding called 'nobody'"):
        similarity_csv(space, ["nobody"], tmp_path / "t.csv")
    assert not (tmp_path / "t.csv").exists()


def test_a_map_of_other_items_is_refused(space, projection):
    with pytest.raises(BadInput, match=r"The map has 11 points and the space 5; make it anew\."):
        map_points(TaskSpace(random_items(5)), projection)


@pytest.mark.parametrize("name", ["x" * 100, "a\nb  c", "short"])
def test_long_names_keep_their_ends(name):
    short = shorten(name + "END", 20)
    assert len(short) <= 20
    assert "\n" not in short
    assert short.endswith("END")


def test_labels_cover_neither_points_nor_one_another():
    rng = np.random.default_rng(0)
    at = rng.uniform(0, 400, (40, 2))
    sizes = np.column_stack([rng.uniform(30, 90, 40), np.full(40, 12.0)])
    labels = [label for label in place_labels(at, sizes, (-50, -50, 450, 450), 5.0, [8.0, 16.0]) if label is not None]
    assert len(labels) > 15
    for i, a in enumerate(labels):
        assert -50 < a.x0 < a.x1 < 450
        inside = (at[:, 0] > a.x0) & (at[:, 0] < a.x1) & (at[:, 1] > a.y0) & (at[:, 1] < a.y1)
        assert not inside.any()
        for b in labels[i + 1 :]:
            assert a.x1 <= b.x0 or b.x1 <= a.x0 or a.y1 <= b.y0 or b.y1 <= a.y0
