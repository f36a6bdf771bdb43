"""Jobs from the browser: cancelled and resumed on their page, and alive when the server is killed in the middle."""

import os
import signal

import pytest
from driving import free_port, idle, start_server, stop, wait_until
from playwright.sync_api import expect

from fute_core import jobs
from fute_core.templates import draft

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
