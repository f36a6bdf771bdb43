"""Draws the shipped probe sets from a folder with `single.jsonl` and `pairs.jsonl` of unlabelled texts.

    python benchmarks/make_probes.py FOLDER

Left out: texts that occur in a shipped dataset (letters and digits compared), near-copies of those and of each other,
empty and very long ones. The rest is ordered round robin over sources, shuffled inside each with a fixed seed, so that
any first N is spread evenly over the sources as far as they reach.
"""

import argparse
import json
import random
import re
from collections import Counter
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from fute_core.home import DATA

MAX_CHARACTERS = 1000
KEEP = {"single": 2000, "pairs": 2000}
NEAR = 0.8
"""Cosine of character 4-gram TF-IDF above which two texts count as copies, judged by reading such pairs."""


def plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", text.lower())


def parts(row: dict) -> list[str]:
    return [row[name] for name in ("text", "text_pair") if name in row]


def dataset_rows() -> list[dict]:
    paths = sorted((DATA / "datasets").glob("*.jsonl"))
    return [json.loads(line) for path in paths for line in path.read_text("utf-8").splitlines()]


def usable(rows: list[dict], taken: list[dict]) -> list[dict]:
    """Rows of sensible length none of whose texts is in `taken`, none a near-copy of those or of an earlier row."""
    there = {plain(text) for row in taken for text in parts(row)}
    fit = [
        row
        for row in rows
        if all(len(plain(t)) > 1 and len(t) <= MAX_CHARACTERS and plain(t) not in there for t in parts(row))
    ]
    like = [row for row in taken if len(parts(row)) == len(parts(fit[0]))]
    vectors = TfidfVectorizer(analyzer="char_wb", ngram_range=(4, 4), sublinear_tf=True).fit_transform(
        " ".join(parts(row)) for row in [*like, *fit]
    )
    old, new = vectors[: len(like)], vectors[len(like) :]
    kept: list[int] = []
    for i in range(len(fit)):
        if (old @ new[i].T).max() < NEAR and (not kept or (new[kept] @ new[i].T).max() < NEAR):
            kept.append(i)
    return [fit[i] for i in kept]


def order(rows: list[dict]) -> list[dict]:
    """Round robin over sources in a new order each turn."""
    shuffler = random.Random(0)
    by_source: dict[str, list[dict]] = {}
    for row in rows:
        by_source.setdefault(row["source"], []).append(row)
    queues = [by_source[name] for name in sorted(by_source)]
    for queue in queues:
        shuffler.shuffle(queue)
    ordered: list[dict] = []
    while any(queues):
        turn = [queue.pop() for queue in queues if queue]
        shuffler.shuffle(turn)
        ordered += turn
    return ordered


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    taken = dataset_rows()
    for name, keep in KEEP.items():
        rows = [json.loads(line) for line in (folder / f"{name}.jsonl").read_text("utf-8").splitlines()]
        fit = usable(rows, taken)
        drawn = order(fit)[:keep]
        lines = [json.dumps({"id": f"{name[0]}{i:04d}", **row}, ensure_ascii=False) for i, row in enumerate(drawn, 1)]
        (DATA / "probes" / f"{name}.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
        lengths = [len(" ".join(parts(row))) for row in drawn]
        print(f"{name}: {len(rows)} given, {len(fit)} usable, {len(drawn)} drawn; {np.median(lengths):.0f} characters")
        for source, count in Counter(row["source"] for row in drawn).most_common():
            print(f"  {count:5d}  {source}")


if __name__ == "__main__":
    main()
