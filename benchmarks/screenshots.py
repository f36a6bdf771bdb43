"""Takes the README's pictures from a running dashboard, on what ships.

    python benchmarks/screenshots.py [--out docs/images] [--home FOLDER] [NAME ...]

Needs Chromium on the PATH, or BROWSER_PATH. The picture of a prompt having landed asks the packaged language model 512
times: a minute or two, unless the FUTE_HOME that is named has its answers.
"""

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import sync_playwright

from fute_core.home import PACKAGE

SIZE = {"width": 1440, "height": 900}
PAGES = {"map": "", "map-dark": "", "prompt-lab": "prompt-lab", "similarity": "similarity"}
LANDING = "prompt-landing"
PROMPT = {
    "Name": "which section",
    "Template": "Which section of the newspaper is this from: world, sports, business or technology?\n\n{{ text }}\n\n"
    "Answer with one word.",
    "Answers, a label a line": "world: World, world\nsports: Sports, sports\nbusiness: Business, business\n"
    "technology: Technology, technology",
}
LANDED_MS = 900_000
READY = "[data-testid=stApp][data-test-script-state=notRunning]"


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(url: str, seconds: float = 60) -> None:
    end = time.time() + seconds
    while time.time() < end:
        try:
            urllib.request.urlopen(url, timeout=2)
            return
        except OSError:
            time.sleep(0.5)
    raise SystemExit(f"The dashboard did not answer at {url} within {seconds:.0f} s.")


def land(page) -> None:
    """Writes the prompt, asks, and waits until all that is told of it stands there."""
    for label, text in PROMPT.items():
        page.get_by_label(label, exact=True).fill(text)
    page.get_by_label("Name", exact=True).click()
    page.wait_for_timeout(2000)
    page.get_by_role("button", name="Ask the model").click()
    page.get_by_text("Place after 512 probe texts").wait_for(timeout=LANDED_MS)
    page.get_by_text("Repeats on other texts").wait_for(timeout=LANDED_MS)
    page.set_viewport_size({"width": SIZE["width"], "height": 1180})
    page.locator("[data-testid=stMain]").evaluate("main => main.scrollTo(0, 0)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=PACKAGE.parent / "docs" / "images")
    parser.add_argument("--home", type=Path, help="a FUTE_HOME that has answers already; else a new one")
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these pictures")
    given = parser.parse_args()
    out, pages = given.out, {**PAGES, LANDING: "prompt-lab"}
    if unknown := set(given.names) - set(pages):
        raise SystemExit(f"There is no picture {sorted(unknown)[0]!r}; there are {', '.join(pages)}.")
    out.mkdir(parents=True, exist_ok=True)
    chromium = os.environ.get("BROWSER_PATH") or shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        raise SystemExit("No Chromium found: `apt-get install chromium`, or set BROWSER_PATH.")
    url = f"http://127.0.0.1:{(port := free_port())}"
    with tempfile.TemporaryDirectory() as new, sync_playwright() as playwright:
        home = str(given.home or new)
        command = [sys.executable, "-m", "streamlit", "run", "dashboard/app.py", "--server.port", str(port)]
        server = subprocess.Popen(command, cwd=PACKAGE.parent, env={**os.environ, "FUTE_HOME": home})
        try:
            wait_for(url)
            browser = playwright.chromium.launch(executable_path=chromium)
            for name, path in pages.items():
                if given.names and name not in given.names:
                    continue
                scheme = "dark" if name.endswith("dark") else "light"
                page = browser.new_context(viewport=SIZE, color_scheme=scheme).new_page()
                page.goto(f"{url}/{path}", timeout=120_000)
                page.wait_for_selector(READY, timeout=120_000)
                page.wait_for_timeout(9000)
                if name == LANDING:
                    land(page)
                    page.wait_for_timeout(6000)
                page.screenshot(path=out / f"{name}.png")
            browser.close()
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main()
