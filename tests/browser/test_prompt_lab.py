"""Write a prompt, watch it land for real on SmolLM2, on few probe texts; nothing in it is faked."""

import re

from driving import idle, serving
from playwright.sync_api import expect

LONG_MS = 420_000
"""A home without models converts SmolLM2 first, which takes half a minute on an idle machine."""


def test_a_prompt_is_written_and_lands_with_its_evidence_and_a_reload_opens_it_again(page, tmp_path):
    with serving(tmp_path) as address:
        page.goto(f"{address}/prompt-lab")
        expect(page.get_by_text("Nothing has landed yet")).to_be_visible(timeout=90_000)
        page.get_by_label("Name", exact=True).fill("is it rude")
        page.get_by_label("Template", exact=True).fill("Is it {{ nothing }} or {{ else }}?")
        page.get_by_label("Answers, a label a line").click()
        expect(page.get_by_role("alert").first).to_be_visible(timeout=30_000)
        page.get_by_label("Template", exact=True).fill("Is this message rude or friendly?\n\n{{ text }}")
        page.get_by_label("Answers, a label a line").fill("rude: Rude, rude\nfriendly: Friendly, friendly")
        page.get_by_label("Name", exact=True).click()
        idle(page)
        slider = page.get_by_role("slider")
        slider.focus()
        for _ in range(4):
            slider.press("ArrowLeft")
        idle(page)
        expect(page.get_by_text("Calls")).to_be_visible(timeout=60_000)
        page.get_by_role("button", name="Ask the model").click()
        landed = page.get_by_text(re.compile(r"Place after (32|64|512) probe texts"))
        expect(landed.first).to_be_visible(timeout=LONG_MS)
        expect(page.get_by_text("Label bias")).to_be_visible(timeout=60_000)
        expect(page.get_by_text("Nearest datasets")).to_be_visible()
        assert "run=" in page.url
        page.reload()
        expect(landed.first).to_be_visible(timeout=120_000)
        idle(page)
