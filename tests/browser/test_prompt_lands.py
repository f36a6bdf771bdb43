"""Write a prompt, watch it land for real on SmolLM2 on few probe texts, pin it and take the report away."""

import re

from driving import PATIENCE_MS, idle, open_report, wait_for_map
from playwright.sync_api import expect

PLACE = re.compile(r"Place after \d+ probe texts")


def field(page, name: str):
    return page.get_by_role("textbox", name=name, exact=True)


def write_a_prompt(page) -> None:
    field(page, "Name").fill("is it rude")
    field(page, "Template").fill("Is this message rude or friendly?\n\n{{ text }}")
    field(page, "Answers, a label a line").fill("rude: Rude, rude\nfriendly: Friendly, friendly")
    field(page, "Name").click()
    idle(page)


def ask_few_texts(page) -> None:
    """The fewest that can be asked, 32."""
    slider = page.get_by_role("slider")
    slider.focus()
    for _ in range(4):
        slider.press("ArrowLeft")
    idle(page)
    page.get_by_role("button", name="Ask the model").click()


def test_a_prompt_lands_is_pinned_and_its_report_opens_offline(page, open_page, serve, home_with_model, tmp_path):
    address = serve(home_with_model)
    page.goto(f"{address}/prompt-lab")
    expect(page.get_by_text("Nothing has landed yet")).to_be_visible()
    field(page, "Template").fill("Is it {{ nothing }} or {{ else }}?")
    field(page, "Name").click()
    expect(page.get_by_role("alert").first).to_be_visible()
    expect(page.get_by_role("button", name="Ask the model")).to_be_disabled()
    write_a_prompt(page)
    expect(page.get_by_text("Calls")).to_be_visible()
    ask_few_texts(page)
    landed = page.get_by_text(PLACE)
    expect(landed.first).to_be_visible()
    expect(page.get_by_text("Label bias")).to_be_visible()
    expect(page.get_by_text("Nearest datasets")).to_be_visible()
    assert "run=" in page.url
    page.reload()
    expect(landed.first).to_be_visible()  # and at once, while the page still computes
    pin(page, "is it rude")
    page.get_by_role("link", name="Map", exact=True).click()
    wait_for_map(page)
    pin(page, "Map")
    page.get_by_role("link", name="Findings", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Report as HTML").click()
    download.value.save_as(tmp_path / "report.html")
    idle(page)
    report = open_report(open_page(), tmp_path / "report.html")
    expect(report.get_by_role("heading", name=re.compile("is it rude"))).to_be_visible()
    assert report.locator("#finding-0 tbody tr").count() == 20
    assert report.locator("#finding-1 .figure .plot-container").count() == 1


def pin(page, what: str) -> None:
    page.get_by_role("button", name="Pin to findings").first.click()
    expect(page.get_by_text(re.compile(f"Pinned: {what}"))).to_be_visible()
    idle(page)


def test_a_prompt_on_the_map_is_deleted_after_a_question_comes_back_and_is_renamed(page, serve, home_with_model):
    page.goto(f"{serve(home_with_model)}/prompt-lab")
    page.get_by_role("button", name="Ask the model").click()
    delete = page.get_by_role("button", name="Delete", exact=True)
    expect(delete).to_be_visible(timeout=4 * PATIENCE_MS)
    delete.click()
    page.get_by_role("button", name="Delete it").click()
    expect(page.get_by_text("my prompt @ smollm2 was deleted.")).to_be_visible()
    expect(page.get_by_role("button", name="Put it on the map again")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(delete).to_be_visible()
    page.get_by_role("button", name="Rename").click()
    page.get_by_label("New name").fill("happy or not")
    page.get_by_test_id("stPopoverBody").get_by_role("button", name="Rename").click()
    expect(page.get_by_text("my prompt @ smollm2 is called happy or not now.")).to_be_visible()
