"""How long the dashboard lets one wait in a real browser, and what its server takes, beside an older build.

    python benchmarks/dashboard.py [--against COMMIT] [--repeats 3] [--sessions 4] [--quiet 10] [--json]

The older commit is checked out beside this one; by default it is the one before factors. The builds take turns, each
time with a server and a browser of their own that have never seen one another. Waits are taken inside the browser, from
the click to the frame in which what was asked for stands there; a page has settled once its script has ended and
nothing on it changes for half a second. Every click is one that the server has not answered before. Figures are medians
over items, cells or pages, and then over the repeats. Needs Chromium on the PATH, or BROWSER_PATH. Where others use the
machine, the seconds are theirs as well: the load is told, with `--json` on the error stream.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import psutil

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]

BEFORE = "49c9d79"
BARS = {"map_first_s": 2.0, "map_3d_s": 3.0, "details_s": 0.3, "cell_s": 0.5, "page_s": 0.6, "rss_mb": 700.0,
        "session_mb": 25.0, "idle_share": 0.02}  # fmt: skip
AT_REST = 0.05
ITEMS, CELLS = ("dataset:sst2", "model:subj · logistic", "dataset:ag_news"), (("sst2", "ag_news"), ("mr", "subj"))
PARTS = {
    "map": ".atlas-map[data-drawn]",
    "sketch": ".atlas-map[data-sketched]",
    "chart": ".atlas-map .js-plotly-plot",
    "details": ".st-key-map-panel .item-title",
    "nearest": ".st-key-map-panel .item-list .pick",
    "matrix": ".matrix[data-drawn]",
    "evidence": ".st-key-card-cell h3",
    "texts": ".st-key-card-cell .quote",
    "heading": "h1.page-title",
    "link": "[data-testid=stSidebar] [data-testid=stPageLink-NavLink]",
    "still": "[data-testid=stApp][data-test-script-state=notRunning]",
}
"""Where things stand, in all builds worth comparing."""
CELL = """([matrix, row, column]) => {
  const root = document.querySelector(matrix), box = root.querySelector(".board").getBoundingClientRect();
  const [left, top] = root.matrix.pixelsOf("dataset:" + row, "dataset:" + column);
  return [box.left + left, box.top + top];
}"""
WATCH = """([shown, quiet]) => {
  const there = eval(shown), frame = () => new Promise(requestAnimationFrame);
  window.took = new Promise((done) => addEventListener("click", async () => {
    const started = performance.now();
    let changed = started;
    const watcher = new MutationObserver(() => { changed = performance.now(); });
    watcher.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
    while (!there()) await frame();
    await frame();
    const stood = performance.now();
    while (performance.now() - changed < quiet) await frame();
    watcher.disconnect();
    done(((quiet ? Math.max(stood, changed) : stood) - started) / 1000);
  }, { once: true, capture: true }));
}"""
"""`window.took`: seconds from the next click until `shown` holds and, with `quiet` ms, until nothing changes."""
LANDED = """import sys
from fute_core.embedding.requests import EmbedRequest
from fute_core.jobs import create_job, run_job
from fute_core.store.store import open_store
asked = EmbedRequest("prompt", sys.argv[1], model=sys.argv[2], template="films", name="films", family="sentiment")
job = run_job(create_job([asked], open_store()))
assert job.state == "done", job.items
print(job.id)
"""
PROMPT = "prompts:\n- {name: films, template: 'A good film? {{ text }}', choices: {yes: ['yes'], no: ['no']}}\n"


@contextmanager
def checked_out(commit: str) -> Iterator[Path]:
    """The sources of an older build, for the duration of a block."""
    with tempfile.TemporaryDirectory() as folder:
        build = Path(folder) / "build"
        done = subprocess.run(["git", "-C", ROOT, "worktree", "add", "--detach", "-q", build, commit],
                              capture_output=True, text=True)  # fmt: skip
        if done.returncode:
            raise SystemExit(f"The build at {commit} cannot be checked out: {done.stderr.strip()}")
        try:
            yield build
        finally:
            subprocess.run(["git", "-C", ROOT, "worktree", "remove", "--force", build], check=True)


class Visit:
    """One browser session on a build's dashboard."""

    def __init__(self, browser, address: str):
        self.address = address
        self.page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        self.page.set_default_timeout(300_000)

    def open_map(self) -> list[float]:
        """Seconds from asking for the address to the map that is seen, and to the one that answers to the pointer."""
        started = time.perf_counter()
        self.page.goto(self.address)
        took, drawn = [], self._drawn("t.x.length")
        for shown in (f"{self._find('sketch')} || ({drawn})", drawn):
            self.page.wait_for_function(f"() => {shown}")
            took.append(time.perf_counter() - started)
        self._settle()
        return took

    def details(self, item: str) -> float:
        """From a point, with nothing selected, to what is known of it and what lies nearest."""
        from driving import point

        name = json.dumps(item.partition(":")[2])
        shown = f"{self._find('details')}?.innerText.includes({name}) && {self._find('nearest')}"
        took = self._timed(shown, lambda: self.page.mouse.click(*point(self.page, item)))
        self.page.locator(PARTS["map"]).focus()
        self.page.keyboard.press("Escape")
        self._settle()
        return took

    def map_3d(self) -> float:
        """From the switch to a map of three dimensions, and not the flat one that stands in while it is made."""
        self.page.get_by_role("button", name="Map options").click()
        switch = self.page.get_by_text("Three dimensions, for looking")
        switch.wait_for()
        took = self._timed(self._drawn("[...(t.z ?? [])].some(Boolean)"), switch.click)
        self.page.keyboard.press("Escape")
        self._settle()
        return took

    def pages(self) -> dict[str, float]:
        """To each page in turn, from the one before it, until it has settled; the map comes last."""
        links = self.page.locator(PARTS["link"])
        titles = links.all_inner_texts()
        found = {}
        for title in [*titles[1:], titles[0]]:
            shown = f"{self._find('heading')}?.innerText === {json.dumps(title)} && {self._find('still')}"
            if title in ("Map", "Similarity"):
                shown += f" && {self._find('map' if title == 'Map' else 'matrix')}"
            found[title] = self._timed(shown, links.get_by_text(title, exact=True).click, quiet=500)
        return found

    def cell(self, row: str, column: str) -> float:
        """From a cell of the similarities to the texts behind it, all of them."""
        place = self.page.evaluate(CELL, [PARTS["matrix"], row, column])
        named = json.dumps(f"{row} and {column}")
        shown = f"{self._find('evidence')}?.innerText === {named} && {self._find('texts')} && {self._find('still')}"
        return self._timed(shown, lambda: self.page.mouse.click(*place))

    def go(self, path: str, part: str) -> None:
        self.page.goto(f"{self.address}/{path}")
        self.page.wait_for_selector(PARTS[part])
        self._settle()

    def _find(self, part: str) -> str:
        return f"document.querySelector({json.dumps(PARTS[part])})"

    def _drawn(self, what: str) -> str:
        """That the map is drawn, and one of its traces has something."""
        return f"{self._find('map')} && ({self._find('chart')}?._fullData ?? []).some((t) => {what})"

    def _timed(self, shown: str, act, quiet: int = 0) -> float:
        self.page.evaluate(WATCH, [f"() => {shown}", quiet])
        act()
        took = self.page.evaluate("() => window.took")
        self._settle()
        return took

    def _settle(self) -> None:
        self.page.wait_for_timeout(300)
        self.page.wait_for_selector(PARTS["still"])
        self.page.wait_for_timeout(300)


def land(build: Path, home: Path, model: Path) -> str:
    """A run of the Prompt lab from its beginning to its end; its id."""
    prompts = home / "films.yaml"
    prompts.write_text(PROMPT)
    command = [sys.executable, "-c", LANDED, str(prompts), str(model)]
    own = {**os.environ, "FUTE_HOME": str(home), "PYTHONPATH": str(build)}
    done = subprocess.run(command, cwd=build, env=own, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.split()[-1]


def processor(server: psutil.Process) -> float:
    """Seconds that the server has computed, with what it has started."""
    return sum(sum(p.cpu_times()[:2]) for p in (server, *server.children(recursive=True)))


def share(server: psutil.Process, seconds: float) -> float:
    """Of a core, that the server takes."""
    before, started = processor(server), time.perf_counter()
    time.sleep(seconds)
    return (processor(server) - before) / (time.perf_counter() - started)


def at_rest(server: psutil.Process) -> None:
    """Until what the server does of its own accord is done, or a while has passed, since it may never be."""
    for _ in range(7):
        if share(server, 3) < AT_REST:  # longer than a page that polls is silent
            return


def visited(playwright, build: Path, model: Path, sessions: int, quiet: float) -> dict[str, float]:
    """One turn of one build: its figures, and of each page how long it took to settle."""
    from driving import chromium_path, free_port, start_server, stop

    with tempfile.TemporaryDirectory(prefix="speed-") as folder:
        home, port = Path(folder), free_port()
        started = start_server(home, port, build=build)
        server, address = psutil.Process(started.pid), f"http://127.0.0.1:{port}"
        browser = playwright.chromium.launch(executable_path=chromium_path())
        try:
            at_rest(server)
            visit = Visit(browser, address)
            found = dict(zip(("map_first_s", "map_ready_s"), visit.open_map(), strict=True))
            found["details_s"] = median(visit.details(item) for item in ITEMS)
            found["map_3d_s"] = visit.map_3d()
            visit.open_map()
            pages = visit.pages()
            found["page_s"] = median(pages.values())
            visit.go("similarity", "matrix")
            found["cell_s"] = median(visit.cell(*cell) for cell in CELLS)
            at_rest(server)
            found["rss_mb"] = server.memory_info().rss / 2**20
            others = [Visit(browser, address) for _ in range(sessions)]
            for other in others:
                other.open_map()
                other.details(ITEMS[0])
                other.go("similarity", "matrix")
            at_rest(server)
            found["session_mb"] = (server.memory_info().rss / 2**20 - found["rss_mb"]) / sessions
            for other in others:
                other.page.context.close()
            visit.open_map()
            at_rest(server)
            found["idle_map"] = share(server, quiet)
            visit.go(f"prompt-lab?run={land(build, home, model)}", "heading")
            visit.page.get_by_text("Place after 512 probe texts").wait_for()
            at_rest(server)
            found["idle_lab"] = share(server, quiet)
            found["idle_share"] = max(found["idle_map"], found["idle_lab"])
        finally:
            browser.close()
            stop(started)
    return found | {f"page {title}": seconds for title, seconds in pages.items()}


def headline(now: dict[str, float], before: dict[str, float]) -> dict[str, float]:
    """What `--json` prints. ratio : the waits of the older build over those of this one, the median of them."""
    found = {name: round(now[name], 4) for name in BARS} | {f"{name}_before": round(before[name], 4) for name in BARS}
    ratios = [before[name] / now[name] for name in BARS if name.endswith("_s")]
    return {"ratio": round(median(ratios), 2)} | found


def table(now: dict[str, float], before: dict[str, float]) -> Iterator[str]:
    yield f"{'':22s} {'now':>8s} {'before':>8s} {'bar':>6s}"
    for name in now:
        was, bar = before.get(name), BARS.get(name)
        told = "" if bar is None else f"{bar:6g}{'' if now[name] <= bar else '  missed'}"
        yield f"{name:22s} {now[name]:8.3f} {'' if was is None else f'{was:.3f}':>8s} {told}".rstrip()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--against", metavar="COMMIT", default=BEFORE, help="the older build, instead of %(default)s")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--sessions", type=int, default=4, help="beside the first")
    parser.add_argument("--quiet", type=float, default=10, help="seconds for which nothing is done")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    from driving import chromium_path
    from playwright.sync_api import sync_playwright
    from tiny_language_models import saved

    if chromium_path() is None:
        raise SystemExit("No Chromium found: `apt-get install chromium`, or set BROWSER_PATH.")
    turns: dict[str, list[dict[str, float]]] = {"now": [], "before": []}
    loads = [os.getloadavg()[0]]
    with checked_out(args.against) as older, tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        model = saved(Path(folder), "llama", positions=2048)
        for _ in range(args.repeats):
            for which, build in (("now", ROOT), ("before", older)):
                turns[which].append(visited(playwright, build, model, args.sessions, args.quiet))
            loads.append(os.getloadavg()[0])
    now, before = ({name: median(t[name] for t in of) for name in of[0]} for of in turns.values())
    print(json.dumps(headline(now, before), indent=2) if args.json else "\n".join(table(now, before)))
    told = f"{args.repeats} turns of each build; load of the machine {min(loads):.1f} to {max(loads):.1f}"
    print(told, file=sys.stderr if args.json else sys.stdout)


if __name__ == "__main__":
    main()
