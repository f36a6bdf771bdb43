"""A journey over both ways to look at a map anew: two maps side by side, and an axis of one's own."""

import pytest
from driving import idle, wait_for_map

MARKED = "(root) => [...root.atlasMap.selected]"
WHERE = """([root, id]) => { const box = root.getBoundingClientRect(), [x, y] = root.atlasMap.pixelsOf(id);
  return [box.left + x, box.top + y]; }"""


def choose(page, label: str, option: str) -> None:
    page.get_by_role("combobox", name=label).fill(option)
    page.get_by_role("option", name=option, exact=True).click()
    idle(page)


def test_what_is_chosen_on_one_map_is_marked_on_the_other_and_a_link_keeps_it_all(shipped, open_page):
    page = open_page()
    page.goto(f"{shipped}/two-maps")
    wait_for_map(page)
    left, right = page.locator(".atlas-map").all()
    page.mouse.click(*page.evaluate(WHERE, [left.element_handle(), "prompt:topic-02-four-headlines"]))
    idle(page)
    assert left.evaluate(MARKED) == ["prompt:topic-02-four-headlines"]
    assert right.evaluate(MARKED) == ["prompt:topic-02-four-headlines @ gemma3-270m"]
    assert left.locator(".atlas-near circle").count() == right.locator(".atlas-near circle").count() == 10
    choose(page, "Left", "Datasets, by answers (functional)")
    choose(page, "Right", "Datasets, by gradients (fisher)")
    page.wait_for_selector(".atlas-map[data-drawn]")
    other = open_page(390, 844, "dark")
    other.goto(page.url)
    wait_for_map(other)
    boxes = [one.bounding_box() for one in other.locator(".atlas-map").all()]
    assert boxes[0]["x"] == boxes[1]["x"], "below each other where there is no room beside"
    assert boxes[0]["y"] + boxes[0]["height"] < boxes[1]["y"]
    assert other.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    assert other.get_by_role("combobox", name="Right").input_value() == "Datasets, by gradients (fisher)"
    # An axis, whose ends are in the address as well.
    page.goto(page.url.split("/two-maps")[0] + "?proj=axis")
    wait_for_map(page)
    choose(page, "Right end", "topic")
    assert "proj=A+chosen+axis" in page.url
    assert "to=topic" in page.url
    page.reload()
    wait_for_map(page)
    drawn = page.locator(".atlas-map .annotation-text").all_text_contents()
    assert {"← more like sentiment", "more like topic →", "↑ similarity to the nearer end"} <= set(drawn)
    ends = page.evaluate("""() => { const map = document.querySelector(".atlas-map").atlasMap;
      return ["dataset:mr", "dataset:ag_news"].map((id) => map.pixelsOf(id)[0] - map.toPixels(0, 0)[0]); }""")
    assert ends[0] < 0 < ends[1]
    page.locator("[data-testid=stMainMenu] button").first.click()
    page.get_by_test_id("stMainMenuItem-theme-Dark").click()
    page.wait_for_selector(".atlas-map.atlas-dark")
    assert page.evaluate(
        "() => document.querySelector('.atlas-map').atlasMap.pixelsOf('dataset:mr')[0]"
    ) == pytest.approx(page.evaluate("() => document.querySelector('.atlas-map').atlasMap.toPixels(0, 0)[0]") + ends[0])
