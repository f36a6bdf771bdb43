"""From the grid of prompts by models to the texts on which two cells differ, and to asking a missing one."""

import pytest
from asked_prompts import add_second_model
from driving import idle, serving
from playwright.sync_api import expect

MODEL = "invented-7b"


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """(address of a server whose home has a second model, the prompts it was asked with)."""
    home = tmp_path_factory.mktemp("asked")
    prompts = add_second_model(home, MODEL)
    with serving(home) as address:
        yield address, prompts


def cell(page, prompt: str, model: str):
    return page.get_by_role("button", name=f"{prompt}, {model},")


def test_a_cell_opens_texts_and_a_missing_one_offers_to_ask(page, asked):
    address, prompts = asked
    page.goto(f"{address}/grid?for=sst2")
    page.wait_for_selector(".grid-table[data-drawn]")
    idle(page)
    cell(page, prompts[0], MODEL).click()
    expect(page.get_by_text("Texts on which they differ most")).to_be_visible()
    expect(page.get_by_text("to 384 of 512 probe texts")).to_be_visible()
    idle(page)
    assert cell(page, prompts[0], MODEL).get_attribute("aria-pressed") == "true"
    page.keyboard.press("ArrowDown")  # the one below, by its place in the table
    page.keyboard.press("Enter")
    idle(page)
    assert page.locator(".cell.picked").count() == 2
    assert page.url.count("sel=") == 2
    cell(page, prompts[-1], MODEL).click()
    expect(page.get_by_role("button", name="Ask the model")).to_be_enabled()
    expect(page.get_by_text("512 calls")).to_be_visible()
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_role("button", name="Ask the model")).to_have_count(0)
    idle(page)
    with page.expect_download() as got:
        page.get_by_role("button", name="CSV").click()
    lines = got.value.path().read_text("utf-8-sig").splitlines()
    assert len([line for line in lines if MODEL in line]) == len(prompts)


def test_on_a_phone_nothing_is_cut_and_what_was_tapped_follows_the_table(open_page, asked):
    address, prompts = asked
    page = open_page(390, 800, "dark")
    page.goto(f"{address}/grid?for=sst2")
    page.wait_for_selector(".grid-table[data-drawn]")
    idle(page)
    cell(page, prompts[0], MODEL).click()
    told = page.get_by_text("Texts on which they differ most")
    expect(told).to_be_visible()
    idle(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    effects = page.get_by_role("heading", name="What moves accuracy")
    assert told.bounding_box()["y"] < effects.bounding_box()["y"]
