"""A prompt is asked for real; its run has a page of its own, and what is being written outlives a reload."""

import pytest
from driving import idle
from playwright.sync_api import expect

pytestmark = pytest.mark.slow
SOURCE = "Is this message rude or friendly?\n\n{{ text }}"
DRAFT = "Is this message rude, or is it kind?\n\n{{ text }}"

OF_ANOTHER_RUN = """() => {
  const kept = JSON.parse(localStorage.getItem("task-atlas-draft"));
  localStorage.setItem("task-atlas-draft", JSON.stringify({ ...kept, run: "another" }));
}"""


def field(page, name: str):
    return page.get_by_role("textbox", name=name, exact=True)


def test_a_run_has_a_page_and_a_draft_outlives_a_reload(page, open_page, serve, home_with_model):
    address = serve(home_with_model)
    page.goto(f"{address}/prompt-lab")
    field(page, "Name").fill("is it rude")
    field(page, "Template").fill(SOURCE)
    field(page, "Answers, a label a line").fill("rude: Rude, rude\nfriendly: Friendly, friendly")
    field(page, "Name").click()
    idle(page)
    page.reload()
    expect(field(page, "Template")).to_have_value(SOURCE)
    expect(field(page, "Name")).to_have_value("is it rude")
    slider = page.get_by_role("slider")
    slider.focus()
    for _ in range(4):
        slider.press("ArrowLeft")
    idle(page)
    page.get_by_role("button", name="Ask the model").click()
    expect(page.get_by_text("Label bias")).to_be_visible()
    idle(page)  # what is clicked while the page is made anew may be lost
    page.get_by_role("link", name="All about this run").click()
    expect(page.get_by_text("Verdict after so many probe texts")).to_be_visible()
    expect(page.get_by_text("It hesitated")).to_be_visible()
    idle(page)
    link = page.url
    assert "/runs?" in link

    other = open_page()
    other.goto(link)
    expect(other.get_by_text("is it rude @ smollm2").first).to_be_visible()
    other.get_by_role("button", name="Edit a copy").click()
    expect(field(other, "Template")).to_have_value(SOURCE)
    expect(field(other, "Name")).to_have_value("is it rude 2")
    idle(other)
    other.goto(f"{address}/runs?run=20200101-000000-abcdef")
    expect(other.get_by_text("is not here")).to_be_visible()

    page.get_by_role("link", name="See it land in the Prompt lab").click()
    idle(page)
    lab = page.url
    field(page, "Template").fill(DRAFT)
    field(page, "Name").click()
    idle(page)
    page.reload()
    expect(field(page, "Template")).to_have_value(DRAFT)  # what was written after the run, and not the run's own
    page.evaluate(OF_ANOTHER_RUN)
    page.goto(lab)
    expect(field(page, "Template")).to_have_value(SOURCE)  # a link shows its own prompt, and the draft is offered
    page.get_by_role("button", name="Bring it back").click()
    expect(field(page, "Template")).to_have_value(DRAFT)
    idle(page)
    assert "key" not in page.evaluate("localStorage.getItem('task-atlas-draft')")
