"""A real browser: each page fails its test on what must not happen. Servers and waiting are in driving.py."""

from collections.abc import Iterator
from urllib.parse import urlparse

import pytest
from driving import chromium_path, serving

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
NOISE = ("GL Driver Message", "GPU stall due to ReadPixels")


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


def _is_error(message) -> bool:
    return message.type == "error" and not any(noise in message.text for noise in NOISE)


def _is_foreign(url: str) -> bool:
    address = urlparse(url)
    return address.scheme in ("http", "https", "ws", "wss") and address.hostname not in LOOPBACK
