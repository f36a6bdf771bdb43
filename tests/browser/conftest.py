"""A real server and a real browser: each server has its own home and port, each page fails on what must not happen."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlparse

import pytest

ROOT = Path(__file__).parents[2]
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
NOISE = ("GL Driver Message", "GPU stall due to ReadPixels")


def chromium_path() -> str | None:
    return os.environ.get("BROWSER_PATH") or shutil.which("chromium") or shutil.which("google-chrome")


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


@contextmanager
def serving(home: Path, port: int | None = None) -> Iterator[str]:
    """`streamlit run` on a home of its own; yields its address, and ends the process. Restart it with the same port."""
    port = port or free_port()
    command = [sys.executable, "-m", "streamlit", "run", "dashboard/app.py", "--server.port", str(port),
               "--server.fileWatcherType", "none"]  # fmt: skip
    env = {**os.environ, "FUTE_HOME": str(home), "TOKENIZERS_PARALLELISM": "false"}
    log = home / "server.log"
    with log.open("ab") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    try:
        until = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1)
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > until:
                    pytest.fail(f"the server did not start: {log.read_text()}")
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@pytest.fixture(scope="session")
def browser():
    if not (path := chromium_path()):
        pytest.skip("no Chromium found: `apt-get install chromium`, or set BROWSER_PATH")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory) -> Iterator[str]:
    """One server for the tests that need nothing special. For another home or a restart: `serving(home)`."""
    with serving(tmp_path_factory.mktemp("server-home")) as address:
        yield address


@pytest.fixture
def open_page(browser):
    """`open_page(width=1440, height=900, theme="light")`: a page in a session of its own.

    When the test ends, every page must have written no error to its console and asked nobody outside this machine.
    """
    contexts, problems = [], []

    def opened(width: int = 1440, height: int = 900, theme: str = "light"):
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=theme, accept_downloads=True
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: problems.append(m.text) if _is_error(m) else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("request", lambda r: problems.append(f"left the machine: {r.url}") if _is_foreign(r.url) else None)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not problems, problems


@pytest.fixture
def page(open_page):
    """A page of 1440 x 900 in the light theme; see `open_page`."""
    return open_page()


def idle(page) -> None:
    """Waits until the script has ended and the front end has drawn, and no exception box is on the page."""
    page.wait_for_timeout(300)
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=60_000)
    page.wait_for_timeout(300)
    no_exception(page)


def no_exception(page) -> None:
    assert page.locator("[data-testid=stException]").count() == 0, page.locator(
        "[data-testid=stException]"
    ).inner_text()


def _is_error(message) -> bool:
    return message.type == "error" and not any(noise in message.text for noise in NOISE)


def _is_foreign(url: str) -> bool:
    address = urlparse(url)
    return address.scheme in ("http", "https", "ws", "wss") and address.hostname not in LOOPBACK
