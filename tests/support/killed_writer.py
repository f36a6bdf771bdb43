"""Writers of a store in processes of their own that can be killed at any moment, and what must be there afterwards."""

import multiprocessing
import random
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from fute_core.store.store import Store

SIZES = (10, 3000, 60_000)
"""In the row, at the limit, in a file."""
TEXTS = 8
KEYS = 40

# Forked from a process that never opened a store: starting Python anew for each would take most of the time.
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload([__name__])


def write(folder: str, start: int, count: int, out: Connection) -> None:
    """Put values over one another and answers of their own, and say after each that it is finished."""
    store = Store(folder)
    out.send("ready")
    for i in range(start, start + count):
        store.put(f"key{i % KEYS}", {"v": np.full(SIZES[i % 3], i, np.int64)}, {"i": i})
        store.put_answers("fp", [f"text {i} {j}" for j in range(TEXTS)], np.full((TEXTS, 2), i))
        out.send(i)


def begin(folder: Path, start: int, count: int) -> tuple[multiprocessing.Process, Connection]:
    """A writer that is at it, and where it says what it finished."""
    into, out = _CONTEXT.Pipe(duplex=False)
    child = _CONTEXT.Process(target=write, args=(str(folder), start, count, out), daemon=True)
    child.start()
    out.close()
    assert into.recv() == "ready"
    return child, into


def told(into: Connection) -> list[int]:
    """All that a writer said until its end."""
    found = []
    while True:
        try:
            found.append(into.recv())
        except EOFError:
            return found


def killed(folder: Path, start: int, count: int, seed: random.Random) -> list[int]:
    """What a writer finished before it was killed, at a moment drawn by `seed`."""
    child, into = begin(folder, start, count)
    finished = [into.recv() for _ in range(seed.randrange(count - 10))]
    time.sleep(seed.uniform(0.0, 0.02))  # a few writes' time, so that the kill falls anywhere within one
    child.kill()
    finished += told(into)
    child.join()
    return finished


def missing(store: Store, finished: Sequence[int]) -> tuple[int, int]:
    """(lost, wrong): of finished writes those that are not there, nor a later one of their key; and torn values."""
    latest: dict[str, int] = {}
    for i in finished:
        latest[f"key{i % KEYS}"] = max(i, latest.get(f"key{i % KEYS}", 0))
    lost = wrong = 0
    for key, i in latest.items():
        found = store.get(key)
        lost += found is None or found[1]["i"] < i
        wrong += found is not None and not _whole(*found)
    for i in finished:
        rows, gone = store.get_answers("fp", [f"text {i} {j}" for j in range(TEXTS)])
        lost += bool(gone.any())
        wrong += any(row is not None and not (row == i).all() for row in rows)
    return lost, wrong + len(store.verify())


def _whole(arrays: dict[str, np.ndarray], meta: dict[str, int]) -> bool:
    return len(arrays["v"]) == SIZES[meta["i"] % 3] and bool((arrays["v"] == meta["i"]).all())
