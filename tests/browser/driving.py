"""What browser tests do again and again: start a server, wait until a page is still, click a point of the map."""

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

import pytest

ROOT = Path(__file__).parents[2]
APP = str(ROOT / "dashboard" / "app.py")
POINT = """(id) => {
  const root = document.querySelector(".atlas-map");
  const box = root.getBoundingClientRect();
  const [left, top] = root.atlasMap.pixelsOf(id);
  return [box.left + left, box.top + top];
}"""


def chromium_path() -> str | None:
    return os.environ.get("BROWSER_PATH") or shutil.which("chromium") or shutil.which("google-chrome")


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


@contextmanager
def serving(home: Path, port: int | None = None, script: str = APP) -> Iterator[str]:
    """`streamlit run` on a home of its own; yields its address, and ends the process.

    Restart it with the same port. Another script runs outside the repository, without the product's fonts and theme.
    """
    port = port or free_port()
    command = [sys.executable, "-m", "streamlit", "run", script, "--server.port", str(port),
               "--server.fileWatcherType", "none", "--server.headless", "true", "--server.address", "127.0.0.1",
               "--browser.gatherUsageStats", "false"]  # fmt: skip
    env = {**os.environ, "FUTE_HOME": str(home), "TOKENIZERS_PARALLELISM": "false"}
    log = home / "server.log"
    with log.open("ab") as out:
        process = subprocess.Popen(
            command, cwd=ROOT if script == APP else home, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=out
        )
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


def wait_for_map(page) -> None:
    """Until the map has been drawn, and the page is still."""
    page.wait_for_selector(".atlas-map[data-drawn]", timeout=60_000)
    idle(page)


def point(page, item: str) -> tuple[float, float]:
    """Where an item of the map is in the window, by its id."""
    return page.evaluate(POINT, item)
