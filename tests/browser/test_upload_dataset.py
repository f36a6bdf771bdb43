"""Upload a table, watch it become a job, see it land on the map."""

from driving import idle, wait_for_map
from playwright.sync_api import expect

ROWS = "text,label\n" + "".join(
    f"{opening} {thing} number {i},{label}\n"
    for i in range(20)
    for opening, label in (("I love this", "good"), ("I hate this", "bad"))
    for thing in ("film", "book")
)


def test_an_uploaded_table_is_embedded_and_found_on_the_map(page, serve, tmp_path):
    address = serve(tmp_path)
    page.goto(f"{address}/datasets?do=Upload")
    page.get_by_test_id("stFileUploader").wait_for()
    page.locator("input[type=file]").set_input_files(
        {"name": "my reviews.csv", "mimeType": "text/csv", "buffer": ROWS.encode()}
    )
    expect(page.get_by_text("First rows, as they will be read")).to_be_visible()
    idle(page)
    page.get_by_role("button", name="Add and embed").click()
    show = page.get_by_role("button", name="Show on the map")
    expect(show).to_be_visible()
    show.click()
    wait_for_map(page)
    expect(page.locator(".item-title", has_text="my reviews").first).to_be_visible()
