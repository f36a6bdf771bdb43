"""Journeys on the map page in a real browser."""

from pathlib import Path

import pandas as pd
import pytest
from added import add
from driving import idle, point, serving, wait_for_map

from fute_core.atlas.gallery import load_gallery
from fute_core.atlas.newcomers import shipped_items

RANGES = """() => { const l = document.querySelector('.atlas-map .js-plotly-plot')._fullLayout;
  return [...l.xaxis.range, ...l.yaxis.range]; }"""
SHIPPED = len(shipped_items(False))
FILLS = "() => document.querySelector('.atlas-map .js-plotly-plot')._fullData.map(t => JSON.stringify(t.marker?.color))"
COUNTS = "() => document.querySelector('.atlas-map .js-plotly-plot')._fullData.map(t => [t.hoverinfo, t.x.length])"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("map-home")


@pytest.fixture(scope="module")
def atlas(home):
    with serving(home) as address:
        yield address


def selected(page) -> list[str]:
    return page.evaluate("() => [...document.querySelector('.atlas-map').atlasMap.selected]")


def pick(page, item: str, **how) -> None:
    page.mouse.click(*point(page, item))
    idle(page)


def choose_family(page, *families: str) -> None:
    page.locator(".st-key-open-families button").first.click()
    page.get_by_role("combobox", name="Family").click()
    for family in families:
        page.get_by_role("option", name=family, exact=True).click()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    idle(page)


def zoom_in(page) -> list[float]:
    page.locator("[data-tool=in]").click()
    page.wait_for_timeout(400)
    return page.evaluate(RANGES)


def test_a_server_that_has_just_come_up_shows_the_whole_map(open_page, tmp_path):
    """How long that takes is for `benchmarks/dashboard.py`."""
    with serving(tmp_path) as address:
        page = open_page()
        page.goto(address)
        wait_for_map(page)
        idle(page)
        named = page.get_by_role("application").get_attribute("aria-label")
        page.close()
    assert named.startswith(f"Map of {SHIPPED} of {SHIPPED} items")


def test_a_click_selects_and_the_details_say_what_it_is(atlas, page):
    page.goto(atlas)
    wait_for_map(page)
    pick(page, "model:subj · logistic")
    panel = page.locator(".st-key-map-panel")
    assert panel.locator(".item-title").inner_text() == "subj · logistic"
    assert "Accuracy" in panel.inner_text()
    assert "sel=model%3Asubj" in page.url
    row = panel.locator(".item-list .pick").first
    rings = page.locator(".atlas-near circle")
    assert rings.count() == panel.locator(".item-list .number").count() > 3
    row.hover()
    assert rings.first.get_attribute("class") == "same pointed", "what is pointed at in the list is on the map as well"
    page.mouse.move(*point(page, panel.locator("li[data-id]").nth(1).get_attribute("data-id")))
    page.wait_for_selector(".st-key-map-panel li.pointed")
    with page.expect_download() as picture:
        page.locator(".atlas-save", has_text="SVG").click()
    assert "<svg" in Path(picture.value.path()).read_text()[:200]
    name = row.locator(".name").inner_text()
    row.click()
    idle(page)
    assert [item.split(":", 1)[1] for item in selected(page)] == [name]
    assert panel.locator(".item-title").inner_text() == name


def test_shift_adds_and_escape_clears(atlas, page):
    page.goto(atlas)
    wait_for_map(page)
    pick(page, "dataset:sst2")
    page.keyboard.down("Shift")
    pick(page, "dataset:query_wellformedness")
    page.keyboard.up("Shift")
    assert selected(page) == ["dataset:sst2", "dataset:query_wellformedness"]
    page.locator(".atlas-map").focus()
    page.keyboard.press("Escape")
    idle(page)
    assert selected(page) == []
    assert "sel=" not in page.url


def test_zoom_tool_and_selection_survive_a_filter_a_new_point_and_a_reload(home, atlas, page):
    page.goto(atlas)
    wait_for_map(page)
    pick(page, "dataset:mr")
    page.locator("[data-tool=lasso]").click()
    before = zoom_in(page)
    choose_family(page, "sentiment")
    assert page.evaluate(RANGES) == before
    add(home, "a new one", "mr", "model", "sentiment")
    page.get_by_placeholder("Search names").fill("a new")
    page.keyboard.press("Enter")
    idle(page)
    assert page.evaluate(RANGES) == before
    assert ["none", 1] in page.evaluate(COUNTS)
    page.reload()
    wait_for_map(page)
    assert page.evaluate(RANGES) == pytest.approx(before)
    assert page.locator("[data-tool=lasso]").get_attribute("aria-pressed") == "true"
    assert selected(page) == ["dataset:mr"]


def test_zoom_and_selection_survive_another_page_and_back(atlas, page):
    page.goto(atlas)
    wait_for_map(page)
    links = page.locator("[data-testid=stPageLink-NavLink]")
    if links.count() < 2:
        pytest.skip("the map is the only page")
    pick(page, "dataset:sst2")
    before = zoom_in(page)
    links.nth(1).click()
    idle(page)
    assert "sel=dataset%3Asst2" in page.url
    links.nth(0).click()
    wait_for_map(page)
    assert page.evaluate(RANGES) == before
    assert selected(page) == ["dataset:sst2"]


def test_what_is_filtered_out_can_be_picked_by_neither_click_nor_lasso(atlas, page):
    page.goto(f"{atlas}?kind=dataset")
    wait_for_map(page)
    pick(page, "model:clickbait · trees")
    assert not any(item.startswith("model:") for item in selected(page))
    box = page.locator(".atlas-map").bounding_box()
    page.locator("[data-tool=select]").click()
    page.mouse.move(box["x"] + 4, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 4, box["y"] + box["height"] - 4, steps=6)
    page.mouse.up()
    idle(page)
    datasets = sum(i.embedding.kind == "dataset" for i in load_gallery(False).items)
    assert len(selected(page)) == datasets
    assert all(item.startswith("dataset:") for item in selected(page))
    assert any(kind == "skip" and n >= SHIPPED - datasets for kind, n in page.evaluate(COUNTS))


def test_the_keyboard_walks_from_point_to_point(atlas, page):
    page.goto(f"{atlas}?sel=dataset:sst2")
    wait_for_map(page)
    page.locator(".atlas-map").focus()
    page.keyboard.press("ArrowUp")
    heard = page.locator(".atlas-heard").inner_text()
    page.keyboard.press("Shift+Enter")
    idle(page)
    first, second = selected(page)
    assert first == "dataset:sst2"
    assert heard.startswith(second.split(":", 1)[1])


def test_back_takes_the_last_choice_back(atlas, page):
    page.goto(atlas)
    wait_for_map(page)
    pick(page, "dataset:sst2")
    page.wait_for_timeout(500)
    pick(page, "dataset:mr")
    page.wait_for_timeout(500)
    page.go_back()
    idle(page)
    assert selected(page) == ["dataset:sst2"]


def test_a_selection_leaves_as_a_table_of_names(atlas, page, tmp_path):
    page.goto(f"{atlas}?sel=dataset:sst2&sel=model:mr+%C2%B7+trees")
    wait_for_map(page)
    for name, read in (("CSV", pd.read_csv), ("Parquet", pd.read_parquet)):
        with page.expect_download() as download:
            page.get_by_role("button", name=name, exact=True).click()
        download.value.save_as(tmp_path / name)
        table = read(tmp_path / name)
        assert table["name"].tolist() == ["sst2", "mr · trees"]
        assert table["kind"].tolist() == ["dataset", "model"]


def test_two_people_have_a_selection_each(atlas, open_page):
    one, other = open_page(), open_page()
    for page in (one, other):
        page.goto(atlas)
        wait_for_map(page)
    pick(one, "dataset:sst2")
    other.reload()
    wait_for_map(other)
    assert (selected(one), selected(other)) == (["dataset:sst2"], [])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_narrow_screen_has_everything_and_scrolls_one_way_only(atlas, open_page, theme):
    page = open_page(390, 844, theme)
    page.goto(f"{atlas}?sel=dataset:sst2")
    wait_for_map(page)
    width = page.evaluate("() => [document.documentElement.scrollWidth, innerWidth]")
    assert width[0] <= width[1]
    box = page.locator(".atlas-map").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert box["height"] < 620
    dark = page.locator(".atlas-map.atlas-dark").count()
    assert dark == (theme == "dark")
    page.locator(".item-title").scroll_into_view_if_needed()


def test_the_map_follows_the_theme_and_stays_where_it_is(atlas, page):
    page.goto(atlas)
    wait_for_map(page)
    before = zoom_in(page)
    page.emulate_media(color_scheme="dark")
    page.wait_for_selector(".atlas-map.atlas-dark")
    idle(page)
    assert page.evaluate(RANGES) == before


def test_points_are_coloured_by_verdict_and_the_address_keeps_it(atlas, page):
    page.goto(atlas)
    wait_for_map(page)
    before = page.evaluate(FILLS)
    page.get_by_role("button", name="Map options").click()
    page.get_by_text("Verdict", exact=True).click()
    page.keyboard.press("Escape")
    idle(page)
    assert "by=verdict" in page.url.lower()
    assert page.get_by_text("does a job that is known here").first.is_visible()
    coloured = page.evaluate(FILLS)
    assert coloured != before
    page.reload()
    wait_for_map(page)
    idle(page)
    assert page.evaluate(FILLS) == coloured
