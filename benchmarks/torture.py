"""Is anything lost, or wrong in silence, whatever happens to the disk and to what comes in?

    python benchmarks/torture.py [--kills 200] [--damaged 400] [--inputs 250] [--sessions 20] [--seed 0] [--json]

Kills: a process that writes values and answers is killed at a random moment, and each write that it had finished must
be there, whole. Damage: a stored value is cut, changed, swapped or removed on the disk; it must read as missing or as
it was, and all others as they were. Inputs: garbage in place of a job's, board's or upload's file, and tables, prompts
and archives with random bytes changed; each is read, or refused in a sentence. Sessions: visitors pin to one board at
the same time, and no pin may be missing. "lost" and "wrong" have to be 0; the exit code says whether they are.
"""

import argparse
import json
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from os import environ
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]

from garbage import kinds, spoil  # noqa: E402
from killed_writer import killed, missing  # noqa: E402

from fute_core.errors import FuteError  # noqa: E402
from fute_core.store.store import Store, open_store  # noqa: E402

OWNER = "0" * 32
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


def inputs(folder: Path, rounds: int, seed: random.Random) -> tuple[int, int, int]:
    """The same of what comes in: `lost` counts sound things that a bad neighbour hid."""
    tries = _kept_files(folder, seed) + _given_files(folder, seed, max(rounds // 2, 1))
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


def _kept_files(folder: Path, seed: random.Random) -> list[Callable[[], int]]:
    """Garbage in place of files that we wrote ourselves."""
    from job_requests import create, request
    from job_states import as_state

    from dashboard.reads import brought, findings
    from fute_core import jobs

    environ["FUTE_HOME"] = str(folder / "home")
    sound = create(open_store(), request("sound"))
    findings.create(OWNER, "Sound")
    findings.change(OWNER, "Findings", lambda b: findings.added(b, "t", [{"a": 1}], "n", "/map"))
    (board,) = (p for p in (folder / "home" / "boards" / OWNER).iterdir() if b'"pins": [{' in p.read_bytes())
    good = board.read_bytes()

    def of_job(file: str, kind: str, content: bytes | None) -> int:
        job = as_state(create(open_store(), request("a")), "failed")
        spoil(job.folder / file, kind, content)
        found, broken = jobs.all_jobs()
        jobs.delete(job.id)
        return ({j.id for j in found} | broken.keys()) != {sound.id, job.id}

    def of_board(kind: str, content: bytes | None) -> int:
        board.write_bytes(good)
        spoil(board, kind, content)
        hidden = "Sound" not in findings.boards(OWNER)
        for name in findings.broken(OWNER):
            findings.remove_broken(OWNER, name)
        board.unlink(missing_ok=True)
        return hidden

    def of_card(kind: str, content: bytes | None) -> int:
        card = brought.keep(b"text,label\na,x\n", "a.csv").with_suffix(".json")
        card.write_bytes(b"{}")
        spoil(card, kind, content)
        brought.listed()
        for name in brought.broken():
            brought.remove_broken(name)
        return len(brought.broken())

    example = as_state(create(open_store(), request("a")), "failed")
    files = {name: (example.folder / name).read_bytes() for name in ("plan.json", "state.json")}
    jobs.delete(example.id)
    tries = [_named(f"{file}, {kind}", of_job, file, kind, content)
             for file, whole in files.items() for kind, content in kinds(whole)]  # fmt: skip
    tries += [_named(f"board, {kind}", of_board, kind, content) for kind, content in kinds(good)]
    return tries + [_named(f"card, {kind}", of_card, kind, content) for kind, content in kinds(b'{"path": "a.csv"}')]


def _given_files(folder: Path, seed: random.Random, count: int) -> list[Callable[[], int]]:
    """Tables, prompts, figures and archives with random bytes changed."""
    from fute_core.datasets.tables import read_rows
    from fute_core.report.numbers import figure_rows
    from fute_core.store.archive import export_store, import_archive
    from fute_core.templates.loading import load_templates

    store = Store(folder / "exported")
    store.put("k", {"v": np.arange(9)}, {})
    export_store(store, folder / "all.zip")
    samples: list[tuple[str, bytes, Callable[[Path], object]]] = [
        ("d.csv", b"text,label\n" + b'"a, b",x\nc,y\n' * 9, read_rows),
        ("d.jsonl", b'{"text": "a", "label": "x"}\n' * 9, read_rows),
        ("p.yaml", b"choices: {n: [bad], y: [good]}\nprompts: [{name: p, template: '{{ text }}?'}]\n", load_templates),
        ("all.zip", (folder / "all.zip").read_bytes(), lambda path: import_archive(Store(folder / "other"), path)),
        ("f.json", b'{"data": [{"type": "heatmap", "z": [[1, 2]], "x": ["a", "b"]}], "layout": {}}',
         lambda path: figure_rows(path.read_bytes().decode("utf-8", "replace"))),
    ]  # fmt: skip
    tries = []
    for number in range(count):
        name, content, read = samples[number % len(samples)]
        changed = bytearray(content)
        for _ in range(seed.randrange(1, 6)):
            at = seed.randrange(len(changed))
            changed[at : at + seed.randrange(3)] = seed.randbytes(seed.randrange(3))

        def given(path: Path, content: bytes, read: Callable[[Path], object]) -> int:
            path.write_bytes(content)
            read(path)
            return 0

        tries.append(_named(f"{name} changed", given, folder / name, bytes(changed), read))
    return tries


def _named(name: str, how: Callable[..., int], *given: object) -> Callable[[], int]:
    def attempt() -> int:
        return how(*given)

    attempt.__doc__ = name
    return attempt


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


PARTS = {"kills": kills, "damaged": damaged, "inputs": inputs, "sessions": sessions}


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
    for name, count in {"kills": 200, "damaged": 400, "inputs": 250, "sessions": 20}.items():
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
