"""What browser tests do again and again: start a server, wait until a page is still, click a point of the map."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from fute_core import jobs

ROOT = Path(__file__).parents[2]
APP = str(ROOT / "dashboard" / "app.py")
POINT = """(id) => {
  const root = document.querySelector(".atlas-map");
  const box = root.getBoundingClientRect();
  const [left, top] = root.atlasMap.pixelsOf(id);
  return [box.left + left, box.top + top];
}"""


def busy() -> float:
    """How much slower than alone this machine is at the moment, 1 or more: processes that want to run, a core."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


PATIENCE_MS = int(90_000 * busy())
"""Longest wait for any one thing: only what never comes is a failure."""


def chromium_path() -> str | None:
    return os.environ.get("BROWSER_PATH") or shutil.which("chromium") or shutil.which("google-chrome")


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def start_server(home: Path, port: int, script: str = APP, below: str = "", build: Path = ROOT) -> subprocess.Popen:
    """The dashboard on a home, once it answers; or another script, outside the repository, so without its theme.

    below : path on the server under which all of it lies, such as "/atlas". build : folder of the sources that serve.
    """
    run = ["dashboard"] if script == APP else ["streamlit", "run", script]
    command = [sys.executable, "-m", *run, "--server.port", str(port),
               "--server.fileWatcherType", "none", "--server.headless", "true", "--server.address", "127.0.0.1",
               "--browser.gatherUsageStats", "false", "--server.baseUrlPath", below]  # fmt: skip
    env = {**os.environ, "FUTE_HOME": str(home), "TOKENIZERS_PARALLELISM": "false"}
    log = home / "server.log"
    with log.open("ab") as out:
        process = subprocess.Popen(
            command, cwd=build if script == APP else home, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=out
        )
    until = time.monotonic() + PATIENCE_MS / 1000
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}{below}/_stcore/health", timeout=1)
            return process
        except OSError:
            if process.poll() is not None or time.monotonic() > until:
                stop(process)
                pytest.fail(f"the server did not start: {log.read_text()}")
            time.sleep(0.1)


def stop(process: subprocess.Popen) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextmanager
def serving(home: Path, port: int | None = None, script: str = APP, below: str = "") -> Iterator[str]:
    """A server for the duration of a block; yields its address. Restart it with the same port."""
    port = port or free_port()
    process = start_server(home, port, script, below)
    try:
        yield f"http://127.0.0.1:{port}{below}"
    finally:
        stop(process)


def end_jobs() -> None:
    """Ends what still runs in this test's home: a cancelled job would first finish the texts that it has begun with."""
    working = [job for job in jobs.list_jobs() if job.state in ("queued", "running")]
    for job in working:
        jobs.cancel(job.id)
        if job.process is not None and psutil.pid_exists(job.process["pid"]):
            own = psutil.Process(job.process["pid"])
            for process in (*own.children(recursive=True), own):
                with suppress(psutil.NoSuchProcess):
                    process.kill()
    until = time.monotonic() + PATIENCE_MS / 1000
    while any(jobs.load_job(job.id).state in ("queued", "running") for job in working) and time.monotonic() < until:
        time.sleep(0.2)


def wait_until(page, what, why: str) -> None:
    """Until `what()` is true, with the browser going on meanwhile; fails with `why`."""
    until = time.monotonic() + PATIENCE_MS / 1000
    while not what():
        assert time.monotonic() < until, why
        page.wait_for_timeout(200)


def idle(page) -> None:
    """Waits until the script has ended and the front end has drawn, and no exception box is on the page."""
    page.wait_for_timeout(300 * busy())
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    page.wait_for_timeout(300 * busy())
    no_exception(page)


def no_exception(page) -> None:
    assert page.locator("[data-testid=stException]").count() == 0, page.locator(
        "[data-testid=stException]"
    ).inner_text()


def wait_for_map(page) -> None:
    """Until the map has been drawn, and the page is still."""
    page.wait_for_selector(".atlas-map[data-drawn]")
    idle(page)


def point(page, item: str) -> tuple[float, float]:
    """Where an item of the map is in the window, by its id."""
    return page.evaluate(POINT, item)


def open_report(page, file: Path):
    """An exported report in a browser without a network; it must draw without asking for anything but itself."""
    asked: list[str] = []
    page.context.set_offline(True)
    page.on("request", lambda r: asked.append(r.url) if not r.url.startswith(("data:", "blob:")) else None)
    page.goto(file.as_uri())
    page.wait_for_selector(".figure .main-svg")
    assert asked == [file.as_uri()]
    return page
