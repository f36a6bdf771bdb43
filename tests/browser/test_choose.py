"""Choosing datasets: what one stands for, how many, and from a target over a source to the comparison of both."""

from driving import idle
from playwright.sync_api import expect


def test_from_a_group_to_a_ranking_to_a_comparison(page, shipped):
    page.goto(f"{shipped}/choose?count=3")
    expect(page.get_by_text("How many does it take?")).to_be_visible()
    expect(page.locator(".js-plotly-plot")).to_be_visible()
    idle(page)
    chosen = page.get_by_role("list", name="Chosen datasets")
    chosen.get_by_text("uci_imdb", exact=True).click()
    group = page.get_by_role("list", name="What uci_imdb stands for")
    group.get_by_text("sst2", exact=True).click()
    idle(page)
    assert "sel=dataset%3Asst2" in page.url
    page.get_by_text("Train on first", exact=True).click()
    sources = page.get_by_role("list", name="Datasets by similarity to sst2")
    sources.get_by_text("uci_imdb", exact=True).click()
    idle(page)
    assert page.url.count("sel=") == 2
    expect(page.get_by_text("Does this order help?")).to_be_visible()
    page.locator(".st-key-source-links").get_by_text("Compare", exact=True).click()
    expect(page.get_by_text("What differs")).to_be_visible()


def test_on_a_phone_nothing_is_cut(open_page, shipped):
    page = open_page(390, 800, "dark")
    for path in ("choose", "choose?question=Train+on+first&sel=dataset:sst2"):
        page.goto(f"{shipped}/{path}")
        expect(page.get_by_text("All numbers stand on the page About the method.")).to_be_visible()
        idle(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
