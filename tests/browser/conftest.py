"""A real browser: each page fails its test on what must not happen. Servers and waiting are in driving.py."""

import fcntl
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlparse

import pytest
from driving import PATIENCE_MS, ROOT, chromium_path, end_jobs, serving
from models_at_hand import common_folder, lend

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
NOISE = ("GL Driver Message", "GPU stall due to ReadPixels")


def pytest_collection_modifyitems(items) -> None:
    """The suite's limit is for tests that compute; a journey waits for many things, each of which has its own limit.

    One that a busy machine has led astray is tried once more, and the report says so.
    """
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(1800))
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="module")
def browser():
    """Ends with the file: Playwright keeps an event loop running in this thread, which other tests must not meet."""
    if not (path := chromium_path()):
        pytest.skip("no Chromium found: `apt-get install chromium`, or set BROWSER_PATH")
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def models(tmp_path_factory, lender) -> Path:
    """A folder with SmolLM2 as the product converts it, once for all tests that ask it, in whichever process."""
    home = common_folder(tmp_path_factory) / "models-home"
    home.mkdir(exist_ok=True)
    convert = "from fute_core.models.gguf import converted; converted('smollm2')"
    env = {**os.environ, "FUTE_HOME": str(home)}
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # one converts, and what it made is there for those that waited
        subprocess.run([sys.executable, "-c", convert], cwd=ROOT, env=env, check=True, timeout=PATIENCE_MS / 1000)
        lend(home, lender)
    return home / "models"


@pytest.fixture
def home_with_model(tmp_path, models, monkeypatch) -> Iterator[Path]:
    """An empty home, also this test's own, in which SmolLM2 can be asked at once; its jobs end with the test."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "models").symlink_to(models)
    monkeypatch.setenv("FUTE_HOME", str(home))
    yield home
    end_jobs()


@pytest.fixture
def serve() -> Iterator[Callable[..., str]]:
    """`serve(home)` as `serving` in driving.py, until the test's pages are closed: one that is left alone complains."""
    with ExitStack() as servers:
        yield lambda *where, **how: servers.enter_context(serving(*where, **how))


@pytest.fixture(scope="session")
def shipped(tmp_path_factory) -> Iterator[str]:
    """The address of one server on what ships, for journeys that change nothing in its home but boards of their own."""
    with serving(tmp_path_factory.mktemp("shipped")) as address:
        yield address


@pytest.fixture
def open_page(browser, serve):
    """`open_page(width=1440, height=900, theme="light")`: a page in a session of its own.

    When the test ends, every page must have written no error to its console and asked nobody outside this machine.
    expected : parts of errors that the test brings about itself, such as by killing the server.
    """
    contexts, problems = [], []

    def opened(width: int = 1440, height: int = 900, theme: str = "light", expected: tuple[str, ...] = ()):
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=theme, accept_downloads=True
        )
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: problems.append(m.text) if _is_error(m, expected) else None)
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


def _is_error(message, expected: tuple[str, ...]) -> bool:
    return message.type == "error" and not any(n in message.text for n in (*NOISE, *expected))


def _is_foreign(url: str) -> bool:
    address = urlparse(url)
    return address.scheme in ("http", "https", "ws", "wss") and address.hostname not in LOOPBACK
