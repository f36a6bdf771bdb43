"""Takes the README's pictures from a running dashboard, on what ships.

    python benchmarks/screenshots.py [--out docs/images]

Needs Chromium on the PATH, or BROWSER_PATH.
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=PACKAGE.parent / "docs" / "images")
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    chromium = os.environ.get("BROWSER_PATH") or shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        raise SystemExit("No Chromium found: `apt-get install chromium`, or set BROWSER_PATH.")
    url = f"http://127.0.0.1:{(port := free_port())}"
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        command = [sys.executable, "-m", "streamlit", "run", "dashboard/app.py", "--server.port", str(port)]
        server = subprocess.Popen(command, cwd=PACKAGE.parent, env={**os.environ, "FUTE_HOME": home})
        try:
            wait_for(url)
            browser = playwright.chromium.launch(executable_path=chromium)
            for name, path in PAGES.items():
                scheme = "dark" if name.endswith("dark") else "light"
                page = browser.new_context(viewport=SIZE, color_scheme=scheme).new_page()
                page.goto(f"{url}/{path}", timeout=120_000)
                page.wait_for_selector(READY, timeout=120_000)
                page.wait_for_timeout(9000)
                page.screenshot(path=out / f"{name}.png")
            browser.close()
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main()
