"""Is anything lost, or wrong in silence, whatever happens to the disk and to what comes in?

    python benchmarks/torture.py [--kills 200] [--damaged 400] [--servers 90] [--inputs 250] [--sessions 50] [--seed 0]
                                 [--json]

Kills: a process that writes values and answers is killed at a random moment, and each write that it had finished must
be there, whole. Damage: a stored value is cut, changed, swapped or removed on the disk; it must read as missing or as
it was, and all others as they were. Servers: a server on loopback fails at some text, each time in another way; every
other answer is kept, nothing is stored that it did not mean, and asking on pays for nothing twice. Inputs: garbage in
place of a job's, board's or upload's file, and tables, prompts and archives with random bytes changed; each is read, or
refused in a sentence. Sessions: visitors pin to one board at the same time, and no pin may be missing. "lost" and
"wrong" have to be 0; the exit code says whether they are.
"""

import argparse
import json
import random
import sqlite3
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from os import environ
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]

from bad_inputs import OWNER, given_files, kept_files  # noqa: E402
from faulty_run import runs  # noqa: E402
from killed_writer import killed, missing  # noqa: E402

from fute_core.errors import FuteError  # noqa: E402
from fute_core.store.store import Store  # noqa: E402

PINS = 10
WRITES = 50


@dataclass(frozen=True)
class Part:
    """tried, survived : how often. lost : values that were finished and are gone. wrong : values or answers that are
    not what they were, and errors that are no sentence. seconds : how long it took.
    """

    name: str
    tried: int
    survived: int
    lost: int
    wrong: int
    seconds: float


def kills(folder: Path, rounds: int, seed: random.Random) -> tuple[int, int, int]:
    """(survived, lost, wrong) of so many kills of a writer."""
    survived = lost = wrong = 0
    for number in range(rounds):
        if number % 20 == 0:  # a store of its own now and then, or checking all would take longer each time
            place, finished = folder / f"store{number}", []
        finished += killed(place, number * WRITES, WRITES, seed)
        gone, bad = missing(Store(place), finished)
        survived += (gone, bad) == (0, 0)
        lost, wrong = lost + gone, wrong + bad
    return survived, lost, wrong


def damaged(folder: Path, rounds: int, seed: random.Random) -> tuple[int, int, int]:
    """The same of values that are damaged where they lie."""
    survived = lost = wrong = 0
    for number in range(rounds):
        if number % 50 == 0:
            place = folder / f"store{number}"
            store, kept = Store(place), {}
            for i in range(60):
                kept[f"k{i}"] = np.full((10, 3000, 60_000)[i % 3], i, np.int64)
                store.put(f"k{i}", {"v": kept[f"k{i}"]}, {"i": i})
        key = seed.choice(list(kept))
        _damage(place / "arrays", key, kept, seed)
        store = Store(place)
        found = {k: store.get(k) for k in kept}
        whole = {k for k, value in found.items() if value is not None and np.array_equal(value[0]["v"], kept[k])}
        bad = sum(value is not None and k not in whole for k, value in found.items())
        gone = len(kept.keys() - whole - {key})
        survived += (gone, bad) == (0, 0)
        lost, wrong = lost + gone, wrong + bad
        store.put(key, {"v": kept[key]}, {"i": int(key[1:])})
        wrong += store.get(key) is None
    return survived, lost, wrong


def _damage(section: Path, key: str, kept: dict[str, np.ndarray], seed: random.Random) -> None:
    """Cut, lengthen, change, exchange, empty or remove the bytes of one value."""
    how = seed.choice(["cut", "longer", "bit", "zeros", "other", "gone", "text"])
    with sqlite3.connect(section / "cache.db") as index:
        ((file, cell),) = index.execute("SELECT filename, value FROM Cache WHERE key = ?", (key,)).fetchall()
        content = bytearray((section / file).read_bytes() if file else cell)
        at = seed.randrange(len(content))
        if how == "bit":
            content[at] ^= 1 << seed.randrange(8)
        elif how == "other":
            like = [k for k in kept if k != key and len(kept[k]) == len(kept[key])]
            other = index.execute("SELECT filename, value FROM Cache WHERE key = ?", (seed.choice(like),)).fetchone()
            content = bytearray((section / other[0]).read_bytes() if other[0] else other[1])
        else:
            content = {
                "cut": content[:at], "longer": content + b"\0" * 7, "zeros": bytearray(len(content)),
                "gone": bytearray(), "text": bytearray(b"not a value"),
            }[how]  # fmt: skip
        if not file:
            index.execute("UPDATE Cache SET value = ? WHERE key = ?", (bytes(content), key))
        elif how == "gone":
            (section / file).unlink()
        else:
            (section / file).write_bytes(content)


def servers(folder: Path, rounds: int, seed: random.Random) -> tuple[int, int, int]:
    """The same of answers of servers that fail."""
    survived = lost = wrong = 0
    for fault, mode, found in runs(folder, rounds, seed):
        if found.lost or found.wrong:
            print(f"lost {found.lost}, wrong {found.wrong}: {fault.name} ({mode}): {found.ended}", file=sys.stderr)
        survived += (found.lost, found.wrong) == (0, 0)
        lost, wrong = lost + found.lost, wrong + found.wrong
    return survived, lost, wrong


def inputs(folder: Path, rounds: int, seed: random.Random) -> tuple[int, int, int]:
    """The same of what comes in: `lost` counts sound things that a bad neighbour hid."""
    tries = kept_files(folder, seed) + given_files(folder, seed, max(rounds // 2, 1))
    survived = lost = wrong = 0
    for attempt in (seed.choice(tries) for _ in range(rounds)):
        try:
            hidden = attempt()
        except FuteError:
            hidden = 0
        except Exception as error:
            print(f"wrong: {attempt.__doc__}: {type(error).__name__}: {error}", file=sys.stderr)
            wrong += 1
            continue
        survived += not hidden
        lost += hidden
    return survived, lost, wrong


def sessions(folder: Path, count: int, seed: random.Random) -> tuple[int, int, int]:
    """The same of visitors that pin to one board at once; each sees what it pinned."""
    from dashboard.reads import findings

    environ["FUTE_HOME"] = str(folder / "home")

    def visit(number: int) -> int:
        name = f"board {number // 10}"  # ten visitors to a board, which holds two hundred pins at most
        for pin in range(PINS):
            findings.change(
                OWNER, name, lambda b, pin=pin: findings.added(b, f"{number} {pin}", [{"a": pin}], "", "/map")
            )
        there = {p.title for p in findings.read(OWNER, name).pins}
        return sum(f"{number} {pin}" not in there for pin in range(PINS))

    with ThreadPoolExecutor(8) as visitors:
        gone = list(visitors.map(visit, range(count)))
    return sum(g == 0 for g in gone), sum(gone), len(findings.broken(OWNER))


PARTS = {"kills": kills, "damaged": damaged, "servers": servers, "inputs": inputs, "sessions": sessions}


def torture(counts: dict[str, int], seed: int) -> list[Part]:
    """Each part in a folder of its own, as often as `counts` says."""
    found = []
    for name, part in PARTS.items():
        if counts[name]:
            with tempfile.TemporaryDirectory(prefix="torture-") as folder:
                started = time.monotonic()
                survived, lost, wrong = part(Path(folder), counts[name], random.Random(seed))
                found.append(Part(name, counts[name], survived, lost, wrong, round(time.monotonic() - started, 1)))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for name, count in {"kills": 200, "damaged": 400, "servers": 90, "inputs": 250, "sessions": 50}.items():
        parser.add_argument(f"--{name}", type=int, default=count, help=f"how often; {count} by default")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    choice = parser.parse_args()
    parts = torture({name: getattr(choice, name) for name in PARTS}, choice.seed)
    if choice.json:
        ratio = sum(p.survived for p in parts) / max(sum(p.tried for p in parts), 1)
        print(json.dumps({"ratio": ratio, "seed": choice.seed, "parts": [asdict(p) for p in parts]}))
    else:
        print("part       tried  survived   lost  wrong  seconds")
        for p in parts:
            print(f"{p.name:9}  {p.tried:5}  {p.survived:8}  {p.lost:5}  {p.wrong:5}  {p.seconds:7}")
    if any(p.lost or p.wrong for p in parts):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
