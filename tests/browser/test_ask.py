"""From a classifier of the Models page to what it answers to a typed text, in a process of its own."""

from driving import idle
from playwright.sync_api import expect


def test_a_typed_text_is_answered_beside_what_is_usual(open_page, serve, tmp_path):
    page = open_page(390, 900, "dark")
    page.goto(f"{serve(tmp_path)}/models?sel=model:sst2+%C2%B7+trees")
    page.get_by_role("button", name="Ask it about a text").click()
    box = page.locator("[class*=st-key-ask-who]")
    expect(box.get_by_text("sst2 · logistic")).to_be_visible()
    idle(page)
    # One who needs no language model is enough here.
    box.get_by_role("button", name="Clear").last.click()
    box.get_by_role("combobox").fill("sst2 · trees")
    page.get_by_role("option").first.click()
    page.keyboard.press("Escape")
    page.get_by_label("A text", exact=True).fill("A wonderful film.")
    page.get_by_role("button", name="Ask", exact=True).last.click()
    card = page.locator(".asked")
    expect(card).to_have_count(1)
    expect(card.locator(".share.first").get_by_text("positive")).to_be_visible()
    expect(card.locator(".usual")).to_have_count(2)
    idle(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    with page.expect_download() as got:
        page.get_by_role("button", name="CSV").click()
    lines = got.value.path().read_text("utf-8-sig").splitlines()
    assert [line.split(",")[4] for line in lines[1:]] == ["negative", "positive"]
