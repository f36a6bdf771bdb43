"""Journeys that ask a language model, all in one file, since two of them at once would share the cores.

A prompt is written, lands for real on SmolLM2, is pinned, renamed, deleted, and its report taken away offline.
Jobs are cancelled and resumed on their page, and live on when the server is killed in the middle.
"""

import os
import re
import signal

import pytest
from driving import (
    PATIENCE_MS,
    free_port,
    idle,
    open_report,
    start_server,
    stop,
    wait_for_map,
    wait_until,
)
from playwright.sync_api import expect

from fute_core import jobs
from fute_core.templates import draft

pytestmark = pytest.mark.slow
PLACE = re.compile(r"Place after \d+ probe texts")
VARIANTS = 6
"""So many prompts on all probe texts take longer than a test on any machine."""

WITHOUT_SERVER = (
    "ERR_CONNECTION_REFUSED", "when disconnected from server", "reaching server endpoint", "server is not responding"
)  # fmt: skip


@pytest.fixture
def variants(tmp_path):
    """A file of prompts that nobody has asked yet."""
    templates = [
        draft.draft(f"rude {n}", f"{n}. Is this rude or friendly?\n\n{{{{ text }}}}", "rude: Rude\nfriendly: Friendly")
        for n in range(VARIANTS)
    ]
    path = tmp_path / "variants.yaml"
    path.write_bytes(draft.as_yaml([t.template for t in templates]))
    return path


def start_in_the_lab(page, address: str, variants) -> jobs.Job:
    """Asks SmolLM2 with all variants, and waits until it has begun to answer."""
    page.goto(f"{address}/prompt-lab")
    page.get_by_text("Several, from a file").click()
    page.locator("input[type=file]").set_input_files(variants)
    page.get_by_role("button", name=f"Ask the model with {VARIANTS} prompts").click()
    expect(page.get_by_text("Answering probe texts").first).to_be_visible()
    (job,) = jobs.list_jobs()
    wait_until(page, lambda: answered(job.id), "no answer came")
    idle(page)
    return job


def answered(job: str) -> int:
    return jobs.load_job(job).texts_done


def card(page):
    return page.locator("[class*=st-key-card-job]")


def says(page, state: str) -> None:
    expect(card(page).locator(f".state-{state}")).to_be_visible()


def test_a_job_is_cancelled_from_its_page_and_goes_on_when_resumed(page, serve, home_with_model, variants):
    address = serve(home_with_model)
    job = start_in_the_lab(page, address, variants)
    page.get_by_role("link", name="Jobs", exact=True).click()
    says(page, "running")
    card(page).get_by_role("button", name="Cancel").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Let it run").click()
    expect(dialog).to_have_count(0)
    says(page, "running")
    card(page).get_by_role("button", name="Cancel").click()
    dialog.get_by_role("button", name="Cancel the job").click()
    says(page, "cancelled")
    assert jobs.load_job(job.id).state == "cancelled"
    card(page).get_by_role("button", name="Resume").click()
    says(page, "running")
    idle(page)


def test_a_killed_server_takes_no_job_with_it_and_the_open_page_finds_it_again(open_page, home_with_model, variants):
    page = open_page(expected=WITHOUT_SERVER)
    port = free_port()
    server = start_server(home_with_model, port)
    try:
        job = start_in_the_lab(page, f"http://127.0.0.1:{port}", variants)
        page.get_by_role("link", name="Jobs", exact=True).click()
        says(page, "running")
        server.send_signal(signal.SIGKILL)
        server.wait()
        before = answered(job.id)
        wait_until(page, lambda: answered(job.id) > before, "the job stood still without its server")
        server = start_server(home_with_model, port)
        page.wait_for_selector("[data-testid=stApp][data-test-connection-state=CONNECTED]")
        idle(page)
        says(page, "running")
        os.kill(jobs.load_job(job.id).process["pid"], signal.SIGKILL)
        says(page, "interrupted")
        card(page).get_by_role("button", name="Resume").click()
        says(page, "running")
        wait_until(page, lambda: answered(job.id) >= before, "what had been answered is lost")
        idle(page)
    finally:
        stop(server)


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
    expect(report.get_by_role("heading", name=re.compile("is it rude")).first).to_be_visible()
    assert report.locator("#finding-0 tbody tr:not(.cut-off)").count() == 20
    assert report.locator("#finding-0 tbody tr.cut-off").count() == 1
    for at in (1, 2):  # where it landed on the map, and the map
        assert report.locator(f"#finding-{at} .figure .plot-container").count() == 1


def pin(page, what: str) -> None:
    page.get_by_role("button", name="Pin to findings").first.click()
    pinned = page.get_by_text(re.compile(f"Pinned: {what}"))
    expect(pinned.first).to_be_visible()  # it is said again where the run that said it was cut short
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
