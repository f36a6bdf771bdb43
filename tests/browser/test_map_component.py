"""The map component by itself: a point that lands, names that do not overlap, and many points."""

import pytest
from driving import ROOT, idle, no_exception, point, serving, wait_for_map, wait_until

LANDED = "() => [...document.querySelectorAll('.atlas-region')].map(e => [e.rx.baseVal.value, e.cx.baseVal.value])[0]"
AT_ITS_PLACE = """() => {
  const { at, target } = document.querySelector(".atlas-map").atlasMap.overlay;
  return at && ["x", "y", "rx", "ry"].every((k) => Math.abs(at[k] - target[k]) < 1e-9);
}"""
NAMES = """() => [...document.querySelectorAll('.atlas-map .annotation')].map(a => {
  const r = a.getBoundingClientRect(); return [r.left, r.top, r.right, r.bottom, a.textContent]; })"""

INKED = """() => {
  const canvas = document.querySelector(".atlas-map > canvas");
  const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  return pixels.filter((value, i) => i % 4 === 3 && value > 0).length;
}"""


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    script = str(ROOT / "tests" / "support" / "landing_app.py")
    with serving(tmp_path_factory.mktemp("alone"), script=script) as address:
        yield address


def stage(page, number: int) -> None:
    page.get_by_label("Stage").first.fill(str(number))
    page.keyboard.press("Enter")


def landed(page) -> None:
    idle(page)
    page.wait_for_function(AT_ITS_PLACE)


def test_a_point_lands_and_the_room_it_may_lie_in_shrinks(alone, page):
    page.goto(alone)
    wait_for_map(page)
    assert not page.locator(".atlas-region").is_visible()
    stage(page, 1)
    page.wait_for_function(f"() => (({LANDED})() || [0])[0] > 0")
    on_its_way = page.evaluate(LANDED)[0]
    landed(page)
    wide = page.evaluate(LANDED)[0]
    assert on_its_way > wide
    stage(page, 3)
    landed(page)
    assert page.evaluate(LANDED)[0] < wide / 5
    stage(page, 2)  # its longer axis points down to the right
    landed(page)
    degrees = page.evaluate("() => document.querySelector('.atlas-region').transform.baseVal[0].angle")
    assert 0 < degrees < 90
    stage(page, 3)
    landed(page)
    assert page.locator(".atlas-landed-name").text_content() == "my <b>prompt</b>"
    assert page.locator(".atlas-trail").get_attribute("points").count(",") == 3
    stage(page, 0)
    idle(page)
    assert not page.locator(".atlas-region").is_visible()


def test_the_map_is_seen_before_the_chart_library_is_there_and_then_answers(alone, page):
    held = []
    page.route("**/plotly.min.js", lambda route: held.append(route))
    page.goto(alone)
    page.wait_for_selector(".atlas-map[data-sketched]")
    assert page.evaluate(INKED) > 500, "marks"
    page.get_by_role("button", name="Closer").click()
    no_exception(page)
    wait_until(page, lambda: held, "plotly.js was not asked for")
    held[0].continue_()
    wait_for_map(page)
    assert page.locator(".atlas-map > canvas").count() == 0
    assert page.locator(".atlas-map .points path, .atlas-map .gl-canvas").count()


def test_a_click_selects_before_the_chart_library_is_there_and_a_drag_or_a_button_does_not(alone, page):
    held = []
    page.route("**/plotly.min.js", lambda route: held.append(route))
    page.goto(alone)
    page.wait_for_selector(".atlas-map[data-sketched]")
    idle(page)
    left, top = point(page, page.evaluate("() => document.querySelector('.atlas-map').atlasMap.points.ids[0]"))
    page.mouse.move(left + 3, top)
    page.mouse.down()
    page.mouse.move(left + 60, top, steps=3)
    page.mouse.up()
    page.get_by_role("button", name="Closer").click()
    page.get_by_role("button", name="Whole map").click()
    idle(page)
    assert page.get_by_text("picked 0").is_visible()
    page.mouse.click(left + 3, top)
    page.get_by_text("picked 1").wait_for()
    wait_until(page, lambda: held, "plotly.js was not asked for")
    held[0].continue_()
    wait_for_map(page)
    assert page.evaluate("() => document.querySelector('.atlas-map').atlasMap.selected.size") == 1
    page.mouse.click(left, top + 200)
    page.mouse.click(left + 3, top)
    idle(page)
    assert page.get_by_text("picked 1").is_visible(), "the chart answers in its place"


def test_what_lands_stays_on_its_place_of_the_map_when_that_is_moved(alone, page):
    page.goto(alone)
    wait_for_map(page)
    stage(page, 3)
    landed(page)
    before = page.evaluate(LANDED)[1]
    box = page.locator(".atlas-map").bounding_box()
    page.mouse.move(box["x"] + 300, box["y"] + 400)
    page.mouse.down()
    page.mouse.move(box["x"] + 400, box["y"] + 400, steps=5)
    page.mouse.up()
    page.wait_for_timeout(300)
    assert page.evaluate(LANDED)[1] == pytest.approx(before + 100, abs=2)


def test_family_names_do_not_overlap(alone, page):
    page.goto(alone)
    wait_for_map(page)
    boxes = page.evaluate(NAMES)
    assert {b[4] for b in boxes} == {"sentiment", "topic", "spam"}
    for i, a in enumerate(boxes):
        for b in boxes[i + 1 :]:
            assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]


def test_fifty_thousand_points_can_be_looked_at_and_picked(alone, page):
    page.goto(f"{alone}?n=50000")
    wait_for_map(page)
    page.locator("[data-tool=select]").click()
    box = page.locator(".atlas-map").bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] - 20, steps=6)
    page.mouse.up()
    page.wait_for_function("() => /picked [1-9]\\d{3}/.test(document.body.innerText)")
