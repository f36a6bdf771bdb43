"""How fast the map is in a browser, beside a plain Streamlit page with the same points, all in one run.

    python benchmarks/many_points.py [--points 500 5000 50000] [--repeats 5] [--json]

The shipped space is measured as it is. Larger ones are a fixture of this benchmark: the shipped items again and again,
with jitter on their places, and noise on their factors. The plain page is what one would
write first: `st.plotly_chart(px.scatter(...))`, a family filter and a search box. Times are taken inside the browser,
from the key or click to the frame in which the new points are drawn; a filter is a word typed into the search box.
Needs Chromium on the PATH, or BROWSER_PATH.
"""

import argparse
import copy
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
APP = ROOT / "dashboard" / "app.py"
DIRECTIONS = 64
WORDS = ("sentiment", "topic")
CHART = {"map": ".atlas-map[data-drawn] .js-plotly-plot", "plain": ".js-plotly-plot"}
POINTS = "(chart) => JSON.stringify((document.querySelector(chart)?._fullData ?? []).map((t) => t.x.length))"
WATCH = f"""([event, chart, before]) => {{
  const points = {POINTS}, frame = () => new Promise(requestAnimationFrame);
  window.took = new Promise((done) => addEventListener(event, async () => {{
    const started = performance.now();
    while ([before, "[]"].includes(points(chart))) await frame();
    await frame();
    done(performance.now() - started);
  }}, {{ once: true, capture: true }}));
}}"""
"""`window.took`: milliseconds from an event until the chart has other points than `before`, and a frame more."""


def tiled(n: int):
    """The shipped atlas of single texts with n items, for measuring only; as it is for 0."""
    from fute_core.atlas.atlas import Atlas, open_atlas

    real = open_atlas(store=False)
    if not n:
        return real
    rng = np.random.default_rng(0)
    again = np.arange(n) % len(real.items)
    items = []
    for i, source in enumerate(again):
        item = real.items[source]
        name = f"{item.embedding.name} #{i // len(real.items)}" if i >= len(real.items) else item.embedding.name
        items.append(replace(item, embedding=replace(item.embedding, name=name)))
    space = copy.copy(real.space)
    space.embeddings = tuple(item.embedding for item in items)
    placed = real.space.placed.take(again)
    noise = rng.normal(scale=0.02, size=placed.columns.shape).astype(np.float32)
    space.placed = replace(placed, columns=placed.columns + noise)
    atlas = Atlas(tuple(items), space, real.scale, real.probes, real.gallery)
    jitter = rng.normal(scale=0.4, size=(n, 2)) * (np.arange(n) >= len(real.items))[:, None]
    vars(atlas)["coordinates"] = (real.coordinates[again] + jitter).astype(np.float32)
    return atlas


def serve(n: int, port: int) -> None:
    """The dashboard itself on a space of n items."""
    sys.path[0] = str(ROOT)  # else the app would find this file under the name of its package
    from streamlit.web import cli

    import fute_core.atlas.atlas

    atlas, open_atlas = tiled(n), fute_core.atlas.atlas.open_atlas
    fute_core.atlas.atlas.open_atlas = lambda pair=False, store=None: open_atlas(pair, store) if pair else atlas
    sys.argv = ["streamlit", "run", str(APP), "--server.port", str(port), "--server.fileWatcherType", "none"]
    cli.main()


def plain_page(n: int) -> None:
    """The baseline: the same points the way a first version of any dashboard draws them."""
    import pandas as pd
    import plotly.express as px
    import streamlit as st

    @st.cache_data
    def table(n: int) -> pd.DataFrame:
        atlas = tiled(n)
        named = [(i.embedding.name, i.embedding.kind, i.embedding.family or "") for i in atlas.items]
        frame = pd.DataFrame(named, columns=["name", "kind", "family"])
        return frame.assign(x=atlas.coordinates[:, 0], y=atlas.coordinates[:, 1])

    def chart() -> None:
        frame = table(n)
        families = st.multiselect("Family", sorted(frame["family"].unique()))
        words = st.text_input("Search")
        shown = frame[frame["family"].isin(families)] if families else frame
        if words:
            shown = shown[(shown["name"] + " " + shown["family"]).str.contains(words, case=False, regex=False)]
        figure = px.scatter(shown, "x", "y", color="family", symbol="kind", hover_name="name", height=620)
        st.plotly_chart(figure, on_select="rerun")

    def rows() -> None:
        st.header("Datasets")
        st.dataframe(table(n)[table(n)["kind"] == "dataset"])

    st.set_page_config(layout="wide")
    st.navigation([st.Page(chart, title="Map", default=True), st.Page(rows, title="Datasets")]).run()


@contextmanager
def running(page: str, n: int, home: Path) -> Iterator[tuple[str, float]]:
    """A server of its own; yields its address and the seconds until it answered."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    own = [__file__, "--serve", str(n), "--port", str(port)]
    plain = ["-m", "streamlit", "run", __file__, "--server.port", str(port), "--server.fileWatcherType", "none",
             "--", "--plain", str(n)]  # fmt: skip
    shipped = ["-m", "dashboard", "--server.port", str(port), "--server.fileWatcherType", "none"]
    command = {"map": own if n else shipped, "plain": plain}[page]
    started = time.perf_counter()
    with (home / "server.log").open("ab") as log:
        server = subprocess.Popen([sys.executable, *command], cwd=ROOT, env={**os.environ, "FUTE_HOME": str(home)},
                                  stdin=subprocess.DEVNULL, stdout=log, stderr=log)  # fmt: skip
    try:
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2)
                break
            except OSError:
                if server.poll() is not None or time.perf_counter() - started > 180:
                    raise SystemExit(f"The server did not start: {(home / 'server.log').read_text()}") from None
                time.sleep(0.05)
        yield f"http://127.0.0.1:{port}", time.perf_counter() - started
    finally:
        server.terminate()
        server.wait()


class Visit:
    """One browser session on a page, and how many bytes its websockets have brought."""

    def __init__(self, browser, page: str):
        self.chart, self.bytes = CHART[page], 0
        self.page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        self.page.set_default_timeout(600_000)
        self.page.on("websocket", lambda socket: socket.on("framereceived", self._count))

    def _count(self, payload) -> None:
        self.bytes += len(payload)

    def open(self, address: str) -> float:
        """Seconds from asking for the address to the drawn chart."""
        started = time.perf_counter()
        self.page.goto(address)
        self.page.wait_for_function(f"({POINTS})('{self.chart}') !== '[]'")
        took = time.perf_counter() - started
        self._settle()
        return took

    def search(self, words: str) -> tuple[float, int]:
        """(milliseconds, bytes) from Enter in the search box to the chart with the points that are left."""
        box = self.page.get_by_role("textbox", name="Search")
        box.fill(words)
        return self._timed("keydown", lambda: box.press("Enter"))

    def away_and_back(self) -> float:
        """Milliseconds from the click on the map's link, on another page, to the drawn map."""
        self.page.get_by_role("link", name="Datasets", exact=True).first.click()
        self.page.wait_for_function(f"({POINTS})('{self.chart}') === '[]'")
        self._settle()
        back = self.page.get_by_role("link", name="Map", exact=True).first
        return self._timed("click", back.click)[0]

    def close(self) -> None:
        self.page.context.close()

    def _timed(self, event: str, act) -> tuple[float, int]:
        before, so_far = self.page.evaluate(POINTS, self.chart), self.bytes
        self.page.evaluate(WATCH, [event, self.chart, before])
        act()
        took = self.page.evaluate("() => window.took")
        self._settle()
        return took, self.bytes - so_far

    def _settle(self) -> None:
        self.page.wait_for_timeout(300)
        self.page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
        self.page.wait_for_timeout(300)


def measure(browser, page: str, n: int, repeats: int) -> dict[str, float]:
    """One row of the table. n : items; 0 is the shipped space in the product as it is."""
    with tempfile.TemporaryDirectory() as home, running(page, n, Path(home)) as (address, start):
        first = Visit(browser, page)
        row = {"server_s": start, "first_opening_s": first.open(address)}
        first.close()
        visit = Visit(browser, page)
        row["opening_s"] = visit.open(address)
        row["opening_bytes"] = visit.bytes
        reruns = [visit.search(WORDS[i % 2]) for i in range(repeats + 2)][2:]
        row["filter_ms"] = median(ms for ms, _ in reruns)
        row["filter_bytes"] = median(size for _, size in reruns)
        visit.search("")
        row["back_to_map_ms"] = median(visit.away_and_back() for _ in range(min(3, repeats)))
        visit.close()
        row["load"] = os.getloadavg()[0]
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, nargs="*", default=[500, 5_000, 50_000])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--plain", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.plain is not None:
        return plain_page(args.plain)
    if args.serve is not None:
        return serve(args.serve, args.port)
    chromium = os.environ.get("BROWSER_PATH") or shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        raise SystemExit("No Chromium found: `apt-get install chromium`, or set BROWSER_PATH.")
    from playwright.sync_api import sync_playwright

    from fute_core.atlas.newcomers import shipped_items

    shipped = len(shipped_items(False))
    rows = {}
    if not args.json:
        print(HEAD)
    with sync_playwright() as playwright:
        for n in (0, *args.points):
            for page in CHART:
                browser = playwright.chromium.launch(executable_path=chromium)
                name = f"{page} {n or shipped}"
                rows[name] = measure(browser, page, n, args.repeats)
                browser.close()
                if not args.json:
                    print(line(name, rows[name]), flush=True)
    largest = max(args.points, default=0) or shipped
    ratio = rows[f"plain {largest}"]["filter_ms"] / rows[f"map {largest}"]["filter_ms"]
    said = f"filter rerun at {largest} points, plain page over map"
    if args.json:
        print(json.dumps({"ratio": ratio, "ratio_is": said, "rows": rows}, indent=2))
    else:
        print(f"{said}: {ratio:.1f} x; medians of {args.repeats}")


HEAD = " " * 14 + "server  1st open     open    filter      back   open kB filter kB  load"


def line(name: str, row: dict[str, float]) -> str:
    return (
        f"{name:12s} {row['server_s']:6.1f} s {row['first_opening_s']:7.1f} s {row['opening_s']:6.1f} s "
        f"{row['filter_ms']:6.0f} ms {row['back_to_map_ms']:6.0f} ms {row['opening_bytes'] / 1e3:9.1f} "
        f"{row['filter_bytes'] / 1e3:9.1f} {row['load']:5.1f}"
    )


if __name__ == "__main__":
    main()
