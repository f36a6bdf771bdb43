"""A board as a talk: opened by a link that changes nothing, turned by keys, and printed a slide a sheet."""

import re

import pytest
from driving import idle, wait_for_map
from playwright.sync_api import expect

SHEET, A4 = (960, 540), (595, 842)
"""Of paper, in points: 16:9, and what reports are printed on."""

ENDS_WITH_A_WHOLE_ROW = """(box) => [...box.querySelectorAll("tr")].some(
  (row) => Math.abs(row.getBoundingClientRect().bottom - box.getBoundingClientRect().bottom) < 1.5)"""


def sizes(pdf: bytes) -> set[tuple[int, int]]:
    found = re.findall(rb"/MediaBox ?\[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    return {(round(float(w)), round(float(h))) for w, h in found}


@pytest.fixture
def pinned(shipped, page):
    """(page on its board, which holds the map twice)."""
    page.goto(shipped)
    wait_for_map(page)
    for _ in range(2):
        page.get_by_role("button", name="Pin to findings").first.click()
        expect(page.get_by_text(re.compile("Pinned: ")).first).to_be_visible()
        idle(page)
    page.get_by_role("link", name="Findings", exact=True).click()
    page.wait_for_selector(".finding-figure[data-drawn]")
    idle(page)
    return page


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_talk_is_opened_by_its_link_and_turned_by_keys(pinned, open_page, theme):
    link = pinned.get_by_role("link", name="Show as slides").get_attribute("href")
    reader = open_page(theme=theme)
    reader.goto(link)
    slides = reader.frame_locator(".st-key-talk iframe")
    at = slides.locator(".stage .at")
    expect(at).to_have_text("1 of 5")
    assert ("dark" in slides.locator("body").get_attribute("class")) == (theme == "dark")
    for key, where in (("ArrowRight", 2), ("End", 5), ("ArrowLeft", 4), ("Home", 1), ("ArrowLeft", 1)):
        reader.keyboard.press(key)
        expect(at).to_have_text(f"{where} of 5")
    reader.keyboard.press("ArrowRight")
    expect(slides.locator("#finding-0 .main-svg").first).to_be_visible()
    expect(slides.locator("#finding-1")).to_be_hidden()
    reader.keyboard.press("End")
    expect(slides.get_by_role("heading", name="Datasets, licences and citations")).to_be_visible()
    expect(slides.locator("#methods")).to_be_hidden()
    assert slides.locator("#sources .scroll").evaluate(ENDS_WITH_A_WHOLE_ROW)
    reader.keyboard.press("Escape")
    expect(at).to_be_hidden()
    expect(slides.locator("#finding-1")).to_be_visible()
    assert reader.get_by_role("textbox", name="Title").count() == 0


def test_the_exported_file_has_the_slides_too_and_prints_them_apart_from_the_report(pinned, open_page, tmp_path):
    with pinned.expect_download() as download:
        pinned.get_by_role("button", name="Report as HTML").click()
    download.value.save_as(tmp_path / "report.html")
    idle(pinned)
    reader = open_page()
    reader.context.set_offline(True)
    reader.goto((tmp_path / "report.html").as_uri())
    reader.wait_for_selector(".figure .main-svg")
    assert sizes(reader.pdf(prefer_css_page_size=True)) == {A4}
    reader.get_by_role("button", name="Show as slides").click()
    expect(reader.locator(".stage .at")).to_have_text("1 of 5")
    assert sizes(reader.pdf(prefer_css_page_size=True)) == {SHEET}
    reader.get_by_role("button", name="Close").click()
    assert sizes(reader.pdf(prefer_css_page_size=True)) == {A4}
    reader.goto(f"{(tmp_path / 'report.html').as_uri()}#slides")
    reader.reload()
    expect(reader.locator(".stage .at")).to_have_text("1 of 5")
