"""From a cell of the similarity heatmap to the texts behind it."""

import re

from driving import idle
from playwright.sync_api import expect

CELL = """([row, column]) => {
  const root = document.querySelector(".matrix");
  const box = root.querySelector(".board").getBoundingClientRect();
  const [left, top] = root.matrix.pixelsOf(row, column);
  return [box.left + left, box.top + top];
}"""
STRIP = """(column) => {
  const root = document.querySelector(".matrix");
  const box = root.querySelector(".board").getBoundingClientRect();
  return [box.left + root.matrix.pixelsOf(root.matrix.view.rows.ids[0], column)[0], box.top + 3];
}"""
ROW, COLUMN = "dataset:sst2", "model:ag_news · logistic"


def test_a_cell_opens_its_evidence_and_leads_to_the_texts(page, shipped):
    page.goto(f"{shipped}/similarity?columns=Classifiers")
    page.wait_for_selector(".matrix[data-drawn]")
    idle(page)
    page.mouse.click(*page.evaluate(CELL, [ROW, COLUMN]))
    idle(page)
    expect(page.get_by_role("heading", name="sst2 and ag_news · logistic")).to_be_visible()
    expect(page.get_by_text(re.compile(r"\u2212?\d\.\d{3} to \u2212?\d\.\d{3}, over probe texts"))).to_be_visible()
    page.mouse.click(*page.evaluate(STRIP, COLUMN))
    expect(page.get_by_text("Rows are sorted by ag_news · logistic.")).to_be_visible()
    idle(page)
    page.get_by_role("button", name="Open in Compare").click()
    expect(page.get_by_text("Texts that pull them apart most")).to_be_visible()
    idle(page)
    assert "sel=dataset%3Asst2&sel=model%3Aag_news" in page.url
    assert page.locator(".quote").count() >= 8
