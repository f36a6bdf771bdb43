"""Does the dashboard hold many visitors at once, and give the memory back when they have left?

    python benchmarks/load.py [--sessions 50] [--minutes 10] [--pause 5] [--jobs 2] [--settle 60] [--check] [--json]

A server of its own is visited over Streamlit's websocket by so many sessions, each of which opens Map, Similarity and
Datasets in turn, searches, and pauses between two steps as a reader does, while two embeddings run beside as jobs.
They are real sessions: the server runs the same scripts and sends the same messages as to a browser. They are no
browsers, since fifty of these would take the cores that the server is measured on; what a page costs in the browser
itself is measured by `dashboard.py`. Printed are exceptions and broken connections, the seconds from asking until the
script has ended, megabytes a session, and the memory some time after all have left, over that before they came.
`--check` makes the exit code say whether there was no error, 95 % of the steps took 1.5 s or less, a session took 25
MB or less, and the memory came back to within a tenth of what it was. Where others use the machine, the seconds are
theirs as well; the server's own processor time a step is not.
"""

import argparse
import asyncio
import contextlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

import numpy as np
import psutil

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]

PAGES = ("", "similarity", "datasets")
WORDS = ("sentiment", "", "topic", "review")
SLOWEST, LARGEST_MB, MOST_KEPT = 1.5, 25.0, 0.1
"""The bar: seconds of a step at the 95th percentile, megabytes a session, and share by which memory may be above that
before.
"""
GIVEN_UP = 120.0
"""Seconds after which a step that has not ended counts as an error."""


@dataclass
class Seen:
    """What all visitors together have seen. steps : page, whether it was opened anew, and seconds until it stood."""

    steps: list[tuple[str, bool, float]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


class Visitor:
    """One session, which says what a browser would say."""

    def __init__(self, socket, seen: Seen):
        self._socket, self._seen = socket, seen
        self._values: dict[str, str] = {}
        self._searches: set[str] = set()

    async def open(self, page: str) -> None:
        """Go to a page: what is typed on the last one is gone."""
        self._values, self._searches = {}, set()
        await self._step(page, True)

    async def search(self, page: str, words: str) -> None:
        """Type into the page's search, where it has one; else the page is drawn again."""
        self._values = dict.fromkeys(self._searches, words)
        await self._step(page, False)

    async def _step(self, page: str, new: bool) -> None:
        from streamlit.proto.BackMsg_pb2 import BackMsg

        asked = BackMsg()
        asked.rerun_script.query_string = ""
        asked.rerun_script.page_name = page
        for name, value in self._values.items():
            asked.rerun_script.widget_states.widgets.add(id=name, string_value=value)
        started = time.perf_counter()
        await self._socket.send(asked.SerializeToString())
        try:
            async with asyncio.timeout(GIVEN_UP):
                await self._until_it_stands(page)
        except TimeoutError:
            self._seen.errors.append(f"{page or 'map'} did not stand after {GIVEN_UP:.0f} s")
        self._seen.steps.append((page or "map", new, time.perf_counter() - started))

    async def _until_it_stands(self, page: str) -> None:
        from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

        while True:
            told = ForwardMsg.FromString(await self._socket.recv())
            kind = told.WhichOneof("type")
            if kind == "script_finished":
                if told.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                    self._seen.errors.append(f"{page or 'map'} does not compile")
                if told.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    return
            elif kind == "page_not_found":
                self._seen.errors.append(f"{page or 'map'} is not found")
            elif kind == "delta" and told.delta.WhichOneof("type") == "new_element":
                element = told.delta.new_element
                if element.WhichOneof("type") == "exception":
                    self._seen.errors.append(f"{page or 'map'}: {element.exception.message[:200]}")
                elif element.WhichOneof("type") == "text_input" and "Search" in element.text_input.placeholder:
                    self._searches.add(element.text_input.id)


@contextlib.asynccontextmanager
async def visiting(address: str, seen: Seen) -> AsyncIterator[Visitor]:
    """A session that lasts as long as the block."""
    from websockets.asyncio.client import connect

    where = address.replace("http", "ws", 1) + "/_stcore/stream"
    async with connect(where, origin=address, subprotocols=["streamlit"], max_size=None, ping_timeout=None) as socket:
        yield Visitor(socket, seen)


async def visit(address: str, number: int, until: float, pause: float, seen: Seen) -> None:
    """One visitor, from one page to the next until the time is over."""
    seed = random.Random(number)
    await asyncio.sleep(seed.uniform(0, pause))
    try:
        async with visiting(address, seen) as visitor:
            for turn in range(number, sys.maxsize):
                page = PAGES[turn % len(PAGES)]
                await visitor.open(page)
                for words in seed.sample(WORDS, 2):
                    await asyncio.sleep(seed.uniform(0.5, 1.5) * pause)
                    if time.monotonic() > until:
                        return
                    await visitor.search(page, words)
                await asyncio.sleep(seed.uniform(0.5, 1.5) * pause)
                if time.monotonic() > until:
                    return
    except Exception as error:  # whatever ends a session is what is looked for
        seen.errors.append(f"session {number}: {type(error).__name__}: {str(error)[:200]}")


@contextlib.contextmanager
def embedding(home: Path, count: int) -> Iterator[list[str]]:
    """So many jobs beside the visitors, as the pages start them, each begun anew with other texts when it has ended.

    Yields their ids.
    """
    from fute_core.embedding.requests import EmbedRequest
    from fute_core.jobs import create_job, start_detached
    from fute_core.store.store import Store

    begun: list[str] = []
    running: list[psutil.Process] = []
    ended = False

    def begin(number: int) -> psutil.Process:
        rows = [f'"{number} {seed.random()} so {word} a film, and a long one",{word}'
                for seed in [random.Random(number)] for word in ("good", "bad") * 500]  # fmt: skip
        table = home / f"rows{number}.csv"
        table.write_text("text,label\n" + "\n".join(rows) + "\n")
        job = create_job([EmbedRequest("dataset", str(table))], Store(home / "cache"))
        begun.append(job.id)
        return psutil.Process(start_detached(job))

    def keep_going() -> None:
        while not ended:
            running[:] = [one for one in running if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]
            while len(running) < count:
                running.append(begin(len(begun)))
            time.sleep(0.5)

    thread = Thread(target=keep_going, daemon=True)
    thread.start()
    try:
        yield begun
    finally:
        ended = True
        thread.join()
        for process in running:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.terminate()


def processor(server: subprocess.Popen) -> float:
    """Seconds that the server has computed."""
    used = psutil.Process(server.pid).cpu_times()
    return used.user + used.system


def megabytes(server: subprocess.Popen) -> float:
    """Of memory that is the server's own."""
    return psutil.Process(server.pid).memory_full_info().uss / 2**20


async def measured(address: str, server: subprocess.Popen, args: argparse.Namespace, home: Path) -> dict[str, object]:
    """Open all pages and search in them once, then all sessions, then none."""
    warm = Seen()
    async with visiting(address, warm) as visitor:
        for page in PAGES:
            await visitor.open(page)
            for words in WORDS:  # what pages keep for all visitors is there before any is counted
                await visitor.search(page, words)
    await asyncio.sleep(min(args.settle, 10))
    before, computed, seen = megabytes(server), processor(server), Seen()
    most = before
    until = time.monotonic() + 60 * args.minutes
    with embedding(home, args.jobs) as begun:
        visits = [asyncio.create_task(visit(address, n, until, args.pause, seen)) for n in range(args.sessions)]
        while not all(v.done() for v in visits):
            most = max(most, megabytes(server))
            await asyncio.sleep(1)
    computed = processor(server) - computed
    await asyncio.sleep(args.settle)
    after = megabytes(server)
    return {"before_mb": before, "most_mb": most, "after_mb": after, "errors": warm.errors + seen.errors,
            "mb_a_session": (most - before) / args.sessions, "kept": max(0.0, after - before) / max(before, 1.0),
            "jobs_ended": max(0, len(begun) - args.jobs), "steps": len(seen.steps),
            "processor_a_step": computed / max(len(seen.steps), 1),
             "seconds": percentiles(seen.steps)}  # fmt: skip


def percentiles(steps: list[tuple[str, bool, float]]) -> dict[str, dict[str, float]]:
    """p50 and p95 of the seconds, over all steps and of each kind."""
    kinds = {"all": [s for *_, s in steps]}
    for page, new, seconds in steps:
        kinds.setdefault(f"{page}, {'opened' if new else 'searched'}", []).append(seconds)
    return {kind: {"p50": float(np.percentile(s, 50)), "p95": float(np.percentile(s, 95)), "n": len(s)}
            for kind, s in sorted(kinds.items()) if s}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--pause", type=float, default=5, help="seconds between two steps of a visitor, on average")
    parser.add_argument("--jobs", type=int, default=2, help="embeddings beside")
    parser.add_argument("--settle", type=float, default=60, help="seconds after the last has left")
    parser.add_argument("--check", action="store_true", help="end with 1 where the bar is not reached")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    from driving import free_port, start_server, stop

    with tempfile.TemporaryDirectory(prefix="load-") as folder:
        port = free_port()
        os.environ["FUTE_HOME"] = folder  # where the jobs are
        server = start_server(Path(folder), port)
        try:
            found = asyncio.run(measured(f"http://127.0.0.1:{port}", server, args, Path(folder)))
        finally:
            stop(server)
    found |= {"sessions": args.sessions, "minutes": args.minutes, "pause": args.pause, "load": os.getloadavg()[0]}
    report(found, args.json)
    held = (not found["errors"], found["seconds"]["all"]["p95"] <= SLOWEST, found["mb_a_session"] <= LARGEST_MB,
            found["kept"] <= MOST_KEPT)  # fmt: skip
    if args.check and not all(held):
        raise SystemExit(1)


def report(found: dict, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"ratio": SLOWEST / max(found["seconds"]["all"]["p95"], 1e-9), **found}, indent=2))
        return
    print(f"{found['sessions']} sessions for {found['minutes']:g} minutes, {found['steps']} steps, "
          f"{len(found['errors'])} errors; {found['processor_a_step']:.2f} s of the server's processor time a step; "
          f"{found['jobs_ended']} jobs ended beside; load of the machine at the end {found['load']:.1f}")  # fmt: skip
    for kind, seconds in found["seconds"].items():
        print(f"  {kind:24s} p50 {seconds['p50']:6.2f} s  p95 {seconds['p95']:6.2f} s  ({seconds['n']:.0f})")
    print(f"  memory: {found['before_mb']:.0f} MB before, {found['most_mb']:.0f} at most "
          f"({found['mb_a_session']:.1f} a session), {found['after_mb']:.0f} after ({found['kept']:+.0%})")  # fmt: skip
    for error in found["errors"][:10]:
        print(f"  {error}")


if __name__ == "__main__":
    main()
