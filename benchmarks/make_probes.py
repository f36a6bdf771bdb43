"""Draws the shipped probe sets from a folder with `single.jsonl` and `pairs.jsonl` of unlabelled texts.

    python benchmarks/make_probes.py FOLDER

Texts of any shipped dataset, near-copies (same letters and digits), empty and very long ones are dropped; the rest is
ordered round robin over sources, shuffled inside each with a fixed seed, so that any first N is stratified.
"""

import argparse
import json
import random
import re
from pathlib import Path

from fute_core.home import DATA

MAX_CHARACTERS = 600
KEEP = {"single": 2000, "pairs": 434}


def plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", text.lower())


def dataset_texts() -> set[str]:
    seen = set()
    for path in sorted((DATA / "datasets").glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            row = json.loads(line)
            seen.add(plain(row["text"] + row.get("text_pair", "")))
    return seen


def draw(rows: list[dict], keep: int, used: set[str]) -> list[dict]:
    by_source: dict[str, list[dict]] = {}
    seen = set(used)
    for row in rows:
        key = plain(row["text"] + row.get("text_pair", ""))
        if len(key) < 2 or key in seen or len(row["text"]) > MAX_CHARACTERS:
            continue
        seen.add(key)
        by_source.setdefault(row["source"], []).append(row)
    shuffler = random.Random(0)
    queues = [by_source[name] for name in sorted(by_source)]
    for queue in queues:
        shuffler.shuffle(queue)
    drawn: list[dict] = []
    while len(drawn) < keep and any(queues):
        turn = [queue.pop() for queue in queues if queue]
        shuffler.shuffle(turn)
        drawn += turn
    return drawn[:keep]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    used = dataset_texts()
    for name, keep in KEEP.items():
        rows = [json.loads(line) for line in (folder / f"{name}.jsonl").read_text("utf-8").splitlines()]
        drawn = draw(rows, keep, used)
        lines = [json.dumps({"id": f"{name[0]}{i:04d}", **row}, ensure_ascii=False) for i, row in enumerate(drawn, 1)]
        (DATA / "probes" / f"{name}.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
        print(f"{name}: {len(drawn)} of {len(rows)} texts, {len({r['source'] for r in drawn})} sources")


if __name__ == "__main__":
    main()
