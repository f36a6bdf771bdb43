"""Two people on one server: the space is shared; selection and boards are each one's own."""

from added import add
from driving import idle, point, wait_for_map
from playwright.sync_api import expect


def selection(page):
    return page.locator(".st-key-selection")


def search(page, words: str) -> None:
    page.get_by_placeholder("Search names").fill(words)
    page.keyboard.press("Enter")
    idle(page)


def test_both_see_what_is_new_and_each_keeps_a_selection_and_a_board(open_page, serve, tmp_path):
    address = serve(tmp_path)
    one, other = open_page(), open_page()
    for page, item in ((one, "dataset:sst2"), (other, "dataset:query_wellformedness")):
        page.goto(address)
        wait_for_map(page)
        page.mouse.click(*point(page, item))
        idle(page)
    new = add(tmp_path, "just made", "mr", "model", "sentiment")
    for page in (one, other):
        search(page, "just made")
        page.mouse.click(*point(page, new))
        idle(page)
        assert page.locator(".st-key-map-panel .item-title").inner_text() == "just made"
    page = one
    page.keyboard.press("Escape")
    search(page, "")
    page.mouse.click(*point(page, "dataset:sst2"))
    idle(page)
    expect(selection(one)).to_contain_text("sst2")
    expect(selection(other)).to_contain_text("just made")
    expect(selection(other)).not_to_contain_text("sst2")

    one.get_by_role("button", name="Pin to findings").first.click()
    expect(one.get_by_text("Pinned: Map").first).to_be_visible()
    for page in (one, other):
        page.get_by_role("link", name="Findings", exact=True).click()
        idle(page)
    expect(one.get_by_role("button", name="Report as HTML")).to_be_visible()
    expect(other.get_by_text("Nothing pinned yet")).to_be_visible()
